"""Who the operator is in an org and what that allows, in words."""

from tui.connections.evidence import Rights

_ALLOWS = (
    (("ApiEnabled",), "API Enabled", "everything"),
    (("ManageUsers",), "Manage Users", "see freezes and sign-ins, unfreeze, reactivate"),
    (("MonitorLoginHistory", "ManageUsers"), "Monitor Login History", "see sign-ins"),
    (("CustomizeApplication",), "Customize Application", "see the app's tokens and the streaming settings"),
    (("ViewSetup",), "View Setup and Configuration", "see the audit trail: who did it"),
    (("ManageProfilesPermissionsets",), "Manage Profiles and Permission Sets", "give permissions back"),
    (("AssignPermissionSets",), "Assign Permission Sets", "assign a permission set"),
)
"""Rights that help, any of which is enough, the label, and what for."""


def rights_lines(rights: Rights) -> tuple[tuple[bool, str], ...]:
    """Each right that matters: whether the operator has it, and its label with what it is for."""
    return tuple((rights.may(*any_of), f"{label}: {purpose}") for any_of, label, purpose in _ALLOWS)
