"""Repairs, histories and walks in words."""

from datetime import UTC

import pytest

from tests.states import CONNECTION, at
from tui import wording
from tui.connections.connection import Experience, Org, SignIn
from tui.connections.repair import Create, Delete, Outcome, Repair, Result, Update
from tui.connections.state import Status
from tui.connections.step import WAIT, Step, StepText
from tui.connections.walkthrough import Item, Mark, Walkthrough
from tui.watching.entry import Entry, EntryKind

ORG = Org("acme", "http://127.0.0.1:1", "acme.my.salesforce.com", SignIn("access_token"))
UNFREEZE = Update("UserLogin", "0Yw1", "Incydr Service", {"IsFrozen": True}, {"IsFrozen": False})


def test_a_preview_shows_object_record_field_before_after_and_as_whom() -> None:
    lines = wording.preview(
        Repair("user_frozen", "Unfreeze", (UNFREEZE,)), CONNECTION, ORG, "ops@acme.example"
    )
    assert lines == (
        "Unfreeze: Acme EMEA",
        "in acme.my.salesforce.com, as ops@acme.example",
        "UserLogin Incydr Service (0Yw1)",
        "  IsFrozen: true → false",
    )


def test_a_record_is_named_once_by_its_kind() -> None:
    update = Update("Profile", "00e1", "profile Incydr Integration", {}, {})
    assert wording.change_lines(update) == ("Profile Incydr Integration (00e1)",)
    create = Create("PermissionSet", "set", "permission set Incydr Access", {})
    assert wording.change_lines(create) == ("new PermissionSet: Incydr Access",)


def test_a_new_record_shows_its_fields() -> None:
    create = Create("PermissionSet", "set", "Incydr access", {"Name": "Incydr", "License": None})
    assert wording.change_lines(create) == (
        "new PermissionSet: Incydr access",
        "  Name: Incydr",
        "  License: (empty)",
    )


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome(Result.APPLIED), "done, and confirmed by Salesforce."),
        (
            Outcome(Result.REFUSED, "no free licence.", "Free one.", "LICENSE_LIMIT_EXCEEDED"),
            "Salesforce refused it: no free licence (LICENSE_LIMIT_EXCEEDED). Free one.",
        ),
        (Outcome(Result.UNKNOWN), "it was sent, but it is not known whether it arrived."),
        (
            Outcome(
                Result.CHANGED_BEFORE, "Freeze: changed again by Jane Doe. Nothing was sent.", "Read again."
            ),
            "nothing was sent, because it changed in the meantime: Freeze: changed again by Jane Doe. Read again.",
        ),
    ],
)
def test_an_outcome_says_what_became_of_it_and_what_next(outcome: Outcome, said: str) -> None:
    assert wording.outcome(outcome) == said


def entry(kind: EntryKind, **more: object) -> Entry:
    return Entry(at(42), "Acme EMEA", kind, "key", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            entry(EntryKind.STATUS, status=Status.RECOVERING, by="Jane Doe"),
            "Recovering, repaired by Jane Doe",
        ),
        (entry(EntryKind.ERROR, text="Frozen", by="Jane Doe"), "Error: Frozen by Jane Doe"),
        (entry(EntryKind.UNKNOWN, was=Status.ERROR), "Unknown, was Error"),
        (entry(EntryKind.RETURNED, result="sign_in"), "Monitoring again, shown by a sign-in by Incydr"),
        (entry(EntryKind.OVERDUE), "overdue: repaired, Incydr not back"),
        (entry(EntryKind.WORD, by="Alex"), "Alex says: the console shows Monitoring"),
        (
            entry(EntryKind.STEP, text="Find the user", result="done"),
            'step "Find the user": done, says the operator',
        ),
        (entry(EntryKind.STEP, result="begun"), "walkthrough begun"),
        (entry(EntryKind.CHANGE, text="Unfreeze", by="Alex", result="applied"), "Unfreeze by Alex: done"),
    ],
)
def test_a_history_line_says_what_happened_and_when(told: Entry, said: str) -> None:
    assert wording.history_line(told, wording.Times(UTC, at(50))) == f"13:42 {said}"


def test_every_kind_of_entry_has_words() -> None:
    assert all(wording.entry_text(entry(kind, status=Status.ERROR)) for kind in EntryKind)


def test_a_brief_history_shows_statuses_alone() -> None:
    entries = [
        entry(EntryKind.ERROR, status=Status.ERROR),
        entry(EntryKind.STEP, text="setup", result="done"),
        entry(EntryKind.STATUS, status=Status.MONITORING),
    ]
    assert wording.history_brief(entries, wording.Times(UTC, at(50))) == "13:42 Error · 13:42 Monitoring"


WALK = Walkthrough(
    (Item("user_frozen", "setup", Mark.OPERATOR), Item("", WAIT)), 1, Experience.LIGHTNING, at(0)
)


def test_a_left_walkthrough_is_offered_by_its_step_and_age() -> None:
    assert (
        wording.resume_offer("Acme EMEA", WALK, at(0), at(12))
        == 'Resume "Acme EMEA" at step 2, left 12 min ago'
    )


def test_a_position_counts_from_one() -> None:
    assert wording.position(WALK) == "2 of 2"


DENIED = "Salesforce still shows the user as frozen"
TESTED = Step(
    "unfreeze", "Unfreeze", lambda s, e: StepText(()), lambda e: None, "still frozen", denied=DENIED
)


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (True, ""),
        (False, f"You marked it as done. {DENIED}."),
        (None, "You marked it as done. remonitor could not ask Salesforce about it."),
    ],
)
def test_an_unverified_step_is_accepted_with_a_word_of_warning(verdict: bool | None, said: str) -> None:
    assert wording.unverified(verdict, TESTED) == said


def test_a_permission_is_told_by_its_label_and_its_api_name() -> None:
    field = "PermissionsViewDataLeakageEvents"
    on_profile = Update("Profile", "00e1", "profile Sales", {field: False}, {field: True})
    told = "View Real-Time Event Monitoring Data (PermissionsViewDataLeakageEvents)"
    assert wording.change_lines(on_profile)[1] == f"  {told}: false → true"
    made = Create("PermissionSet", "set", "permission set Incydr", {"Name": "Incydr", field: True})
    assert wording.change_lines(made)[1:] == ("  Name: Incydr", f"  {told}: true")


def test_in_brief_it_is_the_first_thing_that_changes_and_of_how_many() -> None:
    one = Update("UserLogin", "0Yw1", "freeze", {"IsFrozen": True}, {"IsFrozen": False})
    gone = Delete("PermissionSet", "0PS1", "permission set Incydr")
    assert wording.in_brief((one,)) == "IsFrozen: true → false"
    assert wording.in_brief((one, gone)) == "IsFrozen: true → false (1 of 2)"
    assert wording.in_brief((gone,)) == "delete PermissionSet Incydr (0PS1)"


def test_what_is_deleted_is_told_with_its_id() -> None:
    gone = Delete("PermissionSet", "0PS1", "permission set Incydr Access")
    assert wording.change_lines(gone) == ("delete PermissionSet Incydr Access (0PS1)",)
