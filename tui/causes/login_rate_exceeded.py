"""The service account signs in too often: Salesforce refuses it until the hourly quota is free again.

Not a freeze, though the Incydr console shows the message of one: unfreezing would do nothing.
"""

from msgspec.structs import replace

from tui.base import vendor_pages
from tui.base.limits import SIGN_INS_PER_HOUR
from tui.causes import user_frozen
from tui.causes.cause import Cause, Verdict
from tui.connections import places
from tui.connections.connection import Connection, Experience, Requirements
from tui.connections.evidence import Evidence, Part, Read, Unreadable, value_of
from tui.connections.finding import ANY_PROOF, EvidenceRow, Fact, Finding, Kind
from tui.connections.repair import NoRepair
from tui.connections.signs_of_life import succeeded
from tui.connections.step import Step, StepText, Subject
from tui.rules import sign_ins


def _applies(evidence: Evidence) -> bool:
    """Whether the user exists and is not frozen: a freeze comes first, with the refusals attached to it."""
    if isinstance(evidence.user, Read) and evidence.user.value is None:
        return False
    login = value_of(evidence.freeze)
    return login is None or not login.is_frozen


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if not _applies(evidence):
        return None
    history = sign_ins.readable(evidence)
    if isinstance(history, Unreadable):
        return CAUSE.undetermined(Part.SIGN_INS, history)
    refused = sign_ins.refusals(evidence)
    if refused is None or sign_ins.incydr_after(connection, evidence, refused.newest) is not None:
        return None
    use = sign_ins.quota_use(evidence)
    total = sum(each.count for each in use)
    spent = Fact(f"at least {total:,} sign-ins in the last 60 minutes of {SIGN_INS_PER_HOUR:,} allowed")
    finding = CAUSE.found(
        evidence,
        Part.SIGN_INS,
        since=refused.oldest,
        by_unknown="blocked by Salesforce automatically",
        facts=(refused.fact, spent),
    )
    return replace(finding, quota=use, reset=refused.reset)


def _warn(connection: Connection, evidence: Evidence, requirements: Requirements) -> tuple[Fact, ...]:
    refused = sign_ins.refusals(evidence)
    if refused is None or not _applies(evidence):
        return ()
    since = sign_ins.incydr_after(connection, evidence, refused.newest)
    return () if since is None else (Fact(f"{refused.fact.text}; {since.text}", refused.newest),)


def _wait_for_quota(subject: Subject, experience: Experience) -> StepText:
    lines = (
        f"Nothing to click: Salesforce allows {SIGN_INS_PER_HOUR:,} sign-ins per user and hour.",
        "The limit ends by itself within the hour. Unfreezing the user would do nothing.",
        "Find the other applications that sign in as this user. Only Incydr should use it.",
    )
    lightning = experience is Experience.LIGHTNING
    section = "Settings › Identity" if lightning else "Administer › Manage Users"
    breadcrumb = f"Setup › {section} › Login History"
    return StepText(lines, breadcrumb, places.login_history(subject.org.my_domain, experience))


def _quota_is_free(evidence: Evidence) -> bool | None:
    """None where someone got through after the refusals: it may have been Incydr."""
    if isinstance(sign_ins.readable(evidence), Unreadable):
        return None
    refused = sign_ins.refusals(evidence)
    if refused is None:
        return True
    history = value_of(evidence.sign_ins)
    rows = (*history.hour, *history.window) if history is not None else ()
    events = value_of(evidence.events)
    newest_event = events.newest if events is not None else None
    got_through = any(succeeded(row) and row.last > refused.newest for row in rows)
    if got_through or (newest_event is not None and newest_event > refused.newest):
        return None
    return False


def _repair(finding: Finding, subject: Subject) -> NoRepair:
    return NoRepair(CAUSE.id, "There is nothing to repair: the hourly sign-in limit ends by itself.")


CAUSE = Cause(
    id="login_rate_exceeded",
    title="Too many sign-ins within the hour",
    absent="Salesforce refused no sign-in because of the hourly limit",
    kind=Kind.SELF_HEALING,
    message=user_frozen.MESSAGE,
    row=EvidenceRow.HOUR,
    proofs=ANY_PROOF,
    examine=_examine,
    steps=(
        Step(
            "quota",
            "Wait for the hourly limit",
            _wait_for_quota,
            _quota_is_free,
            "still too many sign-ins",
            vendor_pages.LOGIN_HISTORY,
            denied="Salesforce still shows too many sign-ins within the hour",
        ),
    ),
    repair=_repair,
    warn=_warn,
)
