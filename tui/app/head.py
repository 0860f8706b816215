"""The lines at the top: how many connections are in each status, and when the one at hand was read and will be."""

from rich.cells import cell_len
from textual.widgets import Static

from tui import wording
from tui.app.renderer import Renderer
from tui.app.watching import ReadingProgress
from tui.keys import key_name


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
        return f"{following} watches: its readings are shown"
    if progress.journal_problem:
        return progress.journal_problem
    line = wording.reading_line(
        progress.last_try, progress.next_at, times, reading=progress.reading, paused=progress.paused
    )
    if progress.saving:
        return f"{line} · few API calls left today"
    return f"{line} · reads less often to save API calls" if progress.throttled else line
