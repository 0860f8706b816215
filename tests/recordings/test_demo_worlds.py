"""A recording of each of the demo's worlds: its replay gives the live verdict in every field."""

import asyncio
import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.clocks import run
from tests.demo_world import ORIGIN, config_of
from tests.recordings.playing import HERE
from tui.base.clock import LoopClock
from tui.console.playing import Played, changed_by_stand_ins, play, read
from tui.demo import serve
from tui.demo.administrator import act
from tui.recordings import format
from tui.recordings.format import Recording
from tui.recordings.pseudonyms import Pseudonyms
from tui.recordings.recorder import Recorder
from tui.recordings.redaction import Redaction
from tui.recordings.vocabulary import KEPT_WORDS, PRODUCTS

US = "Acme US"


@dataclass(frozen=True)
class Story:
    """A scenario, what its administrator does before each reading, and how many minutes before.

    An empty order is none. `connections` are those that the verdicts are about: all by default.
    """

    name: str
    about: str
    scenario: str = "healthy"
    readings: Sequence[tuple[float, Mapping[str, Any]]] = field(default_factory=lambda: ((0, {}),))


def _order(action: str, **more: Any) -> dict[str, Any]:
    return {"action": action, "connection": US, **more}


def _fault_and_repair(name: str, about: str, order: Mapping[str, Any], undo: Mapping[str, Any]) -> Story:
    """Well, faulty 16 minutes after the order, repaired, and half an hour later."""
    return Story(name, about, readings=((0, {}), (16, order), (6, undo), (30, {})))


STORIES = (
    Story("tour", "every cause of the article, two at once, and one that cannot be judged", "tour"),
    Story("healthy", "one connection, all well"),
    Story("three", "three connections in one org", "healthy:3"),
    _fault_and_repair("frozen", "frozen, then unfrozen", _order("freeze"), _order("unfreeze")),
    _fault_and_repair(
        "deactivated", "deactivated, then activated again", _order("deactivate"), _order("reactivate")
    ),
    _fault_and_repair(
        "permission",
        "a permission taken and given back",
        _order("take_permission"),
        _order("give_permission"),
    ),
    _fault_and_repair(
        "streaming", "a stream off and on again", _order("disable_streaming"), _order("enable_streaming")
    ),
    _fault_and_repair(
        "blocked", "sign-ins refused for their address, then let in", _order("block"), _order("unblock")
    ),
    Story(
        "quota", "another program uses up the hour", readings=((0, {}), (5, _order("burn_quota")), (90, {}))
    ),
    Story("revoked", "Incydr's token taken back", readings=((0, {}), (16, _order("revoke_access")))),
    Story("licence", "Event Monitoring has ended", readings=((0, {}), (16, _order("drop_licence")))),
    Story(
        "deauthorised",
        "deauthorised in the console: no API says so",
        readings=((0, {}), (16, _order("deauthorize"))),
    ),
)


async def live(story: Story, folder: Path) -> tuple[list[Played], Recording]:
    """What `check` says after each reading of the story, and the recording of all.

    `folder` is for secrets; REMONITOR_STATE names where the journal goes.
    """
    clock = LoopClock(ORIGIN)
    demo = serve.build(story.scenario, clock)
    config = config_of(demo.ready(), folder)
    transports = {url: httpx.ASGITransport(app) for url, app in demo.apps.items()}
    capture = Recorder(config, clock, transports=transports)
    played = []
    async with demo.running():
        for minutes, order in story.readings:
            # The administrator acts first: the wait is Incydr's, and the vendor's.
            if order:
                act(demo.world, order)
            await clock.sleep_until(clock.now() + timedelta(minutes=minutes))
            played.append(await read(config, clock, capture))
    return played, capture.recording("demo", story.about, [each.lasting for each in played])


FOLDER = HERE / "demo"


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_replay_gives_the_live_verdict(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "live"))
    lived, recording = run(live(story, tmp_path))
    if request.config.getoption("--refresh-recordings"):
        (FOLDER / f"{story.name}.json.gz").write_bytes(gzip.compress(format.encode(recording), mtime=0))
    again = format.decode(format.encode(recording), story.name)
    replayed = asyncio.run(play(again, tmp_path / "replayed"))
    assert not replayed[-1].unknown
    assert [each.verdict for each in replayed] == [each.verdict for each in lived]
    assert [shown(each) for each in replayed] == [shown(each) for each in lived]
    names = Pseudonyms(b"the key of this test", KEPT_WORDS, PRODUCTS)
    disguised = format.decode(format.encode(Redaction(names).of(recording)), story.name)
    assert not changed_by_stand_ins(lived, asyncio.run(play(disguised, tmp_path / "disguised")), names)


def test_every_story_has_its_recording() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {f"{story.name}.json.gz" for story in STORIES}


def shown(played: Played) -> tuple[object, ...]:
    """Everything that is ever rendered of the connections."""
    return played.states, played.offers, played.text
