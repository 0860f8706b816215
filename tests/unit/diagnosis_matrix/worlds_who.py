"""Who did it, and when: namesakes, automation, Login-As, other languages, ids, unread trails."""

from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from tests.evidence import (
    NEEDED,
    NOW,
    USER_ID,
    activated,
    ago,
    audit_row,
    deactivated,
    froze,
    group,
    history,
    login,
    permission_set,
    permission_taken,
    profile,
    rate_exceeded,
    signed_in,
    streams,
    switched,
    trail,
    unfroze,
    unreadable,
    user,
)
from tests.unit.diagnosis_matrix.world import World
from tui.base.limits import STREAMS
from tui.connections.evidence import AuditRow, Component

THEN = ago(minutes=20)
TOM = ("Tom Roe", "tom@acme.example")
OKTA = ("Okta Integration", "okta@acme.example")
OPS = ("Alex Kim", "ops@acme.example")
NO_ROW = "by whom: not known (the audit trail does not show it)"
FROZEN = "The service account is frozen"
GONE = "The service account is deactivated"
LACKS = "The service account lacks permissions"
ASK = " · ask Jane Doe first"
LIMITED = history(
    signed_in(at=ago(minutes=50)), rate_exceeded(ago(minutes=25)), signed_in("Data Loader", count=3_600)
)


def frozen(name: str, *rows: AuditRow, headline: str = FROZEN, **more: Any) -> World:
    parts = {"freeze": login(frozen=True, modified=THEN), "audit": trail(*rows)} | more.pop("parts", {})
    return World(name, parts, ("user_frozen",), headline=headline, **({"since": THEN} | more))


def gone(name: str, *rows: AuditRow, headline: str = GONE, **more: Any) -> World:
    parts = {"user": user(is_active=False, last_modified=THEN), "audit": trail(*rows)} | more.pop("parts", {})
    return World(name, parts, ("user_deactivated",), headline=headline, **({"since": THEN} | more))


def lacking(name: str, *rows: AuditRow, headline: str = LACKS, **more: Any) -> World:
    parts: dict[str, Any] = {part: more.pop(part) for part in ("grants", "components") if part in more}
    parts["audit"] = trail(*rows)
    return World(name, parts, ("permissions_missing",), headline=headline, **more)


def unassigned(action: str, what: str, at: datetime = THEN) -> AuditRow:
    return audit_row(action, f"{what} unassigned from user Incydr Service (UserID: [{USER_ID[:15]}])", at)


def set_changed(name: str, at: datetime = THEN) -> AuditRow:
    text = f"Changed permission set {name}: API Enabled was changed from enabled to disabled"
    return audit_row("PermSetDisableUserPerm", text, at)


INSIDE = Component("0PG000000000001AAA", "0PS000000000004AAA", "Incydr Access")
LOW = profile("CustomizeApplication", "ViewDataLeakageEvents")

FREEZES = (
    frozen("frozen, the row at the very moment", froze(THEN), who="Jane Doe", headline=FROZEN + ASK),
    frozen(
        "frozen, the row ten seconds off",
        froze(THEN - timedelta(seconds=10)),
        who="Jane Doe",
        since=THEN - timedelta(seconds=10),
        headline=FROZEN + ASK,
    ),
    frozen(
        "frozen, the row eleven seconds off",
        froze(THEN - timedelta(seconds=11)),
        who="Jane Doe",
        probably=True,
        headline=FROZEN + ASK,
    ),
    frozen(
        "a namesake frozen later by another",
        froze(THEN),
        froze(ago(minutes=5), by=TOM),
        who="Jane Doe",
        headline=FROZEN + ASK,
    ),
    frozen(
        "a namesake unfrozen later by another",
        froze(THEN),
        unfroze(ago(minutes=5), by=TOM),
        who="Jane Doe",
        headline=FROZEN + ASK,
    ),
    frozen(
        "two namesakes frozen, neither row at the moment",
        froze(ago(minutes=50)),
        froze(ago(minutes=40), by=TOM),
        who="Tom Roe",
        probably=True,
        headline=f"{FROZEN} · ask Tom Roe first",
    ),
    frozen("only a longer name was frozen", froze(THEN, name="Incydr Service Two"), who=NO_ROW),
    frozen(
        "frozen by an integration user",
        froze(THEN, by=OKTA),
        who="Okta Integration",
        automation=True,
        headline=f"{FROZEN} · ask Okta Integration first",
    ),
    frozen("frozen by the operator himself", froze(THEN, by=OPS), who="Alex Kim"),
    frozen(
        "frozen through Login-As",
        replace(froze(THEN, by=OPS), delegate="jane@acme.example"),
        who="Alex Kim",
        headline=f"{FROZEN} · ask jane@acme.example first",
    ),
    frozen(
        "frozen, the row in German",
        audit_row("frozeuser", "Benutzer Incydr Service eingefroren", THEN),
        who="Jane Doe",
        headline=FROZEN + ASK,
    ),
    frozen(
        "frozen, the row in Japanese",
        audit_row("frozeuser", "ユーザー Incydr Service を凍結しました", THEN),
        who="Jane Doe",
        headline=FROZEN + ASK,
    ),
    frozen("frozen, no row, no refused sign-ins", who=NO_ROW),
    frozen("frozen, no row, the quota used up: may be automatic", parts={"sign_ins": LIMITED}, who=NO_ROW),
    frozen(
        "frozen by a person, the quota used up too",
        froze(THEN),
        parts={"sign_ins": LIMITED},
        who="Jane Doe",
        headline=FROZEN + ASK,
    ),
    frozen(
        "frozen, the trail unreadable, the quota used up",
        parts={"sign_ins": LIMITED, "audit": unreadable("needs View Setup and Configuration")},
        who="by whom: not known (the audit trail is not readable: needs View Setup and Configuration)",
    ),
    frozen(
        "frozen, the trail not read yet",
        parts={"audit": None},
        who="by whom: not known (the audit trail was not read yet)",
    ),
    frozen(
        "frozen longer ago than the trail goes back",
        parts={"audit": trail(since=ago(minutes=10))},
        who="by whom: not known (it happened before the oldest audit row that was read)",
    ),
    frozen(
        "frozen, the name of the user unreadable",
        froze(THEN),
        parts={"user": unreadable("no answer")},
        who="by whom: not known (the audit trail names the user by name, and the name could not be read)",
        open=("service_account_missing", "user_deactivated"),
    ),
)

DEACTIVATIONS = (
    gone(
        "deactivated, the row with the 15-character id",
        deactivated(THEN),
        who="Jane Doe",
        headline=GONE + ASK,
    ),
    gone(
        "deactivated, the row with the 18-character id",
        audit_row("deactivateduser", f"Deactivated user (UserID: [{USER_ID}])", THEN),
        who="Jane Doe",
        headline=GONE + ASK,
    ),
    gone(
        "deactivated, the evidence with the 15-character id",
        deactivated(THEN),
        parts={"user": user(id=USER_ID[:15], is_active=False, last_modified=THEN)},
        who="Jane Doe",
        headline=GONE + ASK,
    ),
    gone("another user deactivated", deactivated(THEN, user_id="005000000000002AAA"), who=NO_ROW, since=None),
    gone(
        "an id that differs in capitals is another user",
        audit_row("deactivateduser", "(UserID: [005000000000a01])", THEN),
        parts={"user": user(id="005000000000A01AAA", is_active=False, last_modified=THEN)},
        who=NO_ROW,
        since=None,
    ),
    gone(
        "deactivated, reactivated, deactivated again",
        deactivated(ago(days=3), by=TOM),
        activated(ago(days=2)),
        deactivated(THEN),
        who="Jane Doe",
        headline=GONE + ASK,
    ),
    gone(
        "deactivated by a provisioning user",
        deactivated(THEN, by=("SCIM Provisioning", "scim@acme.example")),
        who="SCIM Provisioning",
        automation=True,
        headline=f"{GONE} · ask SCIM Provisioning first",
    ),
    gone(
        "deactivated, the row in Spanish",
        audit_row("deactivateduser", f"Usuario desactivado (UserID: [{USER_ID[:15]}])", THEN),
        who="Jane Doe",
        headline=GONE + ASK,
    ),
)

LOSSES = (
    lacking(
        "a permission taken from the profile",
        permission_taken("API Enabled", THEN),
        grants=(LOW,),
        who="Jane Doe",
        since=THEN,
        headline=LACKS + ASK,
    ),
    lacking(
        "a permission taken from a set of the user",
        set_changed("Incydr Access"),
        grants=(LOW, permission_set("RunReports")),
        who="Jane Doe",
        since=THEN,
        headline=LACKS + ASK,
    ),
    lacking(
        "a permission taken from a set of somebody else",
        set_changed("Sales Access"),
        grants=(LOW, permission_set("RunReports")),
        who=NO_ROW,
    ),
    lacking(
        "a permission taken from a set that may be inside the user's group",
        set_changed("Incydr Access"),
        grants=(LOW, group("RunReports")),
        who="Jane Doe",
        since=THEN,
        probably=True,
        headline=LACKS + ASK,
    ),
    lacking(
        "a permission taken from a set that is inside the user's group",
        set_changed("Incydr Access"),
        grants=(LOW, group("RunReports")),
        components=(INSIDE,),
        who="Jane Doe",
        since=THEN,
        headline=LACKS + ASK,
    ),
    lacking(
        "a permission taken from a set that is not inside the user's group",
        set_changed("Sales Access"),
        grants=(LOW, group("RunReports")),
        components=(INSIDE,),
        who=NO_ROW,
    ),
    lacking(
        "a set unassigned",
        unassigned("PermSetUnassign", "Permission set Incydr Access"),
        grants=(LOW,),
        who="Jane Doe",
        since=THEN,
        probably=True,
        headline=LACKS + ASK,
    ),
    lacking(
        "a group unassigned",
        unassigned("PermSetGroupUnassign", "Permission set group Incydr Group"),
        grants=(LOW,),
        who="Jane Doe",
        since=THEN,
        probably=True,
        headline=LACKS + ASK,
    ),
    lacking(
        "another profile given",
        audit_row(
            "changedprofileforusercusttostd",
            f"Changed profile for user Incydr Service (UserID: [{USER_ID[:15]}]) from Incydr to Read Only",
            THEN,
        ),
        grants=(profile("RunReports", name="Read Only"),),
        who="Jane Doe",
        since=THEN,
        headline=LACKS + ASK,
    ),
    lacking(
        "an assignment expired",
        grants=(LOW, permission_set(*NEEDED, expires=THEN)),
        who="expiry",
        since=THEN,
    ),
    lacking("a permission gone without a row", grants=(LOW,), who=NO_ROW),
    lacking(
        "several permissions gone at different times",
        permission_taken("Customize Application", ago(hours=3), by=TOM),
        permission_taken("API Enabled", THEN),
        grants=(profile("ViewDataLeakageEvents"),),
        who="Tom Roe",
        since=ago(hours=3),
        headline=f"{LACKS} · ask Tom Roe first",
    ),
)

OTHERS = (
    World(
        "streaming switched off by automation",
        {"streams": streams(*STREAMS[:2], off=STREAMS[2:]), "audit": trail(switched(STREAMS[2], THEN, OKTA))},
        ("event_streaming_disabled",),
        "Okta Integration",
        THEN,
        "Event streaming is off · ask Okta Integration first",
        automation=True,
    ),
    World(
        "the service account renamed",
        {"user": user(username="new@acme.example"), "audit": trail()},
        headline="No fault found",
        status="Monitoring",
        warns="now called new@acme.example",
    ),
    World(
        "the account shared by another connection: sign-ins prove nothing",
        {"audit": trail()},
        headline="No fault found, but nothing seen from Incydr yet",
        status="Unknown",
        warns="its sign-ins prove nothing",
        connection={"shared": True},
    ),
    World(
        "a failed sign-in at this very second",
        {"audit": trail(), "sign_ins": history(signed_in(), signed_in(status="Restricted time", at=NOW))},
        ("sign_in_blocked",),
        since=NOW,
        headline="Incydr's sign-in is refused: Restricted time",
    ),
)

WHO = (*FREEZES, *DEACTIVATIONS, *LOSSES, *OTHERS)
