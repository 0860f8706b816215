"""The app as a program in a terminal: start, quiet, bells, problems, end."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, timedelta

import pytest
from msgspec.structs import replace

from tests.app.scenes import repaired, step
from tests.app.stage import config, frozen, stage
from tests.evidence import NOW, evidence, froze, login, signed_in, trail
from tui.app.app import RemonitorApp
from tui.app.clipboard import MAX_BYTES, sequence
from tui.app.commands import LOOK_AROUND
from tui.app.loading import load_rest
from tui.app.theme import ANSI, DARK, Choice, choose
from tui.base.clock import ManualClock
from tui.base.problem import Problem
from tui.config import AppSettings, Config
from tui.watching.watcher import Watcher

EMEA = "Acme EMEA"


async def test_without_a_configuration_a_welcome_offers_the_demo() -> None:
    app = RemonitorApp(None, clock=ManualClock(NOW), tz=UTC)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.main.panes.current == "welcome"
        strips = app.screen._compositor.render_strips()
        shown = " ".join("".join(s.text for s in line).strip("│ ") for line in strips)
        assert "It reads your org, shows why monitoring stopped" in " ".join(shown.split())
        await pilot.press("q")
    assert app.return_code == 0


async def test_the_welcome_leads_to_the_demo_by_one_key() -> None:
    app = RemonitorApp(None, clock=ManualClock(NOW), tz=UTC)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("l")
    assert app.return_code == LOOK_AROUND


async def test_the_rows_stand_there_before_anything_is_opened() -> None:
    opened = asyncio.Event()

    @contextlib.asynccontextmanager
    async def never(_: Config) -> AsyncIterator[Watcher]:
        opened.set()
        await asyncio.Event().wait()
        yield None  # type: ignore[misc]

    app = RemonitorApp(config(EMEA), clock=ManualClock(NOW), open_watcher=never, tz=UTC)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert app.main.connections.current == EMEA
        assert app.main.detail.plain == "Not read yet: the first answer is on its way."
        await asyncio.wait_for(opened.wait(), 5)


async def test_a_watch_that_cannot_start_says_why_and_the_app_stays() -> None:
    @contextlib.asynccontextmanager
    async def broken(_: Config) -> AsyncIterator[Watcher]:
        raise Problem("Journal", "The folder [b]cannot[/] be written.", "Free some space.")
        yield

    app = RemonitorApp(config(EMEA), clock=ManualClock(NOW), open_watcher=broken, tz=UTC)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        await pilot.pause()
        toasts = [n.message for n in app._notifications]
        assert toasts == ["Journal: The folder [b]cannot[/] be written. Free some space."]


async def test_a_second_with_nothing_new_touches_no_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        from textual.widgets import Static

        touched: list[object] = []
        monkeypatch.setattr(Static, "update", lambda self, *a, **k: touched.append(self))
        s.clock.advance(timedelta(seconds=1))
        s.app.main.tick()
        assert touched == []


async def test_a_quiet_hour_draws_nothing_of_the_detail_and_the_next_day_the_date() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        read = f"{NOW:%H:%M:%S}, 0 API calls"
        assert f"read {read}" in s.app.main.detail.plain
        drawn: list[object] = []
        s.app.main.detail.refresh = lambda *regions, **_: drawn.extend(regions)  # type: ignore[method-assign,assignment]
        for minutes in (0.2, 1, 50):
            s.clock.advance(timedelta(minutes=minutes))
            s.app.main.tick()
        assert drawn == []
        s.clock.advance(timedelta(days=1))
        s.app.main.tick()
        assert f"read {NOW.day} {NOW:%b} {read}" in s.app.main.detail.plain


async def test_the_same_state_again_touches_no_widget(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        from textual.widgets import Static

        touched: list[object] = []
        monkeypatch.setattr(Static, "update", lambda self, *a, **k: touched.append(self))
        # It goes on as it does: the watcher tells the same once more.
        s.watcher.pause(EMEA, on=False)
        await s.settle()
        assert touched == []


async def test_a_new_error_rings_and_asks_for_a_notification() -> None:
    async with stage(EMEA, readings={EMEA: evidence()}) as s:
        await s.reads(EMEA, frozen())
        said = "Acme EMEA: Error: The service account is frozen by Jane Doe"
        assert f"\a\x1b]9;{said}\a" in s.orders
        assert s.toasts() == ["Acme EMEA: Error: The service account is frozen by Jane Doe"]


async def test_what_the_open_walkthrough_says_itself_rings_and_is_not_laid_over_it() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await step(s)
        s.clock.advance(timedelta(minutes=6))
        await s.reads(EMEA, repaired(6, signed_in(at=NOW + timedelta(minutes=5))))
        assert "Monitoring is back" in s.text()
        assert s.toasts() == []
        assert any(order.startswith("\a") and "Monitoring again" in order for order in s.orders)
        # Under the help nobody sees what the walkthrough says.
        await s.press("question_mark")
        s.clock.advance(timedelta(minutes=10))
        again = {"freeze": login(frozen=True, modified=s.clock.now()), "audit": trail(froze(s.clock.now()))}
        await s.reads(EMEA, evidence(now=s.clock.now(), **again))
        assert [text.split(":")[0] for text in s.toasts()] == [EMEA]


async def test_what_the_first_reading_finds_does_not_ring() -> None:
    async with stage(EMEA) as s:
        await s.reads(EMEA, frozen())
        assert not any(order.startswith("\a") for order in s.orders)


async def test_bell_notification_and_title_can_be_switched_off() -> None:
    quiet = replace(config(EMEA), app=AppSettings(notifications=False))
    async with stage(setting=quiet, readings={EMEA: evidence()}) as s:
        await s.reads(EMEA, frozen())
        assert s.orders == []
        assert len(s.toasts()) == 1


async def test_a_process_that_only_looks_on_says_who_watches() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, elsewhere=True) as s:
        assert f"another remonitor ({s.watcher.following(EMEA)}) is watching" in s.text()


async def test_every_connection_of_one_reading_rings_for_itself() -> None:
    names = (EMEA, "Acme LATAM", "Acme US")
    async with stage(*names, readings=dict.fromkeys(names, evidence())) as s:
        s.answers.shows(**dict.fromkeys(names[1:-1], frozen()))
        await s.reads(names[-1], frozen())
        assert [text.split(":")[0] for text in s.toasts()] == list(names[1:])
        assert "".join(s.orders).count("\x1b]9;") == 2


async def test_what_another_process_watches_is_paused_there() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}, elsewhere=True) as s:
        await s.press("p")
        assert not s.watcher.progress(EMEA).paused
        who = s.watcher.following(EMEA)
        assert set(s.toasts()) == {
            f"Another remonitor ({who}) is watching this org: use that one, or end it."
        }


async def test_the_palette_stays_closed_over_a_dialog() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("question_mark")
        shown = s.app.screen
        await s.press("ctrl+p")
        assert s.app.screen is shown


async def test_a_paused_connection_does_not_look_well() -> None:
    async with stage(EMEA, "Acme US", readings={EMEA: evidence(), "Acme US": evidence()}) as s:
        await s.press("p")
        rows = {row.name: row for row in s.app.main.connections.rows}
        assert (rows[EMEA].short, rows[EMEA].tone) == ("paused", "quiet")
        assert rows["Acme US"].tone == "monitoring"
        await s.press("p")
        assert s.app.main.connections.rows[0].short != "paused"


async def test_enter_on_an_empty_list_says_that_nothing_is_selected() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("slash", *"zzz", "enter", "enter")
        assert s.toasts() == ["No connection is selected."]


async def test_ctrl_c_once_says_how_to_quit_and_twice_quits() -> None:
    async with stage(EMEA) as s:
        await s.press("ctrl+c")
        assert s.toasts() == ["Press Ctrl+C again to quit."]
        await s.pilot.press("ctrl+c")
    assert s.app.return_code == 130


@pytest.mark.parametrize(("number", "code"), [(signal.SIGHUP, 129), (signal.SIGTERM, 143)])
async def test_a_signal_ends_the_app_with_its_code(number: signal.Signals, code: int) -> None:
    async with stage(EMEA) as s:
        os.kill(os.getpid(), number)
        await s.pilot.pause()
    assert s.app.return_code == code


async def test_an_internal_fault_ends_the_app_without_printing_values(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with stage(EMEA) as s:
            s.app.main.call_later(lambda: 1 // 0)
            await s.pilot.pause()
    assert s.app.return_code == 70
    assert "Traceback" not in "".join(capsys.readouterr())


async def test_an_unknown_theme_falls_back_and_says_so() -> None:
    async with stage(EMEA, colours=Choice("nosuch")) as s:
        assert s.app.theme == DARK.name
        assert s.toasts() == ["The theme nosuch is not known: using remonitor."]


def test_no_color_decides_over_everything() -> None:
    assert choose({"NO_COLOR": "1"}, "nord", "nord") == Choice(ANSI, monochrome=True)


def test_an_empty_no_color_decides_nothing() -> None:
    assert choose({"NO_COLOR": "", "TERM": "xterm-256color"}, None, None) == Choice(DARK.name)


def test_the_command_line_decides_over_the_configuration() -> None:
    assert choose({"SSH_TTY": "/dev/pts/1"}, "nord", "dracula") == Choice("nord")


@pytest.mark.parametrize("environ", [{"SSH_CONNECTION": "a b"}, {"TERM": "linux"}, {"TERM": "screen"}])
def test_over_ssh_or_with_16_colours_the_terminals_own_colours_are_used(environ: dict[str, str]) -> None:
    assert choose(environ, None, None) == Choice(ANSI)


async def test_monochrome_uses_no_colour_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with stage(EMEA, readings={EMEA: frozen()}, colours=Choice(ANSI, monochrome=True)) as s:
        width, height = s.app.size
        strips = s.app.screen._compositor.render_strips()
        filtered = [
            segment
            for strip in strips
            for segment in strip.apply_filter(s.app._filters[-1], s.app.screen.background_colors[1])
        ]
        assert (width, height) == (120, 36)
        colours = {segment.style.color for segment in filtered if segment.style}
        assert all(colour is None or colour.is_default for colour in colours)


def test_a_copied_text_travels_by_osc_52() -> None:
    assert sequence("hi", {}) == "\x1b]52;c;aGk=\a"


def test_under_tmux_the_sequence_is_wrapped() -> None:
    assert sequence("hi", {"TMUX": "socket,1,0"}) == "\x1bPtmux;\x1b\x1b]52;c;aGk=\a\x1b\\"


def test_under_screen_the_sequence_is_wrapped() -> None:
    assert sequence("hi", {"TERM": "screen.xterm"}) == "\x1bP\x1b]52;c;aGk=\a\x1b\\"


def test_a_text_too_long_for_terminals_is_not_sent() -> None:
    assert sequence("x" * (MAX_BYTES + 1), {}) is None


async def test_once_all_is_loaded_no_key_imports_anything_more() -> None:
    async with stage("Acme EMEA", readings={"Acme EMEA": frozen()}) as s:
        await load_rest()
        loaded = {name for name in sys.modules if name.startswith("tui.")}
        for key in ("question_mark", "i", "e", "v", "w", "Y"):
            await s.press(key)
            await s.press("escape")
        await s.press("enter", "f", "escape", "escape", "ctrl+p", "escape")
        assert {name for name in sys.modules if name.startswith("tui.")} == loaded
