"""What is painted can be seen: texts 4.5 to 1, frames and cursors 3 to 1, in all colours, in 256 and in 16."""

from collections.abc import Iterator

import pytest
from rich.color import Color, ColorSystem
from rich.style import Style
from textual.geometry import Region
from textual.theme import Theme

from tests.app.scenes import READINGS, SCENES
from tests.app.stage import Stage, stage
from tests.app.test_looks import luminance
from tui.app.theme import CYCLE, DARK, LIGHT, Choice
from tui.keys import COMMANDS, key_name

SYSTEMS = {ColorSystem.TRUECOLOR: 4.5, ColorSystem.EIGHT_BIT: 4.5, ColorSystem.STANDARD: 3.0}
"""What the terminal can show, and how far a text has to stand out: sixteen colours leave little choice."""
LINES = set("─│╭╮╰╯▔▁▂▃▄▅▆▇█░▎▊▌ ")
BOXES = "#confirm, #keys, #help, #explain, #--container"


def contrast(one: Color, other: Color, system: ColorSystem) -> float:
    """As WCAG 2 reckons it, between what the terminal makes of two colours."""
    tones = [luminance(colour.downgrade(system).get_truecolor()) for colour in (one, other)]
    return (max(tones) + 0.05) / (min(tones) + 0.05)


def painted(s: Stage) -> Iterator[tuple[Region, str, Style]]:
    """What stands on the screen, or in the dialog over it: the screen below one has stepped back."""
    boxes = [box.region for box in s.app.screen.query(BOXES)] or [s.app.screen.region]
    for y, strip in enumerate(s.app.screen._compositor.render_strips()):
        x = 0
        for text, style, _ in strip:
            width = len(text)
            place = Region(x, y, width, 1)
            if style is not None and text.strip() and any(box.contains_region(place) for box in boxes):
                yield place, text, style
            x += width


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("scene", SCENES)
async def test_every_text_and_frame_stands_out(scene: str, theme: Theme) -> None:
    async with stage(*READINGS, readings=READINGS, colours=Choice(theme.name)) as s:
        await SCENES[scene](s)
        found = set()
        for place, text, style in painted(s):
            if style.color is None or style.bgcolor is None or works_not(s, place, text):
                continue
            for system, wanted in SYSTEMS.items():
                least = 3.0 if set(text) <= LINES else wanted
                if (seen := contrast(style.color, style.bgcolor, system)) < least:
                    found.add((system.name, text.strip()[:20], str(style), round(seen, 1)))
        assert found == set()


def works_not(s: Stage, place: Region, text: str) -> bool:
    """Keys in the footer that do not work now are faint on purpose."""
    main = s.app.main
    faint = [command for command in COMMANDS if command.why_not(main.context()) is not None]
    words = {word for command in faint for word in (command.label, key_name(main.keys[command.id]))}
    footers = s.app.screen.query("#footer")
    return text.strip() in words and any(footer.region.contains_region(place) for footer in footers)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("keys", [(), ("tab",)])
async def test_the_cursors_row_stands_out(theme: Theme, keys: tuple[str, ...]) -> None:
    async with stage(*READINGS, readings=READINGS, colours=Choice(theme.name)) as s:
        await s.press(*keys)
        rows = [style for _, text, style in painted(s) if "Acme EMEA    " in text or "Acme US    " in text]
        cursor, other = rows[0].bgcolor, rows[-1].bgcolor
        assert cursor is not None
        assert other is not None
        for system in SYSTEMS:
            assert contrast(cursor, other, system) >= 3


@pytest.mark.parametrize("name", [name for name in CYCLE if name not in (DARK.name, LIGHT.name)])
@pytest.mark.parametrize("keys", [(), ("tab",)])
async def test_in_the_terminals_own_colours_cursor_and_frame_are_no_shade(
    name: str, keys: tuple[str, ...]
) -> None:
    async with stage(*READINGS, readings=READINGS, colours=Choice(name)) as s:
        await s.press(*keys)
        row = next(style for _, text, style in painted(s) if "Acme EMEA    " in text)
        assert row.reverse if not keys else row.underline and row.bold
        frames = [style for _, text, style in painted(s) if "╭" in text]
        assert all(style.color is not None and style.color != style.bgcolor for style in frames)
        assert not any(style.color.name == "black" for style in frames if style.color)
