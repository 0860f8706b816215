"""A tenant whose Salesforce events name no connection and are stored late: a return is proven only where it may be."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests import demo_world
from tests.clocks import run
from tests.demo_world import Scene, scene
from tui.config import Config
from tui.connections.evidence import value_of
from tui.connections.finding import ProofKind
from tui.connections.state import Status
from tui.demo.world import World

LATE = timedelta(minutes=48)
"""As the recorded event was stored."""


def nameless_and_late(world: World) -> None:
    for tenant in world.tenants.values():
        store = tenant.store

        def keep(
            detector: str | None,
            email: str,
            report: str,
            happened: datetime,
            inserted: datetime,
            store: Any = store,
        ) -> None:
            store(None, email, report, happened, inserted + LATE)

        tenant.store = keep  # type: ignore[method-assign]


async def passes(stage: Scene, minutes: float) -> None:
    await stage.clock.sleep_until(stage.clock.now() + timedelta(minutes=minutes))


@pytest.mark.parametrize("only", [False, True])
def test_events_without_a_name_prove_the_return_of_the_only_connection_alone(
    only: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def config_of(*given: Any, whole: Any = demo_world.config_of, **more: Any) -> Config:
        config: Config = whole(*given, **more)
        (connection,) = config.connections
        return replace(config, connections=(replace(connection, only_connection=only),))

    monkeypatch.setattr(demo_world, "config_of", config_of)

    async def story() -> None:
        async with scene(tmp_path, scenario="healthy:1", prepare=nameless_and_late) as stage:
            name = stage.watcher.connections[0].name
            await stage.admin("take_permission", name)
            await passes(stage, 20)
            assert stage.state(name).status is Status.ERROR
            await stage.admin("give_permission", name)
            await passes(stage, 10)
            assert stage.state(name).status is Status.RECOVERING
            await passes(stage, 4 * 60)
            back = stage.state(name)
            events = value_of(back.evidence.events)
            assert events is not None
            assert events.unnamed is not None
            assert back.recovery is not None
            if only:
                assert back.status is Status.MONITORING
                assert back.recovery.returned is not None
                assert back.recovery.returned.kind is ProofKind.EVENT
                assert back.recovery.repaired is not None
                assert back.recovery.returned.at > back.recovery.repaired.latest
            else:
                assert (back.status, back.overdue) == (Status.RECOVERING, True)
                assert events.newest is None or events.newest < events.unnamed

    run(story())
