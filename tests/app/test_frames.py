"""Every screen in every size, theme and colour mode, as the text that the terminal shows.

The frames stand in frames/, one file a screen; `--refresh-pictures` writes them anew.
"""

from pathlib import Path

import pytest

from tests.app.scenes import READINGS, SCENES
from tests.app.stage import Stage, stage
from tests.evidence import NOW
from tui.app.app import RemonitorApp
from tui.app.theme import ANSI, LIGHT, Choice
from tui.base.clock import ManualClock

FRAMES = Path(__file__).with_name("frames")
SIZES = ((200, 60), (120, 36), (100, 30), (80, 24), (60, 20), (40, 12), (39, 11))
ENDS = ((120, 36), (40, 12))


STILL = 3
"""How often a frame must come again the same."""


async def resized(s: Stage, size: tuple[int, int]) -> str:
    await s.pilot.resize_terminal(*size)
    # Under a question the screen below follows with the next second.
    s.app.main.tick()
    shown, still = frame(s), 0
    # A change of size goes from widget to widget, and below a question by way of it: until nothing moves any more.
    while still < STILL:
        await s.pilot.pause()
        before, shown = shown, frame(s)
        still = still + 1 if shown == before else 0
    return shown


def frame(s: Stage) -> str:
    return "\n".join(line.rstrip() for line in s.text().splitlines())


def compare(request: pytest.FixtureRequest, name: str, frames: dict[tuple[int, int], str]) -> None:
    path = FRAMES / f"{name}.txt"
    drawn = "".join(f"=== {columns}x{rows}\n{text}\n" for (columns, rows), text in frames.items())
    if request.config.getoption("--refresh-pictures"):
        FRAMES.mkdir(exist_ok=True)
        path.write_text(drawn)
    assert path.exists(), f"no frames {path.name}: run with --refresh-pictures and look at them"
    assert drawn == path.read_text(), f"{path.name} differs: look, then run with --refresh-pictures"


@pytest.mark.parametrize("scene", SCENES)
async def test_a_screen_is_the_same_text_in_dark_and_light(
    scene: str, request: pytest.FixtureRequest
) -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await SCENES[scene](s)
        frames = {size: await resized(s, size) for size in SIZES}
        s.app.theme = LIGHT.name
        for size in ENDS:
            assert await resized(s, size) == frames[size]
    compare(request, scene, frames)


@pytest.mark.parametrize("scene", SCENES)
async def test_a_screen_without_colours_is_the_same_text(
    scene: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage(*READINGS, readings=READINGS, colours=Choice(ANSI, monochrome=True)) as s:
        await SCENES[scene](s)
        frames = {size: await resized(s, size) for size in SIZES}
    # Keys and palette say why no other colours can be chosen.
    compare(request, f"{scene}-without-colours" if scene in ("help", "palette") else scene, frames)


@pytest.mark.parametrize("scene", SCENES)
async def test_a_screen_in_ascii_is_nothing_but_ascii(scene: str, request: pytest.FixtureRequest) -> None:
    async with stage(*READINGS, readings=READINGS, ascii=True) as s:
        await SCENES[scene](s)
        frames = {size: await resized(s, size) for size in SIZES}
    assert {c for text in frames.values() for c in text if not c.isascii()} == set()
    compare(request, f"{scene}-ascii", frames)


@pytest.mark.parametrize("ascii", [False, True])
async def test_the_welcome_in_every_size(ascii: bool, request: pytest.FixtureRequest) -> None:
    frames = {}
    app = RemonitorApp(None, clock=ManualClock(NOW), ascii=ascii)
    async with app.run_test() as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            strips = app.screen._compositor.render_strips()
            frames[size] = "\n".join("".join(s.text for s in line).rstrip() for line in strips)
    compare(request, "welcome-ascii" if ascii else "welcome", frames)
