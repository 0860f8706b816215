"""Names of characters that join (Devanagari, Tamil, pictures): frames stand, whatever a terminal knows of joining."""

from random import Random

import pytest
from rich.cells import cell_len
from rich.console import COLOR_SYSTEMS

from tests.app.stage import frozen, stage
from tests.app.test_output import HEIGHT, TEXTS, WIDTH, Twins, some_line, twins, updates
from tests.terminals import Cell, StrictTerminal
from tui.app.cells import Cells
from tui.pictures.pieces import cells

__all__ = ["twins"]
NAMES = ("नमस्ते कंपनी", "☁️ Cloud ⚠️", "நிறுவனம் ☎️", "👩‍🚀 Acme ❤️", "한글 주식회사")


def moved(one: StrictTerminal, other: StrictTerminal) -> list[tuple[int, int, Cell, Cell]]:
    """Where two terminals differ, but for joined characters and their second cells."""
    joined = {(x, y) for y, row in enumerate(one.rows) for x, cell in enumerate(row) if len(cell.text) > 1}
    halves = {(x + 1, y) for x, y in joined if x + 1 < one.width and one.rows[y][x + 1].text == ""}
    return [found for found in one.differences(other) if found[:2] not in joined | halves]


@pytest.mark.parametrize("seed", range(5))
def test_what_joins_moves_nothing_beside_it_on_a_terminal_that_knows_no_joining(seed: int) -> None:
    random, system, drawn = Random(seed), COLOR_SYSTEMS["256"], Cells()
    joining, letters = StrictTerminal(WIDTH, HEIGHT), StrictTerminal(WIDTH, HEIGHT, letters=True)
    drawn.forget(WIDTH, HEIGHT)
    whole = [(0, y, some_line(random, WIDTH)) for y in range(HEIGHT)]
    for number, update in enumerate([whole, *updates(random, 300)]):
        for x, y, line in update:
            drawn.paint(x, y, line, system)
        order = drawn.write((0, 0))
        joining.feed(order)
        letters.feed(order)
        assert moved(joining, letters) == [], number


KEYS = (
    "down",
    "enter",
    "enter",
    "f",
    "escape",
    "v",
    "escape",
    "escape",
    "slash",
    "c",
    "escape",
    "end",
    "G",
    "k",
)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20), (40, 12)])
async def test_such_names_keep_every_frame(size: tuple[int, int], twins: Twins) -> None:
    async with stage(*NAMES, readings=dict.fromkeys(NAMES, frozen()), size=size) as s:
        for key in KEYS:
            await s.press(key)
            assert moved(twins.ours, twins.letters) == []
            assert [line for line in s.text().splitlines() if cell_len(line) != size[0]] == []


@pytest.mark.parametrize("text", [*NAMES, *TEXTS, "1️⃣ © ©️ ‼️ ℹ️ A️ ⌚️", "👍🏽", "ᄒ\u1161\u11ab", "a\u200bb"])
def test_pictures_and_tables_count_cells_as_the_app_does(text: str) -> None:
    assert cells(text) == cell_len(text)
