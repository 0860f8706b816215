"""A mute in the app: list, detail, and the key that begins and ends it."""

import getpass
from datetime import timedelta

import pytest

from tests.app.stage import Stage, frozen, stage
from tests.evidence import NOW
from tui.watching.database import JournalProblem
from tui.watching.mutes import Mute, line_of

EMEA = "Acme EMEA"


def row_of(s: Stage, name: str) -> str:
    """The connection as the list shows it."""
    return next(line[:64] for line in s.text().splitlines() if line.startswith("│ ") and name in line[:30])


async def test_a_mute_stands_in_list_and_detail_until_it_is_ended() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        before = s.text()
        await s.press("M")
        assert s.toasts()[-1] == "Acme EMEA: muted until 16:00:00 UTC."
        assert f"Muted until 16:00 by {getpass.getuser()}" in s.text()
        assert "muted" in row_of(s, EMEA) and "Error" in row_of(s, EMEA)
        await s.press("M")
        assert s.toasts()[-1] == "Acme EMEA: no longer muted."
        assert row_of(s, EMEA) in before and "Muted" not in s.text()


async def test_a_mute_by_another_process_is_seen_with_its_reason_and_ends_by_itself() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        mute = Mute(NOW, NOW + timedelta(minutes=3), "profile migration", "ops")
        await s.journal.mute(EMEA, mute, line_of(EMEA, mute))
        await s.reads(EMEA, frozen())
        assert "Muted until 14:03 by ops: profile migration" in s.text()
        s.clock.advance(timedelta(minutes=4))
        s.app.main.tick()
        await s.settle()
        assert "Muted" not in s.text() and "muted" not in row_of(s, EMEA)


async def test_where_nothing_can_be_recorded_nobody_is_muted(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise JournalProblem("The journal is busy", "It is held.", "")

    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        monkeypatch.setattr(s.journal, "mute", broken)
        await s.press("M")
        assert "journal cannot be written" in s.toasts()[-1]
        assert "Muted" not in s.text()
