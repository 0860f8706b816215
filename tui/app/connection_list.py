"""The list of connections, drawn line by line: one changed row costs one line of bytes."""

from collections.abc import Sequence
from typing import ClassVar

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.app.renderer import Renderer
from tui.pictures.availability import HOURS

Cells = tuple[tuple[str, str], ...]
"""Pieces of a strip of hours, each with its tone."""

WITH_HOURS = 60
"""Cells of a list from which on the hours have their place in it."""
WITH_ABOUT = 84
"""The same for cause, author and org."""
ABOUT_BESIDE = 68
"""Cells of such a list that all the rest takes."""


class Row(Struct, frozen=True):
    """One connection as the list shows it, already safe to print. `tone` is a status word in lower case."""

    name: str
    sign: str
    text: str
    word: str
    short: str
    tone: str
    problem: bool = False
    """Somebody should look at it."""
    mark: str = ""
    """A sign before the word: well, with a warning, or by the operator's word alone."""
    cells: Cells = ()
    """The last 24 hours."""
    said: str = ""
    """Behind the word, where there is room: that it is the operator's own."""
    about: str = ""
    """Cause, by whom, org."""


NAME_LEAST = 16
"""Cells of a name beside which whose word the status is is said in full."""

KEPT_STRIPS = 2_000
"""Drawn rows that are kept; ages go on and make new ones."""

TONES = ("error", "recovering", "monitoring", "unknown")


class ConnectionList(ScrollView, can_focus=True):
    """Rows with a cursor that stays on its connection, by name, whatever changes around it."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"connection-list--{tone}" for tone in TONES} | {
        "connection-list--name",
        "connection-list--quiet",
        "connection-list--cursor",
        "connection-list--cursor-blurred",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
    ]

    class Highlighted(Message):
        """The cursor came to another connection; None: there is no row."""

        def __init__(self, name: str | None) -> None:
            super().__init__()
            self.connection = name

    def __init__(self, renderer: Renderer, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.renderer = renderer
        self.rows: tuple[Row, ...] = ()
        self.empty = ""
        """What to say where there is no row."""
        self.cursor = 0
        self._strips: dict[tuple[Row, int, int], Strip] = {}
        self._styles: dict[str, Style] = {}

    @property
    def current(self) -> str | None:
        """The name of the connection under the cursor."""
        return self.rows[self.cursor].name if self.rows else None

    def show(self, rows: Sequence[Row], *, empty: str = "") -> None:
        """Show these rows; the cursor stays on its connection, else on its line."""
        rows = tuple(rows)
        if rows == self.rows and empty == self.empty:
            return
        before, old = self.current, self.rows
        self.rows, self.empty = rows, empty
        names = [row.name for row in rows]
        cursor = names.index(before) if before in names else min(self.cursor, max(0, len(rows) - 1))
        moved = cursor != self.cursor
        self.cursor = cursor
        if len(rows) != len(old):
            self._fit()
        if moved or len(rows) != len(old):
            self._reveal()
            self.refresh()
        else:
            for index, (row, previous) in enumerate(zip(rows, old, strict=True)):
                if row is not previous and row != previous:
                    self._refresh_row(index)
        if self.current != before:
            self.post_message(self.Highlighted(self.current))

    def go_to(self, name: str) -> None:
        """Put the cursor on this connection where it is shown."""
        for index, row in enumerate(self.rows):
            if row.name == name:
                self._go(index)

    @property
    def problems(self) -> int:
        """How many connections, but for the one under the cursor, are not well."""
        return sum(row.problem for index, row in enumerate(self.rows) if index != self.cursor)

    def go_to_problem(self, by: int) -> None:
        """Put the cursor on the next (1) or the previous (-1) connection that is not well, round the end."""
        count = len(self.rows)
        for step in range(1, count):
            index = (self.cursor + by * step) % count
            if self.rows[index].problem:
                self._go(index)
                return

    def action_move(self, by: int) -> None:
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        self._go(self.cursor + by * max(1, self.size.height - 1))

    def action_first(self) -> None:
        self._go(0)

    def action_last(self) -> None:
        self._go(len(self.rows) - 1)

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.y + self.scroll_offset.y < len(self.rows):
            self._go(offset.y + self.scroll_offset.y)

    def on_resize(self) -> None:
        self._fit()
        self._reveal()

    def on_focus(self) -> None:
        self._refresh_row(self.cursor)

    def on_blur(self) -> None:
        self._refresh_row(self.cursor)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def render_line(self, y: int) -> Strip:
        index, width = y + self.scroll_offset.y, self.size.width
        if index >= len(self.rows):
            text = self.empty if index == 0 else ""
            return self._strip([Segment(set_cell_size(f" {text}", width), self._style("quiet"))], width)
        lit = 0 if index != self.cursor else 2 if self.has_focus else 1
        key = (self.rows[index], width, lit)
        if key not in self._strips:
            if len(self._strips) >= KEPT_STRIPS:
                self._strips.clear()
            self._strips[key] = self._draw(*key)
        return self._strips[key]

    def _draw(self, row: Row, width: int, lit: int) -> Strip:
        word_and_short = f" {row.word:>10}" if width < 34 else f" {row.word:>10} {row.short:>5}"
        mark = f" {row.mark}" if row.mark else ""
        between = self._between(row, width)
        taken = 4 + sum(cell_len(text) for text, _ in between)
        if row.said and width - taken - cell_len(said := f"  {row.word} {row.said}") >= NAME_LEAST:
            word_and_short, mark = said, ""
        room = max(1, width - taken - cell_len(word_and_short) - cell_len(mark))
        tone = self._style(row.tone if row.tone in TONES else "unknown")
        segments = [
            Segment(f" {row.sign} ", tone),
            Segment(self._cut(row.text, room), self._style("name")),
            *(Segment(text, self._style(style)) for text, style in between),
            *([Segment(mark, self._style("recovering"))] if mark else []),
            Segment(word_and_short, tone),
            Segment(" ", self._style("name")),
        ]
        if lit:
            light = self._style("cursor" if lit == 2 else "cursor-blurred")
            segments = [Segment(text, self._lit(style, light)) for text, style, _ in segments]
        return self._strip(segments, width)

    def _between(self, row: Row, width: int) -> list[tuple[str, str]]:
        """What stands between name and status where the list is wide: cause and org, and the hours."""
        pieces: list[tuple[str, str]] = []
        if width >= WITH_ABOUT:
            pieces += [("  ", "name"), (self._cut(row.about, width - ABOUT_BESIDE), "quiet")]
        if width >= WITH_HOURS:
            blank = " " * (HOURS - sum(cell_len(text) for text, _ in row.cells))
            pieces += [("  ", "name"), *row.cells, (blank, "name")]
        return [piece for piece in pieces if piece[0]]

    def _cut(self, text: str, width: int) -> str:
        """The text in exactly so many cells."""
        cut = self.renderer.text("…")
        if cell_len(text) > width:
            text = set_cell_size(text, max(0, width - cell_len(cut))) + cut
        return set_cell_size(text, width)

    @staticmethod
    def _lit(style: Style | None, light: Style) -> Style:
        """A cursor is one bar in one colour; where the terminal's own colours show none, its row is underlined."""
        if light.underline and style is not None:
            return style + Style(bold=light.bold, underline=True)
        return light

    def _strip(self, segments: list[Segment], width: int) -> Strip:
        return Strip(segments).adjust_cell_length(width, self._style("name"))

    def _style(self, part: str) -> Style:
        if part not in self._styles:
            self._styles[part] = self.get_component_rich_style(f"connection-list--{part}")
        return self._styles[part]

    def _fit(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.rows))

    def _go(self, index: int) -> None:
        index = max(0, min(index, len(self.rows) - 1))
        if not self.rows or index == self.cursor:
            return
        before, self.cursor = self.cursor, index
        self._refresh_row(before)
        self._refresh_row(index)
        self._reveal()
        self.post_message(self.Highlighted(self.current))

    def _reveal(self) -> None:
        height = self.size.height
        top = self.scroll_offset.y
        # Each scroll paints the whole list: over a slow link fewer and longer ones are faster.
        ahead = height // 3
        if height and self.cursor < top:
            self.scroll_to(y=self.cursor - ahead, animate=False)
        elif height and self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1 + ahead, animate=False)

    def _refresh_row(self, index: int) -> None:
        y = index - self.scroll_offset.y
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def render(self) -> Content:
        return Content("")
