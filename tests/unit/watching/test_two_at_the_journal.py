"""Two processes at one journal, in every order of their steps: nothing is lost, nothing is there twice."""

import itertools
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import present
from tests.unit.watching.fakes import EMEA, UNFREEZE, Scene, held, quiet
from tui.base.problem import Problem
from tui.connections.repair import Outcome, Result
from tui.connections.state import Status
from tui.connections.walkthrough import Mark
from tui.watching.entry import EntryKind
from tui.watching.journal import Journal

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
