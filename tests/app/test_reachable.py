"""In small terminals all of every page can be read by keys alone."""

from typing import Any

import pytest
from textual.widget import Widget
from textual.widgets import Input, Static

from tests.app.scenes import READINGS, SCENES
from tests.app.stage import Stage, stage
from tests.app.test_adding import LookupRunner
from tui.app.add import Add
from tui.app.browse import welcome as first_start
from tui.base.problem import Problem
from tui.config import Config
from tui.onboarding.flow import Flow

SMALL = ((60, 20), (40, 12))
KEYS = ("down", "pagedown", "j")
"""What goes on in a page; letters where nothing is typed."""


async def console_shows(s: Stage) -> None:
    await s.press("S")


async def welcome(s: Stage) -> None:
    await s.app.main.panes.add_content(first_start(s.app.renderer, id="welcome"), set_current=True)
    s.app.main.query_one("#welcome").focus()
    await s.settle()


async def add(s: Stage) -> None:
    lookups: Any = LookupRunner(signed_in=Problem("The org refused", "It said no. " * 20, "Try another."))
    form = Add(s.app.renderer, lambda: s.app.times, Flow("config.toml"), lookups, lambda _: Config())
    s.app.push_screen(form)
    await s.press("enter")


PAGES = SCENES | {"console_shows": console_shows, "welcome": welcome, "add": add}


def visible(s: Stage) -> list[Widget]:
    """What is on the screen, but for what waits under a dialog."""
    screen = s.app.screen
    return [widget for widget in screen.walk_children(Widget) if widget.is_on_screen and widget.display]


def hidden(s: Stage) -> list[str]:
    """Texts that are higher than their place, in nothing that scrolls."""
    found = []
    for widget in visible(s):
        if widget.max_scroll_y > 0 and not widget.is_scrollable:
            found.append(f"{widget.id} does not scroll")
        if isinstance(widget, Static) and not widget.has_class("too-small") and widget.region:
            width = widget.content_size.width
            needed = widget.get_content_height(widget.screen.size, widget.screen.size, width)
            scrolls = any(isinstance(above, Widget) and above.max_scroll_y > 0 for above in widget.ancestors)
            if needed > widget.content_size.height and not scrolls:
                found.append(f"{widget.id}: {needed} lines in {widget.content_size.height}")
    return found


async def unreached(s: Stage) -> list[str]:
    """What scrolls and does not come to its end by keys."""
    scrolling = [w for w in visible(s) if w.max_scroll_y > 0 and w.is_scrollable]
    typing = isinstance(s.app.screen.focused, Input)
    for _ in range(80):
        if all(widget.scroll_y >= widget.max_scroll_y for widget in scrolling):
            break
        await s.pilot.press(*(KEYS[:2] if typing else KEYS))
    await s.settle()
    return [str(widget.id) for widget in scrolling if widget.scroll_y < widget.max_scroll_y]


@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize("scene", PAGES)
async def test_nothing_is_out_of_reach(scene: str, size: tuple[int, int]) -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await PAGES[scene](s)
        await s.pilot.resize_terminal(*size)
        await s.settle()
        assert hidden(s) == []
        assert await unreached(s) == []
