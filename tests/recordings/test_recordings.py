"""Every recording in this folder, played by the whole program: what it says is what is right."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.recordings.playing import HERE, differences
from tui.base.problem import Problem
from tui.console.playing import play
from tui.recordings import format

BASES = HERE / "bases"
FILES = sorted(HERE.rglob("*.json*"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)).partition(".")[0])
def test_what_check_says_of_a_recording_is_right(
    path: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    """With --refresh-recordings the mark of one that is right by now is taken away."""
    recording = format.load(path, bases=BASES)
    record_property("origin of a recording", recording.origin)
    refresh = request.config.getoption("--refresh-recordings")
    if reason := recording.expected.xfail:
        # Strict: who corrects the program takes the mark away in the same commit.
        request.applymarker(
            pytest.mark.xfail(reason=reason, strict=not refresh, raises=(AssertionError, Problem))
        )
    played = asyncio.run(play(recording, tmp_path))
    expected = [*(reading.expected for reading in recording.readings[:-1]), recording.expected]
    for right, said in zip(expected, played, strict=True):
        if right is not None:
            assert not differences(right, said), said.text
    if reason and refresh:
        path.write_text(re.sub(r',\s*"xfail": "[^"]*"', "", path.read_text()))


def test_every_recording_says_where_it_comes_from_and_what_is_right() -> None:
    for path in FILES:
        recording = format.load(path, bases=BASES)
        assert recording.about, path
        assert recording.source or recording.origin != "document", path
        assert recording.expected.connections, path
