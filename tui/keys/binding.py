"""Which key runs which command once the configuration has had its say, where two would meet, how keys are called."""

import re
import unicodedata
from collections.abc import Mapping
from itertools import combinations

from msgspec import Struct

from tui.base.problem import ConfigProblem
from tui.keys.command import Command
from tui.keys.table import BY_ID, COMMANDS

MOVING = frozenset(
    {"up", "down", "j", "k", "pageup", "pagedown", "home", "end", "g", "G", "tab", "shift+tab"}
)
"""Keys that move the cursor or the focus, on every screen."""

FIXED = frozenset({"ctrl+c", "ctrl+q", "ctrl+z", "ctrl+p"})
"""Keys that leave the program or open the palette whatever the configuration says."""


class KeyNames(Struct, frozen=True):
    """How sentences call the keys: `keys` is the key of every command by its id."""

    keys: Mapping[str, str]

    def of(self, id: str) -> str:
        return key_name(self.keys[id])

    def told(self, id: str) -> str:
        """With what it does: "e (Explain)"."""
        return f"{self.of(id)} ({BY_ID[id].label})"


def bound(changed: Mapping[str, str]) -> dict[str, str]:
    """The key of every command by its id; `changed` as the configuration writes it."""
    return {c.id: key_of(changed.get(c.id, "")) or c.key for c in COMMANDS}


def clashes(changed: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with rebound keys, a sentence each, naming the commands; empty: nothing."""
    told = [
        f'keys.{id}: found "{written}", expected one key such as n, ?, f5 or ctrl+r.'
        for id, written in changed.items()
        if id in BY_ID and key_of(written) is None
    ]
    keys = bound(changed)
    for command in COMMANDS:
        if command.id in changed and keys[command.id] in MOVING | FIXED:
            use = "moves the cursor" if keys[command.id] in MOVING else "has a fixed meaning"
            told.append(f"keys.{command.id}: {key_name(keys[command.id])} {use} already.")
    for one, other in combinations(COMMANDS, 2):
        if keys[one.id] == keys[other.id] and _meet(one, other):
            told.append(
                f"keys.{one.id} and keys.{other.id}: both are {key_name(keys[one.id])} "
                f"({one.label}, {other.label})."
            )
    return tuple(told)


def check(changed: Mapping[str, str], source: str) -> None:
    """Raise ConfigProblem where the rebound keys of the file `source` name no command or meet."""
    from tui.config.tables import nearest

    for id in changed:
        if id not in BY_ID:
            raise ConfigProblem(
                "Configuration",
                f"{source}: app.keys.{id}: there is no such command{nearest(id, BY_ID)}.",
                f"The commands are {', '.join(sorted(BY_ID))}.",
            )
    if told := clashes(changed):
        raise ConfigProblem(
            "Configuration",
            f"{source}: app.{told[0]}" + "".join(f" app.{line}" for line in told[1:]),
            "Give each command a key of its own.",
        )


def _meet(one: Command, other: Command) -> bool:
    """Commands that share a key by default are never shown together; all others may be, where they share a pane."""
    return one.key != other.key and bool(set(one.panes) & set(other.panes))


class Move(Struct, frozen=True):
    """One way to move; `keys` as people read them."""

    keys: str
    label: str
    help: str


MOVES = (
    Move("j k", "Down, up", "Move the cursor, or scroll a text by a line; so do the arrows."),
    Move("pgdn", "Page", "Go down by a page; pgup goes up."),
    Move("g G", "First, last", "Go to the beginning or the end; so do home and end."),
    Move("tab", "Next pane", "Go from the list to the text next to it and back."),
)


_READ = {"escape": "esc", "slash": "/", "question_mark": "?", "colon": ":"}
_WRITTEN = {"esc": "escape", "return": "enter", "del": "delete", "page_up": "pageup", "page_down": "pagedown"}
_RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_NAMED = re.compile(
    r"enter|escape|tab|space|backspace|delete|insert|home|end|pageup|pagedown|up|down|left|right"
    r"|f([1-9]|1[0-9]|2[0-4])"
)
_MODIFIERS = ("ctrl+", "alt+", "shift+")


def key_name(key: str) -> str:
    """A key (the library's name for it) as people read it."""
    return _READ.get(key, key)


def key_of(written: str) -> str | None:
    """The library's name of a key as somebody wrote it: `n`, `?`, `f5`, `ctrl+r`; None where it is no key."""
    text = written.strip()
    for modifier in _MODIFIERS:
        if text.lower().startswith(modifier) and len(text) > len(modifier):
            rest = key_of(text[len(modifier) :])
            return f"{modifier}{rest}" if rest else None
    if len(text) == 1:
        return text if text.isalnum() else _sign(text)
    text = _WRITTEN.get(text.lower(), text.lower())
    return text if _NAMED.fullmatch(text) or text in _SIGNS else None


def _sign(text: str) -> str | None:
    name = unicodedata.name(text, "").lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name) or None


_SIGNS = frozenset(filter(None, (_sign(chr(code)) for code in range(0x21, 0x7F) if not chr(code).isalnum())))
"""The library's own names of the signs on a keyboard."""
