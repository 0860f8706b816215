"""The first frame shows what was known last, and waits for nothing that may hang."""

import asyncio
import contextlib
import importlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC
from pathlib import Path

import pytest
from textual.screen import Screen

from tests.app.scenes import EMEA, READINGS
from tests.app.stage import config, frozen, named, stage, state_of
from tests.evidence import NOW
from tests.unit.watching.fakes import store
from tui.app.app import RemonitorApp
from tui.app.loading import FIRST
from tui.app.output import painted
from tui.base.clock import ManualClock
from tui.base.paths import BackgroundRead
from tui.config import Config
from tui.connections.state import State
from tui.watching import journal_records
from tui.watching.journal import Journal
from tui.watching.journal_records import last_states, of_subject
from tui.watching.watcher import Watcher

Painted = list[str]


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> Painted:
    """The text of each update that is painted, in order."""
    texts: Painted = []

    def display(app: RemonitorApp, screen: Screen[object], update: object) -> None:
        if not app._batch_count and update is not None:
            texts.append("".join(strip.text for _, _, strip in painted(update)))  # type: ignore[arg-type]

    monkeypatch.setattr(RemonitorApp, "_display", display)
    return texts


def known(*names: str) -> dict[str, State]:
    return {name: state_of(named(name), READINGS[name]) for name in names}


@contextlib.asynccontextmanager
async def nobody(_: Config) -> AsyncIterator[Watcher]:
    """A watcher that does not come while the first frame is painted."""
    await asyncio.Event().wait()
    raise AssertionError
    yield


async def first_frame(frames: Painted, remembered: dict[str, State]) -> str:
    app = RemonitorApp(
        config(*READINGS),
        clock=ManualClock(NOW),
        tz=UTC,
        open_watcher=nobody,
        remembered=lambda: remembered,
    )
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        return frames[0]


async def test_the_first_frame_shows_the_states_that_were_known_last(frames: Painted) -> None:
    first = await first_frame(frames, known(EMEA, "Acme US"))
    assert "Error" in first
    assert "Monitoring" in first
    assert "1 Error" in first
    assert "Not read yet" not in first


async def test_without_a_journal_the_names_stand_alone(frames: Painted) -> None:
    first = await first_frame(frames, {})
    assert EMEA in first
    assert "Error" not in first
    assert "Not read yet" in first


async def test_a_state_that_was_remembered_is_no_news_when_it_is_read_again() -> None:
    states = known(EMEA)
    known_states = [*states.values()]
    async with stage(*READINGS, readings=READINGS, states=known_states, remembered=lambda: states) as s:
        await s.reads(EMEA, frozen())
        assert s.toasts() == []


def test_a_name_that_stands_for_another_account_has_no_past() -> None:
    states = known(EMEA)
    connection = states[EMEA].connection
    from msgspec.structs import replace

    assert of_subject(connection, states) == states[EMEA]
    assert of_subject(replace(connection, service_account="other@acme.example"), states) is None
    assert of_subject(replace(connection, name="Another"), states) is None


async def test_the_last_states_are_read_while_the_journal_is_open_and_when_it_is_closed(
    tmp_path: Path,
) -> None:
    journal, states = Journal(tmp_path / "journal.db"), known(EMEA, "Acme US")
    await journal.open()
    for state in states.values():
        await store(journal, state)
    assert last_states(journal.path) == states
    await journal.close()
    assert last_states(journal.path) == states


async def test_more_states_than_the_first_frame_waits_for_are_left_to_the_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path / "journal.db")
    await journal.open()
    for state in known(EMEA, "Acme US").values():
        await store(journal, state)
    monkeypatch.setattr(journal_records, "MOST_AT_FIRST", 1)
    assert last_states(journal.path) == {}
    await journal.close()


def test_what_is_no_journal_gives_no_states_and_stays_as_it_was(tmp_path: Path) -> None:
    missing, other = tmp_path / "none.db", tmp_path / "other.db"
    other.write_bytes(b"something else" * 500)
    assert last_states(missing) == {}
    assert not missing.exists()
    assert last_states(other) == {}
    assert other.read_bytes() == b"something else" * 500


def test_a_file_that_hangs_is_left_behind(tmp_path: Path) -> None:
    hanging = tmp_path / "journal.db"
    os.mkfifo(hanging)
    reading = BackgroundRead(hanging.read_text, "nothing")
    assert reading.result(0.01) == "nothing"
    assert not reading.ended
    # Let the thread go.
    hanging.write_text("late")
    assert reading.result(10) == "late"


@pytest.mark.parametrize("name", FIRST)
def test_what_is_loaded_first_is_there(name: str) -> None:
    importlib.import_module(name)


def loaded(code: str) -> set[str]:
    """The modules that this code loads in a process of its own."""
    said = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*(n for n, m in sys.modules.items() if m))"],
        capture_output=True,
        check=True,
        text=True,
    )
    return {name.partition(".")[0] if "tui" not in name else name for name in said.stdout.split()}


def test_the_app_begins_without_the_causes() -> None:
    later = ("tui.causes", "tui.rules", "tui.diagnosis", "tui.net")
    assert {name for name in loaded("import tui.app.app") if name.startswith(later)} == set()


def test_httpx_comes_without_its_own_command_line() -> None:
    assert loaded("import tui.net, httpx, httpcore") & {"click", "rich", "pygments"} == set()


def test_what_is_not_installed_is_not_looked_for_again() -> None:
    code = (
        "import tui.net, sys, importlib.util as u\n"
        "asked = []\n"
        "class Finder:\n"
        "    def find_spec(self, name, path=None, target=None): asked.append(name)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "try:\n"
        "    import sniffio\n"
        "except ImportError:\n"
        "    pass\n"
        "assert 'sniffio' in sys.modules and 'sniffio' not in asked, asked\n"
    )
    loaded(code)


def test_before_the_first_frame_neither_httpx_nor_another_command_is_loaded() -> None:
    names = loaded("import gc, tui.__main__, tui.app.start\nassert not gc.isenabled()")
    assert names & {"httpx", "httpcore", "anyio", "click", "pygments", "certifi"} == set()
    apart = (
        "tui.console",
        "tui.commands",
        "tui.lines",
        "tui.demo",
        "tui.onboarding",
        "tui.salesforce",
        "tui.incydr",
    )
    assert {n for n in names if n.startswith(apart)} == set()
