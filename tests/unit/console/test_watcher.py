"""One command beside another process that watches: what counts as a reading made now."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import connection
from tests.unit.watching.fakes import EMEA, Scene
from tui.base.problem import UsageProblem
from tui.connections.state import Status
from tui.console.watcher import fresh_states, named, only, states_of

US, APAC = connection(name="Acme US"), connection(name="Beta APAC", org="beta")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state", (EMEA, US, APAC))


def test_an_org_is_watched_as_a_whole_the_connection_that_is_named_first(scene: Scene) -> None:
    chosen = only(scene.config(), [US.name])
    assert [c.name for c in chosen.connections] == [US.name, EMEA.name]


def test_those_that_are_named_keep_the_configurations_order(scene: Scene) -> None:
    assert [c.name for c in named(scene.config(), [APAC.name, EMEA.name])] == [EMEA.name, APAC.name]
    with pytest.raises(UsageProblem, match="Nobody"):
        named(scene.config(), ["Nobody"])


async def test_a_stopped_watch_takes_nothing_from_a_command(scene: Scene) -> None:
    async with scene.watcher(EMEA.name, US.name) as first:
        first.pause(US.name, True)
        scene.world.freeze(US.name)
        async with scene.watcher(standing=False) as command:
            (state,) = await fresh_states(command, [US.name], lambda text: None)
    assert state.status is Status.ERROR


async def test_a_remembered_state_is_not_followed(scene: Scene) -> None:
    async with scene.watcher():
        pass
    scene.clock.advance(timedelta(minutes=1))
    scene.world.freeze()
    async with scene.watcher(standing=False) as again:
        state = await anext(states_of(again, EMEA.name))
    assert state.status is Status.ERROR
