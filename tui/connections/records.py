"""Whether anything came and went: what moves when somebody changes the account, of one reading and of another."""

from datetime import datetime

from tui.connections.evidence import Evidence, Read, value_of
from tui.connections.state import Records, State


def records_of(evidence: Evidence) -> Records | None:
    """What a reading showed; None where one of its parts could not be read."""
    user, grants = value_of(evidence.user), value_of(evidence.grants)
    if user is None or grants is None or not isinstance(evidence.freeze, Read):
        return None
    login = evidence.freeze.value
    moved = [(g.assignment_id or "", g.set_id, g.assigned, g.last_modified) for g in grants]
    return Records(
        user.id[:15],
        user.last_modified,
        user.profile_id,
        (login.id, login.last_modified) if login is not None else None,
        tuple(sorted(moved, key=lambda each: (each[0], each[1], str(each[2]), str(each[3])))),
    )


def unchanged(previous: State | None, evidence: Evidence) -> bool:
    """Whether nothing can have come and gone since the last good reading: its records are the same."""
    return (
        previous is not None and previous.last_good is not None and records_of(evidence) == previous.last_good
    )


def newest_change(evidence: Evidence) -> datetime | None:
    """When one of these records changed last, by the records themselves."""
    login, user = value_of(evidence.freeze), value_of(evidence.user)
    moments = [login.last_modified if login is not None else None, user.last_modified if user else None]
    for grant in value_of(evidence.grants) or ():
        moments += [grant.assigned, grant.last_modified]
    return max((moment for moment in moments if moment is not None), default=None)
