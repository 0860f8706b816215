"""What stands at the edges of a widget: the title in its border, its scroll bar."""

from typing import ClassVar

from textual.content import Content
from textual.geometry import Region
from textual.scrollbar import ScrollBarRender
from textual.widget import Widget


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


def bars(ascii: bool) -> type[ScrollBarRender]:
    """Textual's own scroll bars end in eighths of a block, which ASCII has not."""
    return PlainBars if ascii else ScrollBarRender
