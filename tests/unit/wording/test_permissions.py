"""The permissions of the service account as lines."""

from datetime import UTC
from typing import Any

from tests.evidence import (
    NOW,
    ago,
    evidence,
    permission_set,
    permission_taken,
    profile,
    trail,
    unreadable,
)
from tui.connections.evidence import Unreadable
from tui.diagnosis.diagnose import permission_lines
from tui.rules.required_permissions import REQUIREMENTS
from tui.wording import Times
from tui.wording.evidence_table import Row
from tui.wording.permissions import permission_rows
from tui.wording.symbols import Sign

LOW = profile("CustomizeApplication", "ViewDataLeakageEvents")


def row(label: str = "API Enabled", **parts: Any) -> Row:
    lines = permission_lines(evidence(**parts), REQUIREMENTS)
    assert not isinstance(lines, Unreadable)
    return next(each for each in permission_rows(lines, Times(UTC, NOW)) if each.label == label)


def test_a_held_permission_names_its_sources() -> None:
    told = row(grants=(profile(), permission_set("ApiEnabled", expires=ago(days=-1))))
    assert told.sign is Sign.GOOD
    assert told.text == (
        "from profile Incydr Integration; permission set Incydr Access until 23 Nov 14:00:00"
    )


def test_a_missing_one_names_who_took_it_and_what_it_is_for() -> None:
    told = row(grants=(LOW,), audit=trail(permission_taken("API Enabled", ago(minutes=5))))
    assert told.sign is Sign.BAD
    assert told.text == (
        "not granted · removed by Jane Doe (jane@acme.example) at 13:55:00 · "
        "Incydr needs it to reach Salesforce over its API"
    )


def test_an_expired_source_says_since_when() -> None:
    told = row(grants=(LOW, permission_set("ApiEnabled", expires=ago(hours=1))))
    assert "permission set Incydr Access, expired since 13:00:00" in told.text


def test_one_that_only_warns_or_is_only_shown_is_no_fault() -> None:
    grants = (profile("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents"),)
    assert row("Manage All Private Reports and Dashboards", grants=grants).sign is Sign.WARNING
    assert row("Chatter Internal User", grants=grants).sign is Sign.INFO


def test_what_cannot_be_told_says_why() -> None:
    told = row(grants=(LOW,), fields=unreadable("no answer"))
    assert told.sign is Sign.UNREAD
    assert "no answer" in told.text
