"""Changes of a record that no row of the audit trail explains: something may have come and gone."""

from datetime import datetime

from tui.base.limits import SAME_MOMENT
from tui.connections.connection import Need, Requirements
from tui.connections.evidence import Evidence, Grant, Part, value_of
from tui.connections.finding import Doubt
from tui.rules import effective_permissions
from tui.rules.audit_names import mentions, user_ids
from tui.rules.lost_permissions import called
from tui.rules.refused_sign_ins import wrong_passwords_at


def doubts(evidence: Evidence, requirements: Requirements) -> tuple[Doubt, ...]:
    """Unexplained changes of the freeze record, of assignments and of sets, newest first; only where a trail was read.

    A row of any action that names the record within 10 s explains its change. Whether a sign-in or an event of Incydr
    came later, and whether an earlier good reading showed the same, is held against them elsewhere.
    """
    trail = value_of(evidence.audit)
    if trail is None:
        return ()
    found = [*_freeze(evidence), *_grants(evidence, requirements)]
    return tuple(sorted((each for each in found if each.at >= trail.since), key=lambda d: d.at, reverse=True))


def _freeze(evidence: Evidence) -> list[Doubt]:
    login = value_of(evidence.freeze)
    if login is None or login.last_modified is None:
        return []
    at = login.last_modified
    if _row_names(evidence, at, ()) or wrong_passwords_at(evidence, at):
        return []
    return [Doubt(Part.FREEZE, "the freeze record", at)]


def _grants(evidence: Evidence, requirements: Requirements) -> list[Doubt]:
    grants = value_of(evidence.grants) or ()
    found = []
    for grant in grants:
        for at, what in ((grant.assigned, "the assignment of"), (grant.last_modified, "the permissions of")):
            if at is None or _row_names(evidence, at, called(grant)):
                continue
            if not _others_carry_all(evidence, grants, grant, at, requirements):
                found.append(Doubt(Part.GRANTS, f"{what} {grant.name}", at))
    return found


def _row_names(evidence: Evidence, at: datetime, names: tuple[str, ...]) -> bool:
    """Whether a row within 10 s of `at` names the user or one of `names`."""
    trail, user = value_of(evidence.audit), value_of(evidence.user)
    for row in trail.rows if trail is not None else ():
        if abs(row.at - at) > SAME_MOMENT:
            continue
        if any(mentions(row.display, name) for name in names):
            return True
        if user is not None:
            ids = user_ids(row.display)
            mine = (user.name, user.username, *user.former_names)
            if user.id[:15] in ids or (not ids and any(mentions(row.display, name) for name in mine)):
                return True
    return False


def _others_carry_all(
    evidence: Evidence, grants: tuple[Grant, ...], grant: Grant, at: datetime, requirements: Requirements
) -> bool:
    """Whether every needed permission is carried by another grant that did not change since."""
    steady = [
        other
        for other in grants
        if other is not grant
        and effective_permissions.counts(other, evidence)
        and not effective_permissions.pending(other)
        and all(
            moment is None or moment < at - SAME_MOMENT for moment in (other.assigned, other.last_modified)
        )
    ]
    needed = [r.name for r in requirements if r.need is Need.BLOCKS]
    return all(any(name in other.permissions for other in steady) for name in needed)
