"""Typed access to one TOML table; every mistake names file, key, what was found and what is expected."""

import difflib
from collections.abc import Iterable
from typing import cast

from tui.base.problem import ConfigProblem
from tui.base.text import clean, unseen

_KINDS = {str: "a text", bool: "true or false", int: "a whole number", list: "a list", dict: "a table"}


def nearest(word: str, known: Iterable[str]) -> str:
    """A question that names the nearest known word, or nothing."""
    names = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), names, 1)
    return f" (did you mean {names[close[0]]}?)" if close else ""


def kind_of(value: object) -> str:
    """What a TOML value is, in plain words."""
    return next((words for kind, words in _KINDS.items() if type(value) is kind), type(value).__name__)


class Table:
    """One table of the file `source`; `path` is its dotted name, empty for the whole file."""

    def __init__(self, source: str, path: str, data: dict[str, object]) -> None:
        self.source = source
        self.path = path
        self._data = data
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def problem(self, key: str, found: str, expected: str, next_step: str = "") -> ConfigProblem:
        """The error for `key` of this table; `found` may be text from the file."""
        where = f"{self.path}.{_quoted(key)}" if self.path else _quoted(key)
        message = f"{self.source}: {clean(where, 200)}: found {clean(found, 120)}, expected {expected}."
        return ConfigProblem("Configuration", message, next_step or f"Correct it in {self.source}.")

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
        return self.text(key) if self._has(key) else None

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
        values = cast("list[object] | None", self._get(key, list))
        if values is None:
            return ()
        if not values or not all(isinstance(v, str) and v and "\0" not in v for v in values):
            raise self.problem(
                key, "a list with something else than texts", 'a list such as ["program", "argument"]'
            )
        return tuple(cast("list[str]", values))

    def raw(self, key: str) -> object:
        """The value as it stands, None where it is absent."""
        self._asked.add(key)
        return self._data.get(key)

    def table(self, key: str) -> "Table":
        """The table below `key`, empty where it is absent."""
        value = cast("dict[str, object] | None", self._get(key, dict))
        return Table(self.source, f"{self.path}.{_quoted(key)}" if self.path else _quoted(key), value or {})

    def tables(self) -> dict[str, "Table"]:
        """Every key of this table, a name on one plain line, as a table of its own."""
        for key in self._data:
            if not key.strip() or clean(key) != key:
                raise self.problem(key, f'"{key}"', "a name as one plain line without surrounding blanks")
        return {key: self.table(key) for key in self._data}

    def words(self) -> dict[str, str]:
        """Every key of this table with its text."""
        return {key: self.text(key) for key in self._data}

    def _has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._data

    def _get(self, key: str, kind: type) -> object:
        if not self._has(key):
            return None
        value = self._data[key]
        if type(value) is not kind:
            shown = value if isinstance(value, (bool, int, float)) else ""
            raise self.problem(key, f"{kind_of(value)} {shown}".strip(), _KINDS[kind])
        return value


def _quoted(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else f'"{key}"'
