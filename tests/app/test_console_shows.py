"""The key that writes down what the Incydr console shows: into the history, and nothing is decided by it."""

import getpass

import pytest

from tests.app.stage import frozen, stage
from tui.connections.state import Status
from tui.watching.database import JournalProblem
from tui.wording.console_check import CONSOLE_CHOICES
from tui.wording.histories import entry_text

EMEA = "Acme EMEA"


@pytest.mark.parametrize(("typed", "word"), [("e", "Error"), ("Paused", "Paused")])
async def test_a_word_is_written_into_the_history_and_changes_no_status(typed: str, word: str) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("S")
        assert CONSOLE_CHOICES.partition(", or")[0] in " ".join(s.text().split())
        await s.press(*typed, "enter")
        assert s.toasts()[-1] == f"Acme EMEA: the console shows {word}. Recorded."
        line = (await s.journal.history(EMEA))[0]
        assert entry_text(line) == f"{getpass.getuser()} says: the console shows {word}"
        assert s.app.main.states[EMEA].status is Status.ERROR


async def test_who_leaves_or_says_nothing_writes_nothing() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("S", "escape")
        await s.press("S", "enter")
        assert "says:" not in "".join(map(entry_text, await s.journal.history(EMEA)))
        assert s.toasts() == []


async def test_where_nothing_can_be_recorded_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise JournalProblem("The journal is busy", "It is held.", "")

    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        monkeypatch.setattr(s.journal, "note", broken)
        await s.press("S", "m", "enter")
        assert "nothing is recorded" in s.toasts()[-1]
