"""A terminal that knows what each of its cells shows and how, and refuses every order that it does not know.

Stricter than a real one: writing behind the last column, scrolling and moving out of the screen are errors.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from wcwidth import wcwidth

ORDER = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|\x1b\]8;([^;]*);(.*?)\x1b\\|[\r\n\b]|[^\x00-\x1f\x7f]")
JOINS, WIDENS = "\u200d", "\ufe0f"
OFF = {22: {1, 2}, 23: {3}, 24: {4, 21}, 25: {5, 6}, 27: {7}, 28: {8}, 29: {9}, 54: {51, 52}, 55: {53}}


@dataclass(frozen=True)
class Cell:
    """What stands in one cell: a character with all that joins it (empty: the right half of a wide one), and how."""

    text: str = " "
    attributes: frozenset[int] = frozenset()
    foreground: str = ""
    background: str = ""
    link: str = ""


class StrictTerminal:
    """Cells, a cursor and a pen."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.rows = [[Cell()] * width for _ in range(height)]
        self.x = self.y = 0
        self.full = False
        """The last column was written: where the cursor is now, terminals disagree."""
        self._last: tuple[int, int] | None = None
        self._joining = False
        self.pen = Cell()

    def feed(self, data: str) -> None:
        at = 0
        while at < len(data):
            found = ORDER.match(data, at)
            assert found is not None, f"not an order: {data[at : at + 20]!r}"
            at = found.end()
            if found[3]:
                self._control(found[1] + found[3], [int(n or 0) for n in found[2].split(";")])
            elif found[4] is not None:
                self.pen = self._drawn(link=found[5])
                assert bool(found[4]) == bool(found[5]), "a link without an id, or an id without a link"
            else:
                self._character(found[0])

    def _drawn(self, **changes: Any) -> Cell:
        return replace(self.pen, **changes)

    def _character(self, character: str) -> None:
        if character == "\r":
            self._go(0, self.y)
        elif character == "\n":
            self._go(0, self.y + 1)
        elif character == "\b":
            self._here()
            self._go(self.x - 1, self.y)
        elif character == WIDENS and self._last is not None:
            self._join(character)
            if self._last[0] == self.x - 1:
                self._put(self.x, self._drawn(text=""))
                self._step(1)
        elif character == JOINS or self._joining or wcwidth(character) == 0:
            self._join(character)
            self._joining = character == JOINS
        else:
            self._here()
            width = wcwidth(character)
            for part in range(width):
                self._put(self.x + part, self._drawn(text="" if part else character))
            self._last = self.x, self.y
            self._step(width)

    def _here(self) -> None:
        assert not self.full, "where the cursor is behind the last column is not known"

    def _join(self, character: str) -> None:
        assert self._last is not None, f"nothing to join {character!r} to"
        x, y = self._last
        cell = self.rows[y][x]
        self.rows[y][x] = Cell(**{**cell.__dict__, "text": cell.text + character})

    def _put(self, x: int, cell: Cell) -> None:
        row = self.rows[self.y]
        assert x < self.width, "written behind the last column"
        if row[x].text == "" and cell.text != "":
            row[x - 1] = Cell(**{**row[x - 1].__dict__, "text": " "})
        if x + 1 < self.width and row[x + 1].text == "":
            row[x + 1] = Cell(**{**row[x + 1].__dict__, "text": " "})
        row[x] = cell

    def _step(self, by: int) -> None:
        self.full = self.x + by == self.width
        self.x = min(self.x + by, self.width - 1)

    def _go(self, x: int, y: int) -> None:
        assert 0 <= x < self.width, f"column {x}"
        assert 0 <= y < self.height, f"row {y}"
        self.x, self.y, self.full, self._last, self._joining = x, y, False, None, False

    def _control(self, order: str, numbers: list[int]) -> None:
        count = numbers[0] or 1
        if order == "H":
            self._go((numbers[1] if len(numbers) > 1 else 1) - 1 if len(numbers) > 1 else 0, count - 1)
        elif order == "m":
            self._draw(numbers)
        elif order == "G":
            self._go(count - 1, self.y)
        else:
            moves: dict[str, Callable[[], None]] = {
                "A": lambda: self._go(self.x, self.y - count),
                "B": lambda: self._go(self.x, self.y + count),
                "C": lambda: self._go(self.x + count, self.y),
                "D": lambda: self._go(self.x - count, self.y),
            }
            assert order in moves, f"not an order: {order}"
            self._here()
            moves[order]()

    def _draw(self, codes: list[int]) -> None:
        rest = list(codes)
        while rest:
            code = rest.pop(0)
            if code == 0:
                self.pen = Cell(link=self.pen.link)
            elif code in OFF:
                self.pen = self._drawn(attributes=self.pen.attributes - OFF[code])
            elif code in (38, 48):
                count = {2: 4, 5: 2}[rest[0]]
                colour = ";".join(map(str, [code, *rest[:count]]))
                del rest[:count]
                self.pen = self._drawn(**{"foreground" if code == 38 else "background": colour})
            elif 30 <= code < 38 or 90 <= code < 98 or code == 39:
                self.pen = self._drawn(foreground="" if code == 39 else str(code))
            elif 40 <= code < 48 or 100 <= code < 108 or code == 49:
                self.pen = self._drawn(background="" if code == 49 else str(code))
            else:
                assert code in {n for on in OFF.values() for n in on}, f"not an attribute: {code}"
                self.pen = self._drawn(attributes=self.pen.attributes | {code})

    def differences(self, other: "StrictTerminal") -> list[tuple[int, int, Cell, Cell]]:
        """Where two terminals do not show the same, and what each shows there."""
        assert (self.width, self.height) == (other.width, other.height)
        return [
            (x, y, mine, theirs)
            for y, (row, other_row) in enumerate(zip(self.rows, other.rows, strict=True))
            for x, (mine, theirs) in enumerate(zip(row, other_row, strict=True))
            if mine != theirs
        ]
