"""Keys act in the order in which they come, whatever each opens or closes; what is pasted runs nothing."""

from collections.abc import Iterator

import pytest
from textual import events
from textual.message import Message
from textual.widgets import Input

from tests.app.scenes import READINGS, SCENES
from tests.app.stage import Stage, frozen, stage
from tui.app.help import Help
from tui.app.keyboard import PASTED, Keyboard
from tui.causes import user_frozen

EMEA = "Acme EMEA"
BROKEN = "the user\rthat you used\rhas been frozen"
"""A message over three lines, as a terminal without bracketed paste sends it."""


def keyboard(*bound: str) -> Keyboard:
    return Keyboard(0, {"question_mark", "f", "q", "j", *bound}.__contains__)


def told(messages: Iterator[Message]) -> list[str]:
    """Keys by name, and what was pasted."""
    return [m.key if isinstance(m, events.Key) else f"<{m.text}>" for m in messages]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("\x1bq", ["escape", "q"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1bf", ["escape", "f"]),
        ("\x1bA", ["escape", "A"]),
        ("\x1b?", ["escape", "question_mark"]),
        ("\x1b\x10", ["escape", "ctrl+p"]),
        ("\x1bj\x1bk", ["escape", "j", "escape", "k"]),
        ("\x1bjjjj", ["escape", "j", "j", "j", "j"]),
        ("\x1b\x1b[B", ["escape", "down"]),
        ("\x1b[B", ["down"]),
        ("\x1bOB", ["down"]),
        ("\x1b[1;3D", ["alt+left"]),
        ("\x1b[1;5C", ["ctrl+right"]),
        ("\x1b[120;3u", ["alt+x"]),
        ("\x1bx", ["alt+x"]),
    ],
)
def test_esc_and_a_key_at_once_are_two_keys_and_named_keys_are_one(sent: str, keys: list[str]) -> None:
    assert told(iter(keyboard("alt+x").events(sent))) == keys


def test_a_key_of_many_signs_may_come_in_two_pieces() -> None:
    here = keyboard()
    assert told(iter(here.events("\x1b["))) == []
    assert told(iter(here.events("B"))) == ["down"]


LONG = "q" * 3 + " are the first letters of a pasted line"


@pytest.mark.parametrize(
    "sent", [BROKEN, LONG, f"{LONG}\r", BROKEN.replace("\r", "\r\n"), "\t".join("abcdefgh" * 4)]
)
def test_many_different_characters_at_once_are_pasted(sent: str) -> None:
    assert told(iter(keyboard().events(sent))) == [f"<{sent}>"]


@pytest.mark.parametrize(
    "sent", ["/emea\r\r", "j" * 200, "jk" * 100, "/wrong\x15acme\r" * 3, LONG[: PASTED - 1]]
)
def test_what_somebody_may_have_typed_is_keys(sent: str) -> None:
    assert len(told(iter(keyboard().events(sent)))) == len(sent)


@pytest.mark.parametrize("cut", range(1, len(f"\x1b[200~{BROKEN}\x1b[201~")))
def test_a_terminal_that_says_what_is_pasted_is_believed(cut: int) -> None:
    sent, here = f"\x1b[200~{BROKEN}\x1b[201~q", keyboard()
    assert told(iter([*here.events(sent[:cut]), *here.events(sent[cut:])])) == [f"<{BROKEN}>", "q"]


def test_a_byte_that_is_no_utf8_is_a_key_like_others() -> None:
    here = keyboard()
    assert told(iter(here.events(here._decode(b"\xe9q"))))[1:] == ["q"]


# What they do


async def at_once(s: Stage, *keys: str) -> None:
    """These come together, before any of them has done anything."""
    for key in keys:
        s.app.post_message(events.Key(key, None))
    await s.pilot.pause()
    await s.settle()


@pytest.mark.parametrize("scene", SCENES)
async def test_what_follows_esc_goes_to_what_esc_leads_to(scene: str) -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await SCENES[scene](s)
        before = s.app.screen
        await at_once(s, "escape", "question_mark")
        assert isinstance(s.app.screen, Help)
        assert s.app.screen is not before


@pytest.mark.parametrize("opens", ["e", "ctrl+p", "slash"])
async def test_what_is_typed_at_once_with_the_key_that_opens_a_field_stands_in_it(opens: str) -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await at_once(s, opens, "f", "r", "q", "backspace", "x")
        field = s.app.screen.focused
        assert isinstance(field, Input)
        assert field.value == "frx"


async def test_a_key_that_nobody_finishes_holds_the_next_ones_up_for_a_moment_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        monkeypatch.setattr(s.app.turns, "follow", lambda *_: None)
        await s.press("question_mark")
        monkeypatch.undo()
        monkeypatch.setattr("tui.app.keyboard.HANDLED_SECONDS", 0)
        await s.press("escape")
        assert s.app.screen is s.app.main


async def test_what_is_pasted_into_a_field_keeps_the_ends_of_its_lines_as_blanks() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        for key in ("slash", "e", "f"):
            if key == "f":
                await s.app.main.commands.open_wizard(EMEA)
            await s.press(key)
            s.app.post_message(events.Paste("one\r\ntwo\rthree\nfour\n"))
            await s.settle()
            field = s.app.screen.focused
            assert isinstance(field, Input)
            assert field.value == "one two three four"
            await s.press("escape")


@pytest.mark.parametrize("scene", ["list", "detail", "step", "help", "plain", "who"])
async def test_what_is_pasted_where_nothing_is_typed_runs_nothing(scene: str) -> None:
    async with stage(*READINGS, readings=READINGS) as s:
        await SCENES[scene](s)
        shown, pane = s.app.screen, s.app.main.pane
        s.app.post_message(events.Paste("q\rf\ry\rm"))
        await s.settle()
        assert (s.app.screen, s.app.main.pane) == (shown, pane)
        assert "What you pasted is not used here" in s.toasts()[0]


async def test_a_message_over_three_lines_is_recognised() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("e")
        s.app.post_message(events.Paste(str(user_frozen.CAUSE.message).replace(" ", "\r", 3)))
        await s.settle()
        assert "The service account is frozen ·" in s.text()
