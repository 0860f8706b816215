"""The org has no Event Monitoring."""

from typing import Any

import pytest

from tests.evidence import FIELDS, ago, connection, evidence, profile, streams, subject, unreadable
from tui.base.limits import STREAMS
from tui.causes.event_monitoring_unlicensed import CAUSE
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence, Read
from tui.connections.finding import NOT_SIGN_INS, Finding, Undetermined
from tui.connections.repair import NoRepair
from tui.diagnosis.diagnose import diagnose
from tui.rules.required_permissions import REQUIREMENTS

WITHOUT = tuple(name for name in FIELDS if name != "ViewDataLeakageEvents")
NONE: dict[str, Any] = {"fields": WITHOUT, "streams": streams("ApiEventStream")}


def examine(**parts: Any) -> Finding | Undetermined | None:
    return CAUSE.examine(connection(), evidence(**parts), REQUIREMENTS)


def test_field_and_streams_both_absent_are_no_licence() -> None:
    finding = examine(**NONE)
    assert isinstance(finding, Finding)
    assert (finding.delay, finding.proofs, len(finding.facts)) == (None, NOT_SIGN_INS, 2)


def test_field_and_streams_both_there_are_a_licence() -> None:
    assert examine() is None


@pytest.mark.parametrize(
    "parts",
    [
        {"fields": WITHOUT},
        {"streams": ()},
        {"fields": WITHOUT, "streams": streams(STREAMS[0])},
        NONE | {"streams": None},
        NONE | {"streams": unreadable()},
        NONE | {"fields": unreadable()},
    ],
    ids=["field alone", "streams alone", "one stream left", "streams unread", "no streams part", "no fields"],
)
def test_one_alone_is_not_enough(parts: dict[str, object]) -> None:
    verdict = examine(**parts)
    assert isinstance(verdict, Undetermined)
    assert not verdict.blocks


def test_its_permission_is_then_not_missing_too() -> None:
    of = evidence(grants=(profile("ApiEnabled", "CustomizeApplication"),), **NONE)
    assert diagnose(connection(), of).causes == ("event_monitoring_unlicensed",)


def test_it_is_as_old_as_the_older_of_its_two_parts() -> None:
    finding = examine(fields=Read(WITHOUT, ago(minutes=4)), streams=Read((), ago(minutes=11)))
    assert isinstance(finding, Finding)
    assert finding.seen_at == ago(minutes=11)


@pytest.mark.parametrize(
    ("reading", "verdict"),
    [
        (evidence(), True),
        (evidence(**NONE), False),
        (evidence(fields=WITHOUT), None),
        (evidence(streams=unreadable()), None),
    ],
    ids=["licensed", "not", "one alone", "unread"],
)
def test_the_step_is_done_when_both_are_there(reading: Evidence, verdict: bool | None) -> None:
    test = CAUSE.steps[-1].test
    assert test is not None
    assert test(reading) is verdict


@pytest.mark.parametrize("experience", list(Experience))
def test_it_leads_to_the_licence(experience: Experience) -> None:
    text = CAUSE.steps[-1].text(subject(evidence(**NONE)), experience)
    assert "Company Information" in text.breadcrumb
    assert any("ask for the licence" in line for line in text.lines)


def test_no_change_in_the_org_repairs_it() -> None:
    finding = examine(**NONE)
    assert isinstance(finding, Finding)
    assert isinstance(CAUSE.repair(finding, subject(evidence(**NONE))), NoRepair)
