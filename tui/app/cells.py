"""What stands in each cell of the terminal, and the shortest order that makes it something else.

Pure: it is given what is painted and returns what to write. Columns and rows count from 0; a wide character holds
two cells, its own and an empty one behind it; a combining character stands in the cell of its base.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple
from zlib import crc32

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style


class Look(NamedTuple):
    """How a cell is drawn: SGR codes of its attributes and colours (empty: the terminal's own), and its link."""

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""
    link: str = ""


PLAIN = Look()

ATTRIBUTES = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "underline": "4",
    "blink": "5",
    "blink2": "6",
    "reverse": "7",
    "conceal": "8",
    "strike": "9",
    "underline2": "21",
    "frame": "51",
    "encircle": "52",
    "overline": "53",
}
"""A style's attributes and the codes that turn them on."""

OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "7": "27"}
"""The codes that every terminal takes to turn an attribute off, two at once some; the others go with all of them."""

JOINS, WIDENS = "\u200d", "\ufe0f"
"""The zero width joiner; the selector after which a sign is a wide picture."""

Place = tuple[int, int]
"""Column and row."""

Run = tuple[int, int, int]
"""From which column to behind which one, and the row, of neighbours that look the same."""


class Cells:
    """The cells of one terminal as the program left them (None: nobody knows).

    `erases`: what this terminal erases gets the background that it draws with.
    """

    def __init__(self, *, erases: bool = False) -> None:
        self.erases = erases
        self.width = self.height = 0
        self._texts: list[list[str | None]] = []
        self._looks: list[list[Look]] = []
        self._changed: dict[int, set[int]] = {}
        self._joins = False
        """Joined characters are among them: what stands behind has to be written behind them."""
        self._at: Place | None = None

    def forget(self, width: int, height: int) -> None:
        """Begin anew: somebody else may have written anywhere."""
        self.width, self.height = width, height
        self._texts = [[None] * width for _ in range(height)]
        self._looks = [[PLAIN] * width for _ in range(height)]
        self._changed = {}
        self._at = None

    def paint(self, x: int, y: int, line: Iterable[Segment], colours: ColorSystem) -> None:
        """Put `line` at column `x` of row `y`; what lies outside the terminal is left out."""
        if not 0 <= y < self.height:
            return
        texts: list[str | None] = []
        looks: list[Look] = []
        for text, style, _ in line:
            joined, parts = clusters(text)
            if joined and texts:
                base = -1 if texts[-1] else -2
                texts[base] = f"{texts[base]}{joined}"
            texts += parts
            looks += [_look(style, colours) if style is not None else PLAIN] * len(parts)
        room = self.width - x
        if len(texts) > room > 0 and texts[room] == "":
            texts[room - 1] = " "
        if texts and x >= 0 and room > 0:
            self._put(x, y, texts[:room], looks[:room])

    def _put(self, x: int, y: int, texts: list[str | None], looks: list[Look]) -> None:
        row, row_looks, end = self._texts[y], self._looks[y], x + len(texts)
        old, old_looks = row[x:end], row_looks[x:end]
        if texts == old and looks == old_looks:
            return
        changed = self._changed.setdefault(y, set())
        pairs = enumerate(zip(texts, old, looks, old_looks, strict=True), x)
        changed.update(at for at, (a, b, c, d) in pairs if a != b or c != d)
        if "" in texts:
            # Both cells of a wide character, or the cursor would not stand where it is believed to be.
            halves = [at for at, text in enumerate(texts, x) if text == ""]
            changed.update(
                at for half in halves if not changed.isdisjoint((half - 1, half)) for at in (half - 1, half)
            )
        # Half a wide character is none: what is left of it becomes a blank.
        if x and old[0] == "":
            row[x - 1] = " "
            changed.add(x - 1)
        if end < self.width and row[end] == "":
            row[end] = " "
            changed.add(end)
        row[x:end], row_looks[x:end] = texts, looks
        if any(text and len(text) > 1 for text in texts):
            self._spill(changed, row)

    def _spill(self, changed: set[int], row: list[str | None]) -> None:
        """Write again what stands behind joined characters: some terminals make them wider than others."""
        for at, text in enumerate(row):
            if at in changed and text and len(text) > 1:
                self._joins = True
                end = min(self.width, at + 2 * len(text))
                behind = range(at + 1, end + (end < self.width and row[end] == ""))
                changed.update(x for x in behind if row[x] is not None)

    def write(self, cursor: Place) -> str:
        """What brings the terminal to what was painted, with the cursor at `cursor`; empty: nothing is due."""
        if not self._changed and self._at == cursor:
            return ""
        runs = [
            (start, end, y)
            for y in sorted(self._changed)
            for start, end in _runs(sorted(self._changed[y]), self._looks[y])
        ]
        # Colours cost more than moves where many cells change, and less where few do.
        ways = [runs] if self._joins else [runs, self._by_look(runs)]
        order = min((self._order(way, cursor) for way in ways), key=len)
        self._joins = False
        self._changed = {}
        self._at = cursor
        return order

    def _order(self, runs: Iterable[Run], cursor: Place) -> str:
        writer = _Writer(self._at, self.width, erases=self.erases)
        for start, end, y in runs:
            row, looks = self._texts[y], self._looks[y]
            writer.go(start, y, row, looks)
            writer.put((start, y), row[start:end], looks[start])
        return writer.end(cursor)

    def _by_look(self, runs: Iterable[Run]) -> list[Run]:
        """The same runs, those of one look together, and looks on one background."""
        groups: dict[str, dict[Look, list[Run]]] = {}
        for run in runs:
            look = self._looks[run[2]][run[0]]
            groups.setdefault(look.background, {}).setdefault(look, []).append(run)
        return [run for looks in groups.values() for same in looks.values() for run in same]


def _runs(changed: list[int], looks: list[Look]) -> Iterator[tuple[int, int]]:
    """From where to behind where cells have changed that are neighbours and look the same."""
    start = end = changed[0]
    for x in changed:
        if x > end or looks[x] != looks[start]:
            yield start, end
            start = x
        end = x + 1
    yield start, end


class _Writer:
    """Writes cells from left to right, and knows where the cursor is (None: not for sure) and how it draws."""

    def __init__(self, at: Place | None, width: int, *, erases: bool) -> None:
        self.at = at
        self.width = width
        self.erases = erases
        self.look = PLAIN
        self.out: list[str] = []

    def go(self, x: int, y: int, row: list[str | None], looks: list[Look]) -> None:
        """Come to (x, y), over what stands between where that is the shortest way."""
        if self.at == (x, y):
            return
        order = move(self.at, (x, y))
        if self.at is not None and self.at[1] == y and 0 < x - self.at[0] <= len(order):
            between = slice(self.at[0], x)
            text = "".join(part or "\x1b" for part in row[between])
            if text.isascii() and text.isprintable() and all(look == self.look for look in looks[between]):
                order = text
        self.out.append(order)
        self.at = (x, y)

    def put(self, start: Place, cells: list[str | None], look: Look) -> None:
        """Write cells from `start`, where the cursor is."""
        if look != self.look:
            self.out.append(turn(self.look, look))
            self.look = look
        x, y = start
        for blank, part in groupby(cells, lambda text: text == " "):
            texts = list(part)
            if not (blank and self._erase(x, y, len(texts), look)):
                self._write(x, y, texts)
            x += len(texts)

    def _write(self, x: int, y: int, texts: list[str | None]) -> None:
        for index, text in enumerate(texts, x):
            if text and self.at != (index, y):
                self.out.append(move(self.at, (index, y)))
            if text:
                width = 2 if index - x + 1 < len(texts) and texts[index - x + 1] == "" else 1
                if len(text) > 1 and width == 2:
                    # Where it takes one cell the other one is blank.
                    self.out.append("  " + move(None, (index, y)))
                self.out.append(text)
                # Terminals disagree about how wide joined characters are, and what is behind the last column.
                known = len(text) == 1 and index + width < self.width
                self.at = (index + width, y) if known else None

    def _erase(self, x: int, y: int, count: int, look: Look) -> bool:
        """Erase so many cells from (x, y) on in the background's colour, where that is shorter than blanks."""
        order = "\x1b[K" if x + count == self.width else f"\x1b[{count}X"
        if not self.erases or look.attributes or look.link or len(order) + 4 > count:
            return False
        if self.at != (x, y):
            self.out.append(move(self.at, (x, y)))
            self.at = (x, y)
        self.out.append(order)
        return True

    def end(self, cursor: Place) -> str:
        """Leave the terminal drawing plainly, with its cursor at `cursor`; everything that was written."""
        self.out.append(turn(self.look, PLAIN))
        if self.at != cursor:
            self.out.append(move(self.at, cursor))
        return "".join(self.out)


def move(at: Place | None, to: Place) -> str:
    """The shortest order that brings the cursor from `at` (None: from anywhere) to another place."""
    x, y = to
    ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
    if at is not None:
        down, right = y - at[1], x - at[0]
        over = _by(down, "B") if down > 0 else _by(-down, "A") if down else ""
        by = _by(right, "C") if right > 0 else "\b" * -right if right > -4 else _by(-right, "D")
        along = [f"\x1b[{x + 1}G", by, *([] if x else ["\r"])]
        ways += [over + way for way in along]
        ways += ["\r\n"] if not x and down == 1 else []
    return min(ways, key=len)


def _by(count: int, order: str) -> str:
    return f"\x1b[{count}{order}" if count > 1 else f"\x1b[{order}"


@lru_cache(maxsize=4096)
def turn(before: Look, after: Look) -> str:
    """The shortest order after which a terminal that draws like `before` draws like `after`."""
    if before == after:
        return ""
    link = f"\x1b]8;{_link_id(after.link)};{after.link}\x1b\\" if before.link != after.link else ""
    if before[:3] == after[:3]:
        return link
    if after[:3] == PLAIN[:3]:
        return f"{link}\x1b[m"
    colours = [code for code in (after.foreground, after.background) if code]
    whole = ";".join(["0", *sorted(after.attributes, key=int), *colours])
    lost = before.attributes - after.attributes
    if not lost <= OFF.keys():
        return f"{link}\x1b[{whole}m"
    off = {OFF[code] for code in lost}
    on = (after.attributes - before.attributes) | {code for code in after.attributes if OFF.get(code) in off}
    codes = [*sorted(off, key=int), *sorted(on, key=int)]
    if before.foreground != after.foreground:
        codes.append(after.foreground or "39")
    if before.background != after.background:
        codes.append(after.background or "49")
    return f"{link}\x1b[{min(whole, ';'.join(codes), key=len)}m"


def _link_id(link: str) -> str:
    """One link is one to the terminal, however often its parts are drawn again."""
    return f"id={crc32(link.encode()):x}" if link else ""


@lru_cache(maxsize=4096)
def _look(style: Style, colours: ColorSystem) -> Look:
    attributes = frozenset(code for name, code in ATTRIBUTES.items() if getattr(style, name))
    codes = ["", ""]
    for index, colour in enumerate((style.color, style.bgcolor)):
        if colour is not None:
            code = ";".join(colour.downgrade(colours).get_ansi_codes(foreground=not index))
            codes[index] = code if code not in ("39", "49") else ""
    return Look(attributes, codes[0], codes[1], style.link or "")


@lru_cache(maxsize=4096)
def clusters(text: str) -> tuple[str, tuple[str, ...]]:
    """What belongs to the cell before `text`, and what stands in each cell that it takes."""
    if text.isascii():
        return "", tuple(text)
    joined = ""
    cells: list[str] = []
    for part, width in _parts(text):
        if not cells and width <= 0:
            joined += part
        elif width <= 0 or part == WIDENS:
            cells[-1 if cells[-1] else -2] += part
            cells += [""] * width
        else:
            cells += [part] + [""] * (width - 1)
    return joined, tuple(cells)


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """Each character with the cells by which it makes the text longer."""
    if JOINS not in text and WIDENS not in text:
        for character in text:
            yield character, cell_len(character)
        return
    before = 0
    for index, character in enumerate(text):
        now = cell_len(text[: index + 1])
        yield character, now - before
        before = now
