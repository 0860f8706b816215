"""Rows of an org become parts of the evidence; an empty answer counts only where the operator may see."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from tui.base.problem import Problem
from tui.connections.connection import Connection
from tui.connections.evidence import (
    Component,
    Grant,
    GrantKind,
    Read,
    Rights,
    SignInHistory,
    SignIns,
    Token,
    Unreadable,
    User,
    UserLogin,
)
from tui.salesforce import errors, wire
from tui.salesforce.errors import OrgProblem

T = TypeVar("T")
RightsPart = Read[Rights] | Unreadable

LABELS = {
    "CustomizeApplication": "Customize Application",
    "ManageUsers": "Manage Users",
    "MonitorLoginHistory": "Monitor Login History",
    "ViewAllData": "View All Data",
    "ViewAllUsers": "View All Users",
    "ViewSetup": "View Setup and Configuration",
}
MUTING = "0QM"
"""How the Id of a muting permission set begins."""
SEES_USERS = ("ManageUsers", "ViewAllUsers", "ViewAllData")
SEES_FREEZE = ("ManageUsers",)
SEES_SIGN_INS = ("ManageUsers", "MonitorLoginHistory")
SEES_TOKENS = ("CustomizeApplication",)
SEES_AUDIT = ("ViewSetup",)


def unreadable(problem: Problem) -> Unreadable:
    return Unreadable(f"{problem.title}: {problem.message}", problem.next_step)


def attempt(make: Callable[[], T], at: datetime) -> Read[T] | Problem:
    """What `make` reads, as a part read at `at`; or the Problem that it met."""
    try:
        return Read(make(), at)
    except Problem as problem:
        return problem


def as_part(found: Read[T] | Problem) -> Read[T] | Unreadable:
    return unreadable(found) if isinstance(found, Problem) else found


def newest_good(old: Read[T] | Unreadable | None, new: Read[T] | Problem) -> Read[T] | Unreadable:
    """The new part; in place of a failure the old one with its date, unless the org refused for good."""
    refused = isinstance(new, OrgProblem) and new.refused
    if isinstance(new, Problem) and isinstance(old, Read) and not refused:
        return old
    return as_part(new)


def not_visible(what: str, permission: str) -> OrgProblem:
    """An empty answer that can only mean that the operator may not see."""
    label = LABELS[permission]
    return OrgProblem(
        "Not visible",
        f"{what}: needs {label}.",
        f"Ask an administrator to give you {label}.",
        refused=True,
    )


def why_not_visible(rights: RightsPart, any_of: Sequence[str]) -> Unreadable | None:
    """Why an empty answer proves nothing to this operator; None where it does."""
    labels = " or ".join(LABELS[name] for name in any_of)
    if isinstance(rights, Unreadable):
        return Unreadable(
            f"nothing visible, and your own rights could not be read ({rights.reason})",
            rights.next_step or f"Check that you have {labels}.",
        )
    if rights.value.may(*any_of):
        return None
    return Unreadable(f"needs {labels}", f"Ask an administrator to give you {labels}.")


def pick(rows: Sequence[wire.UserRow], connection: Connection, known: User | None) -> wire.UserRow | None:
    """The user of a connection: by the pinned Id, by username, or, renamed since, by the Id it had before."""
    by_id = {wire.key(row.Id): row for row in rows}
    by_name = {row.Username.casefold(): row for row in rows}
    return (
        by_id.get(wire.key(connection.user_id or ""))
        or by_name.get(connection.service_account.casefold())
        or by_id.get(wire.key(known.id if known else ""))
    )


def user(row: wire.UserRow) -> User:
    profile = row.Profile
    return User(
        id=row.Id,
        username=row.Username,
        name=row.Name,
        is_active=row.IsActive,
        profile_id=row.ProfileId,
        profile_name=profile.Name if profile else None,
        license_name=profile.UserLicense.Name if profile and profile.UserLicense else None,
        user_type=row.UserType,
        email=row.Email,
        last_login=wire.moment(row.LastLoginDate, "User.LastLoginDate"),
        last_modified=wire.moment(row.LastModifiedDate, "User.LastModifiedDate"),
        last_modified_by=row.LastModifiedBy.Name if row.LastModifiedBy else None,
        last_modified_by_id=row.LastModifiedById,
    )


def user_login(row: wire.UserLoginRow) -> UserLogin:
    return UserLogin(
        id=row.Id,
        user_id=row.UserId,
        is_frozen=row.IsFrozen,
        is_password_locked=row.IsPasswordLocked,
        last_modified=wire.moment(row.LastModifiedDate, "UserLogin.LastModifiedDate"),
        last_modified_by=row.LastModifiedBy.Name if row.LastModifiedBy else None,
        last_modified_by_id=row.LastModifiedById,
    )


def grant(row: wire.AssignmentRow, asked: Iterable[str]) -> Grant:
    """One assignment; of the permissions `asked` for, those that its set carries. Raises OrgProblem."""
    source = "PermissionSetAssignment"
    try:
        carried = msgspec.convert(row.PermissionSet, wire.PermissionSetRow)
    except msgspec.ValidationError as error:
        raise errors.shape(f"{source}.PermissionSet", str(error)) from None
    names = _carried(row.PermissionSet, asked, source)
    profile = carried.Profile.Name if carried.Profile else None
    label = carried.Label or carried.Name or row.PermissionSetId
    is_group = carried.Type == "Group" or row.PermissionSetGroupId is not None
    return Grant(
        kind=GrantKind.PROFILE
        if carried.IsOwnedByProfile
        else GrantKind.GROUP
        if is_group
        else GrantKind.SET,
        name=(profile or label) if carried.IsOwnedByProfile else label,
        set_id=row.PermissionSetId,
        permissions=names,
        profile_id=carried.ProfileId if carried.IsOwnedByProfile else None,
        group_id=row.PermissionSetGroupId,
        group_status=row.PermissionSetGroup.Status if row.PermissionSetGroup else None,
        active=row.IsActive,
        revoked=bool(row.IsRevoked),
        session_based=carried.HasActivationRequired,
        expires=wire.moment(row.ExpirationDate, f"{source}.ExpirationDate"),
        last_modified=wire.moment(carried.LastModifiedDate, "PermissionSet.LastModifiedDate"),
        # A profile's own set has a made-up name that no row of the audit trail carries.
        api_name=None if carried.IsOwnedByProfile else carried.Name,
        assignment_id=row.Id,
        assigned=wire.moment(row.SystemModstamp, f"{source}.SystemModstamp"),
        custom=carried.IsCustom if carried.IsOwnedByProfile else None,
    )


def component(row: wire.ComponentRow, asked: Iterable[str]) -> Component:
    """One set inside a group. Raises OrgProblem."""
    muting = row.PermissionSetId.startswith(MUTING)
    if muting or row.PermissionSet is None:
        return Component(row.PermissionSetGroupId, row.PermissionSetId, muting=muting)
    names = _carried(row.PermissionSet, asked, "PermissionSetGroupComponent")
    label = row.PermissionSet.get("Label")
    name = label if isinstance(label, str) else row.PermissionSetId
    return Component(row.PermissionSetGroupId, row.PermissionSetId, name, names)


def _carried(tree: Mapping[str, object], asked: Iterable[str], source: str) -> tuple[str, ...]:
    names = []
    for name in asked:
        value = tree.get(f"Permissions{name}")
        if not isinstance(value, bool):
            raise errors.shape(source, f"expected true or false in PermissionSet.Permissions{name}")
        if value:
            names.append(name)
    return tuple(names)


def sign_ins(
    since: datetime, window: Iterable[wire.SignInRow], hour: Iterable[wire.SignInRow], *, by_source: bool
) -> SignInHistory:
    """The two aggregates of one user."""
    both = [tuple(_sign_ins(row) for row in rows) for rows in (window, hour)]
    return SignInHistory(since, both[0], both[1], by_source)


def _sign_ins(row: wire.SignInRow) -> SignIns:
    return SignIns(
        application=row.Application or "",
        status=row.Status or "",
        first=wire.known_moment(row.earliest, "LoginHistory.LoginTime"),
        last=wire.known_moment(row.latest, "LoginHistory.LoginTime"),
        count=row.times,
        source_ip=row.SourceIp,
        sub_type=row.LoginSubType,
        login_type=row.LoginType,
    )


def token(row: wire.TokenRow) -> Token:
    return Token(
        app=row.AppName or "",
        created=wire.moment(row.CreatedDate, "OauthToken.CreatedDate"),
        last_used=wire.moment(row.LastUsedDate, "OauthToken.LastUsedDate"),
        use_count=row.UseCount or 0,
    )
