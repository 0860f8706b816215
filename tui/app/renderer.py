"""How plain sentences become what the terminal shows: safe, without markup, in ASCII where wanted."""

from collections.abc import Iterable

from msgspec import Struct
from textual.content import Content

from tui.base.text import clean_lines
from tui.wording.symbols import in_ascii

Piece = tuple[str, str]
"""A text and its style, a theme variable such as `$error`."""


Line = list[Piece]


def safe(text: str) -> str:
    """The text without control and format characters: the last line of defence before the terminal."""
    return text if text.isascii() and text.isprintable() else clean_lines(text).replace("\t", " ")


class Renderer(Struct):
    """Writes text for one kind of terminal. With `ascii` the program's own signs become plain ones.

    With `sixteen` colours there is no grey of our own: what does not work now is dimmed instead.
    """

    ascii: bool = False
    sixteen: bool = False

    def text(self, text: str) -> str:
        text = safe(text)
        return in_ascii(text) if self.ascii else text

    def line(self, pieces: Iterable[Piece]) -> Content:
        return Content.assemble(*((self.text(text), self._style(style)) for text, style in pieces))

    def lines(self, lines: Iterable[Iterable[Piece]]) -> Content:
        return Content("\n").join([self.line(pieces) for pieces in lines])

    def _style(self, style: str) -> str:
        return "dim" if self.sixteen and style == "$foreground-disabled" else style
