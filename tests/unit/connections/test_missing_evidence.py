"""Less evidence never makes a status better: the property that keeps the program honest."""

from dataclasses import dataclass
from typing import get_args, get_type_hints

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.states import CONNECTION, at, event, reading, sign_ins
from tui.connections.evidence import (
    AuditRow,
    AuditTrail,
    ConsoleWord,
    Evidence,
    Grant,
    GrantKind,
    Part,
    Unreadable,
    User,
    UserLogin,
)
from tui.connections.outage import RepairApplied, SaysMonitoring
from tui.connections.recovery import advance
from tui.connections.state import State, Status
from tui.diagnosis.diagnose import diagnose
from tui.rules.required_permissions import REQUIREMENTS

USER, LOGIN = "005000000000001AAA", "0Yw000000000001AAA"
NEEDED = ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents")
LOST = Unreadable("the answer was cut off", "Try again.")

FORBIDDEN = {
    Status.ERROR: {Status.RECOVERING, Status.MONITORING},
    Status.UNKNOWN: {Status.RECOVERING, Status.MONITORING},
    Status.RECOVERING: {Status.MONITORING},
}


@dataclass(frozen=True)
class Moment:
    """What is true in the org at one reading, and what of it gets lost on the way."""

    minutes: float
    active: bool
    frozen: bool
    granted: bool
    signed_in: float
    failed: float | None
    status: str
    happened: float | None
    changed: tuple[tuple[str, float], ...] | None
    console: str | None
    lost: frozenset[str]
    act: str | None


def ago(most: int = 60) -> st.SearchStrategy[float]:
    return st.integers(0, most).map(float)


MOMENTS = st.builds(
    Moment,
    minutes=st.sampled_from([0.5, 1.0, 5.0, 25.0, 400.0, 2000.0]),
    active=st.sampled_from([True, True, True, False]),
    frozen=st.sampled_from([False, False, False, True]),
    granted=st.sampled_from([True, True, True, False]),
    signed_in=ago(3000),
    failed=st.none() | ago(),
    status=st.sampled_from(
        [
            "User is frozen",
            "Login rate exceeded",
            "User is inactive",
            "Restricted IP",
            "Password lockout",
            "Failed: Invalid Token",
        ]
    ),
    happened=st.none() | ago(3000),
    changed=st.none()
    | st.lists(
        st.tuples(
            st.sampled_from(
                ["frozeuser", "unfrozeuser", "deactivateduser", "activateduser", "profilePermChangedCustom"]
            ),
            ago(),
        ),
        max_size=3,
    ).map(tuple),
    console=st.sampled_from([None, None, "Monitoring", "Error"]),
    lost=st.frozensets(st.sampled_from(Part), min_size=1),
    act=st.sampled_from([None, None, None, "word", "repair"]),
)


def display(action: str) -> str:
    if action.startswith("profile"):
        return "Profile Incydr Integration: administrative permission API Enabled changed from enabled to disabled"
    return f"{action} Incydr Service (UserID: [{USER[:15]}])"


def evidence_at(now: float, moment: Moment) -> Evidence:
    rows = [("Incydr", "Success", now - moment.signed_in)]
    if moment.failed is not None:
        rows.append(("Incydr", moment.status, now - moment.failed))
    audit = None
    if moment.changed is not None:
        rows_of_trail = tuple(
            AuditRow(f"0Ym{i}", action, display(action), at(now - ago), "Jane Doe", "jane@acme.example")
            for i, (action, ago) in enumerate(moment.changed)
        )
        audit = AuditTrail(at(now - 10080), rows_of_trail)
    return reading(
        now,
        user=User(USER, CONNECTION.service_account, "Incydr Service", moment.active),
        freeze=UserLogin(LOGIN, USER, moment.frozen),
        grants=(
            Grant(
                GrantKind.PROFILE,
                "Incydr Integration",
                "0PS000000000001AAA",
                NEEDED if moment.granted else NEEDED[1:],
            ),
        ),
        sign_ins=sign_ins(*rows),
        audit=audit,
        events=event(now - moment.happened) if moment.happened is not None else None,
        console=ConsoleWord(moment.console, at(now)) if moment.console else None,
        streams=(),
    )


def without(evidence: Evidence, parts: frozenset[str]) -> Evidence:
    return replace(evidence, **{p: LOST for p in parts if getattr(evidence, p) is not None})


@given(st.lists(st.tuples(MOMENTS, st.booleans()), min_size=1, max_size=6))
def test_losing_parts_of_the_evidence_never_makes_a_status_better(story: list[tuple[Moment, bool]]) -> None:
    state: State | None = None
    now = 0.0
    for moment, goes_on_blind in story:
        now += moment.minutes
        act: SaysMonitoring | RepairApplied | None = None
        if moment.act == "word":
            act = SaysMonitoring("Alex Kim", at(now))
        elif moment.act == "repair" and state is not None and state.diagnosis.causes:
            act = RepairApplied(state.diagnosis.causes, at(now - 0.2), at(now - 0.1), "ops@acme.example")
        whole = evidence_at(now, moment)
        less = without(whole, moment.lost)
        seen = advance(CONNECTION, state, whole, diagnose(CONNECTION, whole, REQUIREMENTS), act)
        blind = advance(CONNECTION, state, less, diagnose(CONNECTION, less, REQUIREMENTS), act)
        assert blind.status not in FORBIDDEN.get(seen.status, set())
        state = blind if goes_on_blind else seen


@given(st.lists(MOMENTS, min_size=1, max_size=8))
def test_monitoring_always_names_a_proof_and_error_always_a_reason(story: list[Moment]) -> None:
    state: State | None = None
    now = 0.0
    for moment in story:
        now += moment.minutes
        evidence = evidence_at(now, moment)
        state = advance(CONNECTION, state, evidence, diagnose(CONNECTION, evidence, REQUIREMENTS))
        if state.status is Status.MONITORING:
            assert state.life is not None
            assert state.recovering is None
            assert not state.diagnosis.findings
        if state.status is Status.ERROR:
            assert state.diagnosis.findings or (state.why is not None and state.why.code == "console_error")
        if state.status is Status.UNKNOWN:
            assert state.why is not None


def test_a_part_is_what_can_be_unreadable() -> None:
    assert {name for name, kind in get_type_hints(Evidence).items() if Unreadable in get_args(kind)} == set(
        Part
    )
