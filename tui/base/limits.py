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


def _limit(mark: Mark, what: str, value: T, source: str) -> T:
    _LIMITS.append(Limit(what, value, source, mark))
    return value


def _documented(what: str, value: T, source: str) -> T:
    return _limit(Mark.DOCUMENTED, what, value, source)


def _recorded(what: str, value: T, source: str) -> T:
    return _limit(Mark.RECORDED, what, value, source)


def _inferred(what: str, value: T, source: str) -> T:
    return _limit(Mark.INFERRED, what, value, source)


SIGN_INS_PER_HOUR: Final = _documented(
    "sign-ins that Salesforce allows one user within an hour", 3_600, "Salesforce: login rate limit"
)
# inferred: quota_hour - whether it is fixed or slides is not documented.
HOUR: Final = timedelta(minutes=60)
"""The hour of that limit."""
NOTICED_WITHIN: Final = _documented(
    "time within which Incydr notices that a user was reactivated or unfrozen, or has its permissions again",
    timedelta(minutes=20),
    "Incydr: article on these errors",
)
STREAMED_KEPT: Final = _documented(
    "time for which Salesforce keeps streamed events", timedelta(hours=72), "Salesforce: event bus retention"
)
EVENT_LATENESS: Final = _recorded(
    "time that an event may take until Incydr has stored it",
    timedelta(hours=1),
    "one recorded Salesforce event was stored 48 min 45 s late; documented is only what is typical",
)
ACROSS_VENDORS: Final = _inferred(
    "difference that the clocks of two vendors may have", timedelta(minutes=2), "a margin of this program"
)
WARNED_SKEW: Final = _inferred(
    "difference of this machine's clock from an org's that is worth a warning",
    timedelta(seconds=60),
    "sign-in by JWT fails from minutes on",
)
SAME_MOMENT: Final = _inferred(
    "time between a record's last change and its row in the audit trail",
    timedelta(seconds=10),
    "recorded audit rows beside the records that they are about",
)
AUDIT_LATE: Final = _inferred(
    "time after which a row of the audit trail may still become visible",
    timedelta(minutes=5),
    "a margin of this program",
)
AUDIT_KEPT: Final = _documented(
    "time for which Salesforce keeps the audit trail", timedelta(days=180), "Salesforce: SetupAuditTrail"
)
QUERY_PAGE: Final = _documented("rows in one page of a query", 2_000, "Salesforce: query")
GROUPS: Final = _recorded(
    "groups in the answer to one GROUP BY, which has no second page",
    2_000,
    "recorded error EXCEEDED_ID_LIMIT",
)
URI_BYTES: Final = _documented("bytes of an address", 16_384, "Salesforce: 414")
APPROVALS: Final = _documented(
    "approvals of one user and app before the oldest is revoked", 5, "Salesforce: OAuth tokens"
)
TENANT_REQUESTS: Final = _documented("requests a minute to an Incydr tenant", 120, "Incydr: API limits")

WINDOW_LEAST: Final = timedelta(hours=24)
WINDOW_MOST: Final = timedelta(days=7)
"""How long a sign of Incydr at work counts, at least and at most: rules of this program."""

STREAMS: Final = ("LoginEventStream", "LogoutEventStream", "ReportEventStream")
"""The real-time events that Incydr reads (documented by Incydr), by their entity in RealTimeEventSettings."""
