"""A recording of each of the demo's worlds: its replay gives the live verdict in every field."""

import asyncio
import gzip
from pathlib import Path

import pytest

from tests.recordings.living import STORIES, Story, live
from tests.recordings.playing import HERE, Played, play
from tests.virtual_time import run
from tui.recordings import format

FOLDER = HERE / "demo"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_replay_gives_the_live_verdict(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "live"))
    lived, recording = run(live(story, tmp_path))
    if request.config.getoption("--refresh-recordings"):
        (FOLDER / f"{story.name}.json.gz").write_bytes(gzip.compress(format.encode(recording), mtime=0))
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "replayed"))
    again = format.decode(format.encode(recording), story.name)
    replayed = asyncio.run(play(again, tmp_path))
    assert not replayed[-1].unknown
    assert [each.verdict for each in replayed] == [each.verdict for each in lived]
    assert [shown(each) for each in replayed] == [shown(each) for each in lived]


def test_every_story_has_its_recording() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{story.name}.json.gz" for story in STORIES}


def shown(played: Played) -> tuple[object, ...]:
    """Everything that is ever rendered of the connections."""
    return played.states, played.offers, played.text
