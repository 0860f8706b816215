"""Colours where they carry meaning, in every theme; the choice of a theme; the text alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from tests.app.scenes import EMEA, READINGS, waiting
from tests.app.stage import Stage, config, frozen, stage
from tui.app.theme import ANSI, CYCLE, DARK, LIGHT, SAID, Choice, choose, following, keep, read_kept
from tui.config import AppSettings


def style_of(s: Stage, text: str, beside: str = "") -> Style:
    """The style in which this text stands on the screen, in the line with `beside`."""
    for strip in s.app.screen._compositor.render_strips():
        if beside in "".join(segment.text for segment in strip):
            for segment in strip:
                if text in segment.text and segment.style is not None:
                    return segment.style
    raise AssertionError(f"{text!r} is not on the screen\n{s.text()}")


def colour_of(s: Stage, text: str, beside: str = "") -> str | int:
    """As a name of six digits, or the number of one of the terminal's own colours."""
    found = style_of(s, text, beside).color
    assert found is not None
    return found.name.lower() if found.triplet is not None else found.number or 0


def same(colour: str | int, expected: str | None) -> bool:
    """Up to what is lost on the way through a theme's shades."""
    one, other = Color.parse(str(colour)), Color.parse(str(expected))
    return all(abs(a - b) <= 2 for a, b in zip(one.rgb, other.rgb, strict=True))


@pytest.mark.parametrize("theme", [DARK, LIGHT])
async def test_a_status_has_the_colour_of_its_meaning(theme: Theme) -> None:
    async with stage(*READINGS, readings=READINGS, colours=Choice(theme.name)) as s:
        assert same(colour_of(s, "Unknown", "Acme Legacy  "), theme.secondary)
        assert same(colour_of(s, "Monitoring", "Acme US  "), theme.success)
        await s.press("end")
        assert same(colour_of(s, "Error", "Acme EMEA  "), theme.error)


async def test_in_the_terminals_own_colours_a_status_is_red_cyan_or_green() -> None:
    async with stage(*READINGS, readings=READINGS, colours=Choice(ANSI)) as s:
        await s.press("slash", *"acme", "enter", "end")
        tones = [colour_of(s, "Error", "Acme EMEA  "), colour_of(s, "Unknown", "Acme Legacy  ")]
        assert tones == [1, 6]
        assert colour_of(s, "Monitoring since") == 2


async def test_in_the_terminals_own_colours_the_cursor_is_reversed() -> None:
    async with stage(*READINGS, readings=READINGS, colours=Choice(ANSI)) as s:
        assert style_of(s, "Acme EMEA  ").reverse


async def test_the_wait_is_a_warning_and_its_bar_too() -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await waiting(s)
        assert same(colour_of(s, "Recovering", f"{EMEA} ·"), DARK.warning)
        assert same(colour_of(s, "████"), DARK.warning)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("tone", ["primary", "secondary", "warning", "error", "success", "foreground"])
def test_every_tone_of_our_own_can_be_read_on_its_ground(theme: Theme, tone: str) -> None:
    tones = [Color.parse(str(getattr(theme, name))) for name in (tone, "background")]
    bright, dark = sorted((luminance(colour.rgb) for colour in tones), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 4.5


def luminance(rgb: tuple[int, int, int]) -> float:
    """As WCAG 2 reckons it."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (n / 255 for n in rgb)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def keeping(kept: list[str]) -> Callable[[str], bool]:
    """Keeps the names of chosen themes."""

    def keep(name: str) -> bool:
        kept.append(name)
        return True

    return keep


async def test_t_goes_through_the_themes_and_keeps_each() -> None:
    kept: list[str] = []
    async with stage(EMEA, readings={EMEA: frozen()}, keep_theme=keeping(kept)) as s:
        for _ in CYCLE:
            await s.press("t")
        assert kept == [*CYCLE[1:], CYCLE[0]]


async def test_after_t_the_rows_have_the_new_colours() -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await s.press("end", "t")
        assert same(colour_of(s, "Error", "Acme EMEA  "), LIGHT.error)
        await s.press("home", "t")
        assert colour_of(s, "Error since") == 1


async def test_what_does_not_work_is_dimmed_once_sixteen_colours_are_chosen() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("enter", "t", "t")
        assert style_of(s, " Back").dim


async def test_a_theme_of_the_configuration_holds_for_the_next_start() -> None:
    kept: list[str] = []
    setting = replace(config(EMEA), app=AppSettings(theme="nord"))
    async with stage(setting=setting, keep_theme=keeping(kept)) as s:
        await s.press("t")
        assert kept == []
        assert "The next start takes nord: the configuration says so." in s.toasts()[0]


async def test_a_choice_that_cannot_be_kept_says_so() -> None:
    async with stage(EMEA, keep_theme=lambda name: False) as s:
        await s.press("t")
        assert s.toasts() == ["Colours: light. They could not be kept for the next start."]


async def test_without_colours_there_is_no_theme_to_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage(EMEA, colours=Choice(ANSI, monochrome=True)) as s:
        await s.press("t")
        assert s.app.theme == ANSI
        assert s.toasts() == ["NO_COLOR is set: there are no colours to choose."]


def test_every_theme_of_the_key_has_a_name_and_a_successor() -> None:
    assert set(SAID) == set(CYCLE)
    assert following("nord") == CYCLE[0]


def test_the_kept_theme_is_taken_where_nothing_else_decides() -> None:
    assert choose({"SSH_TTY": "/dev/pts/1"}, None, None, LIGHT.name) == Choice(LIGHT.name)


def test_sixteen_colours_decide_over_the_kept_theme() -> None:
    assert choose({"TERM": "linux"}, None, None, LIGHT.name) == Choice(ANSI)


def test_a_kept_theme_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "state" / "theme"
    assert read_kept(file) is None
    assert keep(file, LIGHT.name)
    assert read_kept(file) == LIGHT.name


@pytest.mark.parametrize("data", [b"\xff\xfe", b"no-such-theme\n", b""])
def test_a_kept_theme_that_makes_no_sense_is_forgotten(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "theme"
    file.write_bytes(data)
    assert read_kept(file) is None


def test_a_theme_that_cannot_be_written_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not keep(tmp_path / "file" / "theme", LIGHT.name)


async def test_v_shows_the_text_of_the_detail_without_frames() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("v")
        assert s.text().startswith("Acme EMEA ")
        assert "The service account is frozen" in s.text()
        assert not set("╭│╰─") & set(s.text())


async def test_v_in_the_walkthrough_has_the_link_on_a_line_of_its_own() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, size=(200, 60)) as s:
        await s.press("enter", "v")
        link = s.app.main.wizard.link
        assert link is not None
        assert link in [line.strip() for line in s.text().splitlines()]


async def test_esc_leaves_the_plain_text() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("v", "escape")
        assert s.app.screen is s.app.main


@pytest.mark.parametrize("size", [(200, 60), (100, 30), (60, 20), (40, 12)])
async def test_the_walkthrough_lives_through_a_change_of_size(size: tuple[int, int]) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("enter", "enter", "enter")
        await s.pilot.resize_terminal(*size)
        await s.settle()
        assert "3 of 4 · Unfreeze the user" in s.text()
        await s.press("b")
        assert "2 of 4" in s.text()


async def test_the_question_shows_its_field_and_its_keys_in_the_smallest_terminal() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, size=(40, 12)) as s:
        await s.app.main.commands.open_wizard(EMEA)
        await s.press("f")
        assert "username" in s.text()
        assert "enter Unfreeze   esc Cancel" in s.text()
