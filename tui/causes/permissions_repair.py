"""How missing permissions are given back over the API: on the custom profile, else by a permission set."""

from collections.abc import Iterable

from tui.causes.granted import counts
from tui.connections.evidence import Evidence, Grant, value_of
from tui.connections.finding import Finding
from tui.connections.repair import Change, Create, NoRepair, Repair, Update, Value
from tui.connections.step import Subject

SET_NAME = "Incydr_Monitoring_Access"
SET_LABEL = "Incydr Monitoring Access"

MANAGE_PROFILES = ("ManageProfilesPermissionsets",)
ASSIGN = ("AssignPermissionSets", "ManageUsers")

# Inferred: names of Salesforce's own profiles, which refuse changes to their permissions.
_STANDARD_PROFILES = frozenset(
    {
        "Analytics Cloud Integration User",
        "Analytics Cloud Security User",
        "Chatter External User",
        "Chatter Free User",
        "Chatter Moderator User",
        "Contract Manager",
        "Identity User",
        "Marketing User",
        "Minimum Access - API Only Integrations",
        "Minimum Access - Salesforce",
        "Read Only",
        "Salesforce API Only System Integrations",
        "Solution Manager",
        "Standard Platform User",
        "Standard User",
        "System Administrator",
    }
)


def repair(finding: Finding, subject: Subject) -> Repair | NoRepair:
    """The changes that give `finding.missing` and everything it depends on."""
    evidence = subject.evidence
    user = value_of(evidence.user) if evidence is not None else None
    if evidence is None or user is None:
        return NoRepair(
            finding.cause, "The service account could not be read: its id is needed to grant anything."
        )
    grants = value_of(evidence.grants) or ()
    own = next((grant for grant in grants if grant.kind == "profile"), None)
    ours = next(
        (grant for grant in grants if grant.kind == "set" and grant.name in (SET_NAME, SET_LABEL)), None
    )
    profile_id = own.profile_id if own is not None and own.profile_id else user.profile_id
    profile_name = user.profile_name or (own.name if own is not None else None)
    wanted = closure(evidence, finding.missing)
    if own is not None and profile_id and profile_name and profile_name not in _STANDARD_PROFILES:
        change = _update("Profile", profile_id, f"profile {profile_name}", own, wanted)
        return Repair(finding.cause, f"Grant on {profile_name}", (change,), needs=(MANAGE_PROFILES,))
    if ours is not None and counts(ours, evidence):
        change = _update("PermissionSet", ours.set_id, f"permission set {SET_LABEL}", ours, wanted)
        return Repair(finding.cause, f"Grant on {SET_LABEL}", (change,), needs=(MANAGE_PROFILES,))
    fields: dict[str, Value] = {"Name": SET_NAME, "Label": SET_LABEL}
    fields |= {_field(name): True for name in wanted}
    changes: tuple[Change, ...] = (
        Create("PermissionSet", "set", f"permission set {SET_LABEL}", fields),
        Create(
            "PermissionSetAssignment",
            "assignment",
            f"{SET_LABEL} for {user.username}",
            {"AssigneeId": user.id, "PermissionSetId": "@{set}"},
        ),
    )
    return Repair(finding.cause, "Grant by a permission set", changes, needs=(MANAGE_PROFILES, ASSIGN))


def _update(object_name: str, record_id: str, label: str, grant: Grant, wanted: tuple[str, ...]) -> Update:
    lacking = [name for name in wanted if name not in grant.permissions]
    return Update(
        object_name,
        record_id,
        label,
        before={_field(name): False for name in lacking},
        after={_field(name): True for name in lacking},
    )


def closure(evidence: Evidence, names: Iterable[str]) -> tuple[str, ...]:
    """`names` and every permission they depend on, as far as this org has it, in order of the alphabet."""
    dependencies = value_of(evidence.dependencies) or ()
    fields = value_of(evidence.fields)
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found and (fields is None or name in fields):
            found.add(name)
            todo.extend(each.required for each in dependencies if each.permission == name)
    return tuple(sorted(found))


def _field(name: str) -> str:
    return f"Permissions{name}"
