"""Terminals for tests: one on a real pty, and one that knows what each cell shows and refuses what it does not know."""

import contextlib
import os
import re
import select
import signal
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pexpect
import pyte
from wcwidth import wcwidth

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "down": "\x1b[B",
    "up": "\x1b[A",
    "tab": "\t",
    "ctrl+p": "\x10",
    "ctrl+c": "\x03",
}


class Terminal:
    """Runs one command under a pty of `columns` x `rows` and keeps its screen.

    Waiting is waiting for output: each `wait_*` returns as soon as the screen shows what is asked, and raises
    AssertionError with the whole screen when `timeout` real seconds have passed without it.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        env: Mapping[str, str],
        columns: int = 120,
        rows: int = 36,
        cwd: Path | None = None,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.bytes = 0
        self.raw = bytearray()
        self.started = time.perf_counter()
        self.child = pexpect.spawn(
            argv[0], list(argv[1:]), env=dict(env), dimensions=(rows, columns), cwd=cwd, timeout=30
        )
        self.child.delaybeforesend = None
        self._ended = False

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *exc: object) -> None:
        if not self._ended:
            with contextlib.suppress(ProcessLookupError):
                self.kill()
            self._reap(30)

    def hang_up(self, timeout: float = 30) -> int:
        """Take the terminal away, as a dropped link does, and wait for the program's end; its exit code."""
        return self._reap(timeout)

    def _reap(self, timeout: float) -> int:
        """Close our side of the pty and wait for the end, by event and not by looking again and again."""
        self._ended = True
        process = self.child.ptyproc
        process.fileobj.close()
        if process.isalive():
            watch = os.pidfd_open(self.child.pid)
            try:
                if not select.select([watch], [], [], timeout)[0]:
                    self.kill()
                    raise AssertionError(f"still running\n{self.text}")
            finally:
                os.close(watch)
            process.wait()
        # pexpect must not look for the process again.
        process.closed = self.child.closed = True
        return 128 + int(process.signalstatus) if process.signalstatus else int(process.exitstatus or 0)

    @property
    def text(self) -> str:
        """The screen as it stands, trailing blanks cut."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def line_with(self, part: str) -> str:
        """The first line of the screen that contains `part`, or an empty one."""
        return next((line for line in self.screen.display if part in line), "")

    def press(self, *keys: str) -> None:
        """Send keys by name (`enter`, `down`, …) or as typed text."""
        for key in keys:
            self.child.send(KEYS.get(key, key))

    def pump(self, timeout: float) -> bool:
        """Take what the program has written; wait up to `timeout` for the first byte. False at its end."""
        try:
            data = self.child.read_nonblocking(65536, timeout)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.bytes += len(data)
        self.raw += data
        self._stream.feed(_without_queries(data))
        return True

    def wait_until(self, seen: Callable[["Terminal"], bool], timeout: float = 30, what: str = "") -> None:
        deadline = time.monotonic() + timeout
        while not seen(self):
            left = deadline - time.monotonic()
            alive = self.pump(min(left, 0.5)) if left > 0 else True
            if (left <= 0 or not alive) and not seen(self):
                ended = "" if alive else " (the program ended)"
                raise AssertionError(f"not seen{ended}: {what or seen}\n{self.text}")

    def wait_for(self, *parts: str, timeout: float = 30) -> None:
        """Until every part, a plain text, is on the screen."""
        self.wait_until(lambda t: all(part in t.text for part in parts), timeout, " + ".join(parts))

    def wait_match(self, pattern: str, timeout: float = 30) -> None:
        """Until the regular expression matches the screen."""
        self.wait_until(lambda t: re.search(pattern, t.text) is not None, timeout, pattern)

    def wait_end(self, timeout: float = 30) -> int:
        """Until the program ends; its exit code (128 + n after a signal n)."""
        deadline = time.monotonic() + timeout
        while self.pump(0.5):
            if time.monotonic() > deadline:
                raise AssertionError(f"still running\n{self.text}")
        return self._reap(timeout)

    def kill(self, number: int = signal.SIGKILL) -> None:
        os.kill(self.child.pid, number)


def _without_queries(data: bytes) -> bytes:
    """pyte prints a few sequences that terminals swallow: key protocols and private modes with parameters."""
    return re.sub(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z$]*[up]|\x1bP[^\x1b]*\x1b\\", b"", data)


ORDER = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|\x1b\]8;([^;]*);(.*?)\x1b\\|[\r\n\b]|[^\x00-\x1f\x7f]")
JOINS, WIDENS = "\u200d", "\ufe0f"
OFF = {22: {1, 2}, 23: {3}, 24: {4, 21}, 25: {5, 6}, 27: {7}, 28: {8}, 29: {9}, 54: {51, 52}, 55: {53}}


class Cell(NamedTuple):
    """What stands in one cell: a character with all that joins it (empty: the right half of a wide one), and how."""

    text: str = " "
    attributes: frozenset[int] = frozenset()
    foreground: str = ""
    background: str = ""
    link: str = ""


class StrictTerminal:
    """Cells, a cursor and a pen. Writing behind the last column, scrolling and moving out of the screen are errors.

    `letters`: terminals that know no joined characters: marks with a place of their own take a cell, a selector
    widens nothing, and what a joiner joins stands side by side.
    """

    def __init__(self, width: int, height: int, *, letters: bool = False) -> None:
        self.width, self.height, self.letters = width, height, letters
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
                self.pen = self.pen._replace(link=found[5])
                assert bool(found[4]) == bool(found[5]), "a link without an id, or an id without a link"
            else:
                self._character(found[0])

    def _drawn(self, text: str) -> Cell:
        """The character as the pen draws it."""
        return Cell(text, *self.pen[1:])

    def _character(self, character: str) -> None:
        if character == "\r":
            self._go(0, self.y)
        elif character == "\n":
            self._go(0, self.y + 1)
        elif character == "\b":
            self._here()
            self._go(self.x - 1, self.y)
        elif self.letters and character in (WIDENS, JOINS):
            self._join(character)
        elif character == WIDENS and self._last is not None:
            self._join(character)
            if self._last[0] == self.x - 1:
                self._put(self.x, self._drawn(""))
                self._step(1)
        elif character == JOINS or self._joining or self._cells_of(character) == 0:
            self._join(character)
            self._joining = character == JOINS
        else:
            width = self._cells_of(character)
            if self.letters and self.x + width > self.width - self.full:
                # Lines are not wrapped: what has no room is not seen.
                return
            self._here()
            for part in range(width):
                self._put(self.x + part, self._drawn("" if part else character))
            self._last = self.x, self.y
            self._step(width)

    def _cells_of(self, character: str) -> int:
        return 1 if self.letters and unicodedata.category(character) == "Mc" else wcwidth(character)

    def _here(self) -> None:
        assert not self.full, "where the cursor is behind the last column is not known"

    def _join(self, character: str) -> None:
        assert self._last is not None, f"nothing to join {character!r} to"
        x, y = self._last
        cell = self.rows[y][x]
        self.rows[y][x] = cell._replace(text=cell.text + character)

    def _put(self, x: int, cell: Cell) -> None:
        row = self.rows[self.y]
        assert x < self.width, "written behind the last column"
        if row[x].text == "" and cell.text != "":
            row[x - 1] = row[x - 1]._replace(text=" ")
        if x + 1 < self.width and row[x + 1].text == "":
            row[x + 1] = row[x + 1]._replace(text=" ")
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
            if order in "XK":
                self._erase(self.width - self.x if order == "K" else count)
                return
            moves: dict[str, Callable[[], None]] = {
                "A": lambda: self._go(self.x, self.y - count),
                "B": lambda: self._go(self.x, self.y + count),
                "C": lambda: self._go(self.x + count, self.y),
                "D": lambda: self._go(self.x - count, self.y),
            }
            assert order in moves, f"not an order: {order}"
            self._here()
            moves[order]()

    def _erase(self, count: int) -> None:
        """As xterm does: with the pen's colours, without its attributes."""
        self._here()
        assert count <= self.width - self.x, "erased behind the last column"
        for x in range(self.x, self.x + count):
            self._put(x, Cell(" ", frozenset(), self.pen.foreground, self.pen.background))

    def _draw(self, codes: list[int]) -> None:
        rest = list(codes)
        while rest:
            code = rest.pop(0)
            if code == 0:
                self.pen = Cell(link=self.pen.link)
            elif code in OFF:
                self.pen = self.pen._replace(attributes=self.pen.attributes - OFF[code])
            elif code in (38, 48):
                count = {2: 4, 5: 2}[rest[0]]
                colour = ";".join(map(str, [code, *rest[:count]]))
                del rest[:count]
                pen = self.pen
                self.pen = pen._replace(foreground=colour) if code == 38 else pen._replace(background=colour)
            elif 30 <= code < 38 or 90 <= code < 98 or code == 39:
                self.pen = self.pen._replace(foreground="" if code == 39 else str(code))
            elif 40 <= code < 48 or 100 <= code < 108 or code == 49:
                self.pen = self.pen._replace(background="" if code == 49 else str(code))
            else:
                assert code in {n for on in OFF.values() for n in on}, f"not an attribute: {code}"
                self.pen = self.pen._replace(attributes=self.pen.attributes | {code})

    def differences(self, other: "StrictTerminal") -> list[tuple[int, int, Cell, Cell]]:
        """Where two terminals do not show the same, and what each shows there."""
        assert (self.width, self.height) == (other.width, other.height)
        return [
            (x, y, mine, theirs)
            for y, (row, other_row) in enumerate(zip(self.rows, other.rows, strict=True))
            if row != other_row
            for x, (mine, theirs) in enumerate(zip(row, other_row, strict=True))
            if mine != theirs
        ]
