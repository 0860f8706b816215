"""Which permissions exist in the stand-in org, how they depend on each other, and what a set carries."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]

ADMINISTRATIVE = {
    "ApiEnabled": "API Enabled",
    "AssignPermissionSets": "Assign Permission Sets",
    "ChatterInternalUser": "Chatter Internal User",
    "CustomizeApplication": "Customize Application",
    "LightningConsoleAllowedForUser": "Lightning Console User",
    "LightningExperienceUser": "Lightning Experience User",
    "ManageCustomPermissions": "Manage Custom Permissions",
    "ManageProfilesPermissionsets": "Manage Profiles and Permission Sets",
    "ManageUsers": "Manage Users",
    "ModifyAllData": "Modify All Data",
    "MonitorLoginHistory": "Monitor Login History",
    "ResetPasswords": "Reset User Passwords and Unlock Users",
    "ViewAllData": "View All Data",
    "ViewAllUsers": "View All Users",
    "ViewDataLeakageEvents": "View Real-Time Event Monitoring Data",
    "ViewPlatformEvents": "View Login Forensics Events",
    "ViewRoles": "View Roles and Role Hierarchy",
    "ViewSetup": "View Setup and Configuration",
}
GENERAL = {
    "EditTask": "Edit Tasks",
    "ExportReport": "Export Reports",
    "ManagePvtRptsAndDashbds": "Manage All Private Reports and Dashboards",
    "RunReports": "Run Reports",
}
LABELS = ADMINISTRATIVE | GENERAL
NAMES = tuple(sorted(LABELS))

# inferred: event_monitoring_fields - of all permissions only this one's field.
EVENT_MONITORING_ONLY = "ViewDataLeakageEvents"
"""Exists only where the org has an Event Monitoring licence."""

# inferred: stand_in_permissions - documented are Customize Application and View Setup.
REQUIRES: Mapping[str, tuple[str, ...]] = {
    "CustomizeApplication": ("ManageCustomPermissions", "ViewSetup"),
    "ViewSetup": ("ViewRoles",),
    "ManageUsers": ("ResetPasswords", "ViewSetup"),
    "ManageProfilesPermissionsets": ("ViewSetup",),
    "AssignPermissionSets": ("ViewSetup",),
    "ExportReport": ("RunReports",),
    "ModifyAllData": ("ViewAllData",),
}


def group_of(name: str) -> str:
    """How the audit trail calls the list in which a profile page shows this permission."""
    return "administrative permission" if name in ADMINISTRATIVE else "general user permission"


def field(name: str) -> str:
    return f"Permissions{name}"


def with_required(names: Iterable[str]) -> set[str]:
    """`names` and everything they depend on."""
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo.extend(REQUIRES.get(name, ()))
    return found


def with_dependants(names: Iterable[str]) -> set[str]:
    """`names` and everything that cannot stay without them."""
    gone = set(names)
    while more := {name for name in NAMES if name not in gone and gone & set(REQUIRES.get(name, ()))}:
        gone |= more
    return gone


def held(row: Row) -> set[str]:
    """The permissions that one profile or permission set carries."""
    return {name for name in NAMES if row.get(field(name))}


def missing_requirement(names: set[str]) -> tuple[str, tuple[str, ...]] | None:
    """The first permission of `names` that lacks another one, with those it lacks."""
    for name in sorted(names):
        lacking = tuple(needed for needed in REQUIRES.get(name, ()) if needed not in names)
        if lacking:
            return name, lacking
    return None


def counts(assignment: Row, permission_set: Row, now: datetime) -> bool:
    """Whether an assignment grants anything at `now`: active, neither expired nor revoked, not session-based."""
    expires = assignment["ExpirationDate"]
    return (
        assignment["IsActive"]
        and not assignment["IsRevoked"]
        and not permission_set["HasActivationRequired"]
        and (expires is None or expires > now)
    )
