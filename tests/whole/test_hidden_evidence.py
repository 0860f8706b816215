"""What an operator may not see and what a tenant does not tell: nothing is claimed, the job gets done."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests import demo_world
from tests.clocks import run
from tests.demo_world import scene
from tui.config import Config
from tui.connections.evidence import value_of
from tui.connections.finding import ProofKind
from tui.connections.state import Status
from tui.demo.world import World


def take_view_setup(world: World) -> None:
    for org in world.orgs.values():
        for table in ("Profile", "PermissionSet"):
            for row in org.tables[table].values():
                if "PermissionsViewSetup" in row:
                    row["PermissionsViewSetup"] = False


def test_a_healthy_connection_is_monitoring_once_incydr_must_have_noticed_what_may_be_hidden(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with scene(tmp_path, scenario="healthy:1", prepare=take_view_setup) as stage:
            name = stage.watcher.connections[0].name
            first = stage.state(name)
            assert first.why is not None
            assert (first.status, first.why.code) == (Status.UNKNOWN, "audit_unreadable")
            await stage.passes(45)
            assert stage.state(name).status is Status.MONITORING

    run(story())


def test_a_freeze_is_found_without_a_name_and_returns_by_proof(tmp_path: Path) -> None:
    async def story() -> None:
        async with scene(tmp_path, scenario="healthy:1", prepare=take_view_setup) as stage:
            name = stage.watcher.connections[0].name
            await stage.passes(45)
            await stage.admin("freeze", name)
            await stage.passes(12)
            frozen = stage.state(name)
            assert frozen.status is Status.ERROR
            assert frozen.diagnosis.findings[0].by is None
            assert "View Setup" in frozen.diagnosis.findings[0].by_unknown
            await stage.admin("unfreeze", name)
            await stage.passes(2)
            assert stage.state(name).status is Status.RECOVERING
            await stage.passes(25)
            back = stage.state(name)
            assert back.status is Status.MONITORING
            assert back.recovery is not None
            assert back.recovery.returned is not None

    run(story())


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
            await stage.passes(20)
            assert stage.state(name).status is Status.ERROR
            await stage.admin("give_permission", name)
            await stage.passes(10)
            assert stage.state(name).status is Status.RECOVERING
            await stage.passes(4 * 60)
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
