"""`check --replay` and `replay`: a recording in place of orgs and tenants."""

import asyncio
import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.recordings.playing import HERE
from tui.base.clock import ManualClock
from tui.cli import invoke
from tui.console.replaying import EndingClock

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_network(own_folders: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)


def demo(name: str) -> str:
    return str(HERE / "demo" / f"{name}.json.gz")


def test_check_says_what_a_recordings_last_reading_showed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["check", "--replay", demo("revoked"), "--format", "json"]) == 2
    streams = capsys.readouterr()
    told = json.loads(streams.out)
    assert [each["causes"] for each in told["connections"]] == [["access_revoked"]]
    assert told["at"].startswith("2026-11-22T13:16")
    assert "A recording (demo), 2 readings" in streams.err
    assert not (tmp_path / "state").exists()


def test_check_names_one_connection_of_a_recording(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["check", "--replay", demo("three"), "Acme 0002"]) == 0
    assert capsys.readouterr().out.count("Monitoring") == 1
    assert invoke(["check", "--replay", demo("three"), "Acme 0009"]) == 64


@pytest.mark.parametrize("command", [["check", "--replay"], ["replay"]])
def test_a_file_that_is_no_recording_is_told_in_one_line(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"schema": 99}')
    assert invoke([*command, str(path)]) == 3
    assert "version 99; expected version 1" in capsys.readouterr().err


async def test_a_recordings_clock_stands_still_after_its_end() -> None:
    inner = ManualClock(NOON)
    clock = EndingClock(inner, NOON + timedelta(minutes=5))
    early = asyncio.create_task(clock.sleep_until(NOON + timedelta(minutes=4)))
    late = asyncio.create_task(clock.sleep_until(NOON + timedelta(minutes=6)))
    await asyncio.sleep(0)
    inner.advance(timedelta(minutes=10))
    await early
    await asyncio.sleep(0)
    assert clock.now() == NOON + timedelta(minutes=5)
    assert not late.done()
    late.cancel()


def test_the_steps_of_a_recordings_connection(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["steps", "Acme EMEA", "--replay", demo("tour"), "--experience", "classic"]) == 0
    streams = capsys.readouterr()
    assert "Unfreeze" in streams.out
    assert "A recording (demo)" in streams.err
    assert invoke(["steps", "Acme Canada", "--replay", demo("tour")]) == 0
    assert invoke(["steps", "Acme Moon", "--replay", demo("tour")]) == 64
    assert invoke(["steps", "Acme EMEA", "--replay", demo("tour"), "--follow"]) == 64
    assert "remonitor replay FILE --plain" in capsys.readouterr().err


def test_the_report_of_a_recorded_outage_has_all_its_readings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["report", "Acme US", "--replay", demo("frozen")]) == 0
    told = capsys.readouterr().out
    assert "frozen" in told
    assert "Monitoring" in told
    assert "Jane Doe" in told
    assert not (tmp_path / "state").exists()
