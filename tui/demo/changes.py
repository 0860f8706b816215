"""Every change a person or a program can make in the stand-in org, with its rules and its traces.

`by` is the user who makes the change, `at` when (now by default). Rights are checked by the caller:
a change over the API needs them, the scenario's administrator has them.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tui.demo import permissions
from tui.demo.answers import Refusal
from tui.demo.org import Org, Row


def _stamp(row: Row, by: Row, at: datetime) -> None:
    row["LastModifiedDate"] = at
    row["LastModifiedById"] = by["Id"]


def set_active(org: Org, user: Row, active: bool, by: Row, at: datetime | None = None) -> None:
    """Deactivate a user, which frees his licence, or reactivate him, which needs one."""
    at = at or org.now()
    if user["IsActive"] != active:
        licence = _licence_of(org, user)
        if active and licence["UsedLicenses"] >= licence["TotalLicenses"]:
            raise Refusal(400, "LICENSE_LIMIT_EXCEEDED", "License Limit Exceeded", fields=[])
        licence["UsedLicenses"] += 1 if active else -1
        user["IsActive"] = active
        if not active:
            org.end_sessions(user["Id"])
        action, word = ("activateduser", "Activated") if active else ("deactivateduser", "Deactivated")
        org.audit(action, "Manage Users", f"{word} user {user['Name']} (UserID: [{user['Id'][:15]}])", by, at)
    _stamp(user, by, at)


def _licence_of(org: Org, user: Row) -> Row:
    profile = org.tables["Profile"][user["ProfileId"]]
    return org.tables["UserLicense"][profile["UserLicenseId"]]


def set_frozen(org: Org, login: Row, frozen: bool, by: Row, at: datetime | None = None) -> None:
    """Freeze a user, which ends his sessions and keeps his licence, or unfreeze him."""
    at = at or org.now()
    if login["IsFrozen"] != frozen:
        login["IsFrozen"] = frozen
        user = org.tables["User"][login["UserId"]]
        if frozen:
            org.end_sessions(user["Id"])
        # The row names the user by name only: namesakes look alike, as in Salesforce.
        action, word = ("frozeuser", "Froze") if frozen else ("unfrozeuser", "Unfroze")
        org.audit(action, "Manage Users", f"{word} user account for {user['Name']}", by, at)
    _stamp(login, by, at)


def unlock(org: Org, login: Row, by: Row, at: datetime | None = None) -> None:
    """Take the password lock off a user."""
    at = at or org.now()
    if login["IsPasswordLocked"]:
        login["IsPasswordLocked"] = False
        user = org.tables["User"][login["UserId"]]
        display = f"Unlocked user {user['Username']} (UserID: [{user['Id'][:15]}])"
        org.audit("unlockeduser", "Manage Users", display, by, at)
    _stamp(login, by, at)


def set_profile(org: Org, user: Row, profile: Row, by: Row, at: datetime | None = None) -> None:
    """Give a user another profile, and with it that profile's own permission set."""
    at = at or org.now()
    old = org.tables["Profile"][user["ProfileId"]]
    if old["Id"] != profile["Id"]:
        user["ProfileId"] = profile["Id"]
        for assignment in org.assignments_of(user["Id"]):
            if org.tables["PermissionSet"][assignment["PermissionSetId"]]["IsOwnedByProfile"]:
                assignment["PermissionSetId"] = own_set(org, profile)["Id"]
        display = f"Changed profile for user {user['Name']} from {old['Name']} to {profile['Name']}"
        org.audit("changedprofileforuser", "Manage Users", display, by, at)
    _stamp(user, by, at)


def own_set(org: Org, profile: Row) -> Row:
    """The permission set that a profile owns."""
    return next(row for row in org.tables["PermissionSet"].values() if row["ProfileId"] == profile["Id"])


def set_permissions(
    org: Org, holder: Row, wanted: Mapping[str, bool], by: Row, at: datetime | None = None
) -> None:
    """Give or take permissions of a profile, a permission set or a muting set, all or nothing.

    `wanted` is by name without the `Permissions` prefix. Raises Refusal.
    """
    at = at or org.now()
    is_profile = holder["Id"] in org.tables["Profile"]
    if is_profile and not holder["IsCustom"]:
        raise Refusal(
            400, "INSUFFICIENT_ACCESS_OR_READONLY", "standard profiles cannot be changed", fields=[]
        )
    if holder.get("IsOwnedByProfile") or holder.get("Type") == "Group":
        raise Refusal(
            400,
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "entity type cannot be updated: permission set of a profile",
        )
    before = permissions.held(holder)
    after = (before | {name for name, on in wanted.items() if on}) - {n for n, on in wanted.items() if not on}
    if holder["Id"] not in org.tables["MutingPermissionSet"] and (
        missing := permissions.missing_requirement(after)
    ):
        name, lacking = missing
        needed = ", ".join(permissions.LABELS[each] for each in lacking)
        message = f"Permission {permissions.LABELS[name]} depends on permission(s): {needed}"
        raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", message, fields=[])
    for name in sorted(before ^ after):
        holder[permissions.field(name)] = name in after
        if is_profile:
            own_set(org, holder)[permissions.field(name)] = name in after
        _audit_permission(org, holder, is_profile, name, name in after, by, at)
    _stamp(holder, by, at)
    for component in org.tables["PermissionSetGroupComponent"].values():
        if component["PermissionSetId"] == holder["Id"]:
            org.group_changed(org.tables["PermissionSetGroup"][component["PermissionSetGroupId"]])


def _audit_permission(
    org: Org, holder: Row, is_profile: bool, name: str, on: bool, by: Row, at: datetime
) -> None:
    label = permissions.LABELS[name]
    change = f"was changed from {'disabled' if on else 'enabled'} to {'enabled' if on else 'disabled'}"
    if is_profile:
        display = f"Changed profile {holder['Name']}: {permissions.group_of(name)} {label} {change}"
        org.audit("profilePermChangedCustom", "Manage Users", display, by, at)
    else:
        action = "PermSetEnableUserPerm" if on else "PermSetDisableUserPerm"
        name_shown = holder.get("Label") or holder["MasterLabel"]
        display = f"Changed permission set {name_shown}: {label} {change}"
        org.audit(action, "Manage Users", display, by, at)


def create_permission_set(org: Org, fields: Mapping[str, Any], by: Row, at: datetime | None = None) -> Row:
    """A new permission set; `fields` as sent: Name, Label, Description, Permissions…. Raises Refusal."""
    at = at or org.now()
    for needed in ("Name", "Label"):
        if not fields.get(needed):
            message = f"Required fields are missing: [{needed}]"
            raise Refusal(400, "REQUIRED_FIELD_MISSING", message, fields=[needed])
    if any(row["Name"] == fields["Name"] for row in org.tables["PermissionSet"].values()):
        message = f"duplicate value found: Name duplicates value on record with id: {fields['Name']}"
        raise Refusal(400, "DUPLICATE_VALUE", message, fields=[])
    wanted = {name: bool(fields.get(permissions.field(name))) for name in permissions.NAMES}
    if missing := permissions.missing_requirement({name for name, on in wanted.items() if on}):
        name, lacking = missing
        needed = ", ".join(permissions.LABELS[each] for each in lacking)
        message = f"Permission {permissions.LABELS[name]} depends on permission(s): {needed}"
        raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", message, fields=[])
    row = new_set(
        org, str(fields["Name"]), str(fields["Label"]), [n for n, on in wanted.items() if on], by, at
    )
    row["Description"] = fields.get("Description")
    org.audit("PermSetCreate", "Manage Users", f"Created permission set {row['Label']}", by, at)
    return row


def new_set(
    org: Org,
    name: str,
    label: str,
    names: list[str],
    by: Row,
    at: datetime,
    *,
    kind: str = "Regular",
    profile: Row | None = None,
    group: Row | None = None,
) -> Row:
    """Store a permission set of any kind; no rules, no traces."""
    return org.add(
        "PermissionSet", Name=name, Label=label, Type=kind, Description=None,
        # Of a profile's own set it says whether the profile is custom (recorded).
        IsCustom=bool(profile["IsCustom"]) if profile else kind == "Regular",
        IsOwnedByProfile=profile is not None, ProfileId=profile and profile["Id"], HasActivationRequired=False,
        LicenseId=None, PermissionSetGroupId=group and group["Id"], NamespacePrefix=None, CreatedDate=at,
        LastModifiedDate=at, LastModifiedById=by["Id"],
        **{permissions.field(each): each in names for each in permissions.NAMES},
    )  # fmt: skip


def delete_permission_set(org: Org, row: Row, by: Row, at: datetime | None = None) -> None:
    """Delete a permission set that is a set of its own, with its assignments. Raises Refusal."""
    at = at or org.now()
    if row["Type"] != "Regular":
        raise Refusal(400, "DELETE_FAILED", "only permission sets of their own can be deleted", fields=[])
    groups = [
        component
        for component in org.tables["PermissionSetGroupComponent"].values()
        if component["PermissionSetId"] == row["Id"]
    ]
    for component in groups:
        org.remove("PermissionSetGroupComponent", component)
        org.group_changed(org.tables["PermissionSetGroup"][component["PermissionSetGroupId"]])
    for assignment in list(org.tables["PermissionSetAssignment"].values()):
        if assignment["PermissionSetId"] == row["Id"]:
            org.remove("PermissionSetAssignment", assignment)
    org.remove("PermissionSet", row)
    org.audit("PermSetDelete", "Manage Users", f"Deleted permission set {row['Label']}", by, at)


def assign(
    org: Org, user: Row, permission_set: Row, by: Row, at: datetime | None = None, group: Row | None = None
) -> Row:
    """Assign a permission set, or a group through its aggregate set, to a user. Raises Refusal."""
    at = at or org.now()
    if not user["IsActive"]:
        message = (
            "operation performed with inactive user ["
            + user["Id"]
            + "] as owner of permission set assignment"
        )
        raise Refusal(400, "INACTIVE_OWNER_OR_USER", message, fields=[])
    if any(row["PermissionSetId"] == permission_set["Id"] for row in org.assignments_of(user["Id"])):
        raise Refusal(
            400, "DUPLICATE_VALUE", "Duplicate PermissionSetAssignment. Assignee: " + user["Id"], []
        )
    row = new_assignment(org, user, permission_set, at, group)
    kind, action, label = (
        ("Permission set group", "PermSetGroupAssign", group["MasterLabel"])
        if group
        else ("Permission set", "PermSetAssign", permission_set["Label"])
    )
    display = f"{kind} {label}: assigned to user {user['Name']} (UserID: [{user['Id'][:15]}])"
    org.audit(action, "Manage Users", display, by, at)
    return row


def new_assignment(org: Org, user: Row, permission_set: Row, at: datetime, group: Row | None = None) -> Row:
    """Store an assignment; no rules, no traces."""
    return org.add(
        "PermissionSetAssignment", AssigneeId=user["Id"], PermissionSetId=permission_set["Id"],
        PermissionSetGroupId=group and group["Id"], IsActive=True, ExpirationDate=None, IsRevoked=False,
        LastModifiedDate=at, SystemModstamp=at,
    )  # fmt: skip


def unassign(org: Org, assignment: Row, by: Row, at: datetime | None = None) -> None:
    """Take a permission set or a group away from a user. Raises Refusal."""
    at = at or org.now()
    permission_set = org.tables["PermissionSet"][assignment["PermissionSetId"]]
    if permission_set["IsOwnedByProfile"]:
        raise Refusal(
            400, "INSUFFICIENT_ACCESS_OR_READONLY", "cannot remove a profile's own permission set", []
        )
    user = org.tables["User"][assignment["AssigneeId"]]
    org.remove("PermissionSetAssignment", assignment)
    kind, action = (
        ("Permission set group", "PermSetGroupUnassign")
        if permission_set["Type"] == "Group"
        else ("Permission set", "PermSetUnassign")
    )
    display = (
        f"{kind} {permission_set['Label']}: unassigned from user {user['Name']} (UserID: [{user['Id'][:15]}])"
    )
    org.audit(action, "Manage Users", display, by, at)
