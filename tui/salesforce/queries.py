"""The SOQL texts of this program: pure functions from values to text, everything from outside escaped."""

# SOQL only reads, and every value passes through quoted() or at().
# ruff: noqa: S608

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from msgspec import Struct

MAX_URI = 16_000
"""Bytes of one query's address; Salesforce answers 414 over 16,384."""
FIXED = 3_000
"""Bytes that the longest query takes without its accounts, with some to spare."""
AUDIT_ROWS = 2_000

AUDIT_USER_ACTIONS = (
    "deactivateduser",
    "activateduser",
    "frozeuser",
    "unfrozeuser",
    "unlockeduser",
    "PermSetAssign",
    "PermSetUnassign",
    "PermSetGroupAssign",
    "PermSetGroupUnassign",
)
"""Actions whose Display names the user that was changed (and the variants of `PROFILE_CHANGE`)."""
AUDIT_SET_ACTIONS = ("PermSetEnableUserPerm", "PermSetDisableUserPerm")
PROFILE_CHANGE = "changedprofileforuser"
PROFILE_PERMISSION = "profilePermChanged"
STREAMING = "realTimeEvent"
"""How the action begins when a stream is switched (inferred: no public list names it)."""

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


def quoted(text: str) -> str:
    """A SOQL string literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "'" + "".join(c if c.isprintable() else " " for c in escaped) + "'"


def listed(texts: Iterable[str]) -> str:
    return ",".join(quoted(text) for text in texts)


def at(when: datetime) -> str:
    """A SOQL date-time literal, in UTC, to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def address(base: str, query: str) -> str:
    """The address of `query` under the versioned `base` (`/services/data/v66.0`, also with `/tooling`)."""
    return f"{base}/query/?q={quote(query, safe='')}"


def fields(names: Iterable[str], prefix: str = "") -> str:
    return "".join(f", {prefix}Permissions{name}" for name in names)


def users(accounts: Accounts) -> str:
    by_id = f" OR Id IN ({listed(accounts.ids)})" if accounts.ids else ""
    return (
        "SELECT Id, Username, Name, Email, IsActive, UserType, ProfileId, Profile.Name, "
        "Profile.UserLicense.Name, LastLoginDate, LastModifiedDate, LastModifiedBy.Name "
        f"FROM User WHERE Username IN ({listed(accounts.usernames)}){by_id}"
    )


def user_logins(accounts: Accounts) -> str:
    return (
        "SELECT Id, UserId, IsFrozen, IsPasswordLocked, LastModifiedDate, LastModifiedBy.Name "
        f"FROM UserLogin WHERE {accounts.of('UserId')}"
    )


def assignments(accounts: Accounts, permissions: Sequence[str]) -> str:
    return (
        "SELECT AssigneeId, PermissionSetId, PermissionSetGroupId, PermissionSetGroup.Status, IsActive, "
        "ExpirationDate, IsRevoked, PermissionSet.Name, PermissionSet.Label, PermissionSet.Type, "
        "PermissionSet.IsOwnedByProfile, PermissionSet.ProfileId, PermissionSet.Profile.Name, "
        "PermissionSet.HasActivationRequired, PermissionSet.LastModifiedDate"
        f"{fields(permissions, 'PermissionSet.')} "
        f"FROM PermissionSetAssignment WHERE {accounts.of('AssigneeId')}"
    )


def sign_ins(accounts: Accounts, since: datetime, *, by_source: bool) -> str:
    """LoginHistory as an aggregate; Status is not filterable, and raw rows could be more than a page."""
    groups = "UserId, Application, Status" + (", SourceIp, LoginSubType" if by_source else "")
    return (
        f"SELECT {groups}, MIN(LoginTime) earliest, MAX(LoginTime) latest, COUNT(Id) times "
        f"FROM LoginHistory WHERE {accounts.of('UserId')} AND LoginTime >= {at(since)} GROUP BY {groups}"
    )


def audit(since: datetime) -> str:
    """SetupAuditTrail by action and time alone: Display and Section are not filterable.

    That Action may be filtered with LIKE too is inferred.
    """
    return (
        "SELECT Id, Action, Section, Display, CreatedDate, CreatedBy.Name, CreatedBy.Username, DelegateUser "
        f"FROM SetupAuditTrail WHERE CreatedDate >= {at(since)} "
        f"AND (Action IN ({listed(AUDIT_USER_ACTIONS + AUDIT_SET_ACTIONS)}) "
        f"OR Action LIKE '{PROFILE_CHANGE}%' OR Action LIKE '{PROFILE_PERMISSION}%' "
        f"OR Action LIKE '{STREAMING}%') "
        f"ORDER BY CreatedDate DESC LIMIT {AUDIT_ROWS}"
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


LICENSES = "SELECT Name, TotalLicenses, UsedLicenses, Status FROM UserLicense"
ORGANIZATION = "SELECT Id, Name, InstanceName, IsSandbox, OrganizationType FROM Organization"
EVENT_SETTINGS = "SELECT Id, DurableId, FullName, Metadata FROM RealTimeEventSettings"
DEPENDENCIES = "SELECT Permission, RequiredPermission FROM PermissionDependency"


def record(object_name: str, record_id: str, names: Iterable[str]) -> str:
    """Some fields of one record, and who changed it last."""
    return (
        f"SELECT Id, {', '.join(names)}, LastModifiedDate, LastModifiedBy.Name "
        f"FROM {object_name} WHERE Id = {quoted(record_id)}"
    )


def permission_set_named(name: str, names: Iterable[str]) -> str:
    extra = "".join(f", {field}" for field in names)
    return f"SELECT Id{extra} FROM PermissionSet WHERE Name = {quoted(name)}"


def assignment_of(user_id: str, set_id: str) -> str:
    return (
        "SELECT Id FROM PermissionSetAssignment "
        f"WHERE AssigneeId = {quoted(user_id)} AND PermissionSetId = {quoted(set_id)}"
    )
