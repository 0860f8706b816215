"""What a picture is made of, and how texts are fitted into cells."""

import unicodedata
from collections.abc import Iterable
from enum import StrEnum

from tui.wording.symbols import in_ascii


class Tone(StrEnum):
    """What a piece means to the eye; each face has its own colours for it."""

    PLAIN = "plain"
    STRONG = "strong"
    QUIET = "quiet"
    GOOD = "good"
    BAD = "bad"
    WARNING = "warning"
    HERE = "here"
    """What to press, and the moment now."""


Piece = tuple[str, Tone]
Line = list[Piece]


JOINS, WIDENS = "\u200d", "\ufe0f"
"""The zero width joiner; the selector after which a sign is a wide picture."""


def cells(text: str) -> int:
    """How many cells the text takes, as the app counts them too (rich): none for what joins the one before."""
    if text.isascii():
        return len(text)
    pairs = zip(f" {text}", text, strict=False)
    return sum(_width(before, char) for before, char in pairs)


def _width(before: str, char: str) -> int:
    if char == WIDENS:
        signs = before in "#*0123456789‼⁉ℹ" or unicodedata.category(before) in ("So", "Sm")
        return int(signs and unicodedata.east_asian_width(before) not in "WF")
    joins = unicodedata.category(char) in ("Mn", "Me", "Mc", "Cf") or "\u1160" <= char <= "\u11ff"
    if before == JOINS or joins or "\U0001f3fb" <= char <= "\U0001f3ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, width: int, *, ascii: bool = False) -> str:
    """The text in at most `width` cells; what was cut shows where."""
    text = in_ascii(text) if ascii else text
    if cells(text) <= width:
        return text
    more = "~" if ascii else "…"
    while text and cells(text) + 1 > width:
        text = text[:-1]
    return text + more if width > 0 else ""


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` cells, broken at blanks; a word that is longer is broken anywhere."""
    lines = [""]
    for word in text.split():
        if lines[-1] and cells(lines[-1]) + 1 + cells(word) <= width:
            lines[-1] += f" {word}"
            continue
        if lines[-1]:
            lines.append("")
        for char in word:
            if lines[-1] and cells(lines[-1]) + cells(char) > width:
                lines.append("")
            lines[-1] += char
    return lines


def filled(text: str, width: int, *, ascii: bool = False) -> str:
    """The text in exactly `width` cells."""
    text = cut(text, width, ascii=ascii)
    return text + " " * (width - cells(text))


def placed(parts: Iterable[tuple[int, str, Tone]]) -> Line:
    """A line with each text from its column on; they are in order and do not overlap."""
    line: Line = []
    at = 0
    for column, text, tone in parts:
        if column > at:
            line.append((" " * (column - at), Tone.PLAIN))
        line.append((text, tone))
        at = column + cells(text)
    return line


def finished(lines: Iterable[Line], *, ascii: bool) -> list[Line]:
    """The lines for their terminal: in ASCII each sign of a picture becomes one plain character."""
    return [[(in_ascii(text) if ascii else text, tone) for text, tone in line] for line in lines]


def as_text(lines: Iterable[Line]) -> tuple[str, ...]:
    """The lines without their tones."""
    return tuple("".join(text for text, _ in line).rstrip() for line in lines)
