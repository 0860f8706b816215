"""A text that is drawn line by line: what a change costs."""

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip

from tui.app.renderer import Renderer
from tui.app.text_pane import TextPane, changed

BOLD = Style(bold=True)


def strip(*texts: str, style: Style | None = None) -> Strip:
    return Strip([Segment(text, style) for text in texts])


@pytest.mark.parametrize(
    ("before", "after", "cells"),
    [
        (strip("same"), strip("sa", "me"), (0, 0)),
        (strip("checked 14 s ago"), strip("checked 15 s ago"), (9, 10)),
        (strip("██░░  7:42"), strip("██░░  7:09"), (8, 10)),
        (strip("日本 1"), strip("日中 1"), (2, 4)),
        (strip("日x"), strip("a日"), (0, 3)),
        (strip("cafe"), strip("cafe\u0301"), (3, 4)),
        (strip("a", "b"), strip("a", "b", style=BOLD), (0, 2)),
        (strip("ab"), strip("abc"), (0, 3)),
    ],
)
def test_the_cells_that_changed_are_known(before: Strip, after: Strip, cells: tuple[int, int]) -> None:
    assert changed(before, after) == cells


class Sheet(App[None]):
    def compose(self) -> ComposeResult:
        yield TextPane(Renderer(), id="sheet")


async def test_a_second_of_a_wait_draws_the_figures_that_moved_and_not_the_bar() -> None:
    async with Sheet().run_test(size=(60, 10)) as pilot:
        pane = pilot.app.query_one(TextPane)
        bar, rest = ("█" * 10, "$warning"), ("░" * 10, "$foreground-muted")
        pane.write([[("Repaired.", "")]], [[bar, rest, ("  7:42 left", "")]])
        await pilot.pause()
        drawn: list[Region] = []
        pane.refresh = lambda *regions, **_: drawn.extend(regions)  # type: ignore[method-assign,assignment]
        pane.write([[("Repaired.", "")]], [[bar, rest, ("  7:41 left", "")]])
        assert drawn == [Region(25, 2, 1, 1)]


async def test_below_a_dialog_it_scrolls_as_far_as_its_lines_go_at_the_new_width() -> None:
    async with Sheet().run_test(size=(60, 10)) as pilot:
        pane = pilot.app.query_one(TextPane)
        pane.write([[("word " * 40, "")]])
        await pilot.app.push_screen(ModalScreen())
        for width, lines in ((12, 20), (60, 10)):
            await pilot.resize_terminal(width, 10)
            await pilot.pause()
            assert pane.virtual_size.height == lines
