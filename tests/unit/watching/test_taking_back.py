"""What takes the last repair back, and why nothing does."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.evidence import ACCOUNT, NOW, present
from tests.unit.watching.fakes import EMEA, UNFREEZE, Scene
from tui.connections.repair import (
    PROFILE_NAME,
    USERNAME,
    Create,
    Delete,
    NoRepair,
    Outcome,
    Repair,
    Result,
    Update,
)
from tui.connections.state import Status
from tui.watching.entry import EntryKind
from tui.watching.journal import Sent
from tui.watching.taking_back import offer, reverse

DONE = Outcome(Result.APPLIED, changed_at=NOW)
BACK = Update("UserLogin", "0Yw1", "freeze", {"IsFrozen": False}, {"IsFrozen": True}, NOW)
SET = Create("PermissionSet", "set", "the set", {"Name": "Incydr", "PermissionsApiEnabled": True})
ASSIGN = Create(
    "PermissionSetAssignment", "a", "the set for svc", {"AssigneeId": "005", "PermissionSetId": "@{set}"}
)
GRANT = Repair("permissions_missing", "Grant", (SET, ASSIGN), needs=(("AssignPermissionSets",),))


def sent(repair: Repair, *outcomes: Outcome, ago: timedelta = timedelta(minutes=5)) -> Sent:
    return Sent(repair, "ops@acme.example", NOW - ago, NOW - ago, outcomes)


def reason(*found: Sent) -> str:
    undo = offer(found, ACCOUNT, NOW)
    assert isinstance(undo, NoRepair)
    return undo.reason


def undo_of(*found: Sent) -> Repair:
    undo = offer(found, ACCOUNT, NOW)
    assert isinstance(undo, Repair)
    return undo


def test_each_value_is_set_back_where_the_record_is_as_the_repair_left_it() -> None:
    undo = undo_of(sent(UNFREEZE, DONE))
    assert undo.changes == (BACK,)
    assert (undo.title, undo.takes_back) == ('Undo "Unfreeze"', True)


def test_a_name_is_always_typed_the_repairs_own_or_the_accounts() -> None:
    undo = undo_of(sent(UNFREEZE, DONE))
    assert (undo.confirm, undo.confirm_what) == (ACCOUNT, USERNAME)
    on_profile = msgspec.structs.replace(UNFREEZE, confirm="Sales", confirm_what=PROFILE_NAME)
    undo = undo_of(sent(on_profile, DONE))
    assert (undo.confirm, undo.confirm_what) == ("Sales", PROFILE_NAME)


def test_what_was_created_is_deleted_the_last_first_and_a_set_only_as_it_was_made() -> None:
    undo = undo_of(
        sent(GRANT, Outcome(Result.APPLIED, created="0PS1"), Outcome(Result.APPLIED, created="0Pa1"))
    )
    assert undo.changes == (
        Delete("PermissionSetAssignment", "0Pa1", "the set for svc"),
        Delete("PermissionSet", "0PS1", "the set", {"PermissionsApiEnabled": True}, ("005",)),
    )
    assert undo.needs == GRANT.needs


def test_what_was_there_already_is_not_the_programs_to_take_back() -> None:
    there = Outcome(Result.APPLIED, "was there already.", already=True)
    undo = undo_of(sent(GRANT, there, Outcome(Result.APPLIED, created="0Pa1")))
    assert undo.changes == (Delete("PermissionSetAssignment", "0Pa1", "the set for svc"),)
    assert "it was so already" in str(reverse(UNFREEZE, (there,), ACCOUNT))


def test_of_a_repair_that_stopped_half_way_the_first_half_is_taken_back() -> None:
    half = sent(GRANT, Outcome(Result.APPLIED, created="0PS1"), Outcome(Result.REFUSED, "no"))
    assert [type(change) for change in undo_of(half).changes] == [Delete]


def test_two_changes_of_one_record_expect_its_last_change() -> None:
    first = Update("User", "005", "svc", {"A": False}, {"A": True})
    second = Update("User", "005", "svc", {"B": "x"}, {"B": "y"})
    later = NOW + timedelta(seconds=3)
    undo = undo_of(sent(Repair("x", "X", (first, second)), DONE, Outcome(Result.APPLIED, changed_at=later)))
    assert [change.after for change in undo.changes if isinstance(change, Update)] == [
        {"B": "x"},
        {"A": False},
    ]
    assert {change.changed_at for change in undo.changes if isinstance(change, Update)} == {later}


def test_an_unlock_cannot_be_taken_back() -> None:
    locked = Update("UserLogin", "0Yw1", "lock", {"IsPasswordLocked": True}, {"IsPasswordLocked": False})
    told = reason(sent(Repair("sign_in_blocked", "Unlock", (locked,)), DONE))
    assert told == "An unlock cannot be undone: in Salesforce nobody can lock a password."


def test_why_nothing_is_taken_back() -> None:
    taken = msgspec.structs.replace(UNFREEZE, takes_back=True)
    assert "no repair here" in reason()
    assert "no repair here" in reason(sent(UNFREEZE, Outcome(Result.REFUSED, "no")))
    assert "not known yet" in reason(Sent(UNFREEZE, "ops", NOW))
    assert "older than 24 hours" in reason(sent(UNFREEZE, DONE, ago=timedelta(hours=24, seconds=1)))
    assert "already undone" in reason(sent(taken, DONE), sent(UNFREEZE, DONE))
    assert "Delete it in Setup" in reason(
        sent(GRANT, Outcome(Result.APPLIED, "read back"), Outcome(Result.APPLIED))
    )


def test_a_taking_back_that_failed_can_be_tried_again_and_a_refused_repair_hides_none() -> None:
    taken = msgspec.structs.replace(UNFREEZE, takes_back=True)
    assert undo_of(sent(taken, Outcome(Result.REFUSED, "no")), sent(UNFREEZE, DONE)).changes == (BACK,)
    assert undo_of(sent(GRANT, Outcome(Result.REFUSED, "no")), sent(UNFREEZE, DONE)).changes == (BACK,)


def test_what_an_earlier_version_wrote_is_taken_back_by_its_values_alone() -> None:
    old = b'{"result":"applied","message":"","next_step":"","error_code":""}'
    assert msgspec.json.decode(old, type=Outcome) == Outcome(Result.APPLIED)
    written = msgspec.json.decode(
        msgspec.json.encode(UNFREEZE).replace(b',"takes_back":false', b""), type=Repair
    )
    assert written == UNFREEZE
    (change,) = undo_of(sent(written, Outcome(Result.APPLIED))).changes
    assert isinstance(change, Update)
    assert (change.before, change.changed_at) == ({"IsFrozen": False}, None)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state")


async def test_taken_back_the_cause_is_there_again_and_the_journal_tells_both(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        await w.repair(EMEA.name, UNFREEZE)
        assert w.state(EMEA.name).status is Status.RECOVERING
        scene.clock.advance(timedelta(seconds=30))
        undo = await w.undo_offer(EMEA.name)
        assert isinstance(undo, Repair)
        await w.repair(EMEA.name, undo)
        state = w.state(EMEA.name)
        assert state.status is Status.ERROR
        assert present(state.recovery).repaired is None
        told = [e.text for e in await w.history(EMEA.name) if e.kind is EntryKind.CHANGE]
        assert told == ['Undo "Unfreeze"', "Unfreeze"]
    async with scene.watcher() as w:
        assert "already" in (await w.undo_offer(EMEA.name)).reason


async def test_a_taking_back_that_was_cut_off_is_read_back_and_repairs_nothing(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        await w.repair(EMEA.name, UNFREEZE)
        undo = await w.undo_offer(EMEA.name)
    journal = scene.journal
    await journal.open()
    await journal.intend(EMEA.name, undo, "ops@acme.example", scene.clock.now())
    await journal.close()
    scene.clock.advance(timedelta(seconds=20))
    scene.world.freeze()
    before = len(scene.world.sent)
    async with scene.watcher() as w:
        assert scene.world.asked_back == [undo]
        assert len(scene.world.sent) == before
        assert present(w.state(EMEA.name)).status is Status.ERROR


async def test_without_a_reading_nothing_is_taken_back(scene: Scene) -> None:
    scene.world.freeze()
    async with scene.watcher() as w:
        await w.repair(EMEA.name, UNFREEZE)
        scene.world.hide()
        await scene.after(minutes=1)
        assert "rights could not be read" in (await w.undo_offer(EMEA.name)).reason
