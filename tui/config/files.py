"""The files of the configuration, the main one and those that it includes, and the one table that they are together.

Each is read without waiting for ever, and only where nobody else could have written it.
"""

import fnmatch
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from tui.base import permissions
from tui.base.paths import PIPE_BYTES, open_input, read_input
from tui.base.problem import ConfigProblem
from tui.base.text import clean
from tui.config.tables import Table, beside, quoted

MAX_FILE = 33_554_432
"""Bytes of all configuration files together that are read; of a pipe PIPE_BYTES."""
MAX_FILES = 10_000
"""Files that may be included."""

_WILDCARD = re.compile(r"[*?\[]")
_SKIPPED = re.compile(
    r"\..*|.*~|#.*#|.*\.(bak|orig|old|rej|save|tmp|sw[a-z]|rpm(new|save|orig)|(dpkg|ucf)-[a-z]+|pac(new|save))",
    re.IGNORECASE | re.DOTALL,
)
"""Names of hidden files, and of those that editors and package managers leave behind."""


class Document(Struct, frozen=True):
    """One file: its text, and that as TOML tells it."""

    source: str
    text: str
    data: dict[str, object]


def read(path: Path, *, pipes: bool = True) -> str | None:
    """The text with its own line ends and its byte order mark, None where there is no file.

    Raises ConfigProblem, also where somebody else could write the file: its programs are run as the operator.
    """
    try:
        handle, facts = open_input(path)
        try:
            pipe = stat.S_ISFIFO(facts.st_mode)
            if pipe and not pipes:
                raise OSError(None, "it is a pipe, expected a file")
            refused = _refused(path, facts)
            data = b"" if refused else read_input(handle, PIPE_BYTES if pipe else MAX_FILE)
        finally:
            os.close(handle)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigProblem(
            "Configuration",
            f"{path}: cannot be read: {error.strerror}.",
            "Check the path and its permissions.",
        ) from None
    if refused is not None:
        raise ConfigProblem(
            "Configuration",
            f"{path}: {refused.why}, and it names programs that are run as you.",
            f"Look what it says, then run: {refused.command}",
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigProblem(
            "Configuration",
            f"{path}: byte {error.start} is not UTF-8, expected a TOML file in UTF-8.",
            "Save it as UTF-8.",
        ) from None


def _refused(path: Path, facts: os.stat_result) -> permissions.Refusal | None:
    """The file itself as it is open, and the folder that it is in once links are resolved."""
    real = path.resolve()
    # A pipe of the shell (/dev/fd/63) is in no folder.
    folder = permissions.entry(real.parent, real.parent.stat()) if real.exists() else None
    return permissions.of_configuration(permissions.entry(real, facts), folder, permissions.me())


def decoded(text: str, source: str) -> dict[str, object]:
    """The text as TOML tells it, its byte order mark left out. Raises ConfigProblem."""
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError, OverflowError) as error:
        # Beside tomllib's own error: numbers of thousands of digits, lists within lists without end.
        why = "its lists or tables are too deep" if isinstance(error, RecursionError) else str(error)
        raise ConfigProblem(
            "Configuration",
            f"{source}: not valid TOML: {clean(why, 200)}.",
            f"Correct it in {source}.",
        ) from None


def documents(text: str, source: str) -> list[Document]:
    """The main file, whose text this is, and then what it includes, in order. Raises ConfigProblem."""
    main = Document(source, text, decoded(text, source))
    found, size = [main], len(text)
    for path in _included(Table(source, "", main.data)):
        part = read(path, pipes=False)
        if part is None:
            raise ConfigProblem(
                "Configuration",
                f"{path}: there is no such file, and {source} includes it.",
                "Correct include.",
            )
        size += len(part)
        if size > MAX_FILE:
            raise ConfigProblem(
                "Configuration",
                f"{path}: with it the configuration holds more than {MAX_FILE:,} characters.",
                "Include less.",
            )
        document = Document(str(path), part, decoded(part, str(path)))
        if "include" in document.data:
            raise Table(document.source, "", document.data).problem(
                "include", "an include in a file that is included itself", f"all of them in {source}"
            )
        found.append(document)
    return found


def _included(main: Table) -> Sequence[Path]:
    """The files that `include` names, each once, in the order of its patterns and by name within one."""
    found: dict[Path, None] = {}
    for pattern in main.texts("include"):
        whole = beside(main, "include", pattern)
        if not _WILDCARD.search(pattern) or whole.exists():
            found[whole] = None
            continue
        if _WILDCARD.search(str(Path(pattern).parent)):
            raise main.problem("include", f'"{pattern}"', "*, ? and [ in the name of the file alone")
        found |= dict.fromkeys(path for path in _matching(whole) if not _same(path, Path(main.source)))
    if len(found) > MAX_FILES:
        raise main.problem("include", f"{len(found):,} files", f"{MAX_FILES:,} at most")
    return list(found)


def _matching(pattern: Path) -> Iterator[Path]:
    try:
        names = sorted(path.name for path in pattern.parent.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise ConfigProblem(
            "Configuration",
            f"{pattern.parent}: cannot be read: {error.strerror}.",
            "Check the folder and its permissions.",
        ) from None
    for name in names:
        if not fnmatch.fnmatchcase(name, pattern.name) or _SKIPPED.fullmatch(name):
            continue
        if clean(name) != name:
            raise ConfigProblem(
                "Configuration",
                f'{pattern.parent}: found a file "{clean(name, 80)}" whose name holds hidden characters or blanks '
                "around it, expected one plain line.",
                "Rename it.",
            )
        yield pattern.parent / name


def _same(path: Path, other: Path) -> bool:
    return path == other or (path.exists() and other.exists() and path.samefile(other))


def merged(parts: Sequence[Document]) -> tuple[Table, dict[tuple[str, ...], str]]:
    """All files as one table, and in which one each of its parts is: [orgs.acme], theme of [app].

    Raises ConfigProblem where two of them say the same.
    """
    data: dict[str, object] = {}
    places: dict[tuple[str, ...], str] = {}
    for part in parts:
        for top, value in part.data.items():
            known = data.get(top)
            if top not in data:
                data[top] = dict(value) if isinstance(value, dict) else value
                places[top,] = part.source
            elif isinstance(known, dict) and isinstance(value, dict):
                for key in value:
                    if key in known:
                        raise _twice(part.source, f"{quoted(top)}.{quoted(key)}", places[top, key])
                known.update(value)
            else:
                raise _twice(part.source, quoted(top), places[top,])
            if isinstance(value, dict):
                places.update({(top, key): part.source for key in value})
    main = parts[0].source
    return Table(main, "", data, places=places, main=main), places


def _twice(source: str, path: str, other: str) -> ConfigProblem:
    return ConfigProblem(
        "Configuration",
        f"{source}: {clean(path, 200)}: found what {other} has too, expected it in one file.",
        "Take it out of one of them.",
    )
