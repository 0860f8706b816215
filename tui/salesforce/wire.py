"""Salesforce's answers in Salesforce's spelling, and how they become values (private to this room)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Raw, Struct, field

from tui.base.text import decode_json
from tui.net import BAD_DATA
from tui.salesforce import errors

T = TypeVar("T")
Number = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""A whole number that every JSON can hold."""
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
"""A whole surrogate pair, half of one, or any other escape of JSON."""
YEARS = range(1700, 4001)
"""Years that a date of Salesforce's can have (documented): a moment in them can be reckoned with."""


class Version(Struct, frozen=True):
    version: str


class SubAnswer(Struct, frozen=True):
    """One part of a composite answer; the body stays raw so that a bad one spoils only itself."""

    referenceId: str
    httpStatusCode: int
    body: Raw = Raw(b"null")


class CompositeAnswer(Struct, frozen=True):
    compositeResponse: list[SubAnswer]


class Page(Struct, frozen=True):
    """A query's answer; rows stay raw until their type is known."""

    records: Raw
    done: bool = True
    nextRecordsUrl: str | None = None


class Named(Struct, frozen=True):
    Name: str | None = None


class ProfileRow(Struct, frozen=True):
    Name: str | None = None
    UserLicense: Named | None = None


class UserRow(Struct, frozen=True):
    Id: str
    Username: str
    IsActive: bool
    Name: str = ""
    Email: str | None = None
    UserType: str | None = None
    ProfileId: str | None = None
    Profile: ProfileRow | None = None
    LastLoginDate: str | None = None
    LastModifiedDate: str | None = None
    LastModifiedBy: Named | None = None
    LastModifiedById: str | None = None


class UserLoginRow(Struct, frozen=True):
    Id: str
    UserId: str
    IsFrozen: bool
    IsPasswordLocked: bool = False
    LastModifiedDate: str | None = None
    LastModifiedBy: Named | None = None
    LastModifiedById: str | None = None


class GroupStatus(Struct, frozen=True):
    Status: str | None = None


class AssignmentRow(Struct, frozen=True):
    """`PermissionSet` stays a tree: which Permissions… it carries differs from org to org."""

    AssigneeId: str
    PermissionSetId: str
    PermissionSet: dict[str, Any]
    Id: str | None = None
    SystemModstamp: str | None = None
    PermissionSetGroupId: str | None = None
    PermissionSetGroup: GroupStatus | None = None
    IsActive: bool = True
    IsRevoked: bool | None = None
    ExpirationDate: str | None = None


class PermissionSetRow(Struct, frozen=True):
    """The fixed part of `AssignmentRow.PermissionSet`."""

    Name: str | None = None
    Label: str | None = None
    Type: str | None = None
    IsOwnedByProfile: bool = False
    IsCustom: bool | None = None
    ProfileId: str | None = None
    Profile: Named | None = None
    HasActivationRequired: bool = False
    LastModifiedDate: str | None = None


class SignInRow(Struct, frozen=True):
    """A row of the aggregates over LoginHistory."""

    UserId: str
    earliest: str
    latest: str
    times: Number
    Application: str | None = None
    Status: str | None = None
    SourceIp: str | None = None
    LoginType: str | None = None
    LoginSubType: str | None = None


class CountRow(Struct, frozen=True):
    """A row of an aggregate over LoginHistory of the whole org."""

    times: Number
    value: str | None = None


class ActionRow(Struct, frozen=True):
    Action: str
    CreatedDate: str
    Display: str | None = None


class DayRow(Struct, frozen=True):
    """A row of the aggregate over LoginHistory by day."""

    UserId: str
    day: str
    times: Number
    Application: str | None = None
    Status: str | None = None


class Person(Struct, frozen=True):
    Name: str | None = None
    Username: str | None = None


class AuditTrailRow(Struct, frozen=True):
    Id: str
    Action: str
    CreatedDate: str
    Display: str | None = None
    CreatedBy: Person | None = None
    DelegateUser: str | None = None


class TokenRow(Struct, frozen=True):
    UserId: str
    AppName: str | None = None
    CreatedDate: str | None = None
    LastUsedDate: str | None = None
    UseCount: Number | None = None


class ComponentRow(Struct, frozen=True):
    """`PermissionSet` is a tree as in `AssignmentRow`, or empty where the set mutes."""

    PermissionSetGroupId: str
    PermissionSetId: str
    PermissionSet: dict[str, Any] | None = None


class LicenseRow(Struct, frozen=True):
    Name: str
    TotalLicenses: Number
    UsedLicenses: Number
    Status: str | None = None


class NamedRow(Struct, frozen=True):
    """A user or profile."""

    Id: str
    Name: str = ""


class GroupRow(Struct, frozen=True):
    Id: str
    MasterLabel: str = ""
    DeveloperName: str = ""


class ReachRow(Struct, frozen=True):
    ProfileId: str
    times: Number


class OrganizationRow(Struct, frozen=True):
    Id: str
    Name: str
    IsSandbox: bool = False


class Identified(Struct, frozen=True):
    Id: str


class RealTimeEvent(Struct, frozen=True):
    entityName: str
    isEnabled: bool


class EventMetadata(Struct, frozen=True):
    """Lists that have nothing in them may be null."""

    realTimeEvents: list[RealTimeEvent] | None = None


class EventSettingsRow(Struct, frozen=True):
    Metadata: EventMetadata | None = None

    @property
    def events(self) -> Sequence[RealTimeEvent]:
        return (self.Metadata and self.Metadata.realTimeEvents) or ()


class DependencyRow(Struct, frozen=True):
    Permission: str
    RequiredPermission: str


class DescribedField(Struct, frozen=True):
    """A field and what a query may do with it; None: not said."""

    name: str
    filterable: bool | None = None
    groupable: bool | None = None
    sortable: bool | None = None


class Description(Struct, frozen=True):
    """The part of a describe that is used; the rest, half a megabyte, is skipped while decoding."""

    fields: list[DescribedField]


class Created(Struct, frozen=True):
    id: str
    success: bool = True
    errors: list[Any] = field(default_factory=list)


def decode(body: bytes | Raw, kind: type[T], source: str) -> T:
    """`body` as a cleaned `kind`. Raises OrgProblem naming the source, the field and what was expected."""
    try:
        return decode_json(body, kind)
    except BAD_DATA as error:
        raise errors.shape(source, str(error)) from None


def frame(body: bytes | Raw, kind: type[T], source: str) -> T:
    """`body` as `kind` whose raw parts, or unread ones, are left alone. Raises OrgProblem."""
    try:
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.ValidationError:
            raise
        except (msgspec.DecodeError, UnicodeDecodeError):
            return msgspec.json.decode(_repaired(bytes(body)), type=kind)
    except BAD_DATA as error:
        raise errors.shape(source, str(error)) from None


def _repaired(body: bytes) -> bytes:
    """JSON in which half a character, or a broken byte, is a replacement character: it spoils its own text alone."""
    whole = body.decode("utf-8", "replace").encode()
    return _ESCAPE.sub(lambda match: b"\\ufffd" if match["half"] else match[0], whole)


def moment(text: str | None, source: str) -> datetime | None:
    """Salesforce's `2026-11-22T13:41:07.000+0000` as an aware time in UTC. Raises OrgProblem."""
    if text is None:
        return None
    try:
        when = datetime.fromisoformat(text)
        if when.tzinfo is not None and when.year in YEARS:
            return when.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise errors.shape(source, f"expected a time with its zone, found {text[:40]!r}")


def known_moment(text: str | None, source: str) -> datetime:
    """The same where the field is never empty."""
    when = moment(text, source)
    if when is None:
        raise errors.shape(source, "expected a time, found nothing")
    return when


def key(record_id: str) -> str:
    """An Id in the form in which the 15- and the 18-character spelling are equal."""
    return record_id[:15]
