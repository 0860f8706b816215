"""What could be typed next, from the command line's own definition."""

import argparse
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tui.base.paths import config_file, expanded
from tui.base.text import clean
from tui.console import say

FILES = ":files"
"""Said instead of words where a file is expected: the scripts of `completion` know it."""

Candidate = tuple[str, str]
"""A word and what it is for."""

Values = Callable[[str], list[str]]
"""What a metavar stands for, as words."""


def run(argv: Sequence[str], parser: argparse.ArgumentParser) -> int:
    """`__complete LINE`: what fits at the end of the command line so far, as it stands at the prompt."""
    words = split(" ".join(argv))[1:]
    found = list(candidates(parser, words, lambda metavar: _values(metavar, words)))
    say("\n".join(f"{word}\t{told}" if told else word for word, told in found))
    return 0


def candidates(parser: argparse.ArgumentParser, words: Sequence[str], values: Values) -> Iterator[Candidate]:
    """The words that fit the last of `words`, which may be empty; the others are complete."""
    *before, last = words or [""]
    place = _Place(parser)
    for word in before:
        place.take(word)
    if place.expects is not None:
        yield from _fitting(last, _of_option(place.expects, values))
    elif last.startswith("--") and "=" in last:
        option, value = last.split("=", 1)
        action = place.option(option)
        if action is not None:
            for word, told in _fitting(value, _of_option(action, values)):
                yield (word if word == FILES else f"{option}={word}"), told
    elif last.startswith("-") and not place.only_words:
        yield from _fitting(last, place.options())
    else:
        yield from _fitting(last, place.words(values))


class _Place:
    """Where on the command line the words so far have led."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self.parser = parser
        self.expects: argparse.Action | None = None
        """The option whose value comes next."""
        self.only_words = False
        """After `--` nothing is an option."""
        self._taken: list[str] = []

    def take(self, word: str) -> None:
        if self.expects is not None:
            self.expects = None
        elif word == "--":
            self.only_words = True
        elif word.startswith("-") and not self.only_words and word != "-":
            action = self.option(word)
            takes_value = action is not None and action.nargs != 0
            self.expects = action if takes_value else None
        elif (command := self._commands().get(word)) is not None:
            self.parser = command
        else:
            self._taken.append(word)

    def option(self, word: str) -> argparse.Action | None:
        return next((a for a in self.parser._actions if word in a.option_strings), None)

    def options(self) -> list[Candidate]:
        return [
            (option, action.help or "")
            for action in self.parser._actions
            for option in action.option_strings
            if option.startswith("--")
        ]

    def words(self, values: Values) -> list[Candidate]:
        """What may stand here that is no option."""
        group = self._group()
        if group is not None:
            return [(choice.dest, choice.help or "") for choice in group._choices_actions]
        places = [a for a in self.parser._actions if not a.option_strings]
        taken = len(self._taken)
        if taken < len(places):
            return _of_option(places[taken], values)
        repeats = bool(places) and places[-1].nargs in ("*", "+")
        left = _of_option(places[-1], values) if repeats else []
        return [(word, told) for word, told in left if word not in self._taken]

    def _group(self) -> "argparse._SubParsersAction[argparse.ArgumentParser] | None":
        return next((a for a in self.parser._actions if isinstance(a, argparse._SubParsersAction)), None)

    def _commands(self) -> dict[str, argparse.ArgumentParser]:
        group = self._group()
        return dict(group.choices) if group is not None else {}


def _of_option(action: argparse.Action, values: Values) -> list[Candidate]:
    if action.choices is not None:
        return [(str(choice), "") for choice in action.choices]
    metavar = action.metavar if isinstance(action.metavar, str) else ""
    # Among the options only this one stands for a connection that is there already.
    if metavar != "FILE" and action.option_strings and action.dest != "connection":
        return []
    return [(word, "") for word in values(metavar)]


def _values(metavar: str, words: Sequence[str]) -> list[str]:
    if metavar == "FILE":
        return [FILES]
    tables = {"NAME": "connections", "NAME|CAUSE": "connections", "ORG": "orgs"}
    found = names(_config(words), tables[metavar]) if metavar in tables else []
    if "CAUSE" in metavar:
        from tui.lines.steps import known_causes

        found += known_causes()
    return found


def _config(words: Sequence[str]) -> Path:
    """The configuration that this very command line names, else the usual one."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == "--config" and following:
            return expanded(following)
        if word.startswith("--config="):
            return expanded(word.removeprefix("--config="))
    return config_file()


def _fitting(last: str, found: Sequence[Candidate]) -> Iterator[Candidate]:
    for word, told in found:
        if word.startswith(last) or word == FILES:
            yield word, " ".join(told.split())


def split(line: str) -> list[str]:
    """The words of an unfinished line as a shell reads them: quotes may be open. The last one may be empty."""
    words, word, quote, inside = list[str](), "", "", False
    escaped = False
    for char in line:
        if escaped:
            word, escaped = word + char, False
        elif char == "\\" and quote != "'":
            escaped = inside = True
        elif quote:
            quote, word = ("", word) if char == quote else (quote, word + char)
        elif char in "'\"":
            quote, inside = char, True
        elif char.isspace():
            if inside:
                words.append(word)
            word, inside = "", False
        else:
            word, inside = word + char, True
    return [*words, word]


def names(path: Path, table: str = "connections") -> list[str]:
    """The connections (or another table's keys) of this configuration; none where it cannot be read."""
    try:
        # A pipe would be emptied before the command itself reads it.
        text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
        tables = tomllib.loads(text).get(table)
    except (OSError, ValueError, RecursionError):
        return []
    return [name for name in tables if clean(name) == name] if isinstance(tables, dict) else []
