"""What happened: summed up in the history, and written to a file for the ticket."""

import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from tests.app.stage import FROZEN_AT, frozen, stage
from tests.evidence import NOW, ago, evidence, froze, login, trail, unfroze
from tui.connections.state import Status
from tui.keys import BY_ID, Context, Pane
from tui.watching.entry import Entry, EntryKind

NAME = "Acme EMEA"


@pytest.fixture
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "state"))
    return tmp_path / "state"


def outage(days_ago: float) -> tuple[Entry, Entry]:
    """A freeze of ten minutes; newest line first."""
    at = NOW - timedelta(days=days_ago)
    begun = Entry(at, NAME, EntryKind.ERROR, f"e{at}", status=Status.ERROR, cause="user_frozen")
    back = Entry(
        at + timedelta(minutes=10),
        NAME,
        EntryKind.RETURNED,
        f"b{at}",
        status=Status.MONITORING,
        result="event",
    )
    return back, begun


async def test_the_whole_history_begins_with_what_30_days_sum_up_to() -> None:
    async with stage(NAME, readings={NAME: frozen()}, size=(120, 50)) as here:
        await here.remembers(*outage(1), *outage(40))
        await here.press("h")
        assert "30 days: 1 outage, not Monitoring for 10 min in all" in here.app.main.detail.plain


async def test_the_history_is_by_the_moment_whenever_a_line_was_noticed() -> None:
    moments = [NOW - timedelta(minutes=minute) for minute in (1, 30, 2)]
    lines = tuple(
        Entry(at, NAME, EntryKind.DIFFERENCE, f"{at}", text=f"line of {at:%H:%M}") for at in moments
    )
    async with stage(NAME, size=(120, 50)) as here:
        await here.remembers(*lines)
        await here.reads(NAME, frozen())
        await here.press("h")
        assert re.findall("line of (.....)", here.text()) == ["13:59", "13:58", "13:30"]


async def test_a_cause_that_comes_back_says_so() -> None:
    async with stage(NAME, size=(120, 50)) as here:
        await here.remembers(*outage(1), *outage(2))
        await here.reads(NAME, frozen())
        assert "fix the source, or it will come back." in here.app.main.detail.plain


async def test_what_the_audit_trail_says_of_a_cause_that_comes_back_is_not_said_twice() -> None:
    rows = trail(froze(FROZEN_AT), unfroze(ago(days=1)), froze(ago(days=2)))
    async with stage(NAME, size=(120, 50)) as here:
        await here.remembers(*outage(1), *outage(2))
        await here.reads(NAME, evidence(freeze=login(frozen=True, modified=FROZEN_AT), audit=rows))
        assert here.app.main.detail.plain.count("it will come back") == 1


async def test_w_writes_the_report_to_a_private_file_and_shows_it_and_where(state_folder: Path) -> None:
    async with stage(NAME, size=(120, 50)) as here:
        await here.reads(NAME, frozen())
        await here.press("w")
        (path,) = (state_folder / "reports").iterdir()
        assert "# Incydr connection Acme EMEA: Error" in here.text()
        assert str(path) in "".join(here.text().split())
        await here.press("escape")
        assert "# Incydr connection" not in here.text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text().startswith("# Incydr connection Acme EMEA: Error\n")


async def test_a_report_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "file"))
    async with stage(NAME, size=(120, 50)) as here:
        await here.reads(NAME, frozen())
        await here.press("w")
        assert here.toasts()[0].startswith("The report could not be written: ")


def test_in_an_open_walkthrough_w_writes_nothing() -> None:
    assert not BY_ID["report"].shown(Context(Pane.WIZARD))


def test_before_the_first_reading_there_is_nothing_to_report() -> None:
    assert BY_ID["report"].why_not(Context(Pane.LIST))
