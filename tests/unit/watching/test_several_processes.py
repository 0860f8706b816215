"""Several processes at one journal: leases, turns, and who writes what."""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import NOW, connection, present
from tests.unit.watching.fakes import EMEA, UNFREEZE, Scene, held, quiet, store
from tests.unit.watching.test_journal import sick
from tui.base.problem import Problem
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence
from tui.connections.repair import Outcome, Result
from tui.connections.state import Status
from tui.connections.walkthrough import Mark
from tui.watching import leases
from tui.watching.entry import EntryKind
from tui.watching.journal import Journal, Stored, Transition
from tui.watching.leases import LeaseLost

SOON = NOW + timedelta(minutes=10)
LATER = NOW + timedelta(minutes=20)

HOLDER = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from tui.watching.journal import Journal

async def main():
    journal = Journal(Path(sys.argv[1]))
    await journal.open()
    now, until = map(datetime.fromisoformat, sys.argv[2:])
    print((await journal.leases.take("acme", now, until)).generation, flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Journal, Journal]]:
    """Two connections to one file."""
    journals = Journal(tmp_path / "journal.db"), Journal(tmp_path / "journal.db")
    for journal in journals:
        await journal.open()
    yield journals
    for journal in journals:
        await journal.close()


async def test_the_first_one_has_it_and_is_named(pair: tuple[Journal, Journal]) -> None:
    first, second = pair
    assert present(await first.leases.take("acme", NOW, SOON)).generation == 1
    assert await second.leases.take("acme", NOW, SOON) is None
    assert present(await second.leases.holder("acme")).words.startswith(f"process {os.getpid()}")
    assert await second.leases.take("beta", NOW, SOON) is not None


async def test_one_that_has_run_out_goes_to_the_next_with_a_higher_generation(
    pair: tuple[Journal, Journal],
) -> None:
    first, second = pair
    old = present(await first.leases.take("acme", NOW, SOON))
    new = present(await second.leases.take("acme", SOON, LATER))
    assert (old.generation, new.generation) == (1, 2)
    assert not await first.leases.renew(old, LATER)
    assert await second.leases.renew(new, LATER)


async def test_one_that_has_run_out_is_still_its_holders_while_nobody_wants_it(
    pair: tuple[Journal, Journal],
) -> None:
    first, second = pair
    lease = present(await first.leases.take("acme", NOW, SOON))
    assert await first.leases.renew(lease, LATER)
    assert await second.leases.take("acme", SOON, LATER) is None


async def test_what_was_given_back_is_free_and_its_number_never_comes_again(
    pair: tuple[Journal, Journal],
) -> None:
    first, second = pair
    lease = present(await first.leases.take("acme", NOW, SOON))
    await first.leases.release(lease)
    assert present(await second.leases.take("acme", NOW, SOON)).generation == 2
    await first.leases.release(lease)
    assert await first.leases.take("acme", NOW, SOON) is None


async def test_a_write_of_an_old_generation_changes_nothing(pair: tuple[Journal, Journal]) -> None:
    first, second = pair
    old = await first.leases.take("acme", NOW, SOON)
    await second.leases.take("acme", SOON, LATER)
    made = Transition(sick(), NOW)
    with pytest.raises(LeaseLost):
        await first.transition(EMEA.name, lambda _: made, Stored(), NOW, lease=old)
    assert (await held(second)).state is None


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_killed_process_gives_it_back_at_once_a_stopped_one_when_it_runs_out(
    tmp_path: Path, sent: signal.Signals
) -> None:
    path = tmp_path / "journal.db"
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HOLDER,
        path,
        NOW.isoformat(),
        SOON.isoformat(),
        cwd=Path(__file__).parents[3],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert await present(child.stdout).readline() == b"1\n"
    journal = Journal(path)
    await journal.open()
    try:
        assert await journal.leases.take("acme", NOW, SOON) is None
        assert f"process {child.pid}" in present(await journal.leases.holder("acme")).words
        child.send_signal(sent)
        if sent == signal.SIGKILL:
            await child.wait()
        early = await journal.leases.take("acme", NOW, SOON)
        assert (early is not None) is (sent == signal.SIGKILL)
        assert early or await journal.leases.take("acme", SOON, LATER)
    finally:
        await journal.close()
        if sent != signal.SIGKILL:
            child.kill()
            await child.wait()


def test_of_another_machine_nobody_knows_whether_a_process_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert leases.process_gone(leases.this_host(), child.pid)
    assert not leases.process_gone("elsewhere", child.pid)
    assert leases.process_in_words("elsewhere pid:[1]", 7, "pts/1") == "process 7 on pts/1 of elsewhere"


async def test_a_watch_that_hangs_loses_its_org_and_shows_what_the_next_one_reads(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(scene.watcher())
        first.pause(EMEA.name, True)
        second = await stack.enter_async_context(scene.watcher())
        assert second.following(EMEA.name) is not None
        for _ in range(4):
            await scene.after(minutes=5)
        assert second.following(EMEA.name) is None
        first.pause(EMEA.name, False)
        await quiet()
        await scene.after(seconds=5)
        assert first.following(EMEA.name) is not None
        scene.world.freeze()
        await scene.after(minutes=5)
        await scene.after(seconds=5)
        assert first.state(EMEA.name).status is Status.ERROR


async def test_orgs_have_leases_of_their_own(tmp_path: Path) -> None:
    apac = connection(name="Beta APAC", org="beta")
    scene = Scene(tmp_path / "state", (EMEA, apac))
    async with scene.watcher(apac.name), scene.watcher() as second:
        assert (second.following(EMEA.name), second.following(apac.name) is None) == (None, False)


async def test_a_reading_that_began_before_the_stored_one_changes_nothing(tmp_path: Path) -> None:
    """Deterministic: the stored state is another process's, and began while this one was reading."""
    scene = Scene(tmp_path / "state")
    journal = scene.journal
    async with scene.watcher(standing=False) as command:
        await journal.open()
        original = scene.world.read

        async def slow(connections: Sequence[Connection]) -> dict[str, Evidence]:
            found = await original(connections)
            scene.clock.advance(timedelta(seconds=3))
            later = sick()
            await store(journal, later)
            # It began two seconds after this one.
            present(journal._data._sqlite).execute(
                "UPDATE states SET began = ?", ((scene.clock.now() - timedelta(seconds=1)).isoformat(),)
            )
            return found

        scene.world.read = slow  # type: ignore[method-assign]
        command.check_now()
        scene.clock.advance(timedelta(seconds=2))
        await quiet()
        assert present(command.state(EMEA.name)).status is Status.ERROR
        assert present((await held(journal)).state).status is Status.ERROR
        await journal.close()


APPLIED = (Outcome(Result.APPLIED),)


def orders(one: int, other: int) -> Iterator[tuple[int, ...]]:
    """Every way to interleave so many steps of two processes, each in its own order."""
    for places in itertools.combinations(range(one + other), one):
        yield tuple(0 if place in places else 1 for place in range(one + other))


class Sender:
    """A process that sends one repair: intent, the call itself, outcome."""

    def __init__(self, journal: Journal, scene: Scene, sent: list[str], name: str) -> None:
        self.journal, self.scene, self.sent, self.name = journal, scene, sent, name
        self.number: int | None = None
        self.refused = False

    async def intend(self) -> None:
        try:
            self.number = await self.journal.intend(EMEA.name, UNFREEZE, self.name, self.scene.clock.now())
        except Problem:
            self.refused = True

    async def send(self) -> None:
        if self.number is not None:
            self.sent.append(self.name)

    async def complete(self) -> None:
        if self.number is not None:
            await self.journal.complete(self.number, APPLIED, self.scene.clock.now())

    def steps(self) -> list[Callable[[], Awaitable[None]]]:
        return [self.intend, self.send, self.complete]


@pytest.mark.parametrize("order", list(orders(3, 3)), ids=lambda o: "".join(map(str, o)))
async def test_one_record_has_one_change_under_way_in_every_order(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    scene, sent = Scene(tmp_path / "state"), list[str]()
    journals = scene.journal, scene.journal
    for journal in journals:
        await journal.open()
    senders = [Sender(j, scene, sent, name) for j, name in zip(journals, ("one", "other"), strict=True)]
    steps = [iter(sender.steps()) for sender in senders]
    for who in order:
        await next(steps[who])()
    done = await journals[0].sent(EMEA.name)
    assert sorted(s.operator for s in done) == sorted(sent)
    assert all(s.outcomes == APPLIED for s in done)
    overlapping = order not in ((0, 0, 0, 1, 1, 1), (1, 1, 1, 0, 0, 0))
    assert len(sent) == (1 if overlapping else 2)
    for journal in journals:
        await journal.close()


@pytest.mark.parametrize("order", list(orders(3, 3)), ids=lambda o: "".join(map(str, o)))
async def test_a_transition_is_told_once_whoever_reads_it_first(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    """Each process reads three times: well, frozen, repaired; the org changes with whoever comes first."""
    scene = Scene(tmp_path / "state")
    async with scene.watcher(standing=False) as one, scene.watcher(standing=False) as other:
        turns, watchers = [0, 0], (one, other)
        furthest = 0
        for who in order:
            turns[who] += 1
            if turns[who] > furthest:
                furthest = turns[who]
                if furthest == 2:
                    scene.world.freeze()
                if furthest == 3:
                    scene.world.unfreeze()
            scene.clock.advance(timedelta(seconds=3))
            watchers[who].check_now()
            await quiet()
        history = [e for e in await one.history(EMEA.name) if e.status is not None]
    assert [e.status for e in reversed(history)] == [Status.MONITORING, Status.ERROR, Status.RECOVERING]
    assert len({e.key for e in history}) == len(history)


@pytest.mark.parametrize("order", list(orders(2, 2)), ids=lambda o: "".join(map(str, o)))
async def test_keys_in_two_processes_both_move_the_one_walkthrough(
    tmp_path: Path, order: tuple[int, ...]
) -> None:
    scene = Scene(tmp_path / "state")
    scene.world.freeze()
    async with scene.watcher(standing=False) as one, scene.watcher(standing=False) as other:
        watchers = (one, other)
        await one.walk(EMEA.name)
        await other.walk(EMEA.name)
        for who in order[:3]:
            await watchers[who].step_skip(EMEA.name)
        journal = scene.journal
        await journal.open()
        walk = present((await held(journal)).walk)
        assert [item.mark for item in walk.items[:3]] == [Mark.SKIPPED] * 3
        lines = [e for e in await journal.history(EMEA.name) if e.kind is EntryKind.STEP]
        assert [e.result for e in lines].count("begun") == 1
        assert [e.result for e in lines].count("skipped") == 3
        await journal.close()


@pytest.mark.parametrize(("before", "joined"), [(0.2, True), (5, False)])
async def test_one_of_many_commands_lets_those_that_still_load_join_its_reading(
    tmp_path: Path, before: float, joined: bool
) -> None:
    """It took half a second to load; another command's reading began so many seconds before it did."""
    scene = Scene(tmp_path / "state")
    async with scene.watcher(standing=False):
        pass
    scene.clock.advance(timedelta(seconds=before))
    began = scene.clock.now() + timedelta(seconds=0.1)
    scene.clock.advance(timedelta(seconds=0.6))
    scene.world.reads.clear()
    async with scene.watcher(standing=False, not_before=began):
        assert bool(scene.world.reads) is not joined
        await scene.after(seconds=0.5)
        assert scene.world.reads
