"""A text that is drawn line by line: a change costs the cells that changed, and no layout."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from tui.app.cells import clusters
from tui.app.pictures import Picture
from tui.app.renderer import Line, Piece, Renderer
from tui.app.widgets import subtitle


class HangingLine(list[Piece]):
    """A line whose continuations are indented under its `indent`-th character."""

    def __init__(self, indent: int, pieces: Iterable[Piece]) -> None:
        super().__init__(pieces)
        self.indent = indent


Written = list[tuple[Content, int] | Picture]
"""Lines with their indents, and pictures."""


SCROLLING: list[BindingType] = [
    Binding("j", "scroll_down", "Down", show=False),
    Binding("k", "scroll_up", "Up", show=False),
    Binding("g", "scroll_home", "First", show=False),
    Binding("G", "scroll_end", "Last", show=False),
]
"""The letters that scroll a text, beside the arrows that Textual knows."""


class TextPane(ScrollView, can_focus=True):
    """Wrapped lines that scroll, and a tail below them that always stays in sight."""

    BINDINGS: ClassVar[list[BindingType]] = SCROLLING

    more = ""
    """How to read what does not fit, for the lower border."""

    def __init__(self, renderer: Renderer, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.renderer = renderer
        self._text: Written = []
        self._tail: Written = []
        self._lines: list[Strip] = []
        self._last: list[Strip] = []
        self._blank = Style()
        self._width = 0

    @property
    def plain(self) -> str:
        """Everything written here, as plain text."""
        told: list[str] = []
        for entry in (*self._text, *self._tail):
            told += entry.sentences if isinstance(entry, Picture) else [entry[0].plain]
        return "\n".join(told)

    def write(self, lines: Sequence[Line | Picture], tail: Sequence[Line] = ()) -> None:
        """Show these lines and pictures; what stays the same is not drawn again."""
        text, last = self._written(lines), self._written(tail)
        if _same(text, self._text) and _same(last, self._tail):
            return
        grown = len(text) != len(self._text)
        self._text, self._tail = text, last
        if grown and self.styles.is_auto_height:
            self.refresh(layout=True)
        if self._width:
            self._update()

    def reveal(self, index: int) -> None:
        """Scroll so that line `index` is in sight, where lines are not wrapped."""
        top, height = self.scroll_offset.y, self.size.height
        if not top <= index < top + height:
            self.scroll_to(y=max(0, index - height + 2), animate=False)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self._text))

    def on_resize(self) -> None:
        if self._width != self.scrollable_content_region.width or self._has_optional:
            self._lay_out()
        self._fit()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._width = 0

    def render_line(self, y: int) -> Strip:
        if self._width != self.scrollable_content_region.width:
            # Laid out here, so that the first paint after a resize is right at once.
            self._lay_out()
        return self._line(y, self.scroll_offset.y)

    def _update(self) -> None:
        """Lay the text out anew and draw what differs."""
        height, top = self.size.height, self.scroll_offset.y
        before = [self._line(y, top) for y in range(height)]
        self._lay_out()
        self._fit()
        for y in range(height):
            if (line := self._line(y, top)) != before[y]:
                start, end = changed(before[y], line)
                self.refresh(Region(start, y, end - start, 1))

    def _lay_out(self) -> None:
        self._width = self.scrollable_content_region.width
        self._blank = self.visual_style.rich_style
        self._last = self._strips(self._plain(self._tail))
        # What is optional comes after all the rest has its place.
        parts = [None if _optional(entry) else self._strips(self._plain([entry])) for entry in self._text]
        room = self.size.height - (1 + len(self._last) if self._last else 0)
        room -= sum(len(part) for part in parts if part is not None)
        self._lines = []
        for entry, part in zip(self._text, parts, strict=True):
            if part is not None:
                self._lines += part
            elif (drawn := self._strips(self._plain([entry]))) and len(drawn) < room:
                self._lines += [self._empty(), *drawn]
                room -= len(drawn) + 1

    @property
    def _has_optional(self) -> bool:
        return any(_optional(entry) for entry in self._text)

    def _plain(self, entries: Written) -> list[tuple[Content, int]]:
        """The lines, with those of each picture in its place."""
        lines: list[tuple[Content, int]] = []
        for entry in entries:
            if isinstance(entry, Picture):
                drawn = entry.lines(self._width, ascii=self.renderer.ascii)
                lines += [(self.renderer.line(line), 0) for line in drawn]
            else:
                lines.append(entry)
        return lines

    def _fit(self) -> None:
        needed = len(self._lines) + (1 + len(self._last) if self._last else 0)
        self.virtual_size = Size(self._width, max(self.size.height, needed))
        if self.more:
            subtitle(self, self.renderer.line([(self.more if needed > self.size.height else "", "")]))

    def _written(self, lines: Sequence[Line | Picture]) -> Written:
        return [
            line
            if isinstance(line, Picture)
            else (self.renderer.line(line), line.indent if isinstance(line, HangingLine) else 0)
            for line in lines
        ]

    def _strips(self, lines: Sequence[tuple[Content, int]]) -> list[Strip]:
        strips: list[Strip] = []
        for content, indent in lines:
            if indent and content.cell_length > self._width > 2 * indent:
                first = self._wrap(content[:indent], indent)[0]
                rest = self._wrap(content[indent:], self._width - indent)
                margins = [first, *[Strip.blank(indent, self._blank)] * (len(rest) - 1)]
                strips += [Strip.join(pair) for pair in zip(margins, rest, strict=True)]
            else:
                strips += self._wrap(content, self._width)
        return strips

    def _wrap(self, content: Content, width: int) -> list[Strip]:
        strips = Visual.to_strips(self, content, width, None, self.visual_style)
        return [strip.adjust_cell_length(width, self._blank) for strip in strips]

    def _line(self, y: int, top: int) -> Strip:
        """What stands in line `y` of the widget when `top` lines are scrolled away."""
        height = self.size.height
        tail_at = min(len(self._lines) + 1, height - len(self._last)) if self._last else height
        if y >= tail_at:
            index = y - tail_at
            return self._last[index] if index < len(self._last) else self._empty()
        # The line above a tail that the text runs into stays empty.
        crowded = self._last and y == tail_at - 1
        index = y + top
        if crowded or index >= len(self._lines):
            return self._empty()
        return self._lines[index]

    def _empty(self) -> Strip:
        return Strip.blank(self._width, self._blank)


def changed(one: Strip, other: Strip) -> tuple[int, int]:
    """The cells from the first to behind the last one in which two lines differ."""
    old, new = _cells(one), _cells(other)
    if len(old) != len(new):
        return 0, max(len(old), len(new))
    differ = [index for index, (a, b) in enumerate(zip(old, new, strict=True)) if a != b]
    return (differ[0], differ[-1] + 1) if differ else (0, 0)


def _cells(line: Strip) -> list[tuple[str, Style | None]]:
    """What stands in each cell; a wide character in both of its own, what joins another one with that one."""
    cells: list[tuple[str, Style | None]] = []
    for text, style, _ in line:
        joined, parts = clusters(text)
        if joined and cells:
            cells[-1] = (cells[-1][0] + joined, cells[-1][1])
        for part in parts:
            cells.append((part, style) if part else cells[-1])
    return cells


def _optional(entry: tuple[Content, int] | Picture) -> bool:
    return isinstance(entry, Picture) and entry.optional


def _same(one: Written, other: Written) -> bool:
    return one == other and all(
        isinstance(a, Picture) or isinstance(b, Picture) or a[0].spans == b[0].spans
        for a, b in zip(one, other, strict=True)
    )
