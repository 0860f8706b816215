"""Who took a permission from the service account, and who gave it back."""

from tui.connections.evidence import AuditRow, Evidence, Grant, value_of
from tui.connections.finding import Actor
from tui.connections.requirements import Requirement
from tui.rules import audit, effective_permissions
from tui.rules.effective_permissions import Holding

_ON_PROFILE = "profilePermChanged"
_TAKEN_FROM_SET = "PermSetDisableUserPerm"
_GIVEN_TO_SET = "PermSetEnableUserPerm"
_OTHER_PROFILE = "changedprofileforuser"
_UNASSIGNED = ("PermSetUnassign", "PermSetGroupUnassign")
_ASSIGNED = ("PermSetAssign", "PermSetGroupAssign")


def lost(evidence: Evidence, requirement: Requirement) -> Actor | None:
    """Who took this permission, now missing, and when: the newest row about it, or an assignment's expiry."""
    losses = [
        Actor(audit.EXPIRY, at=grant.expires)
        for grant in value_of(evidence.grants) or ()
        if requirement.name in grant.permissions and effective_permissions.expired(grant, evidence)
    ]
    direct = _taken(evidence, requirement)
    # An assignment that is gone no longer tells what its set carried: a last resort.
    rows = direct or _about_user(evidence, *_UNASSIGNED)
    if rows:
        losses.append(audit.someone(rows[0], certain=bool(direct) and _is_certain(evidence, rows[0])))
    return max(losses, key=lambda loss: loss.at or evidence.org_now, default=None)


def taken_from(evidence: Evidence, requirement: Requirement) -> Grant | None:
    """The profile's set, the set or the set inside a group that the newest row about this permission names."""
    rows = _taken(evidence, requirement)
    if not rows or rows[0].action.casefold().startswith(_OTHER_PROFILE):
        return None
    kind = "profile" if rows[0].action.startswith(_ON_PROFILE) else "set"
    inside = (
        Grant("set", each.name, each.set_id, each.permissions)
        for each in effective_permissions.members(evidence)
    )
    return next(
        (
            grant
            for grant in (*(value_of(evidence.grants) or ()), *inside)
            if grant.kind == kind and audit.names(rows[0].display, grant.name)
        ),
        None,
    )


def given_back(evidence: Evidence, holding: Holding) -> tuple[AuditRow, AuditRow] | None:
    """The rows that took and gave back a permission that is held now; None where it was held all along.

    It was away until the first of the grants that carry it now was given, if a row before that took it.
    """
    gifts = [_given(evidence, grant, holding.requirement) for grant in holding.by]
    known = [gift for gift in gifts if gift is not None]
    if not known or len(known) < len(gifts):
        return None
    first = min(known, key=lambda row: row.at)
    losses = (*_taken(evidence, holding.requirement), *_about_user(evidence, *_UNASSIGNED))
    before = [row for row in losses if row.at < first.at]
    return (max(before, key=lambda row: row.at), first) if before else None


def _taken(evidence: Evidence, requirement: Requirement) -> tuple[AuditRow, ...]:
    """Rows that can have taken it, newest first. A profile's rows give and take in turn."""
    rows = (
        *_on_profile(evidence, requirement),
        *_on_sets(evidence, requirement, _TAKEN_FROM_SET),
        *_about_user(evidence, _OTHER_PROFILE),
    )
    return tuple(sorted(rows, key=lambda row: row.at, reverse=True))


def _given(evidence: Evidence, grant: Grant, requirement: Requirement) -> AuditRow | None:
    """The newest row by which `grant` came to carry it, or came to the user."""
    if grant.kind == "profile":
        rows = (*_on_profile(evidence, requirement), *_about_user(evidence, _OTHER_PROFILE))
    else:
        assigned = _about_user(evidence, *_ASSIGNED)
        rows = (
            *(
                row
                for row in _on_sets(evidence, requirement, _GIVEN_TO_SET)
                if _names_grant(evidence, grant, row)
            ),
            *(row for row in assigned if audit.names(row.display, grant.name)),
        )
    return max(rows, key=lambda row: row.at, default=None)


def _on_profile(evidence: Evidence, requirement: Requirement) -> tuple[AuditRow, ...]:
    names = {grant.name for grant in value_of(evidence.grants) or () if grant.kind == "profile"}
    return tuple(
        row
        for row in audit.rows(evidence, _ON_PROFILE)
        if audit.names(row.display, requirement.label)
        and any(audit.names(row.display, name) for name in names)
    )


def _on_sets(evidence: Evidence, requirement: Requirement, action: str) -> tuple[AuditRow, ...]:
    """Rows about this permission in a set of the user, or in one inside his groups.

    Where it is not known what a group consists of, it may be any set.
    """
    grants = [grant for grant in value_of(evidence.grants) or () if grant.kind != "profile"]
    names = {grant.name for grant in grants} | {each.name for each in effective_permissions.members(evidence)}
    any_set = any(grant.kind == "group" for grant in grants) and value_of(evidence.components) is None
    return tuple(
        row
        for row in audit.rows(evidence, action)
        if audit.names(row.display, requirement.label)
        and (any_set or any(audit.names(row.display, name) for name in names))
    )


def _names_grant(evidence: Evidence, grant: Grant, row: AuditRow) -> bool:
    """Whether a row is about this set, or about a set inside this group; unknown insides may be any."""
    if grant.kind == "group" and value_of(evidence.components) is None:
        return True
    names = {grant.name} | {each.name for each in effective_permissions.members(evidence, grant)}
    return any(audit.names(row.display, name) for name in names)


def _about_user(evidence: Evidence, *actions: str) -> tuple[AuditRow, ...]:
    user = value_of(evidence.user)
    if user is None:
        return ()
    return tuple(
        row
        for row in audit.rows(evidence, *actions)
        if audit.names_user(row.display, user.id) or audit.names(row.display, user.name)
    )


def _is_certain(evidence: Evidence, row: AuditRow) -> bool:
    """Whether the row names this very user by id, or the very profile or set that he has."""
    user = value_of(evidence.user)
    if row.action.casefold().startswith(_OTHER_PROFILE):
        return user is not None and audit.names_user(row.display, user.id)
    names = [grant.name for grant in value_of(evidence.grants) or ()]
    names += [each.name for each in effective_permissions.members(evidence)]
    return any(audit.names(row.display, name) for name in names)
