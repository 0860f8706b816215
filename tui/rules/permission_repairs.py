"""How missing permissions are given back over the API: on a custom profile of our own, else by a permission set."""

from collections.abc import Iterable

from msgspec.structs import replace

from tui.base.text import counted
from tui.connections.evidence import Evidence, Grant, GrantKind, Reach, User, value_of
from tui.connections.finding import Finding
from tui.connections.repair import PROFILE_NAME, USERNAME, Change, Create, NoRepair, Repair, Update, Value
from tui.connections.step import Subject
from tui.rules.effective_permissions import counts
from tui.rules.lost_permissions import taken_from
from tui.rules.required_permissions import REQUIREMENTS

SET_NAME = "Incydr_Monitoring_Access"
SET_LABEL = "Incydr Monitoring Access"

MANAGE_PROFILES = ("ManageProfilesPermissionsets",)
ASSIGN = ("AssignPermissionSets", "ManageUsers")

# inferred: standard_profiles - Salesforce's own profiles refuse changes to their permissions. By name only where
# PermissionSet.IsCustom was not read.
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

    A set that it was taken from, else the custom profile, else a permission set of the program's own. A profile
    that more active users have than our connections' accounts comes after the set, and its name must be typed.
    """
    ways = _ways(finding, subject)
    if not ways:
        return NoRepair(
            finding.cause, "The service account could not be read: its Id is needed to grant permissions."
        )
    return ways[0]


def alternative(finding: Finding, subject: Subject) -> Repair | None:
    """The next way, for where Salesforce refuses the first: the permission set beside the profile, or the profile."""
    return next(iter(_ways(finding, subject)[1:]), None)


def _ways(finding: Finding, subject: Subject) -> tuple[Repair, ...]:
    evidence = subject.evidence
    user = value_of(evidence.user) if evidence is not None else None
    if evidence is None or user is None:
        return ()
    grants = value_of(evidence.grants) or ()
    wanted = closure(evidence, finding.missing)
    ways: list[Repair] = []
    if (lost_by := _set_that_lost(evidence, finding.missing)) is not None:
        ways.append(_complete(finding, lost_by, wanted))
    ours = [grant for grant in grants if grant.kind == GrantKind.SET and grant.name in (SET_NAME, SET_LABEL)]
    in_force = next((grant for grant in ours if counts(grant, evidence)), None)
    by_set = _complete(finding, in_force, wanted) if in_force else _new_set(finding, user, wanted)
    by_profile = _on_profile(finding, subject, user, wanted)
    if by_profile is None:
        ways.append(by_set)
    elif by_profile.confirm is not None:
        ways += [by_set, by_profile]
    else:
        ways += [by_profile, by_set]
    note = _against_a_policy(grants, finding.missing)
    if not note:
        return tuple(ways)
    account = subject.connection.service_account
    return tuple(replace(way, confirm=way.confirm or account, notes=(*way.notes, note)) for way in ways)


def _on_profile(finding: Finding, subject: Subject, user: User, wanted: tuple[str, ...]) -> Repair | None:
    """The change of the account's custom profile; None where it is one of Salesforce's own, or not seen."""
    evidence = subject.evidence
    grants = value_of(evidence.grants) if evidence is not None else None
    own = next((grant for grant in grants or () if grant.kind == GrantKind.PROFILE), None)
    if evidence is None or own is None:
        return None
    id, name = own.profile_id or user.profile_id, user.profile_name or own.name
    if not id or not name or _is_standard(own, name):
        return None
    change = _update("Profile", id, f"profile {name}", own, wanted)
    reach = value_of(evidence.reach)
    if reach is not None and reach.profile_id[:15] != id[:15]:
        reach = None
    others = reach is not None and reach.active_users > subject.org.accounts
    return Repair(
        finding.cause,
        f"Grant on {name}",
        (change,),
        needs=(MANAGE_PROFILES,),
        confirm=name if others else None,
        confirm_what=PROFILE_NAME if others else USERNAME,
        notes=(_reached(name, reach, len(change.after)),),
    )


def _is_standard(own: Grant, name: str) -> bool:
    return name in _STANDARD_PROFILES if own.custom is None else not own.custom


def _reached(profile: str, reach: Reach | None, permissions: int) -> str:
    """Whom a change of the profile reaches, as one sentence."""
    what = "this permission" if permissions == 1 else "these permissions"
    if reach is None:
        return f"Profile {profile}: it could not be read how many users get {what}."
    users = counted(reach.active_users, "user")
    least = "" if reach.whole else "at least "
    return f"Profile {profile}: {least}{users} {'gets' if reach.active_users == 1 else 'get'} {what}."


def _against_a_policy(grants: Iterable[Grant], missing: Iterable[str]) -> str:
    """What to know before a permission is given that a revoked assignment carries; empty where there is none."""
    wanted = set(missing)
    revoked = [
        grant.name
        for grant in grants
        if grant.revoked and (wanted & set(grant.permissions) or grant.name in (SET_NAME, SET_LABEL))
    ]
    if not revoked:
        return ""
    return (
        f"An access policy revoked {', '.join(revoked)}. This change gives it back. "
        "Ask the owner of the policy first."
    )


def _set_that_lost(evidence: Evidence, missing: Iterable[str]) -> Grant | None:
    """The one set of the user, in force, that all of `missing` was taken from, as the audit trail says."""
    labels = {each.name: each for each in REQUIREMENTS}
    losers = [taken_from(evidence, labels[name]) if name in labels else None for name in missing]
    first = losers[0] if losers else None
    if first is None or first.kind != GrantKind.SET or not counts(first, evidence):
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
    # Whether a profile's own set moves with the profile is not known: a profile's moment is not compared.
    changed_at = grant.last_modified if object_name == "PermissionSet" else None
    return Update(
        object_name,
        record_id,
        label,
        before={_field(name): False for name in lacking},
        after={_field(name): True for name in lacking},
        changed_at=changed_at,
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
