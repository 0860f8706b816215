"""Adds and removes tables of the configuration file as text: its comments and its order survive."""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import tomli_w
from msgspec import structs

from tui.base.paths import write_private
from tui.base.problem import ConfigProblem
from tui.base.text import clean
from tui.config.model import Config
from tui.config.parsing import parse

Table = tuple[tuple[str, ...], dict[str, object]]
"""A table's path, such as ("orgs", "acme"), and its keys."""

_HEADER = re.compile(r"\s*\[[^\[].*\]\s*(#.*)?$")


def rendered(tables: Sequence[Table]) -> str:
    """The tables as TOML, in their order."""
    texts = []
    for path, keys in tables:
        tree: dict[str, object] = keys
        for name in reversed(path):
            tree = {name: tree}
        texts.append(tomli_w.dumps(tree))
    return "\n".join(texts)


def appended(text: str, tables: Sequence[Table]) -> str:
    """`text` with the tables behind it."""
    if not text.strip():
        return rendered(tables)
    return f"{text.rstrip()}\n\n{rendered(tables)}"


def current(path: Path) -> str:
    """The file's text with its own line ends, empty where there is none yet. Raises ConfigProblem."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise ConfigProblem("Configuration", f"{path}: not UTF-8.", "Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigProblem(
            "Configuration",
            f"{path}: cannot be read: {error.strerror}.",
            "Check the path and its permissions.",
        ) from None


def add(path: Path, tables: Sequence[Table], environment: Mapping[str, str] | None = None) -> Config:
    """Append the tables and return the new configuration; nothing is written unless it is sound.

    Raises ConfigProblem.
    """
    before = current(path)
    after = appended(before, tables)
    config = parse(after, str(path), os.environ if environment is None else environment)
    _replace(path, before, after)
    return config


def remove(path: Path, name: str, environment: Mapping[str, str] | None = None) -> Config:
    """Cut the connection `name` out of the file and return the rest; its org and tenant stay.

    Raises ConfigProblem, also where its table cannot be told from the rest of the text.
    """
    environment = os.environ if environment is None else environment
    before = current(path)
    old = parse(before, str(path), environment)
    after = without(before, ("connections", name))
    new = parse(after, str(path), environment) if after is not None else None
    if new is None or _names_and_more(new) != _names_and_more(old, leaving_out=name):
        raise ConfigProblem(
            "Configuration",
            f'{path}: connections."{clean(name, 80)}" is no table of its own.',
            "Remove it by hand, then try: remonitor config check",
        )
    _replace(path, before, after or "")
    return new


def without(text: str, path: tuple[str, ...]) -> str | None:
    """`text` without the table at `path` and those below it; None where it has none. Other comments stay."""
    lines = text.splitlines(keepends=True)
    headers = [(n, found) for n in range(len(lines)) if (found := _header(lines, n)) is not None]
    ends = [n for n, _ in headers[1:]] + [len(lines)]
    cut: set[int] = set()
    for (start, found), end in zip(headers, ends, strict=True):
        if found[: len(path)] == path:
            last = _last_key(lines, start, end)
            while start == 0 or not lines[start - 1].strip():
                # The blank line before it is enough.
                if last + 1 >= len(lines) or lines[last + 1].strip():
                    break
                last += 1
            cut.update(range(start, last + 1))
    return "".join(line for n, line in enumerate(lines) if n not in cut) if cut else None


def _header(lines: Sequence[str], number: int) -> tuple[str, ...] | None:
    """The path of the table that begins on this line, None where none does."""
    if not _HEADER.match(lines[number]):
        return None
    try:
        # Inside a list or a text over several lines, what stands before is no whole TOML.
        tomllib.loads("".join(lines[:number]))
        tree: object = tomllib.loads(lines[number])
    except tomllib.TOMLDecodeError:
        return None
    path: list[str] = []
    while isinstance(tree, dict) and tree:
        name, tree = next(iter(tree.items()))
        path.append(name)
    return tuple(path)


def _last_key(lines: Sequence[str], start: int, end: int) -> int:
    """The last line of the table that is neither blank nor a comment: what follows belongs to the next one."""
    while end - 1 > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end - 1


def _names_and_more(config: Config, leaving_out: str = "") -> Config:
    """The configuration without one connection, and without what follows from the others."""
    rest = tuple(structs.replace(c, shared=False) for c in config.connections if c.name != leaving_out)
    return structs.replace(config, connections=rest)


def _replace(path: Path, before: str, after: str) -> None:
    try:
        # A link stays a link: what it leads to is replaced.
        path = path.resolve()
        if before:
            write_private(path.with_name(f"{path.name}.bak"), before)
        write_private(path, after)
    except OSError as error:
        raise ConfigProblem(
            "Configuration",
            f"{path}: cannot be written: {clean(error.strerror or str(error), 200)}.",
            "Check the folder and its permissions.",
        ) from None
