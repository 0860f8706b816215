"""Which permissions the service account needs. Data: the configuration can override it.

Source: Incydr's set-up article, which stays the authority, and Salesforce's documentation of what a
permission brings with it.
"""

from tui.connections.connection import Need, Requirement

ADMINISTRATIVE = "Administrative permissions"
GENERAL = "General user permissions"

# inferred: event_monitoring_fields - of all permissions only this one's field.
EVENT_MONITORING = "ViewDataLeakageEvents"
"""The one permission whose field exists only with Event Monitoring."""


def _documented(label: str, name: str, need: Need, purpose: str) -> Requirement:
    return Requirement(label, name, need, ADMINISTRATIVE, purpose, "documented")


REQUIREMENTS: tuple[Requirement, ...] = (
    _documented("API Enabled", "ApiEnabled", Need.BLOCKS, "Incydr needs it to reach Salesforce over its API"),
    _documented(
        "Customize Application",
        "CustomizeApplication",
        Need.BLOCKS,
        "Incydr needs it to read which real-time events are streamed",
    ),
    _documented(
        "View Real-Time Event Monitoring Data",
        EVENT_MONITORING,
        Need.BLOCKS,
        "Incydr needs it to receive report exports as real-time events",
    ),
    _documented("View Setup and Configuration", "ViewSetup", Need.SHOWN, "comes with Customize Application"),
    _documented(
        "View Roles and Role Hierarchy", "ViewRoles", Need.SHOWN, "comes with View Setup and Configuration"
    ),
    _documented(
        "Manage Custom Permissions", "ManageCustomPermissions", Need.SHOWN, "comes with Customize Application"
    ),
    Requirement(
        "Manage All Private Reports and Dashboards",
        "ManagePvtRptsAndDashbds",
        Need.WARNS,
        GENERAL,
        "Incydr lists it for report monitoring",
        # inferred: reports_permission - whether monitoring stops without it.
        "listed by Incydr, its need not shown",
    ),
    _documented(
        "Lightning Experience User",
        "LightningExperienceUser",
        Need.SHOWN,
        "only to sign in to Lightning as this account",
    ),
    _documented("Chatter Internal User", "ChatterInternalUser", Need.SHOWN, "not needed, on by default"),
    _documented(
        "Lightning Console User", "LightningConsoleAllowedForUser", Need.SHOWN, "not needed, on by default"
    ),
)
