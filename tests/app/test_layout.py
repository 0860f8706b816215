"""The same screen in every size: two panes, stacked panes, one pane, and too small."""

import pytest

from tests.app.stage import Stage, frozen, stage
from tests.evidence import evidence

READ = {"Acme EMEA": frozen(), "Acme US": evidence()}


def column_of(s: Stage, id: str) -> tuple[int, int, int, int]:
    region = s.app.main.query_one(f"#{id}").region
    return region.x, region.y, region.width, region.height


async def test_a_wide_terminal_shows_list_and_detail_side_by_side() -> None:
    async with stage(*READ, readings=READ, size=(120, 36)) as s:
        assert column_of(s, "connections") == (0, 1, 40, 34)
        assert column_of(s, "detail") == (40, 1, 80, 34)


async def test_below_100_columns_the_panes_stack() -> None:
    async with stage(*READ, readings=READ, size=(80, 24)) as s:
        assert column_of(s, "connections")[2] == 80
        assert column_of(s, "detail")[1] > column_of(s, "connections")[1]
        assert "Evidence" in s.text()


async def test_below_80_columns_enter_goes_from_list_to_detail_to_wizard_and_escape_back() -> None:
    async with stage(*READ, readings=READ, size=(60, 20)) as s:
        assert "Evidence" not in s.text()
        await s.press("enter")
        assert "Evidence" in s.text()
        assert "Acme US" not in s.text()
        await s.press("enter")
        assert "1 of 4 · Sign in, open Setup" in s.text()
        await s.press("escape")
        assert "Evidence" in s.text()
        await s.press("escape")
        assert "Acme US" in s.text()


@pytest.mark.parametrize("size", [(39, 24), (80, 11)])
async def test_a_terminal_below_40_by_12_says_that_it_is_too_small(size: tuple[int, int]) -> None:
    async with stage(*READ, readings=READ, size=size) as s:
        assert s.text().strip().startswith("terminal too small")


async def test_a_terminal_that_grows_again_shows_everything_again() -> None:
    async with stage(*READ, readings=READ, size=(30, 10)) as s:
        await s.pilot.resize_terminal(120, 36)
        await s.settle()
        assert "The service account is frozen" in s.text()


@pytest.mark.parametrize("size", [(120, 36), (100, 30), (80, 24), (60, 20), (40, 12)])
async def test_no_line_is_wider_than_the_terminal_in_any_pane(size: tuple[int, int]) -> None:
    async with stage(*READ, readings=READ, size=size) as s:
        for key in ("enter", "enter", "question_mark", "escape"):
            assert all(len(line) == size[0] for line in s.text().splitlines())
            await s.press(key)


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (60, 20)])
async def test_the_line_that_ticks_is_on_screen_in_every_size(size: tuple[int, int]) -> None:
    async with stage(*READ, readings=READ, size=size) as s:
        await s.app.main.commands.open_wizard("Acme EMEA")
        await s.press("enter", "enter")
        assert "Salesforce says: still frozen" in s.text()
        assert "esc Leave" in s.text()


async def test_ascii_mode_shows_nothing_but_ascii() -> None:
    async with stage(*READ, readings=READ, ascii=True) as s:
        shown = s.text()
        await s.press("enter", "enter", "enter")
        shown += s.text()
        await s.press("f")
        shown += s.text()
        strange = {c for c in shown if not c.isascii()}
        assert strange == set()
        assert "x Acme EMEA" in shown
