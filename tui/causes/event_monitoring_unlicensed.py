"""The org has no Event Monitoring (any more): what Incydr reads does not exist there.

Without the licence neither the permission's field nor the streams exist. One of the two alone may have another
reason and decides nothing.
"""

from msgspec.structs import replace

from tui.base import vendor_pages
from tui.base.limits import STREAMS
from tui.causes.cause import Cause, Verdict
from tui.connections.connection import Connection, Experience, Requirements
from tui.connections.evidence import Evidence, Part, Read, Unreadable, value_of
from tui.connections.finding import NOT_SIGN_INS, EvidenceRow, Fact, Finding, Kind
from tui.connections.repair import NoRepair
from tui.connections.step import Step, StepText, Subject
from tui.rules import audit
from tui.rules.comparison import Comparison
from tui.rules.effective_permissions import event_monitoring_absent
from tui.rules.required_permissions import EVENT_MONITORING
from tui.rules.shared_steps import SETUP


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    # inferred: event_monitoring_fields - and none of the streams.
    fields, streams = evidence.fields, evidence.streams
    if not isinstance(fields, Read):
        return CAUSE.undetermined(Part.FIELDS, fields)
    if not isinstance(streams, Read):
        return CAUSE.undetermined(Part.STREAMS, streams or Unreadable("not read yet"))
    has_field = EVENT_MONITORING in fields.value
    has_streams = any(stream.entity in STREAMS for stream in streams.value)
    if has_field and has_streams:
        return None
    if has_field or has_streams:
        which = Part.STREAMS if has_field else Part.FIELDS
        shown, hidden = ("permission", "streams") if has_field else ("streams", "permission")
        reason = f"the org shows the {shown} of Event Monitoring, but not its {hidden}"
        return CAUSE.undetermined(which, Unreadable(reason, "Check the org's Event Monitoring licence."))
    finding = CAUSE.found(
        evidence,
        Part.STREAMS,
        by_unknown=audit.nobody("a licence that ends leaves no audit row"),
        facts=(
            Fact("the org does not know the permission View Real-Time Event Monitoring Data", fields.at),
            Fact("the org does not know the Login, Logout and Report Event streams", streams.at),
        ),
    )
    return replace(finding, seen_at=min(fields.at, streams.at))


def _differences(both: Comparison) -> tuple[Fact, ...]:
    readings = both.before, both.after
    if any(value_of(each.fields) is None or value_of(each.streams) is None for each in readings):
        return ()
    was, is_now = (event_monitoring_absent(each) for each in readings)
    if is_now and not was:
        return (Fact("the org no longer has Event Monitoring"),)
    return (Fact("the org has Event Monitoring again"),) if was and not is_now else ()


def _licence(subject: Subject, experience: Experience) -> StepText:
    lightning = experience is Experience.LIGHTNING
    return StepText(
        (
            "Open Company Information. Look for Event Monitoring or Salesforce Shield in the licences.",
            "Did it end, or was it never bought? Incydr cannot work without it: ask for the licence.",
            "When it is renewed, look at the Event Manager: streaming may be off.",
        ),
        "Setup › Settings › Company Settings › Company Information"
        if lightning
        else "Setup › Administer › Company Profile › Company Information",
    )


def _is_licensed(evidence: Evidence) -> bool | None:
    if not isinstance(evidence.fields, Read) or not isinstance(evidence.streams, Read):
        return None
    if event_monitoring_absent(evidence):
        return False
    has_streams = any(stream.entity in STREAMS for stream in evidence.streams.value)
    return True if has_streams and EVENT_MONITORING in evidence.fields.value else None


def _repair(finding: Finding, subject: Subject) -> NoRepair:
    return NoRepair(CAUSE.id, "A licence must be bought or renewed. No change in the org can replace it.")


CAUSE = Cause(
    id="event_monitoring_unlicensed",
    title="The org has no Event Monitoring",
    absent="the org has Event Monitoring",
    kind=Kind.ACTION,
    message=None,
    row=EvidenceRow.STREAMING,
    proofs=NOT_SIGN_INS,
    examine=_examine,
    steps=(
        SETUP,
        Step(
            "licence",
            "Renew Event Monitoring",
            _licence,
            _is_licensed,
            "still no Event Monitoring",
            vendor_pages.SET_UP,
            denied="Salesforce still shows no Event Monitoring in this org",
        ),
    ),
    repair=_repair,
    delay=None,
    blocks=False,
    differences=_differences,
)
