"""The org does not stream the real-time events that Incydr reads.

Incydr keeps signing in all through it, so a sign-in proves nothing. What its console shows for it is not
documented, nor how long it takes to notice that streaming is on again.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from tui.base import vendor_pages
from tui.base.limits import STREAMS
from tui.causes.cause import Cause, Verdict
from tui.connections import places
from tui.connections.connection import Connection, Experience, Requirements
from tui.connections.evidence import AuditRow, Evidence, Part, Read, Unreadable, value_of
from tui.connections.finding import NOT_SIGN_INS, EvidenceRow, Fact, Finding, Kind, Past
from tui.connections.repair import NoRepair
from tui.connections.step import FILL, Press, Sketch, Step, StepText, Subject
from tui.rules import audit
from tui.rules.audit_actions import Topic
from tui.rules.audit_names import mentions
from tui.rules.comparison import Comparison
from tui.rules.effective_permissions import event_monitoring_absent
from tui.rules.shared_steps import SETUP

_LABELS = {entity: f"{entity.removesuffix('EventStream')} Event" for entity in STREAMS}


def _off(evidence: Evidence) -> tuple[str, ...]:
    return tuple(s.entity for s in value_of(evidence.streams) or () if s.entity in STREAMS and not s.enabled)


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    part = evidence.streams
    if not isinstance(part, Read):
        return CAUSE.undetermined(Part.STREAMS, part or Unreadable("not read yet"))
    off = _off(evidence)
    if not off:
        shown = {stream.entity for stream in part.value}
        hidden = [_LABELS[entity] for entity in STREAMS if entity not in shown]
        if hidden and not event_monitoring_absent(evidence):
            return CAUSE.undetermined(
                Part.STREAMS,
                Unreadable(
                    f"this org does not show {', '.join(hidden)}", "Check its Event Monitoring licence."
                ),
            )
        return None
    finding = _found_in(evidence, next(iter(_rows(evidence, off)), None))
    facts = tuple(Fact(f"streaming of {_LABELS[entity]} is off", part.at) for entity in off)
    return replace(finding, seen_at=part.at, facts=facts)


def _rows(evidence: Evidence, entities: tuple[str, ...]) -> tuple[AuditRow, ...]:
    """Rows about these streams, newest first; each one switched it over, whatever its language."""
    rows = audit.rows(evidence, Topic.STREAMING)
    return tuple(row for row in rows if any(mentions(row.display, entity) for entity in entities))


def _past(connection: Connection, evidence: Evidence, requirements: Requirements) -> Past | None:
    """Streams that are on now and were switched: the newest row switched one on, the one before it off.

    With the settings unread the newest row may have done either.
    """
    streams = value_of(evidence.streams)
    entities = STREAMS if streams is None else tuple(s.entity for s in streams if s.enabled)
    episodes = [rows[:2] for entity in STREAMS if entity in entities and (rows := _rows(evidence, (entity,)))]
    if not episodes:
        return None
    newest, *before = max(episodes, key=lambda rows: rows[0].at)
    if streams is None:
        return Past(_found_in(evidence, newest))
    return Past(_found_in(evidence, before[0] if before else None), audit.someone(newest))


def _found_in(evidence: Evidence, row: AuditRow | None) -> Finding:
    """The finding that began with `row`, where one says so."""
    return CAUSE.found(
        evidence,
        Part.STREAMS,
        since=row.at if row is not None else None,
        by=audit.actor(row) if row is not None else None,
        by_unknown=audit.why_nobody(evidence, None),
    )


def _differences(both: Comparison) -> tuple[Fact, ...]:
    old, new = (
        {stream.entity: stream.enabled for stream in value_of(each.streams) or ()}
        for each in (both.before, both.after)
    )
    facts = []
    for entity in STREAMS:
        if (old.get(entity), new.get(entity)) == (True, False):
            facts.append(both.began(CAUSE.id, f"switched {entity} off", f"{entity} was switched off"))
        if (old.get(entity), new.get(entity)) == (False, True):
            facts.append(both.ended(CAUSE.id, f"switched {entity} on", f"{entity} was switched on"))
    return tuple(facts)


def _enable(subject: Subject, experience: Experience) -> StepText:
    lightning = experience is Experience.LIGHTNING
    off = _off(subject.evidence) if subject.evidence is not None else ()
    wanted = ", ".join(_LABELS[entity] for entity in off or STREAMS)
    way = "Platform Tools, then Events," if lightning else "Build, then Develop, then Events,"
    return StepText(
        (
            f"In Setup open {way} then Event Manager.",
            f"Enable Streaming for: {wanted}.",
            "Is one not in the list? Then the org's Event Monitoring licence may have ended.",
        ),
        "Setup › Platform Tools › Events › Event Manager"
        if lightning
        else "Setup › Build › Develop › Events › Event Manager",
        places.event_manager(subject.org.my_domain, experience),
        _where_the_switches_are(off or STREAMS),
    )


def _where_the_switches_are(off: Sequence[str]) -> Sketch:
    rows = [
        (_LABELS[entity], "  …  ", FILL, Press("Enable Streaming") if entity in off else "streaming is on")
        for entity in STREAMS
    ]
    named = ", ".join(_LABELS[entity] for entity in off)
    return Sketch("Event Manager", (("…",), *rows, ("…",)), f"enable streaming for {named}")


def _is_streaming(evidence: Evidence) -> bool | None:
    streams = value_of(evidence.streams)
    if streams is None:
        return None
    if _off(evidence):
        return False
    return True if {stream.entity for stream in streams} >= set(STREAMS) else None


def _repair(finding: Finding, subject: Subject) -> NoRepair:
    return NoRepair(
        CAUSE.id, "Streaming can only be switched on in the Event Manager: no documented API does it."
    )


CAUSE = Cause(
    id="event_streaming_disabled",
    title="Event streaming is off",
    absent="the events are streamed",
    done="Event streaming switched off",
    kind=Kind.ACTION,
    message=None,
    row=EvidenceRow.STREAMING,
    proofs=NOT_SIGN_INS,
    examine=_examine,
    steps=(
        SETUP,
        Step(
            "enable_streaming",
            "Enable streaming",
            _enable,
            _is_streaming,
            "still not streaming",
            vendor_pages.SET_UP,
            denied="Salesforce still shows streaming as off",
        ),
    ),
    repair=_repair,
    # inferred: noticed_alike - streaming switched on again.
    delay_assumed=True,
    blocks=False,
    past=_past,
    differences=_differences,
)
