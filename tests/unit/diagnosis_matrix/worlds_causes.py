"""Every cause alone, and all pairs."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from tests.evidence import (
    APP,
    FIELDS,
    activated,
    ago,
    deactivated,
    froze,
    history,
    login,
    permission_taken,
    profile,
    rate_exceeded,
    signed_in,
    streams,
    switched,
    trail,
    user,
)
from tests.unit.diagnosis_matrix.world import World
from tui.base.limits import STREAMS
from tui.connections.evidence import AuditRow, SignIns

THEN = ago(minutes=20)
WELL = signed_in(at=ago(minutes=50), count=12)
WITHOUT_FIELD = tuple(name for name in FIELDS if name != "ViewDataLeakageEvents")
REPORT_OFF = streams(*STREAMS[:2], off=STREAMS[2:])
HEALED = "blocked by Salesforce automatically"
NO_TRACE = "by whom: not known (the audit trail does not show it)"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: parts, audit rows and sign-ins that show it, and what is said of it alone.

    `fades`: it is seen in old rows alone, so that no difference between two readings says that it ended.
    """

    cause: str
    title: str
    parts: Mapping[str, Any]
    who: str
    since: object = THEN
    rows: tuple[AuditRow, ...] = ()
    sign_ins: tuple[SignIns, ...] = ()
    fades: bool = False

    @property
    def headline(self) -> str:
        return f"{self.title} · ask {self.who} first" if self.who == "Jane Doe" else self.title


FAULTS = (
    Fault(
        "service_account_missing",
        "The service account does not exist",
        {"user": None},
        "by whom: not known (a missing user leaves no audit row)",
        None,
    ),
    Fault(
        "organization_unavailable",
        "The Salesforce org is not available",
        {},
        "closed by Salesforce, or by the owner of the contract",
        None,
        sign_ins=(signed_in(APP, "Organization suspended", at=THEN),),
        fades=True,
    ),
    Fault(
        "user_deactivated",
        "The service account is deactivated",
        {"user": user(is_active=False, last_modified=THEN)},
        "Jane Doe",
        rows=(deactivated(THEN),),
    ),
    Fault(
        "user_frozen",
        "The service account is frozen",
        {"freeze": login(frozen=True, modified=THEN)},
        "Jane Doe",
        rows=(froze(THEN),),
    ),
    Fault(
        "login_rate_exceeded",
        "Too many sign-ins within the hour",
        {},
        HEALED,
        sign_ins=(rate_exceeded(THEN), signed_in("Data Loader", at=THEN, first=ago(minutes=55), count=3_600)),
        fades=True,
    ),
    Fault(
        "sign_in_blocked",
        "Incydr's sign-in is refused: Restricted IP",
        {},
        NO_TRACE,
        sign_ins=(signed_in(APP, "Restricted IP", at=THEN),),
        fades=True,
    ),
    Fault(
        "access_revoked",
        "Incydr's access to Salesforce was revoked",
        {"tokens": ()},
        "by whom: not known (the audit trail has no row when only a token is revoked)",
        None,
    ),
    Fault(
        "permissions_missing",
        "The service account lacks permissions",
        {"grants": (profile("CustomizeApplication", "ViewDataLeakageEvents"),)},
        "Jane Doe",
        rows=(permission_taken("API Enabled", THEN),),
    ),
    Fault(
        "event_monitoring_unlicensed",
        "The org has no Event Monitoring",
        {"fields": WITHOUT_FIELD, "streams": ()},
        "by whom: not known (a licence that ends leaves no audit row)",
        None,
    ),
    Fault(
        "event_streaming_disabled",
        "Event streaming is off",
        {"streams": REPORT_OFF},
        "Jane Doe",
        rows=(switched(STREAMS[2], THEN),),
    ),
)

SHADOWS = {
    ("service_account_missing", "organization_unavailable"): ("service_account_missing",),
    ("service_account_missing", "user_deactivated"): ("user_deactivated",),
    ("service_account_missing", "user_frozen"): ("service_account_missing",),
    ("service_account_missing", "login_rate_exceeded"): ("service_account_missing",),
    ("service_account_missing", "sign_in_blocked"): ("service_account_missing",),
    ("service_account_missing", "access_revoked"): ("service_account_missing",),
    ("service_account_missing", "permissions_missing"): ("service_account_missing",),
    ("organization_unavailable", "sign_in_blocked"): ("organization_unavailable",),
    ("user_deactivated", "access_revoked"): ("user_deactivated",),
    ("user_frozen", "login_rate_exceeded"): ("user_frozen",),
    ("event_monitoring_unlicensed", "event_streaming_disabled"): ("event_streaming_disabled",),
}
"""Pairs of which one says nothing, or which exclude each other, so that the later of the two was read."""


def parts_of(*faults: Fault) -> dict[str, Any]:
    """The evidence of these faults together."""
    parts: dict[str, Any] = {}
    for fault in faults:
        parts |= fault.parts
    rows = [row for fault in faults for row in fault.rows]
    sign_ins = [row for fault in faults for row in fault.sign_ins]
    return parts | {"audit": trail(*rows), "sign_ins": history(WELL, *sign_ins)}


def alone(fault: Fault) -> World:
    return World(
        f"{fault.cause} alone",
        parts_of(fault),
        (fault.cause,),
        fault.who,
        fault.since,  # type: ignore[arg-type]  # a time or None
        fault.headline,
        status="Error",
    )


def together(first: Fault, second: Fault) -> World:
    found = SHADOWS.get((first.cause, second.cause), (first.cause, second.cause))
    leads = first if first.cause == found[0] else second
    title = leads.title + (" (and 1 more cause)" if len(found) == 2 else "")
    headline = leads.headline.replace(leads.title, title)
    name = f"{first.cause} and {second.cause}"
    return World(name, parts_of(first, second), found, leads.who, headline=headline, status="Error")


def repaired(name: str, *rows: AuditRow) -> World:
    """Nothing is wrong any more, and Incydr has not signed in since."""
    well = history(signed_in(at=ago(minutes=50), count=12))
    return World(
        name,
        {"audit": trail(*rows), "sign_ins": well, "freeze": login(modified=ago(minutes=5))},
        headline="Repaired, waiting for Incydr",
        status="Recovering",
    )


CAUSES_ALONE = tuple(alone(fault) for fault in FAULTS)
PAIRS = tuple(together(*pair) for pair in combinations(FAULTS, 2))
WELL_AGAIN = (
    World("all is well", {"audit": trail()}, headline="No fault found", status="Monitoring"),
    repaired("deactivated and reactivated unseen", deactivated(THEN), activated(ago(minutes=5))),
    repaired(
        "streaming switched off and on unseen",
        switched(STREAMS[2], THEN),
        switched(STREAMS[2], ago(minutes=5), word="Enabled"),
    ),
    World(
        "nothing seen from Incydr for eight days",
        {"audit": trail(), "sign_ins": history(signed_in(at=ago(days=8)))},
        headline="No fault found, but nothing seen from Incydr since 14 Nov 14:00",
        status="Unknown",
    ),
)
