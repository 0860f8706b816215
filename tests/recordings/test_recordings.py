"""Every recording in this folder, played by the whole program: what it says is what is right."""

from pathlib import Path

import pytest

from tests.recordings.playing import HERE, differences, play
from tui.base.problem import Problem
from tui.recordings import format

BASES = HERE / "bases"
FILES = sorted(HERE.rglob("*.json*"))


def names() -> list[object]:
    found: list[object] = []
    for path in FILES:
        reason = format.load(path, bases=BASES).expected.xfail
        # Strict: who mends the program takes the mark away in the same commit.
        marks = (
            [pytest.mark.xfail(reason=reason, strict=True, raises=(AssertionError, Problem))]
            if reason
            else []
        )
        found.append(pytest.param(path, marks=marks, id=str(path.relative_to(HERE).with_suffix(""))))
    return found


@pytest.mark.parametrize("path", names())
async def test_what_check_says_of_a_recording_is_right(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "state"))
    recording = format.load(path, bases=BASES)
    played = await play(recording, tmp_path)
    expected = [*(reading.expected for reading in recording.readings[:-1]), recording.expected]
    for right, said in zip(expected, played, strict=True):
        if right is not None:
            assert not differences(right, said), said.text


def test_every_recording_says_where_it_comes_from_and_what_is_right() -> None:
    for path in FILES:
        recording = format.load(path, bases=BASES)
        assert recording.about, path
        assert recording.source or recording.origin != "document", path
        assert recording.expected.connections, path
