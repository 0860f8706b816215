"""What several screens are made of: a line to type into, titles in borders, the notice where there is no room."""

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.dom import DOMNode
from textual.geometry import Offset, Region
from textual.scrollbar import ScrollBarRender
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.base.text import clean

# A line to type into


class Field(Input):
    """One line; what is pasted into it may have several, whose ends become blanks."""

    def __init__(self, *, id: str, placeholder: str = "", select_on_focus: bool = False) -> None:
        super().__init__(placeholder=placeholder, id=id, compact=True, select_on_focus=select_on_focus)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.replace(clean(event.text), *sorted(self.selection))
        self.call_after_refresh(self.reveal)

    def on_resize(self) -> None:
        self.call_after_refresh(self.reveal)

    def reveal(self) -> None:
        """Keep the caret in sight where Textual does not."""
        at = caret(self) - self.content_region.offset + self.scroll_offset
        self.scroll_to_region(Region(*at, 1, 1), force=True, animate=False)


def caret(field: Input) -> Offset:
    """Where on the screen the next letter comes. Textual's own is the cell behind it, and not up to date."""
    before = cell_len(field.value[: field.cursor_position])
    return field.content_region.offset + Offset(before - field.scroll_offset.x, 0)


def type_only_in_sight(field: Input) -> None:
    """Take no keys into a field that is covered; it has them again with its place."""
    field.disabled = is_too_small(field)
    if not field.disabled:
        field.focus()


# Where the terminal has no room


def too_small() -> Static:
    """What covers a screen that does not fit; the style sheet shows it."""
    return Static("Terminal too small: make it at least 40 x 12.", classes="too-small", markup=False)


def is_too_small(screen: DOMNode) -> bool:
    return screen.app.size.width < 40 or screen.app.size.height < 12


# Borders and scroll bars


def retitle(widget: Widget, title: Content) -> None:
    """Write `title` into the upper border. Textual's own way draws the whole widget again."""
    if title != widget._border_title:
        widget._border_title = title.first_line
        x, y = widget.content_offset
        widget.refresh(Region(-x, -y, widget.outer_size.width, 1))


def subtitle(widget: Widget, text: Content) -> None:
    """Write `text` into the lower border, likewise."""
    if text != widget._border_subtitle:
        widget._border_subtitle = text.first_line
        x, y = widget.content_offset
        widget.refresh(Region(-x, widget.outer_size.height - 1 - y, widget.outer_size.width, 1))


class PlainBars(ScrollBarRender):
    """A scroll bar of whole cells."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


def scroll_bars(ascii: bool) -> type[ScrollBarRender]:
    """Textual's own scroll bars end in eighths of a block, which ASCII has not."""
    return PlainBars if ascii else ScrollBarRender
