"""Rights that the operator lacks, orgs without Event Monitoring, groups, muting, expiry, and the quota's clock."""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from tests.evidence import (
    APP,
    FIELDS,
    NEEDED,
    NOW,
    USER_ID,
    ago,
    group,
    history,
    login,
    permission_set,
    profile,
    rate_exceeded,
    rights,
    signed_in,
    streams,
    trail,
    unreadable,
)
from tests.unit.diagnosis_matrix.world import World
from tui.connections.evidence import Component, FileEvents, SignIns, Token

ALL_OPEN = (
    "organization_unavailable",
    "user_deactivated",
    "user_frozen",
    "login_rate_exceeded",
    "sign_in_blocked",
    "permissions_missing",
)
WITHOUT_FIELD = tuple(name for name in FIELDS if name != "ViewDataLeakageEvents")
HALF = profile("ApiEnabled", "CustomizeApplication")
RATE = "Too many sign-ins within the hour"
LOCKED = replace(login(), is_password_locked=True)


def unread(part: str, reason: str, *causes: str, headline: str) -> World:
    return World(
        f"{part} unreadable: {reason}",
        {part: unreadable(reason), "audit": trail()} if part != "audit" else {part: unreadable(reason)},
        headline=headline,
        open=causes,
        status="Unknown",
    )


def well(name: str, warns: str = "", *, status: str = "Monitoring", **parts: Any) -> World:
    headline = "No fault found" if status == "Monitoring" else ""
    return World(name, {"audit": trail()} | parts, headline=headline, status=status, warns=warns)


def sick(name: str, cause: str, headline: str, *, since: datetime | None = None, **parts: Any) -> World:
    return World(name, {"audit": trail()} | parts, (cause,), since=since, headline=headline, status="Error")


def signed(*rows: SignIns) -> Any:
    return history(signed_in(at=ago(hours=2), count=9), *rows)


RIGHTS = (
    unread(
        "user",
        "needs Manage Users",
        "service_account_missing",
        "user_deactivated",
        headline="Cannot read the user: needs Manage Users",
    ),
    unread(
        "freeze", "needs Manage Users", "user_frozen", headline="Cannot read the freeze: needs Manage Users"
    ),
    unread(
        "sign_ins",
        "needs Manage Users or Monitor Login History",
        "organization_unavailable",
        "login_rate_exceeded",
        "sign_in_blocked",
        headline="Cannot read the sign-ins: needs Manage Users or Monitor Login History",
    ),
    unread(
        "grants",
        "needs View Setup and Configuration",
        "permissions_missing",
        headline="Cannot read the permissions: needs View Setup and Configuration",
    ),
    unread(
        "audit",
        "needs View Setup and Configuration",
        headline="A change may be missing here: the audit trail could not be read",
    ),
    well("fields unreadable, all granted", fields=unreadable("no answer")),
    well("tokens unreadable: needs Customize Application", tokens=unreadable("needs Customize Application")),
    well(
        "streams unreadable: needs Customize Application", streams=unreadable("needs Customize Application")
    ),
    well("licences unreadable", licenses=unreadable("needs View Setup")),
    well("the operator's own rights unreadable", rights=unreadable("no answer")),
    well("the org's identity unreadable", org=unreadable("no answer")),
    well(
        "the operator is the service account",
        "when it stops you see nothing",
        rights=rights("x@y", user_id=USER_ID),
    ),
    World(
        "nothing readable at all",
        {part: unreadable("no answer") for part in ("user", "freeze", "grants", "sign_ins", "audit")},
        headline="Cannot read the user: no answer",
        open=("service_account_missing", *ALL_OPEN),
        status="Unknown",
    ),
    World(
        "frozen, and the user unreadable",
        {"freeze": login(frozen=True), "user": unreadable("no answer"), "audit": trail()},
        ("user_frozen",),
        open=("service_account_missing", "user_deactivated"),
        headline="The service account is frozen",
        status="Error",
    ),
)

LICENCES = (
    sick(
        "no field, no streams: no Event Monitoring",
        "event_monitoring_unlicensed",
        "The org has no Event Monitoring",
        grants=(HALF,),
        fields=WITHOUT_FIELD,
        streams=streams("ApiEventStream"),
    ),
    World(
        "no field, but streams: the permission is an open question",
        {"grants": (HALF,), "fields": WITHOUT_FIELD, "audit": trail()},
        open=("permissions_missing",),
        headline="Cannot read the permissions that the org knows: this org does not show the permission View "
        "Real-Time Event Monitoring Data",
        status="Unknown",
    ),
    well("no streams, but the field: not checked", streams=()),
    World(
        "no field, streams unread: the permission is an open question",
        {"grants": (HALF,), "fields": WITHOUT_FIELD, "streams": unreadable("no answer"), "audit": trail()},
        open=("permissions_missing",),
        status="Unknown",
    ),
)

GRANTS = (
    well(
        "all by a calculated group", grants=(profile("RunReports"), group(*NEEDED, "ManagePvtRptsAndDashbds"))
    ),
    World(
        "all by a group that is outdated",
        {"grants": (profile("RunReports"), group(*NEEDED, status="Outdated")), "audit": trail()},
        open=("permissions_missing",),
        headline="Cannot read the permissions: the permission set group Incydr Group is not calculated yet "
        "(Outdated)",
        status="Unknown",
        warns="Incydr Group is not calculated yet (Outdated)",
    ),
    World(
        "a group that failed to calculate",
        {"grants": (profile("RunReports"), group(status="Failed")), "audit": trail()},
        open=("permissions_missing",),
        status="Unknown",
    ),
    well(
        "a group outdated, the profile enough",
        "is not calculated",
        grants=(profile(), group(status="Outdated")),
    ),
    sick(
        "one permission muted in the group",
        "permissions_missing",
        "The service account lacks permissions",
        grants=(profile("RunReports"), group("ApiEnabled", "CustomizeApplication")),
        components=(Component("0PG000000000001AAA", "0PS000000000004AAA", "Incydr Access", NEEDED),),
    ),
    sick(
        "all by a set that needs a session",
        "permissions_missing",
        "The service account lacks permissions",
        grants=(profile("RunReports"), permission_set(*NEEDED, session_based=True)),
    ),
    sick(
        "all by a revoked assignment",
        "permissions_missing",
        "The service account lacks permissions",
        grants=(profile("RunReports"), permission_set(*NEEDED, revoked=True)),
    ),
    sick(
        "an assignment that expires this very second",
        "permissions_missing",
        "The service account lacks permissions",
        since=NOW,
        grants=(profile("RunReports"), permission_set(*NEEDED, expires=NOW)),
    ),
    well(
        "an assignment that expires in a second",
        "and that assignment expires",
        grants=(
            profile("ManagePvtRptsAndDashbds"),
            permission_set(*NEEDED, expires=NOW + timedelta(seconds=1)),
        ),
    ),
    well("a permission whose need is not shown", "is not granted", grants=(profile(*NEEDED),)),
)

CLOCK = (
    sick(
        "refused 59:59 ago",
        "login_rate_exceeded",
        RATE,
        sign_ins=signed(rate_exceeded(ago(minutes=59, seconds=59))),
    ),
    World(
        "refused an hour ago, and Incydr not seen since",
        {"audit": trail(), "sign_ins": signed(rate_exceeded(ago(hours=1)))},
        headline="Repaired, waiting for Incydr",
        status="Recovering",
    ),
    sick(
        "refused, and another application got through",
        "login_rate_exceeded",
        RATE,
        sign_ins=signed(rate_exceeded(ago(minutes=9)), signed_in("Data Loader", at=ago(minutes=1))),
    ),
    well(
        "refused, and Incydr got through",
        "has signed in since",
        sign_ins=signed(rate_exceeded(ago(minutes=9)), signed_in(at=ago(minutes=1))),
    ),
    well(
        "refused, and a file event came",
        "file event has come since",
        sign_ins=signed(rate_exceeded(ago(minutes=9))),
        events=FileEvents(ago(minutes=1)),
    ),
    sick(
        "refused, and a file event within the difference of clocks",
        "login_rate_exceeded",
        RATE,
        sign_ins=signed(rate_exceeded(ago(minutes=9))),
        events=FileEvents(ago(minutes=8)),
    ),
    well(
        "half of the quota used",
        "2,000 of 3,600",
        sign_ins=signed(signed_in(first=ago(hours=1), count=2_000)),
    ),
    World(
        "status texts in another language",
        {"audit": trail(), "sign_ins": history(signed_in(status="Erfolgreich", count=50))},
        open=("organization_unavailable", "login_rate_exceeded", "sign_in_blocked"),
        status="Unknown",
    ),
)

SIGN_INS = (
    sick(
        "an invalid token",
        "access_revoked",
        "Incydr's access to Salesforce was revoked",
        since=ago(minutes=5),
        sign_ins=signed(signed_in(APP, "Failed: Invalid Token", at=ago(minutes=5))),
    ),
    sick(
        "a password lock",
        "sign_in_blocked",
        "Incydr's sign-in is refused: Password lockout",
        freeze=LOCKED,
        sign_ins=signed(signed_in(APP, "Password lockout", at=ago(minutes=5))),
    ),
    sick(
        "maintenance",
        "sign_in_blocked",
        "Incydr's sign-in is refused: Organization is in maintenance",
        sign_ins=signed(signed_in(APP, "Organization is in maintenance", at=ago(minutes=5))),
    ),
    sick(
        "an unknown refusal without an application",
        "sign_in_blocked",
        "Incydr's sign-in is refused: Failed: something new",
        sign_ins=signed(signed_in("N/A", "Failed: something new", at=ago(minutes=5))),
    ),
    well(
        "a refusal before the last success",
        sign_ins=history(signed_in(APP, "Restricted IP", at=ago(days=1)), signed_in()),
    ),
    well(
        "another application's refusal",
        sign_ins=history(signed_in(), signed_in("Other", "Restricted IP", at=NOW)),
    ),
    World(
        "unfrozen, the refused sign-in still newer than the last success",
        {"audit": trail(), "sign_ins": signed(signed_in(APP, "User is frozen", at=ago(minutes=5)))},
        headline="Repaired, waiting for Incydr",
        status="Recovering",
    ),
    well("four approvals of the app", "4 approvals", tokens=tuple(Token(APP, ago(days=d)) for d in range(4))),
)

EDGES = (*RIGHTS, *LICENCES, *GRANTS, *CLOCK, *SIGN_INS)
