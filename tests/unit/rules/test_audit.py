"""Who did it, from rows of the audit trail."""

import pytest

from tests.evidence import JANE, NOW, ago, audit_row, evidence, froze, trail, unfroze, unreadable
from tui.rules import audit
from tui.rules.audit_actions import Topic


def test_rows_come_by_their_topic_newest_first() -> None:
    rows = (
        froze(ago(minutes=9)),
        audit_row("PermSetAssign", "x", ago(minutes=5)),
        unfroze(ago(minutes=2)),
    )
    found = audit.rows(evidence(audit=trail(*rows)), Topic.FROZE, Topic.UNFROZE)
    assert [row.action for row in found] == ["unfrozeuser", "frozeuser"]


def test_variants_of_an_action_are_the_same_action() -> None:
    row = audit_row("profilePermChangedCustom", "x", NOW)
    assert audit.rows(evidence(audit=trail(row)), Topic.PROFILE_PERMISSION) == (row,)


@pytest.mark.parametrize("part", [None, unreadable()])
def test_a_trail_that_was_not_read_has_no_rows(part: object) -> None:
    assert audit.rows(evidence(audit=part), Topic.FROZE) == ()
    assert not audit.readable(evidence(audit=part))


@pytest.mark.parametrize(
    ("name", "username"),
    [
        ("Okta Provisioning", None),
        ("Automated Process", "autoproc@acme.example"),
        ("Data Team", "api-sync@acme.example"),
        (None, "svc.identity@acme.example"),
    ],
)
def test_an_integration_user_looks_like_automation(name: str | None, username: str | None) -> None:
    assert audit.is_automation(name, username)


@pytest.mark.parametrize(
    ("name", "username"),
    [JANE, ("Robert Apia", "rob@acme.example"), ("Kim", "kim@api.service.example")],
)
def test_a_person_does_not(name: str, username: str) -> None:
    assert not audit.is_automation(name, username)


def test_the_administrator_behind_a_login_as_is_kept() -> None:
    row = audit_row("frozeuser", "x", NOW, delegate="root@acme.example")
    assert audit.someone(row).delegate == "root@acme.example"


def test_a_row_that_names_nobody_has_no_actor_but_a_time() -> None:
    row = audit_row("frozeuser", "x", NOW, by=None)
    assert audit.actor(row) is None
    assert audit.someone(row).at == NOW


def test_it_says_why_nobody_can_be_named() -> None:
    assert "not read yet" in audit.why_nobody(evidence(), NOW)
    assert "needs View Setup" in audit.why_nobody(evidence(audit=unreadable("needs View Setup")), NOW)
    assert "before the oldest" in audit.why_nobody(evidence(audit=trail(since=ago(days=7))), ago(days=8))
    assert "in part" in audit.why_nobody(evidence(audit=trail(complete=False)), NOW)
    assert audit.why_nobody(evidence(audit=trail()), NOW) == "no row of the audit trail says so"
