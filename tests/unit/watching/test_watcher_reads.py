"""What the watcher reads, when, and what reaches its listeners."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import NOW, connection
from tests.unit.watching.fakes import EMEA, Scene, quiet
from tui.base.problem import Problem
from tui.connections.connection import Tenant
from tui.connections.evidence import FileEvents, Read
from tui.connections.state import Status
from tui.watching.journal import Journal

TENANT = Tenant("main", "https://api.example", "env:ID", "env:SECRET")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state")


async def test_a_healthy_connection_is_monitoring_after_the_first_reading(scene: Scene) -> None:
    async with scene.watcher() as w:
        assert w.state(EMEA.name).status is Status.MONITORING


async def test_the_first_reading_looks_into_the_audit_trail(scene: Scene) -> None:
    async with scene.watcher():
        assert list(scene.world.deepened[0]) == [EMEA.name]


async def test_a_healthy_connection_is_read_again_after_five_minutes_and_not_before(scene: Scene) -> None:
    async with scene.watcher():
        await scene.after(seconds=299)
        assert len(scene.world.reads) == 1
        await scene.after(seconds=1)
        assert len(scene.world.reads) == 2


async def test_a_quiet_second_reading_leaves_the_audit_trail_alone(scene: Scene) -> None:
    async with scene.watcher():
        await scene.after(minutes=5)
        assert len(scene.world.deepened) == 1


async def test_a_fault_brings_error_a_deeper_look_and_a_reading_a_minute(scene: Scene) -> None:
    async with scene.watcher() as w:
        scene.world.freeze()
        await scene.after(minutes=5)
        assert w.state(EMEA.name).diagnosis.causes == ("user_frozen",)
        assert len(scene.world.deepened) == 2
        await scene.after(minutes=1)
        assert len(scene.world.reads) == 3
        assert len(scene.world.deepened) == 2


async def test_all_connections_of_an_org_are_read_together(tmp_path: Path) -> None:
    apac = connection(name="Acme APAC", service_account="other@acme.example")
    scene = Scene(tmp_path, (EMEA, apac))
    async with scene.watcher():
        assert scene.world.reads == [(EMEA.name, "Acme APAC")]


async def reads_within(scene: Scene, seconds: int) -> int:
    before = len(scene.world.reads)
    await scene.after(seconds=seconds)
    return len(scene.world.reads) - before


async def test_a_step_that_salesforce_answers_is_read_every_ten_seconds_while_it_is_open(
    scene: Scene,
) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        await w.walk(EMEA.name)
        w.attend(EMEA.name)
        await quiet()
        assert await reads_within(scene, 10) == 0
        await w.step_done(EMEA.name)
        await w.step_done(EMEA.name)
        await quiet()
        assert await reads_within(scene, 10) == 1
        w.attend(None)
        assert await reads_within(scene, 10) == 0


async def test_a_step_called_done_that_salesforce_does_not_see_is_read_as_often(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        await w.walk(EMEA.name)
        w.attend(EMEA.name)
        for _ in range(3):
            await w.step_done(EMEA.name)
        await quiet()
        walk = w.walkthrough(EMEA.name)
        assert walk is not None and walk.waiting
        assert await reads_within(scene, 10) == 1


async def test_a_step_left_undone_is_not(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        await w.walk(EMEA.name)
        w.attend(EMEA.name)
        for _ in range(2):
            await w.step_done(EMEA.name)
        await w.step_skip(EMEA.name)
        await quiet()
        assert await reads_within(scene, 10) == 0


async def test_check_now_reads_at_once(scene: Scene) -> None:
    async with scene.watcher() as w:
        w.check_now(EMEA.name)
        await quiet()
        assert len(scene.world.reads) == 2


async def test_a_paused_connection_is_read_only_when_asked(scene: Scene) -> None:
    async with scene.watcher() as w:
        w.pause(EMEA.name, True)
        await scene.after(hours=1)
        assert len(scene.world.reads) == 1
        assert w.progress(EMEA.name).paused
        w.check_now(EMEA.name)
        await quiet()
        assert len(scene.world.reads) == 2


async def test_a_connection_that_goes_on_after_a_pause_is_read_at_once(scene: Scene) -> None:
    async with scene.watcher() as w:
        w.pause(EMEA.name, True)
        await scene.after(hours=1)
        w.pause(EMEA.name, False)
        await quiet()
        assert len(scene.world.reads) == 2


async def test_the_orgs_wish_to_be_left_alone_is_obeyed(scene: Scene) -> None:
    scene.world.retry_at = NOW + timedelta(minutes=40)
    async with scene.watcher() as w:
        assert w.progress(EMEA.name).next_at == NOW + timedelta(minutes=40)


async def test_an_unreadable_org_is_unknown_and_says_what_it_was(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        scene.world.hide()
        await scene.after(minutes=1)
        state = w.state(EMEA.name)
        assert (state.status, state.was) == (Status.UNKNOWN, Status.ERROR)


async def test_after_failed_readings_no_trail_is_needed_where_nothing_moved(scene: Scene) -> None:
    async with scene.watcher():
        scene.world.hide()
        await scene.after(minutes=5)
        await scene.after(minutes=5)
        looked = len(scene.world.deepened)
        scene.world.answer()
        await scene.after(minutes=15)
        assert len(scene.world.deepened) == looked


async def test_an_internal_fault_becomes_unknown_and_the_loop_goes_on(scene: Scene) -> None:
    scene.world.fault = KeyError("surprise")
    async with scene.watcher() as w:
        state = w.state(EMEA.name)
        assert state.status is Status.UNKNOWN
        assert "KeyError" in state.why.text
        scene.world.fault = None
        await scene.after(minutes=5)
        assert w.state(EMEA.name).status is Status.MONITORING


async def test_a_problem_of_the_room_is_told_in_its_own_words(scene: Scene) -> None:
    scene.world.fault = Problem("Unknown sign-in", "The way is not known.", "Correct the configuration.")
    async with scene.watcher() as w:
        why = w.state(EMEA.name).why
        assert why.text == "Unknown sign-in: The way is not known."
        assert why.next_step == "Correct the configuration."


async def test_the_tenant_is_asked_every_quarter_of_an_hour_while_all_is_well(tmp_path: Path) -> None:
    emea = connection(tenant="main")
    scene = Scene(tmp_path, (emea,), {"main": TENANT})
    async with scene.watcher():
        await scene.after(minutes=5)
        await scene.after(minutes=5)
        assert len(scene.world.asked_tenant) == 1
        await scene.after(minutes=5)
        assert len(scene.world.asked_tenant) == 2


async def test_the_tenant_is_asked_at_each_reading_while_recovering(tmp_path: Path) -> None:
    emea = connection(tenant="main")
    scene = Scene(tmp_path, (emea,), {"main": TENANT})
    scene.world.freeze()
    async with scene.watcher() as w:
        scene.world.unfreeze()
        await scene.after(minutes=1)
        assert w.state(emea.name).status is Status.RECOVERING
        asked = len(scene.world.asked_tenant)
        await scene.after(seconds=30)
        await scene.after(seconds=30)
        assert len(scene.world.asked_tenant) == asked + 2


async def test_a_file_event_after_the_repair_ends_the_recovery(tmp_path: Path) -> None:
    emea = connection(tenant="main")
    scene = Scene(tmp_path, (emea,), {"main": TENANT})
    scene.world.freeze()
    async with scene.watcher() as w:
        scene.world.unfreeze()
        await scene.after(minutes=1)
        await scene.after(minutes=5)
        scene.world.events = FileEvents(scene.clock.now(), scene.clock.now(), 1)
        await scene.after(seconds=30)
        state = w.state(emea.name)
        assert state.status is Status.MONITORING
        assert state.recovery.returned.at == scene.world.events.newest


async def test_a_fault_at_the_tenant_does_not_hide_what_the_org_says(tmp_path: Path) -> None:
    emea = connection(tenant="main")
    scene = Scene(tmp_path, (emea,), {"main": TENANT})
    scene.world.freeze()
    scene.world.tenant_fault = ValueError()
    async with scene.watcher() as w:
        state = w.state(emea.name)
        assert state.status is Status.ERROR
        assert "ValueError" in state.evidence.events.reason


async def test_a_tenant_without_a_turn_holds_nothing_up_and_is_asked_within_a_minute(tmp_path: Path) -> None:
    emea = connection(tenant="main")
    scene = Scene(tmp_path, (emea,), {"main": TENANT})
    scene.world.turns = 0
    async with scene.watcher() as w:
        assert w.state(emea.name).status is Status.MONITORING
        assert "not asked yet" in w.state(emea.name).evidence.events.reason
        scene.world.turns = 1
        await scene.after(minutes=1)
        assert w.state(emea.name).evidence.events == Read(scene.world.events, scene.clock.now())
        await scene.after(minutes=1)
        assert len(scene.world.reads) == 2


async def test_the_last_turn_of_a_tenant_goes_to_the_connection_with_an_outage(tmp_path: Path) -> None:
    names = ("Acme APAC", "Acme EMEA", "Acme US")
    connections = tuple(connection(name=name, tenant="main") for name in names)
    scene = Scene(tmp_path, connections, {"main": TENANT})
    scene.world.freeze("Acme US")
    async with scene.watcher():
        scene.world.asked_tenant.clear()
        scene.world.turns = 1
        await scene.after(minutes=15)
        assert scene.world.asked_tenant == ["Acme US"]


async def test_even_a_fault_while_writing_down_is_shown_and_the_loop_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise ArithmeticError

    async with scene.watcher() as w:
        with monkeypatch.context() as patch:
            patch.setattr(Journal, "transition", broken)
            scene.world.freeze()
            await scene.after(minutes=5)
            assert w.state(EMEA.name).status is Status.UNKNOWN
        await scene.after(minutes=15)
        assert w.state(EMEA.name).status is Status.ERROR


async def test_listeners_get_what_is_known_first_and_then_only_the_latest(scene: Scene) -> None:
    async with scene.watcher() as w:
        states = w.states()
        assert (await anext(states)).status is Status.MONITORING
        scene.world.freeze()
        await scene.after(minutes=5)
        scene.world.unfreeze()
        await scene.after(minutes=1)
        assert (await anext(states)).status is Status.RECOVERING
        await states.aclose()


async def test_listening_ends_with_the_watcher(scene: Scene) -> None:
    seen: list[Status] = []

    async def listen(w: object) -> None:
        async for state in w.states():  # type: ignore[attr-defined]
            seen.append(state.status)

    async with scene.watcher() as w:
        listener = asyncio.create_task(listen(w))
        await quiet()
    await listener
    assert seen[0] is Status.MONITORING


async def test_nothing_is_left_running_after_the_end(scene: Scene) -> None:
    before = asyncio.all_tasks()
    async with scene.watcher():
        pass
    assert asyncio.all_tasks() == before
