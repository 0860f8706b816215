"""Only the cells that changed are written, and no cell and no attribute differs from Textual's own output."""

from collections.abc import Iterator
from io import StringIO
from random import Random

import pytest
from rich.color import Color, ColorSystem
from rich.console import COLOR_SYSTEMS, Console
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._compositor import CompositorUpdate, LayoutUpdate
from textual.drivers.headless_driver import HeadlessDriver
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import Input

from tests.app.scenes import READINGS, SCENES
from tests.app.stage import stage
from tests.app.test_frames import SIZES
from tests.terminals import StrictTerminal
from tui.app.app import RemonitorApp
from tui.app.cells import PLAIN, Cells, Look, move, turn
from tui.app.output import painted
from tui.app.theme import ANSI, DARK, LIGHT, Choice


class Twins:
    """Terminals: one gets what Textual itself would write, the others, one without joining, what the app writes."""

    def __init__(self) -> None:
        self.colours = "truecolor"
        self.plain = StrictTerminal(1, 1)
        self.ours = StrictTerminal(1, 1)
        self.letters = StrictTerminal(1, 1, letters=True)
        self.stale = False
        self.updates = self.theirs_sent = self.ours_sent = 0

    def show(self, app: RemonitorApp, screen: Screen[object], update: object) -> None:
        if app._batch_count or not isinstance(update, CompositorUpdate):
            return
        if (self.plain.width, self.plain.height) != app.size:
            self.plain, self.ours = StrictTerminal(*app.size), StrictTerminal(*app.size)
            self.letters = StrictTerminal(*app.size, letters=True)
            app.output.forget()
        app.console = Console(color_system=self.colours, file=StringIO(), force_terminal=True)  # type: ignore[arg-type]
        forget_codes(update)
        cursor = app.screen.outer_size.clamp_offset(app.cursor_position)
        theirs = update.render_segments(app.console) + Control.move_to(*cursor).segment.text
        wide, high = app.size
        if any(y >= high or x + strip.cell_length > wide for x, y, strip in painted(update)):  # type: ignore[arg-type]
            # For the size before; Textual's own would wrap. A whole one follows.
            self.stale = True
        elif isinstance(update, LayoutUpdate):
            self.stale = False
        if not self.stale:
            self.plain.feed(theirs)
        ours = sent(app, screen, update)
        self.ours.feed(ours)
        self.letters.feed(ours)
        self.updates += 1
        self.theirs_sent += len(theirs.encode())
        self.ours_sent += len(ours.encode())
        assert self.stale or self.ours.differences(self.plain) == []
        assert (self.ours.x, self.ours.y) == app.size.clamp_offset(app.cursor_position)


def sent(app: RemonitorApp, screen: Screen[object], update: CompositorUpdate) -> str:
    """What the app itself writes for this update."""
    orders: list[str] = []
    driver = app._driver
    assert driver is not None
    before = driver.write

    def write(data: str) -> None:
        orders.append(data)

    driver.write = write  # type: ignore[method-assign]
    OWN_DISPLAY(app, screen, update)  # type: ignore[arg-type]  # Textual paints updates through it
    driver.write = before  # type: ignore[method-assign]
    return "".join(orders)


OWN_DISPLAY = RemonitorApp._display


def forget_codes(update: CompositorUpdate) -> None:
    """Textual keeps the codes of a style whatever the colours of the terminal are."""
    Strip.render_ansi.cache_clear()
    for _, _, strip in painted(update):  # type: ignore[arg-type]
        strip._render_cache = None
        for _, style, _ in strip:
            if style is not None:
                style._ansi = None


FEW_SIZES = ((120, 36), (60, 20), (39, 11))
LOOKS = ((DARK.name, "truecolor", SIZES), (LIGHT.name, "256", FEW_SIZES), (ANSI, "standard", FEW_SIZES))
"""Themes with the colours of the terminal, and its sizes."""


@pytest.fixture
def twins(monkeypatch: pytest.MonkeyPatch) -> Twins:
    both = Twins()
    monkeypatch.setattr(HeadlessDriver, "is_headless", property(lambda self: False))

    def display(app: RemonitorApp, screen: Screen[object], update: object) -> None:
        both.show(app, screen, update)

    monkeypatch.setattr(RemonitorApp, "_display", display)
    return both


@pytest.mark.parametrize("scene", SCENES)
async def test_no_cell_of_any_screen_differs(scene: str, twins: Twins) -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await SCENES[scene](s)
        for theme, colours, sizes in LOOKS:
            s.app.theme, twins.colours = theme, colours
            for size in sizes:
                await s.pilot.resize_terminal(*size)
                await s.pilot.pause()
            await s.press("down", "escape", "down", "up")
    assert not twins.stale
    assert twins.updates > len(SIZES)
    assert twins.ours_sent < twins.theirs_sent


@pytest.mark.parametrize("scene", SCENES)
async def test_no_cell_differs_without_colours(
    scene: str, twins: Twins, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage(*READINGS, readings=READINGS, colours=Choice(ANSI, monochrome=True)) as s:
        await SCENES[scene](s)
        for size in FEW_SIZES:
            await s.pilot.resize_terminal(*size)
            await s.pilot.pause()
    assert not twins.stale
    codes = {(c.foreground, c.background) for row in twins.ours.rows for c in row}
    assert codes == {("", "")}


CARET = "48;2;216;222;233"


SHORT = ("", "acme", "漢字", "नमस्ते x")
LONG = ("acme " * 40 + "!", "漢" * 70)
# The palette's own field follows its caret by keys only.
TYPED = [("palette", text) for text in SHORT]
TYPED += [(scene, text) for scene in ("filter", "question", "explain") for text in SHORT + LONG]


@pytest.mark.parametrize(("scene", "text"), TYPED)
async def test_the_terminals_cursor_stands_at_the_caret(scene: str, text: str, twins: Twins) -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await SCENES[scene](s)
        await s.press("ctrl+u")
        s.app.post_message(events.Paste(text))
        await s.settle()
        field = s.app.screen.focused
        assert isinstance(field, Input)
        for key, size in (("left", (120, 36)), ("right", (60, 20)), ("home", (40, 12))):
            await s.pilot.resize_terminal(*size)
            await s.press(key)
            here = twins.ours.rows[twins.ours.y][twins.ours.x]
            assert here.background == CARET
            assert here.text[:1] == f"{text or field.placeholder} "[field.cursor_position]


# Random updates

WIDTH, HEIGHT = 24, 8
TEXTS = (
    "a",
    "mn",
    "xyz ",
    "   ",
    " " * 11,
    "…",
    "✖ é",
    "日本",
    "漢",
    "e\u0301",
    "👩\u200d🚀",
    "❤\ufe0f",
    "한글!",
    "z\u0308\u0301q",
)
COLOURS = ("red", "bright_green", "color(123)", "#12ab9f", "default", None)


def some_style(random: Random) -> Style | None:
    if random.random() < 0.2:
        return None
    names = ("bold", "dim", "italic", "underline", "blink", "blink2", "reverse", "strike")
    more = ("conceal", "underline2", "frame", "encircle", "overline")
    wanted = dict.fromkeys(random.sample(names, random.randrange(3)), True)
    if random.random() < 0.2:
        wanted[random.choice(more)] = True
    link = random.choice((None, None, None, "https://acme.example/a", "https://acme.example/b?c;d"))
    return Style(color=random.choice(COLOURS), bgcolor=random.choice(COLOURS), link=link, **wanted)  # type: ignore[arg-type]


def some_line(random: Random, room: int) -> Strip:
    """A line of at most `room` cells."""
    segments: list[Segment] = []
    while Strip(segments).cell_length < room:
        text = "".join(random.choice(TEXTS) for _ in range(random.randrange(1, 4)))
        segments.append(Segment(text, some_style(random)))
    return Strip(Strip(segments).crop(0, room))


def as_textual(x: int, y: int, line: Strip, colours: ColorSystem) -> str:
    forget_codes_of(line)
    text = "".join(
        Strip.render_style(style, text, colours) if style is not None else text for text, style, _ in line
    )
    return Control.move_to(x, y).segment.text + text


def forget_codes_of(line: Strip) -> None:
    Strip.render_ansi.cache_clear()
    for _, style, _ in line:
        if style is not None:
            style._ansi = None


def updates(random: Random, count: int) -> Iterator[list[tuple[int, int, Strip]]]:
    for _ in range(count):
        update = []
        for _ in range(random.randrange(1, 6)):
            x, y = random.randrange(WIDTH), random.randrange(HEIGHT)
            update.append((x, y, some_line(random, random.randrange(1, WIDTH - x + 1))))
        yield update


@pytest.mark.parametrize("erases", [True, False])
@pytest.mark.parametrize("colours", ["truecolor", "256", "standard"])
@pytest.mark.parametrize("seed", range(3))
def test_500_random_updates_leave_the_same_cells(colours: str, seed: int, erases: bool) -> None:
    random, system = Random(seed), COLOR_SYSTEMS[colours]
    cells, plain, ours = Cells(erases=erases), StrictTerminal(WIDTH, HEIGHT), StrictTerminal(WIDTH, HEIGHT)
    cells.forget(WIDTH, HEIGHT)
    for number, update in enumerate(updates(random, 500)):
        if number % 100 == 99:
            # Somebody else writes; after that everything is painted again.
            ours.feed("\x1b[H\x1b[7mgarbage\x1b[m")
            cells.forget(WIDTH, HEIGHT)
            update = [(0, y, some_line(random, WIDTH)) for y in range(HEIGHT)]
        cursor = random.randrange(WIDTH), random.randrange(HEIGHT)
        for x, y, line in update:
            plain.feed(as_textual(x, y, line, system))
            cells.paint(x, y, line, system)
        ours.feed(cells.write(cursor))
        assert ours.differences(plain) == [], number
        assert (ours.x, ours.y) == cursor
        assert (ours.pen.attributes, ours.pen.foreground, ours.pen.link) == (frozenset(), "", "")
        for x, y, line in update[-1:]:
            cells.paint(x, y, line, system)
        assert cells.write(cursor) == "", "what stands there already is not written again"


# What it costs


def drawn(cells: Cells, y: int, *pieces: tuple[str, str], x: int = 0) -> None:
    line = [Segment(text, Style.parse(style)) for text, style in pieces]
    cells.paint(x, y, line, ColorSystem.TRUECOLOR)


def screen(*lines: str) -> Cells:
    cells = Cells()
    cells.forget(40, 10)
    for y in range(10):
        drawn(cells, y, ((lines[y] if y < len(lines) else "").ljust(40), "white on #101010"))
    cells.write((0, 0))
    return cells


def test_nothing_changed_is_nothing_written() -> None:
    cells = screen("one")
    drawn(cells, 0, ("one".ljust(40), "white on #101010"))
    assert cells.write((0, 0)) == ""


def test_one_changed_cell_is_one_character_and_its_colours() -> None:
    cells = screen("12:00:01")
    drawn(cells, 0, ("12:00:02".ljust(40), "white on #101010"))
    assert cells.write((0, 0)) == "\x1b[8G\x1b[37;48;2;16;16;16m2\x1b[m\r"


def test_near_changes_are_written_in_one_go() -> None:
    cells = screen("a.b")
    drawn(cells, 0, ("c.d".ljust(40), "white on #101010"))
    assert "c.d" in cells.write((0, 0))


def test_what_was_forgotten_is_written_whole() -> None:
    cells = screen("one")
    cells.forget(40, 10)
    drawn(cells, 0, ("one".ljust(40), "white on #101010"))
    assert "one" + " " * 37 in cells.write((0, 0))


@pytest.mark.parametrize(
    ("before", "after", "order"),
    [
        (PLAIN, PLAIN, ""),
        (Look(frozenset({"1"}), "31"), PLAIN, "\x1b[m"),
        (Look(frozenset({"1"}), "31", "44"), Look(frozenset({"1"}), "32", "44"), "\x1b[32m"),
        (Look(frozenset({"1", "2"})), Look(frozenset({"2"})), "\x1b[0;2m"),
        (Look(frozenset({"1"}), "38;2;1;2;3"), Look(frozenset(), "38;2;1;2;3"), "\x1b[22m"),
        (Look(frozenset({"1"}), "38;2;1;2;3"), Look(frozenset({"7"}), "38;2;1;2;3"), "\x1b[22;7m"),
        (Look(frozenset({"53"}), "31"), Look(frozenset(), "31"), "\x1b[0;31m"),
        (Look(background="44"), Look(foreground="31"), "\x1b[0;31m"),
    ],
)
def test_colours_are_written_as_differences(before: Look, after: Look, order: str) -> None:
    assert turn(before, after) == order


@pytest.mark.parametrize(
    ("at", "to", "order"),
    [
        (None, (0, 0), "\x1b[H"),
        (None, (0, 4), "\x1b[5H"),
        (None, (3, 4), "\x1b[5;4H"),
        ((5, 4), (6, 4), "\x1b[C"),
        ((5, 4), (4, 4), "\b"),
        ((5, 4), (0, 4), "\r"),
        ((5, 4), (0, 5), "\r\n"),
        ((5, 4), (5, 7), "\x1b[3B"),
        ((5, 4), (5, 3), "\x1b[A"),
        ((50, 4), (9, 4), "\x1b[10G"),
        ((6, 4), (5, 5), "\x1b[B\b"),
        ((6, 14), (7, 13), "\x1b[A\x1b[C"),
    ],
)
def test_the_cursor_takes_the_shortest_way(
    at: tuple[int, int] | None, to: tuple[int, int], order: str
) -> None:
    assert move(at, to) == order


def test_a_line_that_hangs_over_the_edge_is_cut() -> None:
    cells = Cells()
    cells.forget(4, 2)
    drawn(cells, 0, ("abc日", "default"))
    drawn(cells, 5, ("no", "default"))
    terminal = StrictTerminal(4, 2)
    terminal.feed(cells.write((0, 0)))
    assert "".join(cell.text for cell in terminal.rows[0]) == "abc "


def test_the_colours_are_those_that_the_terminal_has() -> None:
    cells = Cells()
    cells.forget(4, 1)
    style = Style(color=Color.parse("#ff0000"))
    cells.paint(0, 0, [Segment("a", style)], ColorSystem.STANDARD)
    assert cells.write((0, 0)) == "\x1b[H\x1b[31ma\x1b[m\b"
