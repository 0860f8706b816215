"""Which fields this program needs and for what: taken from its own queries, one sample of each."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tui.salesforce import queries
from tui.salesforce.queries import Accounts
from tui.salesforce.soql import FieldUse, Use, uses

_AT = datetime(2026, 1, 1, tzinfo=UTC)
_ID = "000000000000000"
_NAMED, _KNOWN = Accounts(("a",)), Accounts(("a",), (_ID,))

LOOK = "This look shows less."
_COMPARED = "remonitor cannot check a repair first, so it does not send it."
_SUGGESTED = "`add` suggests fewer service accounts."
_APART = (_COMPARED, _SUGGESTED)
"""Effects of queries that are no readings: they are sent as they are."""
GOES_ON = "Readings go on without it."
COUNTED = ("Status", "LoginType", "Application")
"""Fields of LoginHistory whose values in the whole org are compared with what the program knows."""


class Sample(NamedTuple):
    """One query as the program sends it, and what is lost where an org refuses it."""

    query: str
    effect: str


def samples(permissions: Sequence[str]) -> tuple[Sample, ...]:
    """Every query of the program; `permissions` are the names of interest (without `Permissions`)."""
    return (
        Sample(queries.users(_NAMED), "Nothing is known about the account."),
        Sample(queries.users(_KNOWN), "Nothing is known about the account."),
        Sample(queries.user_logins(_NAMED), "A freeze cannot be seen."),
        Sample(queries.user_logins(_KNOWN), "A freeze cannot be seen."),
        Sample(queries.assignments(_NAMED, permissions), "Missing permissions cannot be seen."),
        Sample(queries.assignments(_KNOWN, permissions), "Missing permissions cannot be seen."),
        Sample(queries.sign_ins(_NAMED, _AT, by_source=True), "Refused sign-ins cannot be seen."),
        Sample(queries.sign_ins(_KNOWN, _AT, by_source=False), "Refused sign-ins cannot be seen."),
        Sample(
            queries.sign_in_days(_KNOWN, _AT.date()),
            "remonitor learns the usual quiet time only from its readings.",
        ),
        Sample(queries.audit(queries.RARE, _AT, _AT), "Nobody can be named."),
        Sample(queries.audit(queries.ASSIGNMENTS, _AT), "Nobody can be named."),
        Sample(queries.audit_around([_AT]), "A change may stay unexplained."),
        Sample(queries.tokens(_KNOWN), "Revoked access cannot be seen."),
        Sample(queries.components([_ID], permissions), "It is not known what is in a group."),
        Sample(queries.rights(queries.OPERATOR_RIGHTS), "It is not known what you may see and repair."),
        Sample(queries.ORGANIZATION, "It is not known which org answers."),
        Sample(queries.LICENSES, "Free licences are not shown before a reactivation."),
        Sample(queries.EVENT_SETTINGS, "Switched streaming cannot be seen."),
        Sample(queries.DEPENDENCIES, "A repair of permissions may lack one that another needs."),
        *(Sample(queries.sign_in_counts(field, _AT), LOOK) for field in COUNTED),
        Sample(queries.other_actions(), LOOK),
        Sample(queries.displays(), LOOK),
        *_names(permissions),
        *_repairs(permissions),
        *_suggestions(),
    )


def _names(permissions: Sequence[str]) -> Iterable[Sample]:
    effect = "An audit row may be about another record with a similar name."
    for name, columns in (
        ("User", ("Name",)),
        ("Profile", ("Name",)),
        ("PermissionSetGroup", ("MasterLabel", "DeveloperName")),
    ):
        yield Sample(queries.like_named(name, columns, ["a"], [_ID]), effect)
    yield Sample(queries.sets_named(["a"], ["a"], [_ID], permissions), effect)
    yield Sample(
        queries.active_users([_ID]), "remonitor cannot say how many users the repair of a profile affects."
    )


def _repairs(permissions: Sequence[str]) -> Iterable[Sample]:
    columns = {
        "User": ("IsActive",),
        "UserLogin": ("IsFrozen", "IsPasswordLocked"),
        **dict.fromkeys(("Profile", "PermissionSet"), tuple(f"Permissions{name}" for name in permissions)),
    }
    for name, fields in columns.items():
        yield Sample(
            queries.record(name, _ID, fields),
            "remonitor cannot check a repair first, so it does not send it.",
        )
    for name in ("PermissionSet", "PermissionSetAssignment"):
        yield Sample(queries.record_there(name, _ID), "remonitor cannot confirm an undo.")
    yield Sample(queries.holders_of(_ID), "Before an undo it is not known who else has the permission set.")
    effect = "remonitor could not find a new permission set again, so it creates none."
    yield Sample(queries.permission_set_named("a", columns["PermissionSet"]), effect)
    yield Sample(queries.assignment_of(_ID, _ID), effect)


def _suggestions() -> Iterable[Sample]:
    effect = _SUGGESTED
    yield Sample(queries.seen_by_app(_AT), effect)
    yield Sample(queries.tokens_of_apps(["a"], 1), effect)
    yield Sample(queries.users_named(["a"], 1), effect)
    yield Sample(queries.users_with_ids([_ID]), effect)


TOOLING = ("RealTimeEventSettings", "PermissionDependency")
"""Objects of the tooling API among them."""

POORER: Mapping[str, tuple[str, ...]] = {
    "User": ("Email", "UserType", "LastLoginDate", "LastModifiedById"),
    "UserLicense": ("Name", "Status"),
    "UserLogin": ("LastModifiedById",),
    "PermissionSet": ("Label", "IsCustom", "Type"),
    "PermissionSetGroup": ("Status",),
    "LoginHistory": ("LoginType", "LoginSubType", "SourceIp"),
    "SetupAuditTrail": ("Section", "DelegateUser", "CreatedById"),
    "OauthToken": ("LastUsedDate", "UseCount", "CreatedDate"),
    "Organization": ("InstanceName", "IsSandbox", "OrganizationType"),
    "RealTimeEventSettings": ("DurableId", "FullName"),
}
"""Fields whose lack makes less known and nothing better than it is: a reading goes on without them.

Without every other one the part that it belongs to cannot be read, which is said.
"""


def field_uses(permissions: Sequence[str]) -> dict[FieldUse, tuple[str, ...]]:
    """Each use of a field by any query, with what is lost where it is not allowed."""
    found: dict[FieldUse, dict[str, None]] = {}
    for sample in samples(permissions):
        for use in uses(sample.query):
            goes_on = may_lack(use) and sample.effect not in _APART
            found.setdefault(use, {})[GOES_ON if goes_on else sample.effect] = None
    return {use: tuple(found[use]) for use in sorted(found)}


def may_lack(use: FieldUse) -> bool:
    """Whether a reading goes on without it. What a query searches or sorts by is always needed."""
    return use.use in (Use.READ, Use.GROUPED) and use.field in POORER.get(use.object, ())
