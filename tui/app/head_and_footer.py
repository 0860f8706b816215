"""The lines at the top and the bottom: counts, the reading of the connection at hand, the keys that work."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from tui import wording
from tui.app.renderer import Piece, Renderer
from tui.keys import Command, Context, key_name
from tui.watching.schedule import ReadingProgress


class Head(Static):
    """One line; what is wrong is never cut for the sake of the rest."""

    def __init__(self, renderer: Renderer, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.renderer = renderer
        self._shown = ""

    def show(self, summary: str, reading: str) -> None:
        """Draw `summary` to the left and `reading` to the right, where both have room."""
        width = max(0, self.screen.size.width - 2)
        left, right = self.renderer.text(summary), self.renderer.text(reading)
        if cell_len(left) + cell_len(right) + 2 > width:
            # A problem's title, without what follows it.
            right = right.partition(": ")[0]
        named = f"remonitor   {left}"
        if cell_len(named) + cell_len(right) + 2 <= width:
            left = named
        elif cell_len(left) > width:
            # What is wrong matters more than how many there are.
            left = left.partition(self.renderer.text(" · "))[2]
        room = width - cell_len(left) - cell_len(right)
        text = f"{left}{' ' * room}{right}" if room > 1 else left
        if text != self._shown:
            self._shown = text
            self.update(self.renderer.line([(text, "")]), layout=False)


class Offer(Static):
    """The line that offers to go on with the walkthrough that was left; its key comes first, never cut."""

    def __init__(self, renderer: Renderer, *, id: str) -> None:
        super().__init__(id=id, markup=False)
        self.renderer = renderer
        self._shown = ""

    def show(self, key: str, text: str) -> None:
        """Offer this by `key`; an empty text offers nothing."""
        if text != self._shown:
            self._shown = text
            self.set_class(bool(text), "-on")
            self.update(self.renderer.line([(key_name(key), "bold $primary"), (f" {text}", "")]))


def reading(progress: ReadingProgress, following: str | None, times: wording.Times) -> str:
    """When a connection was read, and when next; a process that does it instead, or a busy journal, first."""
    if following is not None:
        return f"another remonitor ({following}) is watching: its readings are shown here"
    if progress.journal_problem:
        return progress.journal_problem
    line = wording.reading_line(
        progress.last_try, progress.next_at, times, reading=progress.reading, paused=progress.paused
    )
    if progress.saving:
        return f"{line} · few API calls left today"
    return f"{line} · reads less often to save API calls" if progress.throttled else line


# The line of keys

FIRST = ("leave", "help")
"""Commands that keep their places however narrow it gets, after the first of all: help says what does not fit."""

LEADS = ("report",)
"""Commands that come before all others where they are in the line at all."""

WISHED = 3
"""How many commands should be shown before help gets more than its key."""

Keyed = tuple[Command, str]
"""A command and its key."""


class Footer(Static):
    """Keys and labels; what does not fit is left to help and palette."""

    def __init__(self, renderer: Renderer, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self.renderer = renderer
        self._shown = Content("")

    def show(self, commands: Sequence[Keyed], context: Context, width: int) -> None:
        """Show (command, its key) in order; `quit` stands at the right end where there is nothing to leave."""
        content = self.renderer.line(self._pieces(commands, context, width))
        if content != self._shown or content.spans != self._shown.spans:
            self._shown = content
            self.update(content, layout=False)

    def _pieces(self, commands: Sequence[Keyed], context: Context, width: int) -> list[Piece]:
        leaves = any(c.id == "leave" for c, _ in commands)
        last = [(c, key) for c, key in commands if c.id == "quit" and not leaves]
        tail = "".join(f"{key_name(key)} {c.label}" for c, key in last)
        wanted = [k for k in commands if k not in last and k[0].in_footer(context)]
        wanted.sort(key=lambda k: k[0].id not in LEADS)
        chosen = _fitting(wanted, width - cell_len(tail) - 2)
        pieces: list[Piece] = [(" ", "")]
        used = 1
        for command, key, label in chosen:
            disabled = command.why_not(context) is not None
            pieces.append((key_name(key), "$foreground-disabled" if disabled else "bold $primary"))
            pieces.append((f"{label}  ", "$foreground-disabled" if disabled else "$foreground-muted"))
            used += _size(key, label)
        for command, key in last:
            pieces.append((" " * max(1, width - used - cell_len(tail) - 1), ""))
            pieces.append((key_name(key), "bold $primary"))
            pieces.append((f" {command.label}", "$foreground-muted"))
        return pieces


def _fitting(commands: Sequence[Keyed], room: int) -> list[tuple[Command, str, str]]:
    """Those that fit into `room` cells, in their order, with their labels; help goes without one in need."""
    labels = {command.id: f" {command.label}" for command, _ in commands}
    needed = [k for n, k in enumerate(commands) if n == 0 or k[0].id in FIRST]
    wished = [k for n, k in enumerate(commands) if n < WISHED or k in needed]
    if sum(_size(key, labels[c.id]) for c, key in wished) > room:
        labels["help"] = ""
    room -= sum(_size(key, labels[c.id]) for c, key in needed)
    chosen = []
    for command, key in commands:
        if (command, key) not in needed:
            size = _size(key, labels[command.id])
            if size > room:
                continue
            room -= size
        chosen.append((command, key, labels[command.id]))
    return chosen


def _size(key: str, label: str) -> int:
    return cell_len(f"{key_name(key)}{label}") + 2
