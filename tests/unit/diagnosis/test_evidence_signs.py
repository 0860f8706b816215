"""The sign of each row of the evidence never contradicts the findings, whatever else the row says."""

from datetime import UTC
from typing import Any

import pytest

from tests.evidence import (
    FIELDS,
    NOW,
    activated,
    ago,
    connection,
    evidence,
    history,
    login,
    profile,
    rate_exceeded,
    signed_in,
    trail,
)
from tests.unit.diagnosis_matrix.test_matrix import WORLDS
from tests.unit.diagnosis_matrix.world import World
from tui.causes.registry import cause
from tui.connections.finding import EvidenceRow, Sign
from tui.connections.state import State, Status
from tui.diagnosis.diagnose import first_state
from tui.wording import Times, evidence_rows

TIMES = Times(UTC, NOW)
SICK = [world for world in WORLDS if world.diagnosis.findings]
MISSING = {"user": None, "freeze": None, "grants": (), "sign_ins": history(), "audit": trail()}
"""There is no user, and each part is what an org answers about nobody."""
STALE: dict[str, Any] = {
    "user": None, "freeze": login(), "grants": (profile(),), "sign_ins": history(signed_in(count=12)),
}  # fmt: skip
"""There is no user any more, and the other parts are what an answer about somebody would be."""
WITHOUT_FIELD = tuple(name for name in FIELDS if name != "ViewDataLeakageEvents")
UNLICENSED = {
    "fields": WITHOUT_FIELD,
    "streams": (),
    "grants": (profile("ApiEnabled", "CustomizeApplication"),),
}


def state(**parts: Any) -> State:
    of = evidence(**parts)
    return first_state(connection(), of)


def shown(of: State) -> dict[str, tuple[Sign, str]]:
    """Sign and text of each row on the screen by its label."""
    return {row.label: (row.sign, row.text) for row in evidence_rows(of, TIMES)}


@pytest.mark.parametrize("world", SICK, ids=lambda world: world.name)
def test_the_row_that_decides_an_error_is_bad_and_never_a_warning(world: World) -> None:
    signs = world.diagnosis.signs
    for finding in world.diagnosis.findings:
        rows = (
            {cause(finding.cause).row, "incydr"} if finding.part == "sign_ins" else {cause(finding.cause).row}
        )
        assert any(signs.get(row) is Sign.BAD for row in rows), finding.cause
        own = cause(finding.cause).row
        assert signs.get(own) is not Sign.WARNING, finding.cause
        assert signs.get(own) is not Sign.GOOD or finding.cause == "access_revoked", finding.cause


@pytest.mark.parametrize("world", [w for w in SICK if w.state.status is Status.ERROR], ids=lambda w: w.name)
def test_the_screen_of_an_error_has_a_bad_row(world: World) -> None:
    assert Sign.BAD in [row.sign for row in evidence_rows(world.state, TIMES)]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_the_screen_shows_the_signs_of_the_diagnosis_and_no_other(world: World) -> None:
    labels = {
        "user": EvidenceRow.USER,
        "freeze": EvidenceRow.FREEZE,
        "sign-ins": EvidenceRow.HOUR,
        "Incydr": EvidenceRow.INCYDR,
        "permissions": EvidenceRow.PERMISSIONS,
        "streaming": EvidenceRow.STREAMING,
        "app token": EvidenceRow.TOKENS,
        "file events": EvidenceRow.EVENTS,
        "console": EvidenceRow.CONSOLE,
    }
    found = shown(world.state)
    for label, row in labels.items():
        if label in found:
            assert found[label][0] is world.diagnosis.sign(row), label


@pytest.mark.parametrize("parts", [MISSING, STALE], ids=["nothing answered", "answers about somebody"])
def test_of_a_missing_user_no_row_says_that_anything_is_well(parts: dict[str, Any]) -> None:
    found = shown(state(**parts))
    assert found["user"][0] is Sign.BAD
    for label in ("freeze", "permissions", "sign-ins"):
        sign, text = found[label]
        assert sign is not Sign.GOOD, label
        assert text == "there is no such user", label
    assert not any("3 of 3" in text or text == "not frozen" for _, text in found.values())
    assert state(**parts).diagnosis.permissions == ()


def test_permissions_of_an_org_without_event_monitoring_are_never_complete() -> None:
    found = shown(state(**UNLICENSED))
    sign, text = found["permissions"]
    assert sign is not Sign.GOOD
    assert "3 of 3" not in text
    assert found["streaming"][0] is Sign.BAD


def test_an_hour_that_is_refused_is_bad_however_few_sign_ins_were_counted() -> None:
    found = state(sign_ins=history(rate_exceeded(ago(minutes=5))), audit=trail())
    assert found.diagnosis.causes == ("login_rate_exceeded",)
    assert shown(found)["sign-ins"][0] is Sign.BAD


def test_a_locked_password_beside_an_error_stays_a_warning_of_its_own_row() -> None:
    locked = login(frozen=True, modified=ago(minutes=9))
    assert shown(state(freeze=locked))["freeze"][0] is Sign.BAD
    well = shown(state(audit=trail(activated(ago(days=9)))))
    assert well["freeze"] == (Sign.GOOD, "not frozen")
