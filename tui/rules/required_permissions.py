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

_DOCUMENTED = "documented"
# inferred: reports_permission - whether monitoring stops without it.
_PARTLY = "listed by Incydr, its need not shown"

REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        "API Enabled", "ApiEnabled", Need.BLOCKS, ADMINISTRATIVE,
        "Incydr reaches Salesforce over its API", _DOCUMENTED,
    ),
    Requirement(
        "Customize Application", "CustomizeApplication", Need.BLOCKS, ADMINISTRATIVE,
        "Incydr reads which real-time events the org streams", _DOCUMENTED,
    ),
    Requirement(
        "View Real-Time Event Monitoring Data", EVENT_MONITORING, Need.BLOCKS, ADMINISTRATIVE,
        "Incydr receives report exports as real-time events", _DOCUMENTED,
    ),
    Requirement(
        "View Setup and Configuration", "ViewSetup", Need.SHOWN, ADMINISTRATIVE,
        "comes with Customize Application", _DOCUMENTED,
    ),
    Requirement(
        "View Roles and Role Hierarchy", "ViewRoles", Need.SHOWN, ADMINISTRATIVE,
        "comes with View Setup and Configuration", _DOCUMENTED,
    ),
    Requirement(
        "Manage Custom Permissions", "ManageCustomPermissions", Need.SHOWN, ADMINISTRATIVE,
        "comes with Customize Application", _DOCUMENTED,
    ),
    Requirement(
        "Manage All Private Reports and Dashboards", "ManagePvtRptsAndDashbds", Need.WARNS, GENERAL,
        "Incydr lists it for report monitoring", _PARTLY,
    ),
    Requirement(
        "Lightning Experience User", "LightningExperienceUser", Need.SHOWN, ADMINISTRATIVE,
        "only to sign in to Lightning as this account", _DOCUMENTED,
    ),
    Requirement(
        "Chatter Internal User", "ChatterInternalUser", Need.SHOWN, ADMINISTRATIVE,
        "not needed, on by default", _DOCUMENTED,
    ),
    Requirement(
        "Lightning Console User", "LightningConsoleAllowedForUser", Need.SHOWN, ADMINISTRATIVE,
        "not needed, on by default", _DOCUMENTED,
    ),
)  # fmt: skip
