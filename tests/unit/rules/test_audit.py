"""Who did it, from rows of the audit trail."""

import pytest

from tests.evidence import JANE, NOW, USER_ID, ago, audit_row, evidence, froze, trail, unfroze, unreadable
from tui.rules import audit
from tui.rules.audit_actions import Topic
from tui.rules.audit_names import about, about_user, mentions


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
    assert "not all of the audit trail" in audit.why_nobody(evidence(audit=trail(complete=False)), NOW)
    assert (
        audit.why_nobody(evidence(audit=trail()), NOW)
        == "by whom: not known (the audit trail does not show it)"
    )


SERVICE = "Incydr Service"
PROFILE_ROW = (
    "Changed profile Custom: Support: administrative permission API Enabled "
    "was changed from enabled to disabled"
)


@pytest.mark.parametrize(
    "display",
    [
        "Froze user account for Incydr Service",
        "Froze user Incydr Service",
        "Benutzer Incydr Service Konto eingefroren",
        "Le compte de Incydr Service a été gelé.",
        "ユーザIncydr Serviceのアカウントを凍結しました",
        "用户Incydr Service的帐户已冻结",
        "사용자 Incydr Service의 계정을 동결했습니다",
    ],
)
def test_a_name_is_found_in_any_language_and_script(display: str) -> None:
    assert about(audit_row("frozeuser", display, NOW), [SERVICE])


@pytest.mark.parametrize(
    "display",
    [
        "Froze user account for Incydr Service (EU)",
        "Froze user Incydr Service-EU",
        "Froze user account for Incydr Service EU",
        "Froze user account for Incydr Service 2",
        "Froze user account for Old Incydr Service",
        "Froze user Incydr Services",
        "Benutzer Incydr Service (EU) eingefroren",
        "Benutzer Incydr-Service-EU eingefroren",
        "ユーザIncydr Service（EU）のアカウントを凍結しました",
        "",
    ],
)
def test_a_longer_name_is_another_name(display: str) -> None:
    assert not about(audit_row("frozeuser", display, NOW), [SERVICE])


def test_the_longest_known_name_is_tried_first() -> None:
    display = "Benutzer Incydr Service Nord eingefroren"
    assert mentions(display, SERVICE)
    assert not mentions(display, SERVICE, ["Incydr Service Nord"])
    assert mentions(f"{display}, {SERVICE}", SERVICE, ["Incydr Service Nord"])


def test_a_name_in_a_script_without_gaps_stands_in_its_words() -> None:
    assert mentions("ユーザ監視係のアカウントを凍結しました", "監視係")
    assert not mentions("ユーザ監視係二号のアカウント", "監視係", ["監視係二号"])


@pytest.mark.parametrize(
    ("action", "display", "name", "right"),
    [
        (
            "profilePermChangedCustom",
            PROFILE_ROW,
            "Custom: Support",
            True,
        ),
        (
            "profilePermChangedCustom",
            PROFILE_ROW,
            "Custom",
            False,
        ),
        (
            "PermissionSetGroupComponentRemoved",
            "Changed permission set group A: group member B was removed",
            "A",
            True,
        ),
        (
            "PermissionSetGroupComponentRemoved",
            "Changed permission set group A: group member B was removed",
            "B",
            False,
        ),
        (
            "PermSetUnassign_HasExpiration",
            "Permission set B with expiration: unassigned from user A (UserID: [005000000000001])",
            "B",
            True,
        ),
        ("loginIpRange", "Added Login Ip Range to A from 10.0.0.1 to 10.0.0.9", "A", True),
        ("deleteConnectedApplication", "Uninstalled Connected App Incydr EU", "Incydr", False),
        (
            "PermSetHasActivationRequiredChange",
            "Changed Permission Set A: Session Activation Required has changed from disabled to enabled",
            "A",
            True,
        ),
    ],
)
def test_a_row_in_the_english_form_holds_the_name_in_its_place(
    action: str, display: str, name: str, right: bool
) -> None:
    assert about(audit_row(action, display, NOW), [name]) is right


def test_a_row_with_an_id_is_about_that_id_alone() -> None:
    mine = audit_row("deactivateduser", f"Deactivated user {SERVICE} (UserID: [{USER_ID[:15]}])", NOW)
    namesake = audit_row("deactivateduser", f"Deactivated user {SERVICE} (UserID: [005000000000002])", NOW)
    assert about_user(mine, USER_ID, ["somebody else"])
    assert not about_user(namesake, USER_ID, [SERVICE])


def test_ids_that_differ_by_a_capital_differ() -> None:
    row = audit_row("deactivateduser", "Deactivated user X (UserID: [00500000000000a])", NOW)
    assert not about_user(row, "00500000000000AAAA", ["X"])


@pytest.mark.parametrize("name", ["", "I.*r"])
def test_a_name_is_no_pattern(name: str) -> None:
    assert not mentions("Froze user Incydr", name)
