"""What is remembered belongs to the org and the user that answered."""

from msgspec.structs import replace

from tests.states import CLEAN, CONNECTION, at, event, finding, reading, sick
from tui.connections.evidence import OrgIdentity, User
from tui.connections.finding import ProofKind
from tui.connections.memory import stands_for
from tui.connections.recovery import advance
from tui.connections.state import State, Status

MINE = {"org": OrgIdentity("00D000000000001AAA", "Acme")}
COPY = {"org": OrgIdentity("00D000000000002AAA", "Acme copy")}


def frozen() -> State:
    """An open outage of the right org."""
    well = advance(CONNECTION, None, reading(-10, **MINE), CLEAN)
    return advance(CONNECTION, well, reading(0, **MINE), sick(finding("user_frozen", 0, -5)))


def test_another_org_takes_nothing_over_and_gives_all_back() -> None:
    before = frozen()
    copy = advance(CONNECTION, before, reading(5, **COPY), CLEAN)
    assert copy.recovery is None
    again = advance(CONNECTION, copy, reading(10, **MINE), sick(finding("user_frozen", 10, -5)))
    assert again.recovery is not None
    assert before.recovery is not None
    assert again.recovery.began == before.recovery.began


def test_another_user_of_the_same_name_has_a_memory_of_his_own() -> None:
    other = User("005000000000002AAA", CONNECTION.service_account, "Incydr Service", True)
    state = advance(CONNECTION, frozen(), reading(5, user=other, **MINE), CLEAN)
    assert state.recovery is None
    assert [each.subject for each in state.other_memories] == [("00D000000000001", "005000000000001")]


def test_a_renamed_account_keeps_its_memory() -> None:
    renamed = replace(CONNECTION, service_account="incydr.new@acme.example", user_id="005000000000001AAA")
    assert stands_for(frozen(), renamed)
    state = advance(renamed, frozen(), reading(5, **MINE), sick(finding("user_frozen", 5, -5)))
    assert state.recovery is not None
    assert state.recovery.began == at(-5)


def test_a_corrected_detector_drops_the_events_alone() -> None:
    well = advance(CONNECTION, None, reading(0, events=event(-3), **MINE), CLEAN)
    assert {p.kind for p in well.proofs} == {ProofKind.EVENT, ProofKind.SIGN_IN}
    corrected = replace(CONNECTION, detector_name="Acme Europe")
    state = advance(corrected, well, reading(5, **MINE), CLEAN)
    assert {p.kind for p in state.proofs} == {ProofKind.SIGN_IN}


def test_a_pinned_app_drops_the_sign_ins_alone_and_never_an_open_outage() -> None:
    before = frozen()
    pinned = replace(CONNECTION, incydr_app="Incydr by Mimecast")
    state = advance(pinned, before, reading(5, **MINE), sick(finding("user_frozen", 5, -5)))
    assert state.recovery is not None
    assert ProofKind.SIGN_IN not in {p.kind for p in state.proofs}


def test_a_clock_that_ran_ahead_leaves_no_false_overdue() -> None:
    early = advance(CONNECTION, frozen(), reading(10 * 24 * 60, **MINE), CLEAN)
    assert early.status is Status.RECOVERING
    state = advance(CONNECTION, early, reading(5, **MINE), CLEAN)
    assert not state.overdue
    assert all(bad.at <= at(5) for bad in state.counter_evidence)
