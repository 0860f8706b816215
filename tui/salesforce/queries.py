"""The SOQL texts of this program: pure functions from values to text, everything from outside escaped."""

# SOQL only reads, and every value passes through quoted() or at().
# ruff: noqa: S608

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

from msgspec import Struct

from tui.base.limits import GROUPS, QUERY_PAGE, SAME_MOMENT, URI_BYTES
from tui.rules.audit_actions import AUDIT_ACTIONS

FIXED = 3_000
"""Bytes that the longest query takes without its accounts, with some to spare."""
MAX_URI = URI_BYTES - 384
DISPLAYS = 200
QUERIES = 5
"""Queries in one composite call (documented)."""

OPERATOR_RIGHTS = (
    "ApiEnabled",
    "AssignPermissionSets",
    "CustomizeApplication",
    "ManageProfilesPermissionsets",
    "ManageUsers",
    "ModifyAllData",
    "MonitorLoginHistory",
    "ViewAllData",
    "ViewAllUsers",
    "ViewSetup",
)
"""The operator's own permissions that decide what he can read and repair."""


class Accounts(Struct, frozen=True):
    """Which users a reading is about: by Id where all Ids are known, else by username."""

    usernames: tuple[str, ...]
    ids: tuple[str, ...] = ()

    def of(self, field: str) -> str:
        """The condition that `field` refers to one of them."""
        if self.ids:
            return f"{field} IN ({listed(self.ids)})"
        return f"{field} IN (SELECT Id FROM User WHERE Username IN ({listed(self.usernames)}))"

    def each(self) -> "tuple[Accounts, ...]":
        ids = self.ids or (None,) * len(self.usernames)
        return tuple(
            Accounts((n,), () if i is None else (i,)) for n, i in zip(self.usernames, ids, strict=True)
        )

    def split(self, size: int) -> "tuple[Accounts, ...]":
        """The same accounts, `size` together at most."""
        return tuple(
            Accounts(self.usernames[i : i + size], self.ids[i : i + size])
            for i in range(0, len(self.usernames), size)
        )


def joined(accounts: "Iterable[Accounts]") -> Accounts:
    """One for all of them, which are all known by Id, or all by username."""
    every = tuple(accounts)
    return Accounts(
        tuple(name for one in every for name in one.usernames), tuple(i for one in every for i in one.ids)
    )


def quoted(text: str) -> str:
    """A SOQL string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    if escaped.isprintable():
        return f"'{escaped}'"
    return "'" + "".join(c if c.isprintable() else " " for c in escaped) + "'"


def starting(text: str) -> str:
    """The pattern of LIKE for what begins with `text`: its own wildcards stand for themselves."""
    return quoted(text)[:-1].replace("%", "\\%").replace("_", "\\_") + "%'"


def listed(texts: Iterable[str]) -> str:
    return ",".join(quoted(text) for text in texts)


def at(when: datetime) -> str:
    """A SOQL date-time literal, in UTC, to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _until(when: datetime) -> str:
    """The same as an end that takes its whole second in."""
    return at(when + timedelta(seconds=1) if when.microsecond else when)


_QUOTED = {code: quote(chr(code), safe="") for code in range(128)}
"""Queries are long, and `quote` looks at one byte after another."""


def address(base: str, query: str) -> str:
    """The address of `query` under the versioned `base` (`/services/data/v66.0`, also with `/tooling`)."""
    return f"{base}/query/?q={query.translate(_QUOTED) if query.isascii() else quote(query, safe='')}"


def length(query: str) -> int:
    """Bytes of the address of `query`, without its base."""
    return len(address("", query))


def fields(names: Iterable[str], prefix: str = "") -> str:
    return "".join(f", {prefix}Permissions{name}" for name in names)


def users(accounts: Accounts) -> str:
    by_id = f" OR Id IN ({listed(accounts.ids)})" if accounts.ids else ""
    return (
        "SELECT Id, Username, Name, Email, IsActive, UserType, ProfileId, Profile.Name, "
        "Profile.UserLicense.Name, LastLoginDate, LastModifiedDate, LastModifiedBy.Name, LastModifiedById "
        f"FROM User WHERE Username IN ({listed(accounts.usernames)}){by_id}"
    )


def user_logins(accounts: Accounts) -> str:
    return (
        "SELECT Id, UserId, IsFrozen, IsPasswordLocked, LastModifiedDate, LastModifiedBy.Name, LastModifiedById "
        f"FROM UserLogin WHERE {accounts.of('UserId')}"
    )


def assignments(accounts: Accounts, permissions: Sequence[str]) -> str:
    return (
        "SELECT Id, AssigneeId, PermissionSetId, PermissionSetGroupId, PermissionSetGroup.Status, IsActive, "
        "ExpirationDate, IsRevoked, SystemModstamp, PermissionSet.Name, PermissionSet.Label, PermissionSet.Type, "
        "PermissionSet.IsOwnedByProfile, PermissionSet.IsCustom, PermissionSet.ProfileId, PermissionSet.Profile.Name, "
        "PermissionSet.HasActivationRequired, PermissionSet.LastModifiedDate"
        f"{fields(permissions, 'PermissionSet.')} "
        f"FROM PermissionSetAssignment WHERE {accounts.of('AssigneeId')}"
    )


def sign_ins(accounts: Accounts, since: datetime, *, by_source: bool) -> str:
    """LoginHistory as an aggregate; Status is not filterable, and raw rows could be more than a page."""
    groups = "UserId, Application, Status, LoginType, LoginSubType" + (", SourceIp" if by_source else "")
    return (
        f"SELECT {groups}, MIN(LoginTime) earliest, MAX(LoginTime) latest, COUNT(Id) times "
        f"FROM LoginHistory WHERE {accounts.of('UserId')} AND LoginTime >= {at(since)} GROUP BY {groups}"
    )


def sign_in_days(accounts: Accounts, since: date) -> str:
    """LoginHistory by day (UTC)."""
    # inferred: sign_ins_by_day - that a date function of LoginTime may be grouped.
    groups = "UserId, Application, Status, DAY_ONLY(LoginTime)"
    return (
        f"SELECT {groups} day, COUNT(Id) times FROM LoginHistory "
        f"WHERE {accounts.of('UserId')} AND LoginTime >= {since.isoformat()}T00:00:00Z GROUP BY {groups}"
    )


def _one_of(assignment: bool) -> str:
    """The condition for the actions of the table: the many about assignments, or all others."""
    actions = [each for each in AUDIT_ACTIONS if each.assignment is assignment]
    exact = listed(each.action for each in actions if not each.prefix)
    begun = "".join(f" OR Action LIKE {starting(each.action)}" for each in actions if each.prefix)
    return f"(Action IN ({exact}){begun})"


RARE = _one_of(False)
ASSIGNMENTS = _one_of(True)


def audit(actions: str, since: datetime, until: datetime | None = None) -> str:
    """SetupAuditTrail by action and time alone: Display and Section are not filterable.

    `actions` is `RARE` or `ASSIGNMENTS`. Action may be filtered with LIKE too (seen in public code).
    """
    end = f" AND CreatedDate <= {_until(until)}" if until is not None else ""
    return _audit(f"CreatedDate >= {at(since)}{end} AND {actions}")


def audit_around(moments: Iterable[datetime]) -> str:
    """Rows of any action within 10 s of one of these moments, of which there is at least one."""
    spans = (
        f"(CreatedDate >= {at(m - SAME_MOMENT)} AND CreatedDate <= {_until(m + SAME_MOMENT)})"
        for m in moments
    )
    return _audit(f"({' OR '.join(spans)})")


def _audit(where: str) -> str:
    return (
        "SELECT Id, Action, Section, Display, CreatedDate, CreatedBy.Name, CreatedBy.Username, DelegateUser "
        f"FROM SetupAuditTrail WHERE {where} ORDER BY CreatedDate DESC LIMIT {QUERY_PAGE}"
    )


def sign_in_counts(field: str, since: datetime) -> str:
    """How many sign-ins of the whole org have each value of a field of LoginHistory."""
    return f"SELECT {field} value, COUNT(Id) times FROM LoginHistory WHERE LoginTime >= {at(since)} GROUP BY {field}"


def other_actions() -> str:
    """The newest audit rows whose action is not in the table."""
    exact = listed(each.action for each in AUDIT_ACTIONS if not each.prefix)
    begun = "".join(
        f" AND (NOT Action LIKE {starting(each.action)})" for each in AUDIT_ACTIONS if each.prefix
    )
    return (
        "SELECT Action, CreatedDate FROM SetupAuditTrail "
        f"WHERE Action NOT IN ({exact}){begun} ORDER BY CreatedDate DESC LIMIT {QUERY_PAGE}"
    )


def displays() -> str:
    """The newest audit rows of rare actions of the table, in the words of the org."""
    return (
        "SELECT Action, Display, CreatedDate FROM SetupAuditTrail "
        f"WHERE {RARE} ORDER BY CreatedDate DESC LIMIT {DISPLAYS}"
    )


def tokens(accounts: Accounts) -> str:
    return (
        "SELECT AppName, UserId, LastUsedDate, UseCount, CreatedDate "
        f"FROM OauthToken WHERE {accounts.of('UserId')}"
    )


def components(groups: Iterable[str], permissions: Sequence[str]) -> str:
    """The sets inside permission set groups; of muting sets (0QM…) the relation is empty."""
    return (
        f"SELECT PermissionSetGroupId, PermissionSetId, PermissionSet.Label{fields(permissions, 'PermissionSet.')} "
        f"FROM PermissionSetGroupComponent WHERE PermissionSetGroupId IN ({listed(groups)})"
    )


def rights(names: Iterable[str]) -> str:
    return f"SELECT Id{fields(names)} FROM UserPermissionAccess"


def organization(org_id: str) -> str:
    """The address of the Organization row of this Id, which only this very org has: no query, 404 elsewhere."""
    return f"{{base}}/sobjects/Organization/{quote(org_id, safe='')}?fields=Id"


def like_named(object_name: str, columns: Sequence[str], names: Iterable[str], own: Sequence[str]) -> str:
    """Records other than `own` of which one of `columns` begins with one of `names` (at least one)."""
    return (
        f"SELECT Id, {', '.join(columns)} FROM {object_name} WHERE {_begins(columns, names)}"
        f"{_without(own)} LIMIT {QUERY_PAGE}"
    )


def sets_named(
    names: Sequence[str], exactly: Sequence[str], own: Sequence[str], permissions: Sequence[str]
) -> str:
    """Permission sets, also those of groups, that begin with one of `names` or are called `exactly` so."""
    both = ("Label", "Name")
    called = [f"{field} IN ({listed(exactly)})" for field in both if exactly]
    conditions = " OR ".join([*([_begins(both, names)] if names else []), *called])
    return (
        f"SELECT Id, Name, Label{fields(permissions)} FROM PermissionSet "
        f"WHERE IsOwnedByProfile = false AND ({conditions}){_without(own)} LIMIT {QUERY_PAGE}"
    )


def _without(own: Sequence[str]) -> str:
    return f" AND Id NOT IN ({listed(own)})" if own else ""


def _begins(names_of: Sequence[str], names: Iterable[str]) -> str:
    return f"({' OR '.join(f'{field} LIKE {starting(name)}' for name in names for field in names_of)})"


def active_users(profiles: Iterable[str]) -> str:
    return (
        "SELECT ProfileId, COUNT(Id) times FROM User "
        f"WHERE ProfileId IN ({listed(profiles)}) AND IsActive = true GROUP BY ProfileId"
    )


def seen_by_app(since: datetime) -> str:
    """Who signed in by which application, the newest first: its name can be grouped by, not searched (documented)."""
    return (
        f"SELECT UserId, Application, MAX(LoginTime) latest FROM LoginHistory WHERE LoginTime >= {at(since)} "
        f"GROUP BY UserId, Application ORDER BY MAX(LoginTime) DESC LIMIT {GROUPS}"
    )


def tokens_of_apps(words: Iterable[str], most: int) -> str:
    return f"SELECT AppName, UserId FROM OauthToken WHERE {_with('AppName', words)} LIMIT {most}"


def users_named(words: Sequence[str], most: int) -> str:
    where = f"{_with('Username', words)} OR {_with('Name', words)}"
    return f"SELECT Id, Username, Name, IsActive FROM User WHERE {where} LIMIT {most}"


def users_with_ids(ids: Iterable[str]) -> str:
    return f"SELECT Id, Username, Name, IsActive FROM User WHERE Id IN ({listed(ids)})"


def _with(field: str, words: Iterable[str]) -> str:
    return " OR ".join(f"{field} LIKE {quoted(f'%{word}%')}" for word in words)


LICENSES = "SELECT Name, TotalLicenses, UsedLicenses, Status FROM UserLicense"
ORGANIZATION = "SELECT Id, Name, InstanceName, IsSandbox, OrganizationType FROM Organization"
EVENT_SETTINGS = "SELECT Id, DurableId, FullName, Metadata FROM RealTimeEventSettings"
DEPENDENCIES = "SELECT Permission, RequiredPermission FROM PermissionDependency"


def describe(object_name: str, *, tooling: bool = False) -> str:
    """The address of an object's describe."""
    return f"{{base}}{'/tooling' if tooling else ''}/sobjects/{object_name}/describe"


def record(object_name: str, record_id: str, names: Iterable[str]) -> str:
    """Some fields of one record, and who changed it last."""
    return (
        f"SELECT Id, {', '.join(names)}, LastModifiedDate, LastModifiedBy.Name "
        f"FROM {object_name} WHERE Id = {quoted(record_id)}"
    )


def record_there(object_name: str, record_id: str) -> str:
    return f"SELECT Id FROM {object_name} WHERE Id = {quoted(record_id)}"


def holders_of(set_id: str) -> str:
    return f"SELECT AssigneeId FROM PermissionSetAssignment WHERE PermissionSetId = {quoted(set_id)}"


def user_row(user_id: str) -> str:
    """The address of the User row of this Id: no query, 404 where this org has no such user."""
    return f"{{base}}/sobjects/User/{quote(user_id, safe='')}?fields=Id"


def permission_set_named(name: str, names: Iterable[str]) -> str:
    extra = "".join(f", {field}" for field in names)
    return f"SELECT Id{extra} FROM PermissionSet WHERE Name = {quoted(name)}"


def assignment_of(user_id: str, set_id: str) -> str:
    return (
        "SELECT Id FROM PermissionSetAssignment "
        f"WHERE AssigneeId = {quoted(user_id)} AND PermissionSetId = {quoted(set_id)}"
    )
