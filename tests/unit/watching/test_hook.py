"""The program that is called for a change: what it hears, how often it is tried, and what a restart remembers."""

import json
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.evidence import NOW, connection, evidence, froze, login, trail
from tests.unit.watching.fakes import EMEA, FakeClients, Middle, Scene, another_holder, quiet
from tui.connections.state import State, Status
from tui.console.examination import journal_records
from tui.diagnosis.diagnose import first_state
from tui.net import Net
from tui.reports.changes import hook_of
from tui.watching.entry import Entry, EntryKind
from tui.watching.hook import BACK_OFF, TRIES, Delivery, acknowledged, delivery, failed, retry_at, tried
from tui.watching.mutes import Mute
from tui.watching.receipts import Line, Receipt
from tui.watching.watcher import Watcher

MINUTE = timedelta(minutes=1)


def state(*, frozen: bool) -> State:
    audit = trail(froze(NOW)) if frozen else trail()
    reading = evidence(freeze=login(frozen=frozen), audit=audit)
    return first_state(connection(), reading)


def line(number: int, kind: EntryKind = EntryKind.ERROR, noticed: datetime = NOW) -> Line:
    return Line(number, noticed, Entry(noticed, EMEA.name, kind, f"key {number}"))


ERROR, WELL = state(frozen=True), state(frozen=False)
WAS_WELL = Receipt(acknowledged=3, status=Status.MONITORING)


def test_several_changes_at_once_are_one_delivery() -> None:
    made = delivery(WAS_WELL, [line(4), line(5, EntryKind.STATUS), line(6)], ERROR, NOW)
    assert made is not None
    assert (made.before, made.after, len(made.lines), made.newest) == (
        Status.MONITORING,
        Status.ERROR,
        3,
        6,
    )


@pytest.mark.parametrize(
    "kind", [EntryKind.STEP, EntryKind.WORD, EntryKind.CHANGE, EntryKind.DIFFERENCE, EntryKind.MUTE]
)
def test_what_the_operator_does_himself_calls_nobody(kind: EntryKind) -> None:
    assert delivery(WAS_WELL, [line(4, kind)], ERROR, NOW) is None


def test_of_what_is_older_than_an_hour_only_the_status_now_is_told() -> None:
    old = line(4, noticed=NOW - timedelta(hours=2))
    made = delivery(WAS_WELL, [old], ERROR, NOW)
    assert made is not None and made.lines == () and made.after is Status.ERROR
    assert delivery(WAS_WELL, [old], WELL, NOW) is None


def test_what_was_noticed_while_muted_is_told_as_the_status_after_it() -> None:
    mute = Mute(NOW - 30 * MINUTE, NOW - MINUTE)
    during = line(4, noticed=NOW - 10 * MINUTE)
    made = delivery(WAS_WELL, [during], ERROR, NOW, mute)
    assert made is not None and made.lines == ()
    assert delivery(WAS_WELL, [during], WELL, NOW, mute) is None
    after = delivery(WAS_WELL, [during, line(5)], ERROR, NOW, mute)
    assert after is not None and [each.number for each in after.lines] == [5]


def test_a_first_sight_of_a_healthy_connection_calls_nobody() -> None:
    first = line(1, EntryKind.STATUS)
    assert delivery(Receipt(), [first], WELL, NOW) is None
    assert delivery(Receipt(), [first], ERROR, NOW) is not None


def test_an_outage_keeps_its_key_until_the_return_and_the_next_one_has_another() -> None:
    def heard(receipt: Receipt, number: int, now: State) -> tuple[Delivery, Receipt]:
        made = delivery(receipt, [line(number)], now, NOW)
        assert made is not None
        return made, acknowledged(tried(receipt, made, NOW), made)

    began, receipt = heard(WAS_WELL, 4, ERROR)
    again, receipt = heard(receipt, 5, ERROR)
    back, receipt = heard(receipt, 6, WELL)
    other, _ = heard(receipt, 7, ERROR)
    assert began.dedup_key == again.dedup_key == back.dedup_key != other.dedup_key
    assert len({began.id, again.id, back.id, other.id}) == 4


def test_five_tries_with_growing_pauses_then_it_is_given_up_and_counted() -> None:
    receipt, now, pauses = WAS_WELL, NOW, []
    made = delivery(receipt, [line(4)], ERROR, now)
    assert made is not None
    for _ in range(TRIES):
        receipt = failed(tried(receipt, made, now), made, "exit 1")
        if (again := retry_at(receipt, made.newest)) is not None:
            pauses.append(again - now)
            now = again
    assert tuple(pauses) == BACK_OFF
    assert (receipt.given_up, receipt.acknowledged, receipt.trouble) == (1, 4, "exit 1")
    assert receipt.status is Status.MONITORING, "the receiver still believes what it heard last"


def test_a_newer_change_does_not_wait_for_the_older_ones_pause() -> None:
    made = delivery(WAS_WELL, [line(4)], ERROR, NOW)
    assert made is not None
    receipt = failed(tried(WAS_WELL, made, NOW), made, "exit 1")
    newer = delivery(receipt, [line(4), line(5)], ERROR, NOW)
    assert newer is not None and retry_at(receipt, newer.newest) is None
    assert tried(receipt, newer, NOW).tries == 1 and newer.dedup_key == made.dedup_key


# The runner, with a real program


class Program:
    """A receiver that notes what it hears and ends with the code that stands in a file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "hook with a space.sh"
        self.path.write_text(
            "#!/bin/sh\n"
            f"n=$(ls '{folder}' | grep -c heard)\n"
            f"cat > '{folder}'/heard.$n\n"
            f"exit $(cat '{folder}/code')\n"
        )
        self.path.chmod(stat.S_IRWXU)
        self.ends_with(0)

    def ends_with(self, code: int) -> None:
        (self.folder / "code").write_text(str(code))

    @property
    def heard(self) -> list[dict[str, object]]:
        files = sorted(self.folder.glob("heard.*"), key=lambda path: int(path.suffix[1:]))
        return [json.loads(path.read_text()) for path in files]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    folder = tmp_path / "receiver"
    folder.mkdir()
    return Program(folder)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


@asynccontextmanager
async def watch(scene: Scene, program: Program) -> AsyncIterator[Watcher]:
    config = scene.config()
    watcher = Watcher(
        config,
        clock=scene.clock,
        net=Net(),
        journal=scene.journal,
        random=Middle(),
        clients=FakeClients(scene.world),
        hook=hook_of(config, (str(program.path),)),
    )
    async with watcher:
        await quiet()
        yield watcher


async def passes(scene: Scene, watcher: Watcher, **span: float) -> None:
    """Let time pass, and every call of the hook that is due end."""
    await scene.after(**span)
    assert watcher.hook is not None
    await watcher.hook.settled()


async def freeze(scene: Scene, watcher: Watcher) -> None:
    scene.world.freeze()
    watcher.check_now()
    await passes(scene, watcher, seconds=3)
    await passes(scene, watcher, seconds=3)


async def test_a_change_reaches_the_program_once_as_json(scene: Scene, program: Program) -> None:
    async with watch(scene, program) as watcher:
        await passes(scene, watcher, seconds=5)
        assert program.heard == []
        await freeze(scene, watcher)
        await passes(scene, watcher, minutes=10)
        (heard,) = program.heard
        assert (heard["connection"], heard["from"], heard["to"], heard["cause"]) == (
            EMEA.name,
            "Monitoring",
            "Error",
            "user_frozen",
        )


async def test_a_restart_neither_loses_nor_repeats(scene: Scene, program: Program) -> None:
    program.ends_with(1)
    async with watch(scene, program) as watcher:
        await freeze(scene, watcher)
        (first,) = program.heard
    program.ends_with(0)
    async with watch(scene, program) as watcher:
        await passes(scene, watcher, seconds=30)
        assert [heard["id"] for heard in program.heard] == [first["id"]] * 2
    async with watch(scene, program) as watcher:
        await passes(scene, watcher, minutes=5)
        assert len(program.heard) == 2


async def test_a_new_program_hears_of_what_is_not_well_and_of_nothing_else(
    scene: Scene, program: Program
) -> None:
    async with scene.watcher(standing=False):
        await scene.after(seconds=5)
    scene.world.freeze()
    async with scene.watcher(standing=False):
        await scene.after(seconds=5)
    await scene.after(hours=3)
    for _ in range(2):
        async with watch(scene, program) as watcher:
            await passes(scene, watcher, minutes=5)
            (heard,) = program.heard
            assert (heard["from"], heard["to"], heard["cause"]) == (None, "Error", "user_frozen")


async def test_what_the_journal_remembers_is_not_told_before_the_org_was_asked(
    scene: Scene, program: Program
) -> None:
    scene.world.freeze()
    async with scene.watcher(standing=False):
        await scene.after(seconds=5)
    scene.world.unfreeze()
    async with watch(scene, program) as watcher:
        await passes(scene, watcher, minutes=5)
        assert "Error" not in [heard["to"] for heard in program.heard]


async def test_what_a_check_beside_it_wrote_is_delivered_too(scene: Scene, program: Program) -> None:
    async with watch(scene, program) as watcher:
        await passes(scene, watcher, seconds=5)
        scene.world.freeze()
        async with scene.watcher(standing=False):
            pass
        await passes(scene, watcher, seconds=3)
        assert [heard["to"] for heard in program.heard] == ["Error"]


async def test_only_the_holder_of_the_lease_delivers(scene: Scene, program: Program) -> None:
    async with another_holder(scene), watch(scene, program) as watcher:
        async with scene.watcher(standing=False):
            scene.world.freeze()
        async with scene.watcher(standing=False):
            pass
        await passes(scene, watcher, seconds=30)
        assert program.heard == []


async def test_a_muted_connection_calls_nobody_until_its_end_and_never_hides_its_status(
    scene: Scene, program: Program
) -> None:
    async with watch(scene, program) as watcher:
        await passes(scene, watcher, seconds=5)
        assert await watcher.keep_still(EMEA.name, scene.clock.now() + timedelta(hours=2), "upgrade", "ops")
        await freeze(scene, watcher)
        shown = watcher.state(EMEA.name)
        assert watcher.take_news() == ()
        assert program.heard == [] and shown is not None and shown.status is Status.ERROR
        for _ in range(125):
            await passes(scene, watcher, minutes=1)
        assert [heard["to"] for heard in program.heard] == ["Error"]
        assert watcher.mute(EMEA.name) is None
        (told,) = [e for e in await watcher.history(EMEA.name) if e.kind is EntryKind.MUTE]
        assert (told.by, told.text, told.result) == ("ops", "upgrade", "7200")


async def test_a_program_that_cannot_be_started_is_tried_five_times_and_the_watch_goes_on(
    scene: Scene, program: Program
) -> None:
    program.path.unlink()
    async with watch(scene, program) as watcher:
        await freeze(scene, watcher)
        for _ in range(20):
            await passes(scene, watcher, minutes=1)
        assert watcher.hook is not None
        (receipt,) = (await watcher.hook.receipts()).values()
        steps = {step.name: step for step in await journal_records(scene.journal.path)}
        assert steps["hook"].good is None and "1 change not delivered" in steps["hook"].detail
        assert receipt.given_up == 1 and "cannot be started" in receipt.trouble
        assert (shown := watcher.state(EMEA.name)) is not None and shown.status is Status.ERROR
