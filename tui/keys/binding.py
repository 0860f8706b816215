"""Which key runs which command once the configuration has had its say, and where two would meet."""

from collections.abc import Mapping
from itertools import combinations

from msgspec import Struct

from tui.base.problem import ConfigProblem
from tui.keys.command import Command
from tui.keys.names import key_name, key_of
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
