"""Who took a permission from the service account, and who gave it back.

A row counts only where it can have taken the permission from a grant that carried it: a row about another set,
group or profile names nobody. Where an earlier reading knows who carried it, only these grants count.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tui.base.limits import SAME_MOMENT
from tui.connections.connection import Requirement
from tui.connections.evidence import AuditRow, Component, Evidence, Grant, GrantKind, User, value_of
from tui.connections.finding import EXPIRY, Actor
from tui.rules import audit, effective_permissions
from tui.rules.audit_actions import Topic
from tui.rules.audit_names import about, mentions, user_ids
from tui.rules.refused_sign_ins import APP_PATTERN
from tui.rules.required_permissions import EVENT_MONITORING, REQUIREMENTS


def lost(evidence: Evidence, requirement: Requirement) -> Actor | None:
    """Who took this permission, now missing, and when: the newest row that can have, or an assignment's expiry."""
    losses = [
        Actor(EXPIRY, at=grant.expires)
        for grant in value_of(evidence.grants) or ()
        if requirement.name in grant.permissions and effective_permissions.expired(grant, evidence)
    ]
    found = _Losses(evidence, requirement)
    losses += [audit.someone(row, certain=certain) for row, certain in found.direct() or found.likely()]
    return max(losses, key=lambda loss: loss.at or evidence.org_now, default=None)


def taken_from(evidence: Evidence, requirement: Requirement) -> Grant | None:
    """The profile's set, the set or the set inside a group from which the newest row took this permission."""
    found = _Losses(evidence, requirement)
    direct = [*found.of_profile(), *found.of_sets()]
    newest = max(direct, key=lambda row: row.at, default=None)
    if newest is None:
        return None
    inside = [
        Grant(GrantKind.SET, each.name, each.set_id, each.permissions)
        for each in effective_permissions.members(evidence)
    ]
    candidates = (*(value_of(evidence.grants) or ()), *inside)
    kind = "profile" if newest in found.of_profile() else "set"
    return next((g for g in candidates if g.kind == kind and about(newest, called(g), _sets(evidence))), None)


def given_back(
    evidence: Evidence, requirement: Requirement, by: Sequence[Grant]
) -> tuple[AuditRow, AuditRow] | None:
    """The rows that took and gave back a permission that the grants in `by` carry now; None where it never was away.

    It was away until the first of these grants was given, if a row before that took it.
    """
    gifts = [_given(evidence, grant, requirement) for grant in by]
    known = [gift for gift in gifts if gift is not None]
    if not known or len(known) < len(gifts):
        return None
    first = min(known, key=lambda row: row.at)
    before = [row for row in _Losses(evidence, requirement, gone=True).rows() if row.at < first.at]
    return (max(before, key=lambda row: row.at), first) if before else None


def called(grant: Grant) -> tuple[str, ...]:
    """Under which names a row of the audit trail may speak of a grant."""
    return tuple(name for name in (grant.name, grant.api_name) if name)


class _Losses:
    """The rows by which one permission can have been lost; `gone`: also where it is held again now."""

    def __init__(self, evidence: Evidence, requirement: Requirement, gone: bool = False) -> None:
        self.evidence = evidence
        self.requirement = requirement
        self.name = requirement.name
        self.gone = gone
        self.user: User | None = value_of(evidence.user)
        self.grants = value_of(evidence.grants) or ()
        self.carried = tuple(g for g in evidence.grants_before if self.name in g.permissions)
        """By which grants it was carried when it was held last, as far as an earlier reading knows."""

    def rows(self) -> list[AuditRow]:
        """All of them."""
        return [row for row, _ in (*self.direct(), *self.likely())]

    def direct(self) -> list[tuple[AuditRow, bool]]:
        """Rows about the permission, or about the user's profile; each with whether it is certain."""
        sure = (*self.of_profile(), *self.of_sets(), *self.of_activation())
        moved = [(row, bool(user_ids(row.display))) for row in self.of_user()]
        return [*((row, True) for row in sure), *moved]

    def likely(self) -> list[tuple[AuditRow, bool]]:
        """Rows about what may have carried it: certain only where an earlier reading knows that it did."""
        found = (*self.of_unknown_sets(), *self.of_groups(), *self.of_assignments(), *self.of_deletions())
        known = [(row, bool(self.carried)) for row in found]
        return [*known, *((row, False) for row in self.of_license())]

    def of_profile(self) -> tuple[AuditRow, ...]:
        """Rows about this permission on his profile; the newest one took it, for each of them gives or takes."""
        own = next((g for g in self.grants if g.kind == GrantKind.PROFILE), None)
        names = {*(called(own) if own else ()), self.user.profile_name if self.user else None} - {None}
        names_of_others = value_of(self.evidence.names)
        others = names_of_others.profiles if names_of_others is not None else ()
        if self.carried and all(g.kind != GrantKind.PROFILE for g in self.carried):
            return ()
        return tuple(
            row
            for row in audit.rows(self.evidence, Topic.PROFILE_PERMISSION)
            if self._is_about_it(row)
            and about(row, [n for n in names if n], others)
            and not row.display.endswith("to enabled")
        )

    def of_sets(self) -> tuple[AuditRow, ...]:
        """Rows that took it from a set that he has, or from one inside his groups."""
        changed = {
            name: g.last_modified for g in self.grants if g.kind == GrantKind.SET for name in called(g)
        }
        names = [*changed, *(each.name for each in effective_permissions.members(self.evidence))]
        others = _sets(self.evidence)
        return tuple(
            row
            for row in audit.rows(self.evidence, Topic.PERMISSION_TAKEN)
            if self._is_about_it(row)
            and any(about(row, [n], others) and _not_younger(row, changed.get(n)) for n in names)
        )

    def of_unknown_sets(self) -> tuple[AuditRow, ...]:
        """Rows that took it from some set, where it is not known what his groups consist of."""
        unknown = value_of(self.evidence.components) is None and any(
            g.kind == GrantKind.GROUP for g in self.grants
        )
        if self.carried or not unknown:
            return ()
        rows = audit.rows(self.evidence, Topic.PERMISSION_TAKEN)
        return tuple(row for row in rows if self._is_about_it(row) and row not in self.of_sets())

    def of_activation(self) -> tuple[AuditRow, ...]:
        """Rows by which a set that he has came to need a session that activates it."""
        bound = [g for g in self.grants if self.name in g.permissions and (g.session_based or self.gone)]
        return self._about_any(bound, Topic.ACTIVATION_REQUIRED)

    def of_groups(self) -> tuple[AuditRow, ...]:
        """Rows that removed a set from one of his groups, as far as it can have carried the permission."""
        groups = [g for g in (*self.grants, *self.evidence.grants_before) if g.kind == GrantKind.GROUP]
        if self.carried:
            groups = [g for g in groups if any(g.set_id == c.set_id for c in self.carried)]
        return tuple(row for row in self._about_any(groups, Topic.MEMBER_REMOVED) if self._can_carry(row))

    def of_assignments(self) -> tuple[AuditRow, ...]:
        """Rows that took a set or group from this user, or made its assignment end, which can have carried it."""
        if self.user is None:
            return ()
        topics = (Topic.UNASSIGNED, Topic.EXPIRATION)
        found = audit.about_account(self.evidence, self.user, *topics)
        still = [g for g in self.grants if g.kind != GrantKind.PROFILE]
        return tuple(
            row
            for row in found
            if self._can_carry(row)
            and (self.gone or not any(about(row, called(g), _sets(self.evidence)) for g in still))
        )

    def of_user(self) -> tuple[AuditRow, ...]:
        """Rows that gave him another profile."""
        if self.user is None or (self.carried and all(g.kind != GrantKind.PROFILE for g in self.carried)):
            return ()
        return audit.about_account(self.evidence, self.user, Topic.OTHER_PROFILE)

    def of_license(self) -> tuple[AuditRow, ...]:
        """Rows that took the licence which Event Monitoring's permission needs."""
        if self.user is None or self.name != EVENT_MONITORING:
            return ()
        return audit.about_account(self.evidence, self.user, Topic.LICENSE_TAKEN)

    def of_deletions(self) -> tuple[AuditRow, ...]:
        """Rows that deleted a set or group that he had."""
        had = [g for g in self.carried if g.kind != GrantKind.PROFILE]
        if had:
            return self._about_any(had, Topic.DELETED)
        found = audit.rows(self.evidence, Topic.DELETED)
        assigned = (
            audit.about_account(self.evidence, self.user, Topic.ASSIGNED) if self.user is not None else ()
        )
        return tuple(
            row
            for row in found
            # inferred: set_named_after_app - a deleted set that is named after Incydr was the service account's.
            if any(part in row.display.casefold() for part in APP_PATTERN)
            or any(mentions(each.display, _deleted_name(row)) for each in assigned)
        )

    def _about_any(self, grants: Iterable[Grant], topic: Topic) -> tuple[AuditRow, ...]:
        names = [name for grant in grants for name in called(grant)]
        others = _sets(self.evidence)
        return tuple(row for row in audit.rows(self.evidence, topic) if about(row, names, others))

    def _is_about_it(self, row: AuditRow) -> bool:
        label = self.requirement.label
        return mentions(row.display, label, [r.label for r in REQUIREMENTS])

    def _can_carry(self, row: AuditRow) -> bool:
        """Whether the set or group that a row names can have carried the permission, as far as it is known."""
        member = _member(self.evidence, row)
        if member is not None:
            return self.name in member.permissions
        if self.carried:
            names = [n for g in self.carried for n in called(g)]
            return any(mentions(row.display, name, _sets(self.evidence)) for name in names)
        known = value_of(self.evidence.named_sets)
        for each in known or ():
            if any(mentions(row.display, name) for name in (each.label, each.api_name)):
                return self.name in each.permissions
        return True


def _given(evidence: Evidence, grant: Grant, requirement: Requirement) -> AuditRow | None:
    """The newest row by which `grant` came to carry it, or came to the user."""
    user = value_of(evidence.user)
    others = _sets(evidence)
    labels = [r.label for r in REQUIREMENTS]

    def about_it(row: AuditRow) -> bool:
        return mentions(row.display, requirement.label, labels)

    if grant.kind == GrantKind.PROFILE:
        names = value_of(evidence.names)
        rows: list[AuditRow] = [
            row
            for row in audit.rows(evidence, Topic.PROFILE_PERMISSION)
            if about_it(row) and about(row, called(grant), names.profiles if names is not None else ())
        ]
        rows += audit.about_account(evidence, user, Topic.OTHER_PROFILE) if user is not None else ()
    else:
        inside = [each.name for each in effective_permissions.members(evidence, grant)]
        unknown = grant.kind == GrantKind.GROUP and value_of(evidence.components) is None
        rows = [
            row
            for row in audit.rows(evidence, Topic.PERMISSION_GIVEN)
            if about_it(row) and (unknown or about(row, [*called(grant), *inside], others))
        ]
        topics = (Topic.MEMBER_ADDED, Topic.ACTIVATION_REQUIRED)
        for row in audit.rows(evidence, *topics):
            member = _member(evidence, row)
            gives = member is None or requirement.name in member.permissions
            rows += [row] if gives and about(row, called(grant), others) else []
        if user is not None:
            assigned = audit.about_account(evidence, user, Topic.ASSIGNED, Topic.EXPIRATION)
            rows += [row for row in assigned if about(row, called(grant), others)]
    return max(rows, key=lambda row: row.at, default=None)


def _member(evidence: Evidence, row: AuditRow) -> Component | None:
    """The set inside one of his groups that a row about a group's members names."""
    if audit.topic(row) not in (Topic.MEMBER_ADDED, Topic.MEMBER_REMOVED):
        return None
    inside = effective_permissions.members(evidence)
    return next((each for each in inside if each.name and mentions(row.display, each.name)), None)


def _sets(evidence: Evidence) -> tuple[str, ...]:
    """Names of the org's other sets and groups that begin like one of ours."""
    names = value_of(evidence.names)
    return names.sets if names is not None else ()


def _not_younger(row: AuditRow, changed: datetime | None) -> bool:
    """A row younger than the record's own last change is about another record of that name."""
    return changed is None or row.at <= changed + SAME_MOMENT


def _deleted_name(row: AuditRow) -> str:
    """The name at the end of a row in the English form; else nothing."""
    for start in ("Deleted permission set group ", "Deleted permission set "):
        if row.display.startswith(start):
            return row.display.removeprefix(start)
    return ""
