"""A text that is drawn line by line: a change costs the lines that changed, and no layout."""

from collections.abc import Sequence

from rich.style import Style
from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from tui.app.pen import Pen, Piece

Line = list[Piece]


class Paper(ScrollView, can_focus=True):
    """Wrapped lines that scroll, and a tail below them that always stays in sight."""

    def __init__(self, pen: Pen, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.pen = pen
        self._text = Content("")
        self._tail = Content("")
        self._lines: list[Strip] = []
        self._last: list[Strip] = []
        self._blank = Style()
        self._width = 0

    @property
    def plain(self) -> str:
        """Everything written here, as plain text."""
        return f"{self._text.plain}\n{self._tail.plain}"

    def write(self, lines: Sequence[Line], tail: Sequence[Line] = ()) -> None:
        """Show these lines; what stays the same is not drawn again."""
        text, last = self.pen.lines(lines), self.pen.lines(tail)
        if _same(text, self._text) and _same(last, self._tail):
            return
        grown = text.plain.count("\n") != self._text.plain.count("\n")
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
        return self._text.plain.count("\n") + 1

    def on_resize(self) -> None:
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
        """Lay the text out anew and draw the lines that differ."""
        height, top = self.size.height, self.scroll_offset.y
        before = [self._line(y, top) for y in range(height)]
        self._lay_out()
        self._fit()
        for y in range(height):
            if self._line(y, top) != before[y]:
                self.refresh(Region(0, y, self._width, 1))

    def _lay_out(self) -> None:
        self._width = self.scrollable_content_region.width
        self._blank = self.visual_style.rich_style
        self._lines = self._strips(self._text)
        self._last = self._strips(self._tail) if self._tail.plain else []

    def _fit(self) -> None:
        needed = len(self._lines) + (1 + len(self._last) if self._last else 0)
        self.virtual_size = Size(self._width, max(self.size.height, needed))

    def _strips(self, content: Content) -> list[Strip]:
        style = self.visual_style
        strips = Visual.to_strips(self, content, self._width, None, style)
        return [strip.adjust_cell_length(self._width, self._blank) for strip in strips]

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


def _same(one: Content, other: Content) -> bool:
    return one == other and one.spans == other.spans
