"""Reaching the operator and his clipboard through whatever stands between: nothing, tmux, screen, a console."""

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.app.scenes import repaired, step
from tests.app.stage import config, frozen, stage
from tests.evidence import NOW, evidence, signed_in
from tui.app import clipboard, terminal
from tui.app.clipboard import MAX_BYTES, Mode, sequence
from tui.app.notifier import window_title
from tui.config import AppSettings

EMEA = "Acme EMEA"
TMUX = {"TERM": "screen-256color", "TMUX": "/tmp/tmux-0/default,1,0"}  # noqa: S108 - a value of tmux
PUSH, POP = "\x1b[22;2t", "\x1b[23;2t"


async def test_the_windows_title_names_the_worst_connection() -> None:
    async with stage(EMEA, "Acme US", readings={EMEA: evidence(), "Acme US": evidence()}) as s:
        await s.reads(EMEA, frozen())
        assert s.orders[-1] == f"\x1b]2;Error: {EMEA} - remonitor\a"


async def test_the_old_title_is_kept_first_and_given_back_at_the_end() -> None:
    async with stage(EMEA) as s:
        await s.reads(EMEA, evidence())
        await s.reads(EMEA, frozen())
    titles = [order for order in s.orders if "\x1b]2;" in order]
    assert titles[0].startswith(PUSH)
    assert PUSH not in "".join(titles[1:])
    assert s.orders[-1] == POP


async def test_the_same_title_is_not_sent_again() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.reads(EMEA, frozen())
        first = len(s.orders)
        await s.reads(EMEA, frozen())
        assert len(s.orders) == first


async def titles(*words: str) -> str:
    names = [f"Acme {number}" for number in range(len(words))]
    readings = {n: frozen() if w == "Error" else evidence() for n, w in zip(names, words, strict=True)}
    async with stage(*names, readings=readings) as s:
        return window_title(s.app.main.states.values())


async def test_several_in_the_worst_status_are_counted() -> None:
    assert await titles("Error", "Error", "Monitoring") == "2 Error - remonitor"


async def test_when_all_is_well_the_title_says_so() -> None:
    assert await titles("Monitoring", "Monitoring") == "Monitoring - remonitor"


def test_before_the_first_reading_the_title_is_the_programs_name() -> None:
    assert window_title([]) == "remonitor"


async def test_a_return_rings() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await step(s)
        s.clock.advance(timedelta(minutes=6))
        await s.reads(EMEA, repaired(6, signed_in(at=NOW + timedelta(minutes=5))))
        rung = [order for order in s.orders if order.startswith("\a")]
        assert len(rung) == 1
        assert "Monitoring again" in rung[0]


async def test_overdue_rings() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await step(s)
        s.clock.advance(timedelta(minutes=4))
        await s.reads(EMEA, repaired(4))
        s.clock.advance(timedelta(minutes=26))
        await s.reads(EMEA, repaired(30))
        assert "overdue" in [order for order in s.orders if order.startswith("\a")][-1]


def test_under_tmux_a_notification_is_handed_on() -> None:
    assert terminal.notification("hi", TMUX) == "\x1bPtmux;\x1b\x1b]9;hi\a\x1b\\"


def test_under_screen_a_notification_is_handed_on() -> None:
    assert terminal.notification("hi", {"TERM": "screen"}) == "\x1bP\x1b]9;hi\a\x1b\\"


@pytest.mark.parametrize("term", ["linux", "vt100", "vt220", "ansi", "dumb"])
def test_a_terminal_without_a_window_gets_no_orders_for_one(term: str) -> None:
    environ = {"TERM": term}
    told = [terminal.notification("hi", environ), terminal.title("hi", environ), terminal.keep_title(environ)]
    assert told == ["", "", ""]


def test_a_notification_is_no_other_order() -> None:
    assert terminal.notification("4;1;50\x1b\x07evil", {"TERM": "xterm"}) == "\x1b]9;4,1,50evil\a"


@pytest.mark.parametrize(
    ("environ", "shows"),
    [
        ({"LANG": "C.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "C"}, False),
        ({"LC_CTYPE": "en_US.UTF-8"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "en_US.ISO-8859-1"}, False),
        ({}, False),
    ],
)
def test_the_locale_says_whether_signs_beyond_ascii_can_be_shown(
    environ: dict[str, str], shows: bool
) -> None:
    assert terminal.utf8(environ) is shows


def test_mode_osc52_is_never_wrapped() -> None:
    assert sequence("hi", TMUX, Mode.OSC52) == "\x1b]52;c;aGk=\a"


def test_the_longest_text_fits_into_what_terminals_take() -> None:
    assert len(sequence("x" * MAX_BYTES, {}) or "") <= 100_000


async def copied(mode: str, environ: dict[str, str]) -> tuple[list[str], list[str], str]:
    """Orders, toasts and screen after `u`."""
    setting = replace(config(EMEA), app=AppSettings(clipboard=mode))
    async with stage(setting=setting, readings={EMEA: frozen()}, environ=environ) as s:
        await s.press("u")
        return [order for order in s.orders if "]52;" in order], s.toasts(), s.text()


USERNAME = base64.b64encode(b"incydr.svc@acme.example").decode()


async def test_copying_is_said_to_have_been_sent_and_nothing_more() -> None:
    orders, toasts, _ = await copied("auto", {"TERM": "xterm-256color"})
    assert orders == [f"\x1b]52;c;{USERNAME}\a"]
    assert toasts == ["Username sent to the terminal's clipboard."]


async def test_with_copying_off_the_text_is_shown_to_be_selected() -> None:
    orders, toasts, text = await copied("off", {"TERM": "xterm-256color"})
    assert orders == []
    assert toasts == ["Copying is switched off: select the username here."]
    assert text.startswith("incydr.svc@acme.example ")


async def test_under_tmux_the_text_is_given_to_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    async def to_tmux(text: str) -> bool:
        given.append(text)
        return True

    monkeypatch.setattr(clipboard, "to_tmux", to_tmux)
    orders, toasts, _ = await copied("auto", TMUX)
    assert (given, orders) == (["incydr.svc@acme.example"], [])
    assert toasts == ["Username sent to tmux and the terminal's clipboard."]


async def test_where_tmux_refuses_the_sequence_goes_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    orders, _, _ = await copied("auto", TMUX)
    assert orders == [f"\x1bPtmux;\x1b\x1b]52;c;{USERNAME}\a\x1b\\"]


async def test_tmux_gets_the_text_on_its_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmux = tmp_path / "tmux"
    tmux.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\ncat >> {tmp_path}/said\n')
    tmux.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert await clipboard.to_tmux("the text")
    assert (tmp_path / "said").read_text() == "load-buffer -w -\nthe text"


async def test_the_whole_report_can_be_copied() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("Y")
        assert s.toasts() == ["Report sent to the terminal's clipboard."]
        assert f"# Incydr connection {EMEA}: Error" in s.text()
        (order,) = [order for order in s.orders if order.startswith("\x1b]52;")]
        report = base64.b64decode(order.removeprefix("\x1b]52;c;").removesuffix("\a")).decode()
        assert report.startswith("# ")
        assert EMEA in report
