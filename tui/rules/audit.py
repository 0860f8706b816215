"""Who did it: the rows of the Setup audit trail that explain a finding, and who is named by them."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tui.base.limits import SAME_MOMENT
from tui.connections.evidence import AuditRow, Evidence, Read, Unreadable, User, value_of
from tui.connections.finding import Actor, Fact
from tui.rules.audit_actions import Topic, known
from tui.rules.audit_names import about_user

REPEATED_WITHIN = timedelta(days=30)

# inferred: automation_names - words in a name or username that people give to API and integration users.
AUTOMATION = frozenset(
    {
        "api", "automated", "automation", "bot", "deployment", "entra", "idp", "integration", "integrations",
        "mulesoft", "okta", "process", "provisioning", "robot", "sailpoint", "scim", "service", "svc", "sync",
        "workato",
    }
)  # fmt: skip


def rows(evidence: Evidence, *topics: Topic) -> tuple[AuditRow, ...]:
    """The rows that were read about these topics, newest first."""
    trail = value_of(evidence.audit)
    if trail is None:
        return ()
    found = (row for row in trail.rows if topic(row) in topics)
    return tuple(sorted(found, key=lambda row: row.at, reverse=True))


def topic(row: AuditRow) -> Topic | None:
    """What a row is about; None for an action that is not in the table."""
    action = known(row.action)
    return action.topic if action is not None else None


def about_account(evidence: Evidence, user: User, *topics: Topic) -> tuple[AuditRow, ...]:
    """The rows about this very user, newest first: by Id, or by a name that he has or had."""
    names = value_of(evidence.names)
    others = names.users if names is not None else ()
    mine = (user.name, *user.former_names)
    return tuple(row for row in rows(evidence, *topics) if about_user(row, user.id, mine, others))


def at_its_change(
    found: Sequence[AuditRow], changed: datetime | None, author: str | None
) -> tuple[AuditRow | None, bool]:
    """Which of `found` (newest first) made a record what it is, and whether that is certain.

    `changed` and `author` are the record's own last change. The row at that moment is certain; of several the
    author decides, and one by somebody else is about another record of that name. Else the newest before it,
    probably; a younger row is not about this record.
    """
    if changed is None:
        return (found[0] if found else None), False
    before = [row for row in found if row.at <= changed + SAME_MOMENT]
    near = [row for row in before if row.at >= changed - SAME_MOMENT]
    if near:
        by_author = [row for row in near if author in (None, row.by_name)]
        nearest = min(by_author, key=lambda row: abs(row.at - changed), default=None)
        if nearest is not None:
            return nearest, True
        before = [row for row in before if row not in near]
    return (before[0] if before else None), False


def readable(evidence: Evidence) -> bool:
    """Whether the audit trail was read at all: without it the absence of a row says nothing."""
    return isinstance(evidence.audit, Read)


def whole_since(evidence: Evidence) -> datetime | None:
    """Since when the trail is whole for rare actions; None where it was not read."""
    trail = value_of(evidence.audit)
    return trail.since if trail is not None else None


def why_nobody(evidence: Evidence, since: datetime | None) -> str:
    """That no row names who did it, and why. `since` is when it happened, where that is known."""
    if evidence.audit is None:
        return nobody("the audit trail was not read yet")
    if isinstance(evidence.audit, Unreadable):
        return nobody(f"the audit trail is not readable: {evidence.audit.reason}")
    if since is not None and since < evidence.audit.value.since:
        return nobody("it happened before the oldest audit row that was read")
    if not evidence.audit.value.complete:
        return nobody("not all of the audit trail was read")
    return nobody("the audit trail does not show it")


def nobody(why: str) -> str:
    """That nobody can be named, and why."""
    return f"by whom: not known ({why})"


def actor(row: AuditRow, *, certain: bool = True) -> Actor | None:
    """Who made the change of `row`; None where the row names nobody."""
    name = row.by_name or row.by_username
    if name is None:
        return None
    automation = is_automation(row.by_name, row.by_username)
    return Actor(name, row.by_username, row.at, automation=automation, delegate=row.delegate, certain=certain)


def someone(row: AuditRow, *, certain: bool = True) -> Actor:
    """The same where the time matters even if nobody is named."""
    return actor(row, certain=certain) or Actor("an unnamed user", at=row.at, certain=False)


def repeated(rows: Sequence[AuditRow], began: Topic, now: datetime) -> tuple[Fact, ...]:
    """A warning of a cause that began more than once within 30 days. `rows` are newest first, about one user."""
    recent = [topic(row) is began for row in rows if row.at > now - REPEATED_WITHIN]
    times = sum(starts and not before for starts, before in pairwise([*recent, False]))
    if times < 2:
        return ()
    return (Fact(f"this happened {times} times within 30 days: fix the source, or it will come back"),)


def is_automation(name: str | None, username: str | None) -> bool:
    """Whether this looks like an API or integration user rather than a person, by the names."""
    words = f"{name or ''} {(username or '').partition('@')[0]}".casefold()
    return not AUTOMATION.isdisjoint(re.findall(r"[^\W_]+", words))
