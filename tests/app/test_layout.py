"""The same screen in every size: two panes, stacked panes, one pane, and too small."""

import sqlite3
from contextlib import closing

import pytest
from textual.widgets import Input

from tests.app.scenes import READINGS, SCENES
from tests.app.stage import FROZEN_AT, Stage, frozen, stage
from tests.evidence import OPERATOR, evidence, froze, login, trail

READ = {"Acme EMEA": frozen(), "Acme US": evidence()}


def column_of(s: Stage, id: str) -> tuple[int, int, int, int]:
    region = s.app.main.query_one(f"#{id}").region
    return region.x, region.y, region.width, region.height


async def test_a_wide_terminal_shows_list_and_detail_side_by_side() -> None:
    for width, list_width in ((110, 40), (120, 64), (160, 100)):
        async with stage(*READ, readings=READ, size=(width, 36)) as s:
            assert column_of(s, "connections") == (0, 1, list_width, 34)
            assert column_of(s, "detail") == (list_width, 1, width - list_width, 34)


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
        assert s.text().strip().startswith("Terminal too small")


async def test_a_terminal_that_grows_again_shows_everything_again() -> None:
    async with stage(*READ, readings=READ, size=(30, 10)) as s:
        await s.pilot.resize_terminal(120, 36)
        await s.settle()
        assert "The service account is frozen" in s.text()


async def test_keys_work_at_once_in_a_terminal_that_grew_again() -> None:
    async with stage(*READ, readings=READ, size=(120, 36)) as s:
        await s.pilot.resize_terminal(30, 8)
        await s.settle()
        await s.pilot.resize_terminal(120, 36)
        await s.press("down", "up", "enter")
        assert "1 of 4" in s.text()


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


@pytest.mark.parametrize("scene", ["question", "help", "who", "explain"])
async def test_a_dialog_in_a_terminal_that_is_too_small_shows_only_that(scene: str) -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await SCENES[scene](s)
        await s.pilot.resize_terminal(30, 8)
        await s.settle()
        assert " ".join(s.text().split()) == "Terminal too small: make it at least 40 x 12."


async def test_what_is_typed_where_no_field_can_be_seen_goes_nowhere() -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await SCENES["question"](s)
        await s.pilot.resize_terminal(30, 8)
        await s.press("a")
        await s.pilot.resize_terminal(80, 24)
        await s.settle()
        await s.press("b")
        assert s.app.screen.query_one("#username", Input).value == "b"


async def test_a_question_that_cannot_be_seen_takes_no_yes() -> None:
    me = froze(FROZEN_AT, ("Alex Kim", OPERATOR))
    mine = evidence(freeze=login(frozen=True, modified=FROZEN_AT), audit=trail(me))
    async with stage("Acme EMEA", readings={"Acme EMEA": mine}) as s:
        await s.app.main.commands.open_wizard("Acme EMEA")
        await s.press("f")
        await s.pilot.resize_terminal(30, 8)
        await s.press("y")
        assert s.answers.sent == []
        await s.pilot.resize_terminal(80, 24)
        await s.press("y")
        assert len(s.answers.sent) == 1


async def test_the_smallest_question_shows_as_whom_its_keys_and_how_to_read_on() -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await SCENES["question"](s)
        await s.pilot.resize_terminal(40, 12)
        await s.settle()
        assert "ops@acme.example" in s.text()
        assert "enter Unfreeze   esc Cancel " in s.text()
        assert "down, up: more" in s.text()


async def test_j_and_k_scroll_the_detail_and_its_edge_says_how() -> None:
    async with stage(*READ, readings=READ, size=(80, 24)) as s:
        assert "tab, then j shows more" in s.text()
        await s.press("tab", "j", "j", "k")
        assert s.app.main.detail.scroll_offset.y == 1
        await s.press("G")
        assert "Console message" in s.text()
        await s.press("g")
        assert s.app.main.detail.scroll_offset.y == 0


async def test_alone_on_the_screen_the_detail_needs_no_tab() -> None:
    async with stage(*READ, readings=READ, size=(60, 20)) as s:
        await s.press("enter")
        assert "─ j shows more" in s.text()
        await s.press("j")
        assert s.app.main.detail.scroll_offset.y == 1


async def test_a_detail_that_fits_says_nothing_of_more() -> None:
    async with stage(*READ, readings=READ, size=(200, 60)) as s:
        assert "shows more" not in s.text()


async def test_who_am_i_scrolls_by_letters() -> None:
    async with stage(*READ, readings=READ, size=(40, 12)) as s:
        await s.press("i", "G")
        assert "acme.my.salesforce.com" not in s.text()
        await s.press("g")
        assert "acme.my.salesforce.com" in s.text()


async def test_a_journal_that_cannot_be_used_is_named_at_any_width_that_has_room() -> None:
    async with stage(*READ, readings=READ, size=(80, 24)) as s:
        with closing(sqlite3.connect(s.journal.path)) as another:
            another.execute("BEGIN EXCLUSIVE")
            await s.reads("Acme EMEA", frozen())
        assert s.text().splitlines()[0].rstrip().endswith("  The journal is busy")
