"""A page of Salesforce as a sketch of a few rows: where on it the thing to press is."""

from functools import lru_cache

from tui.base.limits import Mark
from tui.connections.step import FILL, Part, Press, Row, Sketch
from tui.pictures.pieces import Line, Tone, cells, cut, finished, wrapped
from tui.wording.symbols import in_ascii

WIDEST = 72
"""Cells of a sketch, however much room there is."""
MARKED = 4
"""Cells that the marks around what is pressed take."""
NARROWEST = 34
"""Cells below which nothing is drawn."""


@lru_cache(maxsize=16)
def drawn(sketch: Sketch, width: int, *, ascii: bool = False) -> tuple[Line, ...]:
    """The sketch in at most `width` cells; nothing where that is too narrow."""
    if width < NARROWEST:
        return ()
    room = min(width, WIDEST) - 2
    label = f"sketch ({sketch.mark})" if sketch.mark is Mark.INFERRED else "sketch"
    lines: list[Line] = [[(cut(f"{label} · {sketch.page}", room + 2, ascii=ascii), Tone.QUIET)]]
    lines += [[("│ ", Tone.QUIET), *_fitted(row, room, ascii)] for row in sketch.rows]
    # Edges at the left alone: whole frames are many bytes over a slow link.
    for index, how in enumerate(wrapped(_text(sketch.how, ascii), room)):
        lines.append([("  " if index else "└ ", Tone.QUIET), (how, Tone.STRONG)])
    return tuple(finished(lines, ascii=ascii))


def _text(text: str, ascii: bool) -> str:
    return in_ascii(text) if ascii else text


def _fitted(row: Row, room: int, ascii: bool) -> Line:
    """The row in `room` cells: its first fill takes what is left; too long, it gives way from its end.

    What is pressed gives way after what stands behind it, and before what stands in front of it.
    """
    texts = [_text(part.text if isinstance(part, Press) else part, ascii) for part in row]
    texts = ["" if part is FILL else text for part, text in zip(row, texts, strict=True)]
    marks = MARKED * sum(isinstance(part, Press) for part in row)
    first = next((index for index, part in enumerate(row) if isinstance(part, Press)), len(row))
    order = sorted(range(len(row)), key=lambda index: (index < first, isinstance(row[index], Press), -index))
    for index in order:
        over = sum(map(cells, texts)) + marks - room
        if over > 0:
            texts[index] = cut(texts[index], max(0, cells(texts[index]) - over), ascii=ascii)
    rest = room - marks - sum(map(cells, texts))
    if FILL in row:
        texts[row.index(FILL)] = " " * max(0, rest)
    return [_piece(part, text) for part, text in zip(row, texts, strict=True)]


def _piece(part: Part, text: str) -> tuple[str, Tone]:
    return (f"▶ {text} ◀", Tone.HERE) if isinstance(part, Press) else (text, Tone.PLAIN)
