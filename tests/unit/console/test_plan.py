"""A recording as a demo world: the same connections, with the same causes by the same people."""

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from tests.clocks import run
from tests.demo_world import ORIGIN, config_of
from tests.recordings.playing import HERE
from tui.base.clock import LoopClock
from tui.cli import invoke
from tui.console.plan import plan_of
from tui.console.playing import Played, read
from tui.console.replaying import opened
from tui.demo import serve
from tui.net import Net


def in_the_demo(plan: str, folder: Path) -> Played:
    path = folder / "plan.json"
    path.write_text(plan)

    async def look() -> Played:
        clock = LoopClock(ORIGIN)
        demo = serve.build(f"plan:{path}", clock)
        config = config_of(demo.ready(), folder)
        net = Net(transports={url: httpx.ASGITransport(app) for url, app in demo.apps.items()})
        return await read(config, clock, net, folder=folder / "demo")

    return run(look())


@pytest.mark.parametrize("name", ["tour", "streaming", "three", "revoked"])
def test_the_demo_shows_what_the_recording_shows(name: str, tmp_path: Path) -> None:
    path = HERE / "demo" / f"{name}.json.gz"
    with opened(path) as played:
        states, now = asyncio.run(played.check(()))
        plan = plan_of(states, played.config, now)
    again = {state.connection.name: state for state in in_the_demo(plan, tmp_path).states}
    assert json.loads(plan)["connections"]
    for state in states:
        found = again[state.connection.name]
        assert found.connection.service_account == state.connection.service_account
        assert found.diagnosis.causes == state.diagnosis.causes, state.connection.name
        assert [f.by.name if f.by else None for f in found.diagnosis.findings] == [
            f.by.name if f.by else None for f in state.diagnosis.findings
        ]
        for one, other in zip(found.diagnosis.findings, state.diagnosis.findings, strict=True):
            if one.since and other.since and name == "tour":
                assert abs((ORIGIN - one.since) - (now - other.since)).total_seconds() < 61


def test_from_and_attach_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["demo", "--from", "it.json", "--attach", "http://127.0.0.1:1"]) == 64
    assert invoke(["demo", "--from", "it.json"]) == 3
    assert "it.json" in capsys.readouterr().err
