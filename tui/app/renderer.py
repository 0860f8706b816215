"""How plain sentences become what the terminal shows: safe, without markup, in ASCII where wanted."""

import re
from collections.abc import Iterable

from msgspec import Struct
from textual.content import Content
from textual.style import Style

from tui.base.text import clean_lines
from tui.wording.symbols import in_ascii

Piece = tuple[str, str]
"""A text and its style, a theme variable such as `$error`."""

ADDRESS = re.compile(r"https?://[!-~]{1,2000}")
"""What may be a link of the terminal: no control character ends it, and no terminal's limit is reached."""

LINK = "link "
"""A style that begins so goes on with the address to which the text leads."""


Line = list[Piece]


def safe(text: str) -> str:
    """The text without control and format characters: the last line of defence before the terminal."""
    return text if text.isascii() and text.isprintable() else clean_lines(text).replace("\t", " ")


class Renderer(Struct):
    """Writes text for one kind of terminal. With `ascii` the program's own signs become plain ones.

    With `sixteen` colours there is no grey of our own: what does not work now is dimmed instead. With `links` an
    address, and a text that leads to one, is a link that the terminal opens.
    """

    ascii: bool = False
    sixteen: bool = False
    links: bool = False

    def text(self, text: str) -> str:
        text = safe(text)
        return in_ascii(text) if self.ascii else text

    def line(self, pieces: Iterable[Piece]) -> Content:
        return Content.assemble(*((self.text(text), self._style(text, style)) for text, style in pieces))

    def lines(self, lines: Iterable[Iterable[Piece]]) -> Content:
        return Content("\n").join([self.line(pieces) for pieces in lines])

    def _style(self, text: str, style: str) -> Style | str:
        if self.sixteen and style == "$foreground-disabled":
            return "dim"
        leads = style.startswith(LINK)
        address = style.removeprefix(LINK) if leads else text
        if self.links and ADDRESS.fullmatch(address):
            return Style(underline=True, link=address)
        return "underline" if leads else style
