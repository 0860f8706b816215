"""How missing permissions are given back over the API: on the custom profile, else by a permission set."""

from collections.abc import Iterable

from tui.connections.evidence import Evidence, Grant, User, value_of
from tui.connections.finding import Finding
from tui.connections.repair import Change, Create, NoRepair, Repair, Update, Value
from tui.connections.step import Subject
from tui.rules.effective_permissions import counts
from tui.rules.lost_permissions import taken_from
from tui.rules.required_permissions import REQUIREMENTS

SET_NAME = "Incydr_Monitoring_Access"
SET_LABEL = "Incydr Monitoring Access"

MANAGE_PROFILES = ("ManageProfilesPermissionsets",)
ASSIGN = ("AssignPermissionSets", "ManageUsers")

# inferred: standard_profiles - Salesforce's own profiles refuse changes to their permissions.
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

# Documented: what these bring with them, for where the org's own list of dependencies was not read.
_BROUGHT = {
    ("CustomizeApplication", "ManageCustomPermissions"),
    ("CustomizeApplication", "ViewSetup"),
    ("ViewSetup", "ViewRoles"),
}


def repair(finding: Finding, subject: Subject) -> Repair | NoRepair:
    """The changes that give `finding.missing` and everything it depends on: back where it was taken from.

    A set that it was taken from, else the custom profile, else a permission set of the program's own.
    """
    ways = _ways(finding, subject)
    if not ways:
        return NoRepair(
            finding.cause, "The service account could not be read: its id is needed to grant anything."
        )
    return ways[0]


def alternative(finding: Finding, subject: Subject) -> Repair | None:
    """A permission set beside the profile, for where Salesforce refuses to change the profile."""
    return next(iter(_ways(finding, subject)[1:]), None)


def _ways(finding: Finding, subject: Subject) -> tuple[Repair, ...]:
    evidence = subject.evidence
    user = value_of(evidence.user) if evidence is not None else None
    if evidence is None or user is None:
        return ()
    grants = value_of(evidence.grants) or ()
    wanted = closure(evidence, finding.missing)
    own = next((grant for grant in grants if grant.kind == "profile"), None)
    ways: list[Repair] = []
    if (lost_by := _set_that_lost(evidence, finding.missing)) is not None:
        ways.append(_complete(finding, lost_by, wanted))
    profile_id = own.profile_id if own is not None and own.profile_id else user.profile_id
    profile_name = user.profile_name or (own.name if own is not None else None)
    if own is not None and profile_id and profile_name and profile_name not in _STANDARD_PROFILES:
        change = _update("Profile", profile_id, f"profile {profile_name}", own, wanted)
        ways.append(Repair(finding.cause, f"Grant on {profile_name}", (change,), needs=(MANAGE_PROFILES,)))
    ours = [grant for grant in grants if grant.kind == "set" and grant.name in (SET_NAME, SET_LABEL)]
    in_force = next((grant for grant in ours if counts(grant, evidence)), None)
    ways.append(_complete(finding, in_force, wanted) if in_force else _new_set(finding, user, wanted))
    return tuple(ways)


def _set_that_lost(evidence: Evidence, missing: Iterable[str]) -> Grant | None:
    """The one set of the user, in force, that all of `missing` was taken from, as the audit trail says."""
    labels = {each.name: each for each in REQUIREMENTS}
    losers = [taken_from(evidence, labels[name]) if name in labels else None for name in missing]
    first = losers[0] if losers else None
    if first is None or first.kind != "set" or not counts(first, evidence):
        return None
    return first if all(each == first for each in losers) else None


def _complete(finding: Finding, grant: Grant, wanted: tuple[str, ...]) -> Repair:
    change = _update("PermissionSet", grant.set_id, f"permission set {grant.name}", grant, wanted)
    return Repair(finding.cause, f"Grant on {grant.name}", (change,), needs=(MANAGE_PROFILES,))


def _new_set(finding: Finding, user: User, wanted: tuple[str, ...]) -> Repair:
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
    needs = {(each.permission, each.required) for each in value_of(evidence.dependencies) or ()} | _BROUGHT
    fields = value_of(evidence.fields)
    found: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in found and (fields is None or name in fields):
            found.add(name)
            todo.extend(required for permission, required in needs if permission == name)
    return tuple(sorted(found))


def _field(name: str) -> str:
    return f"Permissions{name}"
