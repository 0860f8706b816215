"""One command beside another process that watches: what counts as a reading made now."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import connection
from tests.unit.watching.fakes import EMEA, Scene
from tui.base.problem import Problem, UsageProblem
from tui.connections.status import Status
from tui.headless.session import named, only, read_by, states_of

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


async def test_another_connection_of_a_watched_org_is_known_from_there(scene: Scene) -> None:
    heard: list[str] = []
    async with scene.watcher(EMEA.name, US.name):
        scene.world.freeze(US.name)
        await scene.after(minutes=5)
        async with scene.watcher() as second:
            (state,) = await read_by(second, [US.name], heard.append)
    assert state.status is Status.ERROR
    assert any("watches: this is what it read last" in line for line in heard)


async def test_an_org_that_nobody_watches_is_read_although_another_one_is_watched(scene: Scene) -> None:
    async with scene.watcher(APAC.name):
        scene.world.freeze(EMEA.name)
        async with scene.watcher() as second:
            (state,) = await read_by(second, [EMEA.name], lambda text: None)
    assert state.status is Status.ERROR


async def test_what_the_other_process_has_not_read_lately_is_no_reading(scene: Scene) -> None:
    async with scene.watcher() as first:
        first.pause(US.name, True)
        await scene.after(minutes=15)
        async with scene.watcher() as second:
            with pytest.raises(Problem, match="has not read it lately"):
                await read_by(second, [US.name], lambda text: None)


async def test_a_remembered_state_is_not_followed(scene: Scene) -> None:
    async with scene.watcher():
        pass
    scene.clock.advance(timedelta(minutes=1))
    scene.world.freeze()
    async with scene.watcher() as again:
        state = await anext(states_of(again, EMEA.name))
    assert state.status is Status.ERROR
