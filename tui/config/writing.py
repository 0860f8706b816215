"""Adds and removes tables of the configuration file as text: its comments and its order survive."""

import errno
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import tomli_w
from msgspec import structs

from tui.base.paths import write_private
from tui.base.problem import ConfigProblem
from tui.base.text import clean
from tui.config.files import decoded, documents, read
from tui.config.model import Config
from tui.config.parsing import assembled, parse
from tui.config.secrets import withhold_secrets

Table = tuple[tuple[str, ...], dict[str, object]]
"""A table's path, such as ("orgs", "acme"), and its keys."""

BOM = "\ufeff"

# TOML ends lines at \n and \r\n alone: what else splits a text may stand in a comment.
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
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
    """`text` with the tables behind it, their lines ended as its own are."""
    end = "\r\n" if text.count("\r\n") * 2 > text.count("\n") else "\n"
    new = rendered(tables).replace("\n", end)
    if not text.removeprefix(BOM).strip():
        return new
    return f"{text.rstrip()}{end}{end}{new}"


def current(path: Path) -> str:
    """The file's text with its own line ends, empty where there is none yet. Raises ConfigProblem."""
    return read(path) or ""


def add(path: Path, tables: Sequence[Table], environment: Mapping[str, str] | None = None) -> Config:
    """Append the tables and return the new configuration; nothing is written unless it is sound.

    Raises ConfigProblem.
    """
    before = current(path)
    after = appended(before, tables)
    config = parse(after, str(path), os.environ if environment is None else environment)
    _replace(path, before, after)
    withhold_secrets(config)
    return config


def remove(
    path: Path,
    name: str,
    environment: Mapping[str, str] | None = None,
    *,
    agreed: Callable[[Config], bool] = lambda config: True,
) -> Config | None:
    """Cut the connection `name` out of the file that holds it and return the rest; its org and tenant stay.

    `path` is the main file. `agreed` is asked with the configuration as it is before anything is written; None
    where it says no.
    Raises ConfigProblem, also where its table cannot be told apart from the rest of the text.
    """
    parts = documents(current(path), str(path))
    config = assembled(parts, os.environ if environment is None else environment)
    if not agreed(config):
        return None
    path = Path(config.source("connections", name))
    before = next(part.text for part in parts if part.source == str(path))
    after = without(before, ("connections", name))
    if after is None or not _differ_by(before, after, name, str(path)):
        raise ConfigProblem(
            "Configuration",
            f'{path}: connections."{clean(name, 80)}" is no table of its own.',
            "Remove it by hand, then try: remonitor config check",
        )
    if current(path) != before:
        raise ConfigProblem(
            "Configuration", f"{path}: somebody else changed it just now.", "Nothing was removed: try again."
        )
    _replace(path, before, after)
    return structs.replace(config, connections=tuple(c for c in config.connections if c.name != name))


def without(text: str, path: tuple[str, ...]) -> str | None:
    """`text` without the table at `path` and those below it; None where it has none. Other comments stay."""
    bom, text = (BOM, text.removeprefix(BOM)) if text.startswith(BOM) else ("", text)
    lines = _LINE.findall(text)
    headers = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    cut: set[int] = set()
    for place, start in enumerate(headers):
        found = _path(lines[start])
        if found is None or found[: len(path)] != path or not _whole(lines[:start]):
            continue
        # A list over several lines may hold what looks like a header.
        following = (n for n in headers[place + 1 :] if _whole(lines[start:n]))
        last = _last_key(lines, start, next(following, len(lines)))
        while start == 0 or not lines[start - 1].strip():
            # The blank line before it is enough.
            if last + 1 >= len(lines) or lines[last + 1].strip():
                break
            last += 1
        cut.update(range(start, last + 1))
    return bom + "".join(line for n, line in enumerate(lines) if n not in cut) if cut else None


def _path(line: str) -> tuple[str, ...] | None:
    """The path of the table that this line is the header of, None where it is none."""
    try:
        tree: object = tomllib.loads(line)
    except (ValueError, RecursionError):
        return None
    path: list[str] = []
    while isinstance(tree, dict) and tree:
        name, tree = next(iter(tree.items()))
        path.append(name)
    return tuple(path)


def _whole(lines: Sequence[str]) -> bool:
    """Whether the text ends outside every list and every text over several lines."""
    try:
        tomllib.loads("".join(lines))
    except (ValueError, RecursionError):
        return False
    return True


def _differ_by(before: str, after: str, name: str, source: str) -> bool:
    """Whether the one text says what the other does without this connection, and nothing else."""
    old, new = decoded(before, source), decoded(after, source)
    connections = old.get("connections")
    if not isinstance(connections, dict) or connections.pop(name, None) is None:
        return False
    if not connections:
        # Its only table went with it.
        old.pop("connections")
        if not new.get("connections", True):
            new.pop("connections")
    return old == new


def _last_key(lines: Sequence[str], start: int, end: int) -> int:
    """The last line of the table that is neither blank nor a comment: what follows belongs to the next one."""
    while end - 1 > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end - 1


def _replace(path: Path, before: str, after: str) -> None:
    try:
        # A link stays a link: what it leads to is replaced.
        path = path.resolve()
        if path.exists() and not path.is_file():
            raise OSError(errno.EINVAL, "it is no file that could be replaced")
        if before:
            write_private(path.with_name(f"{path.name}.bak"), before)
        write_private(path, after)
    except OSError as error:
        raise ConfigProblem(
            "Configuration",
            f"{path}: cannot be written: {clean(error.strerror or str(error), 200)}.",
            "Check the folder and its permissions.",
        ) from None
