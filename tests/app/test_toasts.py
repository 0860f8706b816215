"""What is said in passing: it covers no key and no field in any size; a key that is pressed again does not stack it."""

import pytest
from textual import events
from textual.geometry import Region
from textual.widgets import Input
from textual.widgets._toast import Toast

from tests.app.scenes import EMEA, READINGS, SCENES
from tests.app.stage import Stage, frozen, stage
from tests.app.test_frames import SIZES
from tests.evidence import evidence
from tui.app.theme import CYCLE

LONG = "Acme EMEA: Error: The service account is frozen by Jane Doe, and this sentence goes on for lines to its end."
KEPT = ("#footer", "#filter-line", "#answers", "#add-keys", "#plain-keys")
"""Where keys stand."""


def kept_free(s: Stage) -> list[Region]:
    """Where on the screen keys stand and what is typed."""
    screen = s.app.screen
    widgets = [widget for id in KEPT for widget in screen.query(id) if widget.display]
    places = [widget.region for widget in (*widgets, *screen.query(Input)) if widget.region]
    for box in screen.query("#explain, #keys"):
        right, bottom = box.region.bottom_right
        places.append(Region(right - 13, bottom - 1, 12, 1))
    return places


def shown_in(s: Stage, places: list[Region]) -> list[str]:
    lines = s.text().splitlines()
    return [lines[y][place.x : place.right] for place in places for y in range(place.y, place.bottom)]


# The palette shows no toasts.
@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene != "palette"])
@pytest.mark.parametrize("count", [1, 5])
async def test_no_toast_covers_keys_or_what_is_typed_into(scene: str, count: int) -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await SCENES[scene](s)
        for size in SIZES:
            if size >= (40, 12):
                await s.pilot.resize_terminal(*size)
                await s.settle()
                places, without = kept_free(s), s.text()
                before = shown_in(s, places)
                for number in range(count):
                    s.app.say(f"{number} {LONG}", stays=True)
                await s.settle()
                assert s.text() != without
                assert "end." in s.text()
                assert shown_in(s, places) == before, size
                for toast in s.app.screen.query(Toast):
                    toast._expire()
                await s.settle()


PRESSED = {"t": "Colours: ", "u": "Username sent", "M": "muted", "h": "", "n": "No other connection"}
"""Keys that may be pressed again and again, and what each says."""


@pytest.mark.parametrize("key", PRESSED)
async def test_a_key_pressed_again_replaces_what_it_said(key: str) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        for _ in range(len(CYCLE) + 1):
            await s.press(key)
            assert len(s.toasts()) <= 1
            assert all(PRESSED[key] in toast for toast in s.toasts())
            assert len(s.app.screen.query(Toast)) == len(s.toasts())


async def test_the_question_before_a_change_is_not_covered_by_what_was_said_before() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, size=(40, 12)) as s:
        await s.press("u")
        assert len(s.toasts()) == 1
        await s.app.main.commands.open_wizard(EMEA)
        await s.press("f")
        assert s.toasts() == []


async def test_keys_at_once_do_not_stack_either() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        for key in "tutu":
            s.app.post_message(events.Key(key, key))
        await s.settle()
        assert s.toasts() == ["Username sent to the terminal's clipboard."]


async def test_news_stay_beside_what_a_key_says() -> None:
    async with stage(EMEA, "Acme US", readings={EMEA: evidence(), "Acme US": evidence()}) as s:
        await s.reads(EMEA, frozen())
        await s.reads("Acme US", frozen())
        await s.press("t", "t")
        assert [toast.partition(":")[0] for toast in s.toasts()] == [EMEA, "Acme US", "Colours"]
