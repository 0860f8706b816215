"""Who did it: the rows of the Setup audit trail that explain a finding.

The texts of the rows are in a language of the org: a row is known by its action, then by the user's
15-character id or by an exact name in its text.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from tui.connections.evidence import AuditRow, Evidence, Read, Unreadable, value_of
from tui.connections.finding import Actor, Fact

EXPIRY = "expiry"
"""The name of the actor where an assignment ran out: no person and no automation."""

REPEATED_WITHIN = timedelta(days=30)

# Inferred: words in a name or in the local part of a username that people give to API and integration users.
_AUTOMATION = frozenset(
    {
        "api", "automated", "automation", "bot", "deployment", "entra", "idp", "integration", "integrations",
        "mulesoft", "okta", "process", "provisioning", "robot", "sailpoint", "scim", "service", "svc", "sync",
        "workato",
    }
)  # fmt: skip


def rows(evidence: Evidence, *actions: str) -> tuple[AuditRow, ...]:
    """The rows that were read whose action starts with one of `actions`, newest first."""
    trail = value_of(evidence.audit)
    if trail is None:
        return ()
    wanted = tuple(action.casefold() for action in actions)
    found = (row for row in trail.rows if row.action.casefold().startswith(wanted))
    return tuple(sorted(found, key=lambda row: row.at, reverse=True))


def readable(evidence: Evidence) -> bool:
    """Whether the audit trail was read at all: without it the absence of a row says nothing."""
    return isinstance(evidence.audit, Read)


def why_nobody(evidence: Evidence, since: datetime | None) -> str:
    """Why no row names who did it, as a few words. `since` is when it happened, where that is known."""
    if evidence.audit is None:
        return "the audit trail was not read yet"
    if isinstance(evidence.audit, Unreadable):
        return f"the audit trail is not readable: {evidence.audit.reason}"
    if since is not None and since < evidence.audit.value.since:
        return "it happened before the oldest audit row that was read"
    if not evidence.audit.value.complete:
        return "the audit trail was read in part only, without a row that says so"
    return "no row of the audit trail says so"


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


def repeated(rows: Sequence[AuditRow], began: str, now: datetime) -> tuple[Fact, ...]:
    """A word on a cause that began more than once within 30 days. `rows` are newest first, about one user."""
    recent = [row.action.casefold() == began for row in rows if row.at > now - REPEATED_WITHIN]
    times = sum(starts and not before for starts, before in pairwise([*recent, False]))
    if times < 2:
        return ()
    return (Fact(f"this happened {times} times within 30 days: it will come back, mend the source"),)


def is_automation(name: str | None, username: str | None) -> bool:
    """Whether this looks like an API or integration user rather than a person (inferred from the names)."""
    words = f"{name or ''} {(username or '').partition('@')[0]}".casefold()
    return not _AUTOMATION.isdisjoint(re.findall(r"[^\W_]+", words))


def names(text: str, name: str | None) -> bool:
    """Whether `text` holds exactly `name`, not a longer name that begins with it or a part of a word."""
    if not name:
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)(?!\s+[A-Z\d])", text) is not None


def names_user(text: str, user_id: str) -> bool:
    """Whether `text` holds `user_id` in 15 or 18 characters; such ids tell capitals from small letters."""
    return re.search(rf"(?<!\w){re.escape(user_id[:15])}([A-Z0-5]{{3}})?(?!\w)", text) is not None
