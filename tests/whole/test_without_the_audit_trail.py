"""An operator without View Setup and Configuration: nobody can be named, but the job still gets done."""

from datetime import timedelta
from pathlib import Path

from tests.clocks import run
from tests.demo_world import Scene, scene
from tui.connections.state import Status
from tui.demo.world import World


def take_view_setup(world: World) -> None:
    for org in world.orgs.values():
        for table in ("Profile", "PermissionSet"):
            for row in org.tables[table].values():
                if "PermissionsViewSetup" in row:
                    row["PermissionsViewSetup"] = False


async def passes(stage: Scene, minutes: float) -> None:
    await stage.clock.sleep_until(stage.clock.now() + timedelta(minutes=minutes))


def test_a_healthy_connection_is_monitoring_once_incydr_must_have_noticed_what_may_be_hidden(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with scene(tmp_path, scenario="healthy:1", prepare=take_view_setup) as stage:
            name = stage.watcher.connections[0].name
            first = stage.state(name)
            assert first.why is not None
            assert (first.status, first.why.code) == (Status.UNKNOWN, "audit_unreadable")
            await passes(stage, 45)
            assert stage.state(name).status is Status.MONITORING

    run(story())


def test_a_freeze_is_found_without_a_name_and_returns_by_proof(tmp_path: Path) -> None:
    async def story() -> None:
        async with scene(tmp_path, scenario="healthy:1", prepare=take_view_setup) as stage:
            name = stage.watcher.connections[0].name
            await passes(stage, 45)
            await stage.admin("freeze", name)
            await passes(stage, 12)
            frozen = stage.state(name)
            assert frozen.status is Status.ERROR
            assert frozen.diagnosis.findings[0].by is None
            assert "View Setup" in frozen.diagnosis.findings[0].by_unknown
            await stage.admin("unfreeze", name)
            await passes(stage, 2)
            assert stage.state(name).status is Status.RECOVERING
            await passes(stage, 25)
            back = stage.state(name)
            assert back.status is Status.MONITORING
            assert back.recovery is not None
            assert back.recovery.returned is not None

    run(story())
