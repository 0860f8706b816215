"""What there is to say of a walkthrough at one moment, topic by topic, so that only news is said. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from tui import wording
from tui.connections.connection import Experience, Org
from tui.connections.finding import Finding, Kind
from tui.connections.state import State
from tui.connections.step import Step, Subject
from tui.connections.walkthrough import Walkthrough

NAMES = {Experience.LIGHTNING: "Lightning Experience", Experience.CLASSIC: "Salesforce Classic"}

Topic = tuple[str, tuple[str, ...]]
"""Its name and its lines; lines that are the same as last time are not said again."""


@dataclass(frozen=True)
class Moment:
    """A connection's state, its walkthrough and the current step."""

    state: State
    walk: Walkthrough | None
    step: Step
    org: Org
    trouble: str
    """What is the matter with the journal; empty where nothing is."""
    keys: str
    advice: Sequence[str]
    """Beside the current cause: it came before."""
    tz: tzinfo
    now: datetime

    @property
    def returned(self) -> bool:
        return self.state.recovery is not None and self.state.recovery.returned is not None

    @property
    def waiting(self) -> bool:
        return self.walk is None or self.walk.waiting

    @property
    def finding(self) -> Finding | None:
        """The finding that the current step is about."""
        cause = self.walk.item.cause if self.walk is not None else ""
        return next((f for f in self.state.diagnosis.findings if f.cause == cause), None)


def topics(moment: Moment) -> tuple[Topic, ...]:
    """Everything that is worth saying, in the order of reading. Nothing in it changes with time alone."""
    state, tz, now = moment.state, moment.tz, moment.now
    status = f"{state.connection.name}: {wording.status_line(state, tz, now)}"
    found = [("trouble", (moment.trouble,)), ("status", (status, *_what(moment)))]
    if moment.returned:
        return (*found, ("returned", wording.returned_lines(state, tz, now)))
    if moment.waiting:
        found.append(("wait", _wait(moment)))
    else:
        found += [("step", _step(moment)), ("heals", _heals(moment)), ("says", _says(moment))]
    return (*found, ("keys", (moment.keys,)))


def _what(moment: Moment) -> tuple[str, ...]:
    """Each cause with who did it; without one why the status is what it is."""
    state, tz, now = moment.state, moment.tz, moment.now
    if not state.diagnosis.findings:
        return wording.why_lines(state, tz, now)
    lines = []
    for finding in state.diagnosis.findings:
        by = wording.by_line(finding, tz, now)
        lines.append(f"{finding.title}, {by}" if by else finding.title)
    return (*lines, *wording.undetermined_lines(state))


def _step(moment: Moment) -> tuple[str, ...]:
    walk, state = moment.walk, moment.state
    if walk is None:
        return ()
    text = moment.step.text(Subject(state.connection, moment.org, state.evidence), walk.experience)
    lines = [f"Step {wording.position(walk)}: {moment.step.title} ({NAMES[walk.experience]})", *text.lines]
    if (finding := moment.finding) is not None:
        lines.append(wording.restraint(finding, state))
        lines += moment.advice
    lines += [
        f"where: {text.breadcrumb}" if text.breadcrumb else "",
        f"link: {text.link}" if text.link else "",
    ]
    return (*lines, f"user: {state.connection.service_account}")


def _heals(moment: Moment) -> tuple[str, ...]:
    """When a cause that needs nobody ends."""
    finding = moment.finding
    if finding is None or finding.kind is not Kind.SELF_HEALING:
        return ()
    return (wording.kind_line(finding, None, moment.tz, moment.now), *wording.quota_lines(finding))


def _says(moment: Moment) -> tuple[str, ...]:
    return (wording.salesforce_verdict(moment.state, moment.step),)


def _wait(moment: Moment) -> tuple[str, ...]:
    state, tz, now = moment.state, moment.tz, moment.now
    told = wording.overdue_lines if state.overdue else wording.waiting_lines
    walk = moment.walk
    heading = f"Step {wording.position(walk)}: {moment.step.title}" if walk is not None else ""
    return (
        heading,
        *told(state, tz, now),
        wording.lost_events(state, tz, now) if now < _limit(moment) else "",
    )


def _limit(moment: Moment) -> datetime:
    """Until when the 72-hour sentence stays the same: afterwards it changes with every minute."""
    recovery = moment.state.recovery
    return recovery.began + wording.REPLAY if recovery is not None else moment.now
