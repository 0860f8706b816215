"""An offer carries the record's own last change, so that another one in between is seen before anything is sent."""

from typing import Any

import pytest

from tests.evidence import APP, ago, connection, evidence, history, signed_in, subject, user
from tui.connections.evidence import UserLogin
from tui.connections.repair import Repair, Update
from tui.diagnosis.diagnose import diagnose

AT, BY = ago(minutes=7), "Jane Doe"


def login(**more: Any) -> UserLogin:
    known: dict[str, Any] = {"is_frozen": False, "last_modified": AT, "last_modified_by": BY}
    return UserLogin("0Yw1", "0051", **(known | more))


@pytest.mark.parametrize(
    ("parts", "fields"),
    [
        ({"freeze": login(is_frozen=True)}, {"IsFrozen": False}),
        ({"user": user(is_active=False, last_modified=AT, last_modified_by=BY)}, {"IsActive": True}),
        (
            {
                "freeze": login(is_password_locked=True),
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
    assert (change.after, change.changed_at, change.changed_by) == (fields, AT, BY)


def test_an_old_lock_is_not_unlocked_for_another_refusal() -> None:
    refused = history(signed_in(APP, "Restricted IP", at=ago(minutes=6)))
    of = evidence(freeze=login(is_password_locked=True), sign_ins=refused)
    (offer,) = diagnose(connection(), of, org=subject(of).org).offers
    assert not isinstance(offer.repair, Repair)
