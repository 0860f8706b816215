"""What one reading of org and tenant showed. Immutable; every part is read, or unreadable with the reason.

Times are aware, in UTC, by the clock of the vendor that gave them. Texts are cleaned.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Raw, Struct
from msgspec.structs import astuple

T = TypeVar("T")


class Read(Struct, Generic[T], frozen=True, tag="read"):
    """A part that was read. `at` is the vendor's clock at the answer."""

    value: T
    at: datetime


class Unreadable(Struct, frozen=True, tag="unreadable"):
    """A part that could not be read: why, and what to do about it. Never the same as "nothing there"."""

    reason: str
    next_step: str = ""


class User(Struct, frozen=True):
    """The service account (Salesforce's User)."""

    id: str
    username: str
    name: str
    is_active: bool
    profile_id: str | None = None
    profile_name: str | None = None
    license_name: str | None = None
    user_type: str | None = None
    email: str | None = None
    last_login: datetime | None = None
    last_modified: datetime | None = None
    last_modified_by: str | None = None
    last_modified_by_id: str | None = None
    former_names: tuple[str, ...] = ()
    """Names that the user had at earlier readings, newest first: older audit rows call it by them."""


class UserLogin(Struct, frozen=True):
    """Freeze and password lock of the service account (Salesforce's UserLogin)."""

    id: str
    user_id: str
    is_frozen: bool
    is_password_locked: bool = False
    last_modified: datetime | None = None
    last_modified_by: str | None = None
    last_modified_by_id: str | None = None


class GrantKind(StrEnum):
    """Whether permissions come from the profile, a permission set or a permission set group."""

    PROFILE = "profile"
    SET = "set"
    GROUP = "group"


class Grant(Struct, frozen=True):
    """One PermissionSetAssignment of the service account, with the permissions that its set carries.

    `permissions` are field names without the prefix `Permissions` (`ApiEnabled`). A group's
    permissions are those of its aggregate, muting already applied. `name` is the label, `api_name` the developer
    name: audit rows may carry either.
    """

    kind: GrantKind
    name: str
    set_id: str
    permissions: tuple[str, ...] = ()
    profile_id: str | None = None
    group_id: str | None = None
    group_status: str | None = None
    active: bool = True
    revoked: bool = False
    session_based: bool = False
    expires: datetime | None = None
    last_modified: datetime | None = None
    """When the set itself was changed last (PermissionSet.LastModifiedDate)."""
    api_name: str | None = None
    assignment_id: str | None = None
    assigned: datetime | None = None
    """When the assignment was made or changed last (its SystemModstamp)."""
    custom: bool | None = None
    """Of a profile's own set: whether the profile is a custom one (PermissionSet.IsCustom). None: not known."""


class SignIns(Struct, frozen=True):
    """Sign-ins of the service account by one Application with one Status (an aggregate of LoginHistory)."""

    application: str
    status: str
    first: datetime
    last: datetime
    count: int
    source_ip: str | None = None
    sub_type: str | None = None
    login_type: str | None = None


class SignInHistory(Struct, frozen=True):
    """LoginHistory as two aggregates: since `since`, and over the last 60 minutes also by source IP.

    `by_source` is False where the hour could only be read without its addresses: they were too many groups.
    """

    since: datetime
    window: tuple[SignIns, ...] = ()
    hour: tuple[SignIns, ...] = ()
    by_source: bool = True


class SignInDay(Struct, frozen=True):
    """Successful sign-ins of one Application on one day (UTC), an aggregate of LoginHistory by DAY_ONLY."""

    application: str
    day: date
    count: int


class SignInDays(Struct, frozen=True):
    """The service account's successful sign-ins by day since `since`."""

    since: date
    days: tuple[SignInDay, ...] = ()


class AuditRow(Struct, frozen=True):
    """One row of SetupAuditTrail. `delegate` is the administrator who used Login-As."""

    id: str
    action: str
    display: str
    at: datetime
    by_name: str | None = None
    by_username: str | None = None
    delegate: str | None = None


class AuditTrail(Struct, frozen=True):
    """Relevant rows of SetupAuditTrail, newest first, and rows of any action within 10 s of a record's change.

    Rare actions are whole since `since`, assignment actions since `assignments_since` (None: as far). Not
    `complete`: a page was full, so one of the two begins later than it was asked for.
    """

    since: datetime
    rows: tuple[AuditRow, ...] = ()
    complete: bool = True
    assignments_since: datetime | None = None


class Token(Struct, frozen=True):
    """One OauthToken row; use moves on failed attempts too and proves nothing."""

    app: str
    created: datetime | None = None
    last_used: datetime | None = None
    use_count: int = 0


class License(Struct, frozen=True):
    """One UserLicense: how many there are and how many are used."""

    name: str
    total: int
    used: int
    status: str = "Active"


class Rights(Struct, frozen=True):
    """The operator himself and his own effective permissions (names without `Permissions`)."""

    username: str
    user_id: str
    permissions: tuple[str, ...] = ()

    def may(self, *any_of: str) -> bool:
        """True where at least one of the permissions is his."""
        return any(p in self.permissions for p in any_of)


class OrgIdentity(Struct, frozen=True):
    """Which org answered (Salesforce's Organization)."""

    id: str
    name: str
    is_sandbox: bool = False


class Stream(Struct, frozen=True):
    """One entity of RealTimeEventSettings."""

    entity: str
    enabled: bool


class Dependency(Struct, frozen=True):
    """One PermissionDependency: `permission` needs `required` (names without `Permissions`)."""

    permission: str
    required: str


class Component(Struct, frozen=True):
    """One set inside a permission set group, with the permissions that it carries (names without `Permissions`).

    Of a muting set only that it is there is known: what it mutes shows in the group's aggregate.
    """

    group_id: str
    set_id: str
    name: str = ""
    permissions: tuple[str, ...] = ()
    muting: bool = False


class NamedSet(Struct, frozen=True):
    """A permission set or group of the org that audit rows name, and which permissions it carries now."""

    set_id: str
    label: str
    api_name: str = ""
    permissions: tuple[str, ...] = ()


class OrgNames(Struct, frozen=True):
    """Names in the org that begin with a name of ours: an audit row about one of these is not about ours.

    `users`, `profiles` and `sets` (labels and developer names, groups too) without our own records.
    """

    users: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()


class Reach(Struct, frozen=True):
    """How many active users have the service account's profile. Not `whole`: the operator does not see all users."""

    profile_id: str
    active_users: int
    whole: bool = True


class FileEvents(Struct, frozen=True):
    """File events of this connection: the newest that count, by `@timestamp` and by when they were stored.

    Events with the connection's detector name count; those without a name only where `counts_unnamed`.
    """

    newest: datetime | None = None
    newest_inserted: datetime | None = None
    count: int = 0
    detector_name: str = ""
    """The name that was searched."""
    unnamed: datetime | None = None
    """`@timestamp` of the newest event that names no connection; None also where nobody looked for them."""
    counts_unnamed: bool = False
    """`only_connection` holds: it is set, and no event names another detector."""
    others: tuple[str, ...] = ()
    """Other detectors that Salesforce events of this tenant name."""
    unread_before: datetime | None = None
    """Pages were cut short: events stored before this were not read, and a newer one may be among them."""

    @property
    def rests_on(self) -> str:
        """The detector name that the newest event carries, empty where it names no connection."""
        return "" if self.counts_unnamed and self.newest == self.unnamed else self.detector_name


class Lateness(Struct, frozen=True):
    """How long after they happened the events of a tenant were stored, over so many events (at least one)."""

    events: int
    median: timedelta
    largest: timedelta


class ConsoleWord(Struct, frozen=True):
    """What the site's own `status_command` said, and when (this machine's clock)."""

    status: str
    at: datetime
    error: str = ""


class Part(StrEnum):
    """The parts of the evidence, by their fields in Evidence: each is read or unreadable by itself."""

    USER = "user"
    FREEZE = "freeze"
    GRANTS = "grants"
    SIGN_INS = "sign_ins"
    FIELDS = "fields"
    RIGHTS = "rights"
    ORG = "org"
    TOKENS = "tokens"
    LICENSES = "licenses"
    STREAMS = "streams"
    AUDIT = "audit"
    DEPENDENCIES = "dependencies"
    COMPONENTS = "components"
    EVENTS = "events"
    CONSOLE = "console"
    DAYS = "days"
    NAMES = "names"
    NAMED_SETS = "named_sets"
    REACH = "reach"


class Evidence(Struct, frozen=True):
    """One reading. A part is None where this reading did not ask for it (or nothing is configured to ask)."""

    read_at: datetime
    """This machine's clock."""
    org_now: datetime
    """The org's clock at the same moment (its HTTP Date, else `read_at`)."""
    user: Read[User | None] | Unreadable
    freeze: Read[UserLogin | None] | Unreadable
    grants: Read[tuple[Grant, ...]] | Unreadable
    sign_ins: Read[SignInHistory] | Unreadable
    fields: Read[tuple[str, ...]] | Unreadable
    """The permissions that this org knows (from describe; without the prefix)."""
    rights: Read[Rights] | Unreadable
    org: Read[OrgIdentity] | Unreadable
    tokens: Read[tuple[Token, ...]] | Unreadable | None = None
    licenses: Read[tuple[License, ...]] | Unreadable | None = None
    streams: Read[tuple[Stream, ...]] | Unreadable | None = None
    audit: Read[AuditTrail] | Unreadable | None = None
    dependencies: Read[tuple[Dependency, ...]] | Unreadable | None = None
    components: Read[tuple[Component, ...]] | Unreadable | None = None
    events: Read[FileEvents] | Unreadable | None = None
    console: Read[ConsoleWord] | Unreadable | None = None
    days: Read[SignInDays] | Unreadable | None = None
    names: Read[OrgNames] | Unreadable | None = None
    named_sets: Read[tuple[NamedSet, ...]] | Unreadable | None = None
    """Sets and groups that rows about this user name and that he has not (any more)."""
    reach: Read[Reach] | Unreadable | None = None
    grants_before: tuple[Grant, ...] = ()
    """The grants of the newest reading that had every needed permission: who carried what is lost now."""
    lateness: Lateness | None = None
    """As it was measured in the connection's tenant; None: never."""
    api_calls: int = 0
    """What this reading cost the org."""
    api_used: int | None = None
    api_limit: int | None = None

    @property
    def blank(self) -> bool:
        """Nothing at all could be read."""
        return not any(isinstance(part, Read) for part in astuple(self))


def value_of(part: "Read[T] | Unreadable | None") -> T | None:
    """The value of a part that was read, else None."""
    return part.value if isinstance(part, Read) else None


class RememberedFact(Struct, frozen=True):
    """One remembered part: JSON that only its reader understands, and when it was read (this machine's clock)."""

    value: Raw
    read_at: datetime


class Remembered(Struct, frozen=True):
    """The facts of one org. `subject` is the org's Id as it was read: they are about that org alone."""

    subject: str
    facts: dict[str, RememberedFact] = {}
