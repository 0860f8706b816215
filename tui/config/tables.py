"""Typed access to one TOML table; every mistake names file, key, what was found and what is expected.

Below: the values that take more than one look, which are references to secrets, files and addresses.
"""

import difflib
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast
from urllib.parse import urlsplit

from tui.base.problem import ConfigProblem
from tui.base.text import clean, unseen

REFERENCES = ("env:", "file:", "command:", "keyring:", "credential:", "stdin:")
"""How a reference to a secret begins."""

Reference = str | tuple[str, ...]

# What systemd takes for one.
_CREDENTIAL = re.compile(r"(?!\.{1,2}$)[ -.0-9;-~]{1,255}")
_KINDS = {str: "a text", bool: "true or false", int: "a whole number", list: "a list", dict: "a table"}


def nearest(word: str, known: Iterable[str]) -> str:
    """A question that names the nearest known word, or nothing."""
    names = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), names, 1)
    return f" (did you mean {names[close[0]]}?)" if close else ""


def kind_of(value: object) -> str:
    """What a TOML value is, in plain words."""
    return next((words for kind, words in _KINDS.items() if type(value) is kind), type(value).__name__)


Places = Mapping[tuple[str, ...], str]
"""Which file each path of keys stands in, such as ("orgs", "acme"); what is below it stands there too."""


class Table:
    """One table of the file `source`; `path` is its dotted name, empty for the whole file.

    Several files may be one table: `places` tells whose each part is, `main` beside which one paths are looked for.
    `fallback` holds what counts for keys that are left out.
    """

    def __init__(
        self,
        source: str,
        path: str,
        data: dict[str, object],
        *,
        keys: tuple[str, ...] = (),
        places: Places = MappingProxyType({}),
        main: str = "",
        fallback: "Table | None" = None,
    ) -> None:
        self.source = source
        self.path = path
        self.main = main or source
        self.fallback = fallback
        self._data = data
        self._keys = keys
        self._places = places
        self._asked: set[str] = set()

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __contains__(self, key: str) -> bool:
        return key in self._data or (self.fallback is not None and key in self.fallback)

    def problem(self, key: str, found: str, expected: str, next_step: str = "") -> ConfigProblem:
        """The error for `key`, where it stands; `found` may be text from the file."""
        if key not in self._data and self.fallback is not None and key in self.fallback:
            return self.fallback.problem(key, found, expected, next_step)
        source = self._source(key)
        where = f"{self.path}.{quoted(key)}" if self.path else quoted(key)
        message = f"{source}: {clean(where, 200)}: found {clean(found, 120)}, expected {expected}."
        return ConfigProblem("Configuration", message, next_step or f"Correct it in {source}.")

    def finish(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                expected = ", ".join(sorted(self._asked)) or "nothing here"
                raise self.problem(key, f"an unknown key{nearest(key, self._asked)}", f"one of: {expected}")

    def text(self, key: str) -> str:
        """A text that must be there: one line, not empty."""
        value = self._get(key, str)
        if value is None:
            like = difflib.get_close_matches(key, [k for k in self._data if k not in self._asked], 1)
            found = f'nothing, but an unknown key "{like[0]}"' if like else "nothing"
            raise self.problem(key, found, "a text")
        text = cast(str, value)
        if not text.strip():
            raise self.problem(key, "an empty text", "a text")
        if any(unseen(c) for c in text):
            raise self.problem(key, "control characters in the text", "one plain line")
        return text

    def optional(self, key: str) -> str | None:
        self._asked.add(key)
        return self.text(key) if key in self else None

    def flag(self, key: str, default: bool) -> bool:
        value = self._get(key, bool)
        return default if value is None else cast(bool, value)

    def number(self, key: str, default: int | None, least: int, most: int) -> int | None:
        value = cast("int | None", self._get(key, int))
        if value is None:
            return default
        if not least <= value <= most:
            raise self.problem(key, str(value), f"a whole number from {least} to {most}")
        return value

    def choice(self, key: str, default: str | None, known: Iterable[str]) -> str:
        known = list(known)
        value = self.optional(key) if default is not None else self.text(key)
        if value is None:
            return cast(str, default)
        if value not in known:
            raise self.problem(key, f'"{value}"{nearest(value, known)}', "one of: " + ", ".join(known))
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts (an argv), empty where it is absent."""
        values = cast("list[object]", self._get(key, list) or [])
        if not all(isinstance(v, str) and v and "\0" not in v for v in values):
            raise self.problem(
                key, "a list with something else than texts", 'a list such as ["program", "argument"]'
            )
        return tuple(cast("list[str]", values))

    def raw(self, key: str) -> object:
        """The value as it stands, None where it is absent."""
        self._asked.add(key)
        if key not in self._data and self.fallback is not None:
            return self.fallback.raw(key)
        return self._data.get(key)

    def table(self, key: str, fallback: "Table | None" = None) -> "Table":
        """The table below `key`, empty where it is absent; `fallback`, else this table's own one, is below it."""
        if fallback is None and self.fallback is not None and key in self.fallback:
            fallback = self.fallback.table(key)
        value = self._get(key, dict) if key in self._data else None
        self._asked.add(key)
        return Table(
            self._source(key),
            f"{self.path}.{quoted(key)}" if self.path else quoted(key),
            cast("dict[str, object]", value or {}),
            keys=(*self._keys, key),
            places=self._places,
            main=self.main,
            fallback=fallback,
        )

    def tables(self, fallback: "Table | None" = None) -> dict[str, "Table"]:
        """Every key of this table, a name on one plain line, as a table of its own."""
        for key in self._data:
            if not key.strip() or clean(key) != key:
                raise self.problem(key, f'"{key}"', "a name as one plain line without surrounding blanks")
        return {key: self.table(key, fallback) for key in self._data}

    def words(self) -> dict[str, str]:
        """Every key of this table with its text."""
        return {key: self.text(key) for key in self._data}

    def _source(self, key: str) -> str:
        return self._places.get((*self._keys, key), self.source)

    def _get(self, key: str, kind: type) -> object:
        value = self.raw(key)
        if value is None:
            return None
        if type(value) is not kind:
            shown = value if isinstance(value, (bool, int, float)) else ""
            raise self.problem(key, f"{kind_of(value)} {shown}".strip(), _KINDS[kind])
        return value


def quoted(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else f'"{key}"'


def reference(table: Table, key: str) -> Reference:
    """A reference to a secret; a literal one is refused and never shown."""
    found = table.raw(key)
    expected = (
        'a reference: "env:NAME", "file:PATH", "keyring:SERVICE/NAME", "credential:NAME", "stdin:" '
        'or ["command", "program", "argument"]'
    )
    if found is None:
        raise table.problem(key, "nothing", expected)
    if isinstance(found, list):
        words = table.texts(key)
        if len(words) < 2 or words[0] != "command":
            raise table.problem(key, 'a list that does not begin with "command"', expected)
        return words
    value = table.text(key)
    kind, _, rest = value.partition(":")
    if value == "stdin:":
        return value
    if f"{kind}:" not in REFERENCES or kind == "stdin" or not rest.strip():
        raise table.problem(
            key,
            "what looks like the secret itself",
            expected,
            "Put the secret into an environment variable or a file that only you can read, and refer to it.",
        )
    if kind == "command":
        try:
            return ("command", *shlex.split(rest))
        except ValueError as error:
            raise table.problem(key, f"a command that cannot be split ({error})", expected) from None
    if kind == "file":
        return file_reference(table, key, value)
    if kind == "credential" and not _CREDENTIAL.fullmatch(rest):
        raise table.problem(key, f'"{value}"', "the name of a credential: ASCII without / and :")
    return value


def file_reference(table: Table, key: str, value: str) -> str:
    """`file:PATH` with the path looked for beside the configuration."""
    return f"file:{beside(table, key, value.removeprefix('file:'))}"


def url(table: Table, key: str) -> str:
    """The https address of a host, without a path; http on loopback alone."""
    return checked_url(table, key, table.text(key))


def checked_url(table: Table, key: str, value: str) -> str:
    """`value`, found under `key`, as the address of a host."""
    expected = "an https address without a path, such as https://acme.my.salesforce.com"
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise table.problem(key, f'"{value}"', expected) from None
    loopback = host in ("127.0.0.1", "::1", "localhost")
    if not host or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not loopback):
        raise table.problem(key, f'"{value}"', expected)
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username or parts.password:
        raise table.problem(key, f'more than a host in "{parts.scheme}://{host}…"', expected)
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


def bare_host(table: Table, key: str) -> str:
    """A host name and nothing else, in lower case."""
    value = table.text(key)
    if "." not in value or not all(part.replace("-", "").isalnum() for part in value.split(".")):
        raise table.problem(key, f'"{value}"', "a bare host name, such as acme.my.salesforce.com")
    return value.lower()


def kept(table: Table, name: str) -> Reference:
    """A reference to a secret that can be written too."""
    found = reference(table, name)
    if isinstance(found, str):
        service, _, entry = found.removeprefix("keyring:").partition("/")
        if found.startswith("file:") or (found.startswith("keyring:") and service and entry):
            return found
    raise table.problem(
        name, "a place that cannot be written to", 'a place to keep it: "file:PATH" or "keyring:SERVICE/NAME"'
    )


def file(table: Table, key: str) -> str | None:
    """A file, looked for beside the configuration."""
    name = table.optional(key)
    return str(beside(table, key, name)) if name else None


def beside(table: Table, key: str, name: str) -> Path:
    try:
        return Path(table.main).parent / Path(name).expanduser()
    except RuntimeError:
        raise table.problem(key, f'"{name}" where no home folder is known', "a whole path") from None
