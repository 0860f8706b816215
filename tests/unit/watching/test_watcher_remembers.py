"""What survives the end of the process, and what a second process may do."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import connection, froze, group, present, profile, unfroze
from tests.unit.watching.fakes import EMEA, UNFREEZE, FakeClients, Middle, Scene, held, quiet
from tui.base.problem import Problem
from tui.connections.connection import Experience
from tui.connections.evidence import Component, value_of
from tui.connections.finding import How
from tui.connections.repair import Result
from tui.connections.state import Status
from tui.connections.step import WAIT
from tui.connections.walkthrough import Mark
from tui.net import Net
from tui.watching.entry import EntryKind, newest_first, rings
from tui.watching.outages import outages
from tui.watching.watcher import Watcher
from tui.wording import entry_text


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state")


async def test_a_state_is_there_before_the_first_reading_of_the_next_process(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher():
        pass
    watcher = Watcher(
        scene.config(),
        clock=scene.clock,
        net=Net(),
        journal=scene.journal,
        random=Middle(),
        clients=FakeClients(scene.world),
    )
    async with watcher as w:
        assert present(w.state(EMEA.name)).status is Status.ERROR
        assert w.progress(EMEA.name).last_try is None


async def test_the_first_reading_after_a_restart_needs_no_trail_where_nothing_moved(scene: Scene) -> None:
    async with scene.watcher():
        pass
    async with scene.watcher():
        assert len(scene.world.deepened) == 1
    scene.world.unfreeze()
    async with scene.watcher():
        assert len(scene.world.deepened) == 2


async def test_what_a_group_consists_of_survives_a_restart(scene: Scene) -> None:
    """Only a deeper reading asks for it: without it a permission muted in the group would look simply missing."""
    members = (
        Component("0PG000000000001AAA", "0PS000000000004AAA", "Incydr Access", ("ApiEnabled",)),
        Component("0PG000000000001AAA", "0QM000000000001AAA", muting=True),
    )
    lowered = (profile("CustomizeApplication", "ViewDataLeakageEvents"), group("RunReports"))
    scene.world.show(grants=lowered, components=members)
    async with scene.watcher() as w:
        before = w.state(EMEA.name)
    scene.world.show(components=None)
    async with scene.watcher() as w:
        after = w.state(EMEA.name)
        assert w.progress(EMEA.name).last_try is not None
    assert value_of(after.evidence.components) == members
    assert after.evidence.read_at >= before.evidence.read_at
    assert after.diagnosis.permissions == before.diagnosis.permissions
    (api,) = (each for each in after.diagnosis.permissions if each.requirement.name == "ApiEnabled")
    assert [source.how for source in api.sources] == [How.MUTED]


async def test_an_outage_that_came_and_went_between_two_processes_is_seen(scene: Scene) -> None:
    async with scene.watcher() as w:
        assert present(w.state(EMEA.name)).status is Status.MONITORING
    scene.clock.advance(timedelta(hours=1))
    begin = scene.clock.now()
    scene.clock.advance(timedelta(minutes=30))
    scene.world.rows = (froze(begin), unfroze(scene.clock.now()))
    scene.world.unfreeze()
    async with scene.watcher() as w:
        assert present(w.state(EMEA.name)).status is Status.RECOVERING


async def test_a_name_that_now_stands_for_another_account_has_no_past(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher():
        pass
    scene.connections = (connection(service_account="new@acme.example"),)
    scene.world.fault = RuntimeError()
    async with scene.watcher() as w:
        assert w.state(EMEA.name).was is None


async def test_a_broken_journal_is_set_aside_and_told(scene: Scene) -> None:
    scene.folder.mkdir(mode=0o700)
    (scene.folder / "journal.sqlite3").write_bytes(b"no database" * 1000)
    async with scene.watcher() as w:
        assert "set aside as journal.sqlite3.set-aside-1" in w.progress(EMEA.name).journal_problem
        assert present(w.state(EMEA.name)).status is Status.MONITORING


async def test_without_a_journal_the_watch_goes_on_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    scene = Scene(tmp_path / "file" / "state")
    async with scene.watcher() as w:
        assert present(w.state(EMEA.name)).status is Status.MONITORING
        assert w.progress(EMEA.name).journal_problem


async def test_without_a_journal_nothing_is_repaired(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    scene = Scene(tmp_path / "file" / "state")
    scene.world.freeze()
    async with scene.watcher() as w:
        with pytest.raises(Problem):
            await w.repair(EMEA.name, UNFREEZE)
        assert scene.world.sent == []


async def test_what_a_busy_journal_refused_is_written_with_the_next_reading(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        holder = sqlite3.connect(scene.folder / "journal.sqlite3", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        await w.walk(EMEA.name)
        assert "busy" in w.progress(EMEA.name).journal_problem
        holder.close()
        await scene.after(minutes=1)
        assert w.progress(EMEA.name).journal_problem == ""
    async with scene.watcher() as w:
        assert [name for name, _, _ in w.left_walkthroughs()] == [EMEA.name]


async def test_a_second_process_shows_what_the_first_one_reads(scene: Scene) -> None:
    async with scene.watcher(), scene.watcher() as second:
        assert second.following(EMEA.name) is not None
        scene.world.freeze()
        await scene.after(minutes=5)
        await scene.after(seconds=5)
        assert second.state(EMEA.name).status is Status.ERROR


async def test_a_second_process_reads_only_what_somebody_asks_it_for(scene: Scene) -> None:
    async with scene.watcher(), scene.watcher() as second:
        assert len(scene.world.reads) == 1
        second.check_now()
        await quiet()
        assert len(scene.world.reads) == 2
        assert second.following(EMEA.name) is not None
        await scene.after(minutes=5)
        assert len(scene.world.reads) == 3


async def test_a_second_process_walks_and_repairs_and_reads_by_itself_while_it_does(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as first, scene.watcher() as second:
        await second.walk(EMEA.name)
        second.attend(EMEA.name)
        assert second.following(EMEA.name) is None
        (outcome,) = await second.repair(EMEA.name, UNFREEZE)
        assert outcome.result == Result.APPLIED
        assert second.state(EMEA.name).status is Status.RECOVERING
        second.attend(None)
        assert second.following(EMEA.name) is not None
        await scene.after(minutes=1)
        assert first.state(EMEA.name).recovery.repaired.how == "program"


async def test_a_second_process_takes_over_when_the_first_one_ends(scene: Scene) -> None:
    first = scene.watcher()
    await first.__aenter__()
    async with scene.watcher() as second:
        await first.__aexit__(None, None, None)
        await scene.after(seconds=5)
        assert second.following(EMEA.name) is None
        assert len(scene.world.reads) == 2


async def test_of_the_walkthroughs_that_were_left_the_newest_comes_first(tmp_path: Path) -> None:
    emea, us = connection(name="Acme EMEA"), connection(name="Acme US")
    scene = Scene(tmp_path, (emea, us))
    scene.world.freeze()
    for name in (us.name, emea.name, us.name):
        async with scene.watcher() as w:
            await w.walk(name)
            await scene.after(minutes=1)
            await w.step_done(name)
    async with scene.watcher() as w:
        assert [name for name, _, _ in w.left_walkthroughs()] == [us.name, emea.name]


async def test_two_processes_may_watch_an_org_each(tmp_path: Path) -> None:
    emea, apac = connection(name="Acme EMEA"), connection(name="Beta APAC", org="beta")
    scene = Scene(tmp_path, (emea, apac))
    async with scene.watcher(apac.name), scene.watcher() as second:
        assert second.following(emea.name) is None
        assert second.following(apac.name) is not None
        assert scene.world.reads == [(apac.name,), (emea.name,)]
        assert second.state(emea.name).status is Status.MONITORING
        assert await second.walk(emea.name) is None


async def test_an_org_is_taken_over_alone_when_its_watcher_ends(tmp_path: Path) -> None:
    emea, apac = connection(name="Acme EMEA"), connection(name="Beta APAC", org="beta")
    scene = Scene(tmp_path, (emea, apac))
    first = scene.watcher(apac.name)
    await first.__aenter__()
    async with scene.watcher() as second:
        await first.__aexit__(None, None, None)
        await scene.after(seconds=5)
        assert second.following(apac.name) is None
        assert scene.world.reads == [(apac.name,), (emea.name,), (apac.name,)]


async def test_what_another_process_has_not_read_for_long_is_outdated(scene: Scene) -> None:
    async with scene.watcher() as first, scene.watcher() as second:
        await scene.after(seconds=5)
        assert not second.outdated(EMEA.name)
        first.pause(EMEA.name, True)
        await scene.after(minutes=12)
        assert second.outdated(EMEA.name)


async def test_history_tells_error_recovering_and_return_once_each(scene: Scene) -> None:
    async with scene.watcher() as w:
        scene.world.freeze()
        await scene.after(minutes=5)
        await scene.after(minutes=1)
        scene.world.unfreeze()
        await scene.after(minutes=1)
        await scene.after(minutes=2)
        scene.world.incydr_signs_in()
        await scene.after(seconds=30)
        told = [(e.kind, e.status) for e in reversed(await w.history(EMEA.name)) if e.status]
    assert told == [
        (EntryKind.STATUS, Status.MONITORING),
        (EntryKind.ERROR, Status.ERROR),
        (EntryKind.STATUS, Status.RECOVERING),
        (EntryKind.RETURNED, Status.MONITORING),
    ]


async def test_news_ring_once_for_error_and_return(scene: Scene) -> None:
    async with scene.watcher() as w:
        scene.world.freeze()
        await scene.after(minutes=5)
        assert [e.kind for e in w.take_news() if rings(e)] == [EntryKind.ERROR]
        await scene.after(minutes=1)
        assert w.take_news() == ()


async def test_a_restart_in_the_middle_of_an_error_does_not_ring_again(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher():
        pass
    scene.clock.advance(timedelta(minutes=1))
    async with scene.watcher() as w:
        assert [e for e in w.take_news() if rings(e)] == []


async def test_an_unchanged_state_is_written_every_quarter_of_an_hour_only(scene: Scene) -> None:
    async with scene.watcher():
        observer = scene.journal
        await observer.open()
        revision = (await held(observer)).revision
        await scene.after(minutes=5)
        assert (await held(observer)).revision == revision
        await scene.after(minutes=5)
        await scene.after(minutes=5)
        assert (await held(observer)).revision == revision + 1
        await observer.close()


class TestWalkthrough:
    async def test_it_begins_with_the_steps_of_the_cause(self, scene: Scene) -> None:
        scene.world.freeze()
        async with scene.watcher() as w:
            walk = await w.walk(EMEA.name)
            assert walk is not None
            assert walk.current == 0
            assert walk.items[-1].step == WAIT

    async def test_there_is_none_where_nothing_is_wrong(self, scene: Scene) -> None:
        async with scene.watcher() as w:
            assert await w.walk(EMEA.name) is None

    @pytest.mark.parametrize("steps", range(4))
    async def test_it_goes_on_at_the_same_step_in_the_next_process(self, scene: Scene, steps: int) -> None:
        scene.world.freeze()
        async with scene.watcher() as w:
            await w.walk(EMEA.name)
            for _ in range(steps):
                await w.step_done(EMEA.name)
            await quiet()
            left = w.walkthrough(EMEA.name)
        scene.clock.advance(timedelta(minutes=12))
        async with scene.watcher() as w:
            ((name, walk, at),) = w.left_walkthroughs()
            assert (name, walk.current) == (EMEA.name, left.current)
            assert scene.clock.now() - at == timedelta(minutes=12)
            assert (await w.walk(EMEA.name)).current == left.current
            assert w.left_walkthroughs() == ()

    async def test_resuming_reads_reality_first(self, scene: Scene) -> None:
        scene.world.freeze()
        async with scene.watcher() as w:
            await w.walk(EMEA.name)
        scene.world.unfreeze()
        scene.clock.advance(timedelta(minutes=5))
        watcher = Watcher(
            scene.config(),
            clock=scene.clock,
            net=Net(),
            journal=scene.journal,
            random=Middle(),
            clients=FakeClients(scene.world),
        )
        async with watcher as w:
            assert present(await w.walk(EMEA.name)).waiting

    async def test_a_repair_by_somebody_else_jumps_to_the_wait(self, scene: Scene) -> None:
        scene.world.freeze()
        async with scene.watcher() as w:
            await w.walk(EMEA.name)
            scene.world.unfreeze()
            await scene.after(minutes=1)
            walk = w.walkthrough(EMEA.name)
            assert walk.waiting
            assert {item.mark for item in walk.items[:-1]} == {Mark.SALESFORCE}

    async def test_the_return_closes_it(self, scene: Scene) -> None:
        scene.world.freeze()
        async with scene.watcher() as w:
            await w.walk(EMEA.name)
            scene.world.unfreeze()
            await scene.after(minutes=1)
            await scene.after(minutes=2)
            scene.world.incydr_signs_in()
            await scene.after(seconds=30)
            assert w.walkthrough(EMEA.name) is None
            assert (await w.history(EMEA.name))[0].result == "closed"

    async def test_back_and_skip_are_kept(self, scene: Scene) -> None:
        scene.world.freeze()
        async with scene.watcher() as w:
            await w.walk(EMEA.name)
            await w.step_skip(EMEA.name)
            assert w.walkthrough(EMEA.name).current == 1
            await w.step_back(EMEA.name)
            assert w.walkthrough(EMEA.name).current == 0
            lines = [e.result for e in await w.history(EMEA.name) if e.kind is EntryKind.STEP]
            assert lines == ["reopened", "skipped", "begun"]

    async def test_the_experience_is_remembered_for_the_org(self, scene: Scene) -> None:
        scene.world.freeze()
        async with scene.watcher() as w:
            await w.walk(EMEA.name)
            await w.switch_experience(EMEA.name)
            assert w.walkthrough(EMEA.name).experience is Experience.CLASSIC
        async with scene.watcher() as w:
            assert await w.switch_experience(EMEA.name) is Experience.LIGHTNING


async def test_the_operators_word_counts_only_after_the_repair(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        assert not await w.say_monitoring(EMEA.name, "ops")
        scene.world.unfreeze()
        await scene.after(minutes=1)
        scene.clock.advance(timedelta(seconds=10))
        assert await w.say_monitoring(EMEA.name, "ops")
        await quiet()
        assert present(w.state(EMEA.name)).status is Status.MONITORING


async def test_a_withdrawn_word_is_in_the_history_and_outlives_the_program(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        scene.world.unfreeze()
        await scene.after(minutes=1)
        scene.clock.advance(timedelta(seconds=10))
        assert not await w.withdraw_monitoring(EMEA.name, "ops")
        await w.say_monitoring(EMEA.name, "ops")
        scene.clock.advance(timedelta(seconds=10))
        assert await w.withdraw_monitoring(EMEA.name, "ops")
        newest = [entry_text(entry) for entry in newest_first(await w.history(EMEA.name))]
        assert newest[:2] == ["Recovering", 'ops takes back: "the console shows Monitoring"']
    async with scene.watcher() as w:
        assert present(w.state(EMEA.name)).status is Status.RECOVERING
        (outage,) = outages(await w.history(EMEA.name))[-1:]
        assert outage.ended is None


async def test_a_closed_walkthrough_is_offered_to_nobody(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        await w.walk(EMEA.name)
        await w.close_walk(EMEA.name)
        assert w.walkthrough(EMEA.name) is None
        await scene.after(minutes=1)
    async with scene.watcher() as w:
        assert w.left_walkthroughs() == ()
        assert present(await w.walk(EMEA.name)).current == 0
