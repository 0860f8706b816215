"""What the program offers to do about a finding, or why not, and who is asked first."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.evidence import (
    ACCOUNT,
    APP,
    OPERATOR,
    USER_ID,
    ago,
    alternative_for,
    connection,
    evidence,
    froze,
    history,
    login,
    profile,
    rate_exceeded,
    repair_for,
    rights,
    signed_in,
    subject,
    trail,
    unreadable,
    user,
)
from tests.unit.watching.fakes import EMEA, Person, Scene
from tui import wording
from tui.commands.fix import Fix, FixOptions
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence, UserLogin
from tui.connections.finding import EXPIRY, Actor, Finding
from tui.connections.repair import NoRepair, Repair, Update
from tui.console import Exit
from tui.diagnosis.diagnose import diagnose
from tui.walkthrough.questions import RepairQuestion

AT = ago(minutes=7)
HIDDEN = unreadable("you lack View Setup")
FROZEN = evidence(freeze=login(frozen=True))


def finding(by: Actor | None = None, of: Evidence = FROZEN) -> Finding:
    return replace(diagnose(connection(), of).findings[0], by=by)


def refusal(of: Evidence = FROZEN, found: Finding | None = None, **org: Any) -> str:
    offer = repair_for(found or finding(), subject(of, **org))
    assert isinstance(offer, NoRepair)
    return offer.reason


def offered(by: Actor | None = None, of: Evidence = FROZEN) -> Repair:
    offer = repair_for(finding(by), subject(of))
    assert isinstance(offer, Repair)
    return offer


def frozen(**parts: Any) -> Evidence:
    return evidence(freeze=login(frozen=True), **parts)


def test_repairs_are_off_until_the_configuration_allows_them() -> None:
    assert "allow_repairs = true under [orgs.acme]" in refusal(allow_repairs=False)


def test_the_switch_is_named_before_every_other_reason() -> None:
    assert "allow_repairs" in refusal(frozen(rights=rights(ACCOUNT)), allow_repairs=False)


@pytest.mark.parametrize(
    "operator",
    [rights(ACCOUNT), rights(ACCOUNT.upper()), rights("renamed@acme.example", user_id=USER_ID)],
    ids=["by name", "in capitals", "by id"],
)
def test_the_service_account_does_not_repair_itself(operator: object) -> None:
    assert "signed in as the service account" in refusal(frozen(rights=operator))


def test_a_renamed_service_account_is_known_by_its_new_name() -> None:
    of = frozen(user=user(username="new@acme.example"), rights=rights("new@acme.example"))
    assert "signed in as the service account" in refusal(of)


def test_a_cause_without_any_repair_says_so_before_the_switch() -> None:
    of = evidence(sign_ins=history(rate_exceeded(ago(minutes=5))))
    assert "ends by itself" in refusal(of, finding(of=of), allow_repairs=False)


def test_another_way_beyond_the_operators_rights_is_not_offered() -> None:
    of = evidence(grants=(profile("ApiEnabled"),), rights=rights(OPERATOR, "ManageProfilesPermissionsets"))
    first = repair_for(finding(of=of), subject(of))
    assert isinstance(first, Repair)
    assert first.title == "Grant on Incydr Integration"
    assert alternative_for(finding(of=of), subject(of)) is None


def test_beside_a_profile_a_permission_set_is_the_other_way() -> None:
    of = evidence(grants=(profile("ApiEnabled"),))
    other = alternative_for(finding(Actor("Jane Doe", "jane@acme.example"), of), subject(of))
    assert other is not None
    assert (other.title, other.confirm) == ("Grant by a permission set", ACCOUNT)


@pytest.mark.parametrize("org", [{"allow_repairs": False}, {}])
def test_where_nothing_is_offered_there_is_no_other_way(org: dict[str, Any]) -> None:
    of = evidence(grants=(profile("ApiEnabled"),), rights=rights(ACCOUNT))
    assert alternative_for(finding(of=of), subject(of, **org)) is None


def test_unreadable_rights_offer_nothing() -> None:
    assert refusal(frozen(rights=unreadable("no answer"))) == "Your own rights could not be read: no answer."


def test_before_the_first_reading_nothing_is_offered() -> None:
    offer = repair_for(finding(), subject())
    assert isinstance(offer, NoRepair)
    assert "Nothing was read yet" in offer.reason


def test_a_right_that_the_operator_lacks_is_named() -> None:
    assert refusal(frozen(rights=rights(OPERATOR, "ViewSetup"))).endswith("lack the permission Manage Users.")


def test_rights_of_which_one_is_enough_are_all_named() -> None:
    of = evidence(
        grants=(profile("ApiEnabled", name="Standard User"),),
        user=user(profile_name="Standard User"),
        rights=rights(OPERATOR, "ManageProfilesPermissionsets"),
    )
    assert refusal(of, finding(of=of)).endswith("Assign Permission Sets or Manage Users.")


def test_a_cause_without_an_api_repair_says_why() -> None:
    of = evidence(user=None)
    assert "creates no users" in refusal(of, finding(of=of))


def test_a_repair_of_ones_own_change_asks_nothing() -> None:
    offer = offered(Actor("Alex Kim", OPERATOR.upper()))
    assert (offer.confirm, offer.ask_first) == (None, None)


def test_a_repair_of_another_persons_change_asks_for_the_username() -> None:
    offer = offered(Actor("Jane Doe", "jane@acme.example"))
    assert (offer.confirm, offer.ask_first) == (ACCOUNT, "Jane Doe")


def test_a_repair_of_automations_change_asks_even_under_ones_own_name() -> None:
    assert offered(Actor("Okta", OPERATOR, automation=True)).confirm == ACCOUNT


def test_behind_a_login_as_the_administrator_is_asked() -> None:
    assert offered(Actor("Alex Kim", OPERATOR, delegate="jane@acme.example")).ask_first == "jane@acme.example"


def test_ones_own_login_as_asks_nothing() -> None:
    assert offered(Actor("Jane Doe", "jane@acme.example", delegate=OPERATOR)).ask_first is None


@pytest.mark.parametrize("by", [None, Actor(EXPIRY)], ids=["nobody known", "expiry"])
def test_where_nobody_did_it_nobody_is_asked(by: Actor | None) -> None:
    assert offered(by).confirm is None


def record(**more: Any) -> UserLogin:
    known: dict[str, Any] = {"is_frozen": False, "last_modified": AT, "last_modified_by": "Jane Doe"}
    return UserLogin("0Yw1", "0051", **(known | more))


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ({"freeze": record(is_frozen=True)}, {"IsFrozen": False}),
        ({"user": user(is_active=False, last_modified=AT, last_modified_by="Jane Doe")}, {"IsActive": True}),
        (
            {
                "freeze": record(is_password_locked=True),
                "sign_ins": history(signed_in(APP, "Password lockout", at=ago(minutes=6))),
            },
            {"IsPasswordLocked": False},
        ),
    ],
    ids=["freeze", "deactivation", "lockout"],
)
def test_every_change_of_a_record_says_when_and_by_whom_it_was_changed_last(
    parts: dict[str, Any], fields: dict[str, Any]
) -> None:
    of = evidence(**parts)
    diagnosis = diagnose(connection(), of, org=subject(of).org)
    (offer,) = diagnosis.offers
    assert isinstance(offer.repair, Repair)
    (change,) = offer.repair.changes
    assert isinstance(change, Update)
    assert (change.after, change.changed_at, change.changed_by) == (fields, AT, "Jane Doe")


def test_an_old_lock_is_not_unlocked_for_another_refusal() -> None:
    refused = history(signed_in(APP, "Restricted IP", at=ago(minutes=6)))
    of = evidence(freeze=record(is_password_locked=True), sign_ins=refused)
    (offer,) = diagnose(connection(), of, org=subject(of).org).offers
    assert not isinstance(offer.repair, Repair)


# Who is asked first: one table, held against headline, every step, preview and `fix` alike.


@dataclass(frozen=True)
class Case:
    """A freeze: what the trail says of it, what the record says of itself, who is asked first."""

    audit: Any
    author: str | None
    author_id: str | None
    asked: str | None


def row(**more: Any) -> Any:
    return trail(replace(froze(AT), **more))


CASES = {
    "another person": Case(row(), "Jane Doe", "005J", "Jane Doe"),
    "a name without username": Case(row(by_username=None), "Jane Doe", "005J", "Jane Doe"),
    "own name without username": Case(
        row(by_name="Alex Kim", by_username=None), "Alex Kim", None, "Alex Kim"
    ),
    "the operator": Case(row(by_name="Alex Kim", by_username=OPERATOR.upper()), "Alex Kim", None, None),
    "own Login-As": Case(row(delegate=OPERATOR), "Jane Doe", "005J", None),
    "another's Login-As as the operator": Case(
        row(by_name="Alex Kim", by_username=OPERATOR, delegate="root@acme.example"),
        "Alex Kim",
        None,
        "root@acme.example",
    ),
    "automation": Case(
        row(by_name="Okta Sync", by_username="okta@acme.example"), "Okta Sync", None, "Okta Sync"
    ),
    "trail unreadable": Case(HIDDEN, "Jane Doe", "005J", "Jane Doe"),
    "trail unreadable, automation": Case(HIDDEN, "HR Sync", "005H", "HR Sync"),
    "trail unreadable, author without Id": Case(HIDDEN, "Jane Doe", None, "Jane Doe"),
    "trail unreadable, own change": Case(HIDDEN, "Alex Kim", "005000000000009AAA", None),
    "trail unreadable, nobody known": Case(HIDDEN, None, None, None),
    "no row": Case(trail(), "Jane Doe", "005J", "Jane Doe"),
}


def parts(case: Case) -> dict[str, Any]:
    login = UserLogin("0Yw1", "0051", True, False, AT, case.author, case.author_id)
    return {"freeze": login, "audit": case.audit}


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_headline_and_the_word_before_every_step_name_the_same(case: Case) -> None:
    (finding,) = diagnose(connection(), evidence(**parts(case))).findings
    assert wording.ask_first(finding) == case.asked
    assert (case.asked or "") in wording.restraint(finding)
    assert bool(wording.restraint(finding)) is (case.asked is not None)


@pytest.mark.parametrize("experience", list(Experience))
def test_both_previews_name_him_and_want_the_username(case: Case, experience: Experience) -> None:
    of = evidence(**parts(case))
    known = subject(of, experience=experience)
    found = diagnose(connection(), of, org=known.org)
    (offer,) = found.offers
    assert isinstance(offer.repair, Repair)
    assert offer.repair.ask_first == case.asked
    assert offer.repair.confirm == (ACCOUNT if case.asked else None)
    restraint = wording.restraint(found.findings[0])
    question = RepairQuestion(connection(), known.org, offer.repair, OPERATOR, restraint)
    assert (case.asked or "") in question.restraint
    assert bool(question.restraint) is (case.asked is not None)
    assert question.agrees("y") is (case.asked is None)


async def test_fix_sends_it_by_yes_only_where_nobody_is_asked(case: Case, tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    scene.world.show(**parts(case))
    if case.audit is not HIDDEN:
        scene.world.rows = case.audit.rows
    else:
        scene.world.deepen = _unread(scene)  # type: ignore[method-assign]
    person, told = Person(), list[str]()
    async with scene.watcher(standing=False) as watcher:
        fix = Fix(watcher, EMEA.name, FixOptions(yes=True), scene.clock, person, person.hear, told.append)
        code = await fix.run()
    assert len(scene.world.sent) == (0 if case.asked else 1)
    assert (code is Exit.NO) is (case.asked is not None)
    assert (f"--confirm {ACCOUNT}" in "\n".join(told)) is (case.asked is not None)


def _unread(scene: Scene) -> Any:
    async def deepen(connections: Any, found: Any, deep: Any) -> Any:
        return {each.name: replace(found[each.name], audit=HIDDEN) for each in connections}

    return deepen
