"""The keys that move: the same on every screen, whatever the configuration says."""

from msgspec import Struct


class Move(Struct, frozen=True):
    """One way to move; `keys` as people read them."""

    keys: str
    label: str
    help: str


MOVES = (
    Move("j k", "Down, up", "Move the cursor, or scroll a text by a line; so do the arrows."),
    Move("pgdn", "Page", "Go on by a page; pgup goes back."),
    Move("g G", "First, last", "Go to the beginning or the end; so do home and end."),
    Move("tab", "Next pane", "Go from the list to the text beside it and back."),
)
