"""What there is to say of a walkthrough at one moment, topic by topic, so that only news is said. Pure."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from tui import wording
from tui.connections.connection import Experience, Org
from tui.connections.finding import Finding, Kind
from tui.connections.state import State
from tui.connections.step import Step, Subject
from tui.connections.walkthrough import Phase, Walkthrough, phase_of

NAMES = {Experience.LIGHTNING: "Lightning Experience", Experience.CLASSIC: "Salesforce Classic"}

MOVED = timedelta(minutes=10)
"""An estimate that moves within such a span is no news."""


class Topic(NamedTuple):
    """Its name and its lines, said again once `news` is not as it was: by default with the lines."""

    name: str
    lines: tuple[str, ...]
    news: Hashable = None


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
    report: str
    """The command that writes the report; empty where there is none."""
    times: wording.Times

    @property
    def phase(self) -> Phase:
        return phase_of(self.state, self.walk)

    @property
    def finding(self) -> Finding | None:
        """The finding that the current step is about."""
        cause = self.walk.item.cause if self.walk is not None else ""
        return next((f for f in self.state.diagnosis.findings if f.cause == cause), None)

    @property
    def healing(self) -> Finding | None:
        """The finding that clears by itself, on its step and while Incydr is awaited."""
        shown = self.state.diagnosis.findings if self.phase is not Phase.STEP else (self.finding,)
        return next((f for f in shown if f is not None and f.kind is Kind.SELF_HEALING), None)

    @property
    def undoes(self) -> bool:
        """The current step is the one that Salesforce can answer: it undoes what somebody did."""
        return self.phase is Phase.STEP and self.step.test is not None


def topics(moment: Moment) -> tuple[Topic, ...]:
    """Everything that is worth saying, in the order of reading. Nothing in it is news by time alone."""
    state, times = moment.state, moment.times
    status = f"{state.connection.name}: {wording.status_line(state, times)}"
    found = [Topic("trouble", (moment.trouble,)), Topic("status", (status, *_what(moment)))]
    if moment.phase is Phase.RETURNED:
        report = f"The report for the ticket: {moment.report}" if moment.report else ""
        return (*found, Topic("returned", (*wording.returned_lines(state, times), report)))
    if moment.phase is not Phase.STEP:
        found.append(Topic("wait", _wait(moment)))
    else:
        if (caution := _caution(moment)) and not moment.undoes:
            found.append(Topic("caution", caution))
        found.append(Topic("step", _step(moment)))
    if moment.healing is not None:
        found.append(_heals(moment, moment.healing))
    if moment.phase is Phase.STEP:
        found.append(Topic("says", (wording.salesforce_verdict(state, moment.step),)))
    return (*found, Topic("keys", (moment.keys,)))


def _what(moment: Moment) -> tuple[str, ...]:
    """Each cause with who did it; without one why the status is what it is."""
    state, times = moment.state, moment.times
    if not state.diagnosis.findings:
        return wording.why_lines(state, times)
    lines = []
    for finding in state.diagnosis.findings:
        # The first refusal within the hour, and with it "since", moves on with the hour.
        by = wording.by_line(finding, times) if finding.kind is Kind.ACTION else ""
        lines.append(f"{finding.title}, {by}" if by else finding.title)
    return (*lines, *wording.undetermined_lines(state))


def _caution(moment: Moment) -> tuple[str, ...]:
    """The word of restraint, and that the cause came before: once, and again at the step that undoes it."""
    finding = moment.finding
    if finding is None:
        return ()
    restraint = wording.restraint(finding)
    return tuple(line for line in (restraint, *moment.advice) if line)


def _step(moment: Moment) -> tuple[str, ...]:
    walk, state = moment.walk, moment.state
    if walk is None:
        return ()
    text = moment.step.text(Subject(state.connection, moment.org, state.evidence), walk.experience)
    return (
        f"Step {wording.position(walk)}: {moment.step.title} ({NAMES[walk.experience]})",
        *text.lines,
        *(_caution(moment) if moment.undoes else ()),
        f"where: {text.breadcrumb}" if text.breadcrumb else "",
        f"link: {text.link}" if text.link else "",
        f"user: {state.connection.service_account}",
    )


def _heals(moment: Moment, finding: Finding) -> Topic:
    """When a cause that needs nobody ends, and who used the quota: its counts alone are no news."""
    lines = (wording.kind_line(finding, None, moment.times), *wording.quota_lines(finding))
    first = finding.quota[0].application if finding.quota else ""
    end = finding.reset[1].timestamp() // MOVED.total_seconds() if finding.reset is not None else None
    return Topic("heals", lines, (finding.cause, first, end))


def _wait(moment: Moment) -> tuple[str, ...]:
    state, times = moment.state, moment.times
    told = wording.overdue_lines if state.overdue else wording.waiting_lines
    walk = moment.walk
    heading = f"Step {wording.position(walk)}: {moment.step.title}" if walk is not None else ""
    return (
        heading,
        *told(state, times),
        wording.lost_events(state, times) if times.now < _limit(moment) else "",
    )


def _limit(moment: Moment) -> datetime:
    """Until when the 72-hour sentence stays the same: afterwards it changes with every minute."""
    recovery = moment.state.recovery
    return recovery.began + wording.REPLAY if recovery is not None else moment.times.now
