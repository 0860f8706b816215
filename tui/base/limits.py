"""What the vendors promise in numbers, each once: its unit, its source, and how sure it is."""

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Mark(StrEnum):
    """How sure a fact about a vendor is."""

    DOCUMENTED = "documented"
    RECORDED = "recorded"
    """Seen in a recorded answer or in public code."""
    INFERRED = "inferred"
    """A working assumption that no document and no recording shows."""


class Limit(Struct, frozen=True):
    """One number of a vendor. `source` says where it is written, or from what it is inferred."""

    what: str
    value: object
    source: str
    mark: Mark


_LIMITS: list[Limit] = []


def limits() -> Iterator[Limit]:
    """All of them, in the order of this file."""
    return iter(_LIMITS)


def _limit(what: str, value: T, source: str, mark: Mark) -> T:
    _LIMITS.append(Limit(what, value, source, mark))
    return value


SIGN_INS_PER_HOUR: Final = _limit(
    "sign-ins that Salesforce allows one user within an hour",
    3_600,
    "Salesforce: login rate limit",
    Mark.DOCUMENTED,
)
# inferred: quota_hour - whether it is fixed or slides is not documented.
HOUR: Final = timedelta(minutes=60)
"""The hour of that limit."""
NOTICED_WITHIN: Final = _limit(
    "time within which Incydr notices that a user was reactivated or unfrozen, or has its permissions again",
    timedelta(minutes=20),
    "Incydr: article on these errors",
    Mark.DOCUMENTED,
)
STREAMED_KEPT: Final = _limit(
    "time for which Salesforce keeps streamed events",
    timedelta(hours=72),
    "Salesforce: event bus retention",
    Mark.DOCUMENTED,
)
EVENT_LATENESS: Final = _limit(
    "time that an event may take until Incydr has stored it",
    timedelta(hours=1),
    "one recorded Salesforce event was stored 48 min 45 s late; documented is only what is typical",
    Mark.RECORDED,
)
ACROSS_VENDORS: Final = _limit(
    "difference that the clocks of two vendors may have",
    timedelta(minutes=2),
    "a margin of this program",
    Mark.INFERRED,
)
WARNED_SKEW: Final = _limit(
    "difference of this machine's clock from an org's that is worth a warning",
    timedelta(seconds=60),
    "sign-in by JWT fails from minutes on",
    Mark.INFERRED,
)
SAME_MOMENT: Final = _limit(
    "time between a record's last change and its row in the audit trail",
    timedelta(seconds=10),
    "recorded audit rows beside the records that they are about",
    Mark.INFERRED,
)
AUDIT_LATE: Final = _limit(
    "time after which a row of the audit trail may still become visible",
    timedelta(minutes=5),
    "a margin of this program",
    Mark.INFERRED,
)
AUDIT_KEPT: Final = _limit(
    "time for which Salesforce keeps the audit trail",
    timedelta(days=180),
    "Salesforce: SetupAuditTrail",
    Mark.DOCUMENTED,
)
QUERY_PAGE: Final = _limit("rows in one page of a query", 2_000, "Salesforce: query", Mark.DOCUMENTED)
GROUPS: Final = _limit(
    "groups in the answer to one GROUP BY, which has no second page",
    2_000,
    "recorded error EXCEEDED_ID_LIMIT",
    Mark.RECORDED,
)
URI_BYTES: Final = _limit("bytes of an address", 16_384, "Salesforce: 414", Mark.DOCUMENTED)
APPROVALS: Final = _limit(
    "approvals of one user and app before the oldest is revoked",
    5,
    "Salesforce: OAuth tokens",
    Mark.DOCUMENTED,
)
TENANT_REQUESTS: Final = _limit(
    "requests a minute to an Incydr tenant", 120, "Incydr: API limits", Mark.DOCUMENTED
)

WINDOW_LEAST: Final = timedelta(hours=24)
WINDOW_MOST: Final = timedelta(days=7)
"""How long a sign of Incydr at work counts, at least and at most: rules of this program."""

STREAMS: Final = ("LoginEventStream", "LogoutEventStream", "ReportEventStream")
"""The real-time events that Incydr reads (documented by Incydr), by their entity in RealTimeEventSettings."""
