"""What is remembered of a connection belongs to one subject: the org and the user that answered.

Where another one answers it is set aside, and holds again when its own subject does. Where only the configuration
of the connection changed, the proofs that rest on it fall.
"""

from datetime import datetime

from msgspec.structs import replace

from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, value_of
from tui.connections.finding import Diagnosis, ProofKind
from tui.connections.state import Memory, State, Status

MOST_REMEMBERED = 4
"""How many other subjects are remembered."""


def recalled(
    connection: Connection, previous: State | None, evidence: Evidence, diagnosis: Diagnosis
) -> State | None:
    """The state before, with what is remembered of the subject that answers now and of this configuration."""
    if previous is None:
        return None
    state = _without_future(_of_subject(previous, subject_of(evidence), connection), evidence.org_now)
    return _without_fallen(state, connection)


def configured(state: State, connection: Connection) -> State:
    """A state as another process stored it, for this configuration: without the proofs that do not rest on it.

    Whether the account is shared stays as it was read there; the next reading here decides it.
    """
    connection = replace(connection, shared=state.connection.shared)
    return replace(_without_fallen(state, connection), connection=connection)


def _without_fallen(state: State, connection: Connection) -> State:
    before = state.connection
    fallen: set[ProofKind] = set()
    if (before.incydr_app, before.shared) != (connection.incydr_app, connection.shared):
        fallen.add(ProofKind.SIGN_IN)
    rests_on = (before.detector_name, before.tenant, before.only_connection)
    if rests_on != (connection.detector_name, connection.tenant, connection.only_connection):
        fallen.add(ProofKind.EVENT)
    if before.status_command != connection.status_command:
        fallen.add(ProofKind.CONSOLE)
    if not fallen:
        return state
    proofs = tuple(proof for proof in state.proofs if proof.kind not in fallen)
    return replace(state, proofs=proofs)


def stands_for(state: State, connection: Connection) -> bool:
    """Whether a state is about the account that the connection names: by the Ids as read, else by the names."""
    before = state.connection
    if before.org != connection.org:
        return False
    if state.subject is not None and connection.user_id is not None:
        return state.subject[1] == connection.user_id[:15]
    return before.service_account.casefold() == connection.service_account.casefold()


def subject_of(evidence: Evidence) -> tuple[str, str] | None:
    """The Ids of org and user as read; None where one of them was not."""
    org, user = value_of(evidence.org), value_of(evidence.user)
    return (org.id[:15], user.id[:15]) if org is not None and user is not None else None


def _of_subject(state: State, subject: tuple[str, str] | None, connection: Connection) -> State:
    """The state with the memory of the subject that was read; unread, the names decide whose memory may count."""
    if subject == state.subject or (subject is None and stands_for(state, connection)):
        return state
    if state.subject is None:
        # Nothing was read before: only what another name stands for is left behind.
        return (
            state if stands_for(state, connection) else _with(state, Memory(("", "")), state.other_memories)
        )
    mine = Memory(
        state.subject,
        state.recovery,
        state.proofs,
        state.counter_evidence,
        state.longest_gap,
        state.outages,
        state.last_good,
    )
    others = tuple(each for each in state.other_memories if each.subject not in (state.subject, subject))
    known = next(
        (each for each in state.other_memories if each.subject == subject), Memory(subject or ("", ""))
    )
    return _with(state, known, (mine, *others)[:MOST_REMEMBERED])


def _with(state: State, known: Memory, others: tuple[Memory, ...]) -> State:
    return replace(
        state,
        subject=known.subject if known.subject[0] else None,
        recovery=known.recovery,
        proofs=known.proofs,
        counter_evidence=known.counter_evidence,
        longest_gap=known.longest_gap,
        outages=known.outages,
        last_good=known.last_good,
        diagnosis=Diagnosis(),
        status=Status.UNKNOWN,
        was=None,
        life=None,
        other_memories=others,
    )


def _without_future(state: State, now: datetime) -> State:
    """A vendor's clock that ran ahead for a while leaves nothing that would be newer than every proof to come."""
    ahead = [bad for bad in state.counter_evidence if bad.at > now]
    early = [proof for proof in state.proofs if proof.at > now]
    recovery = state.recovery
    late = recovery is not None and recovery.repaired is not None and recovery.repaired.latest > now
    if not ahead and not early and not late:
        return state
    if recovery is not None and recovery.repaired is not None and late:
        repaired = replace(recovery.repaired, earliest=min(recovery.repaired.earliest, now), latest=now)
        repairs = {
            cause: replace(each, earliest=min(each.earliest, now), latest=min(each.latest, now))
            for cause, each in recovery.repairs.items()
        }
        recovery = replace(recovery, repaired=repaired, repairs=repairs)
    return replace(
        state,
        counter_evidence=tuple(replace(bad, at=min(bad.at, now)) for bad in state.counter_evidence),
        proofs=tuple(proof for proof in state.proofs if proof.at <= now),
        recovery=recovery,
    )
