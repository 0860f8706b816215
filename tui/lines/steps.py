"""`steps`: the walkthrough as plain numbered lines, for screen readers and dumb terminals."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from tui import wording
from tui.base.clock import Clock
from tui.base.vendor_pages import VendorPage
from tui.connections.connection import Connection, Experience, Org, Requirement, SignIn
from tui.connections.finding import Finding, Kind
from tui.connections.state import State, Status
from tui.connections.step import Step, StepText, Subject
from tui.console import Exit
from tui.diagnosis import guide

if TYPE_CHECKING:
    from tui.watching.watcher import Watcher

Tell = Callable[[str], None]

_ANY_ORG = Org(
    "any", "https://your-domain.my.salesforce.com", "your-domain.my.salesforce.com", SignIn("none")
)
_ANY_CONNECTION = Connection("your connection", "any", "", "your connection")


def known_causes() -> tuple[str, ...]:
    return tuple(each.id for each in guide.known_causes())


def of_cause(cause_id: str, experience: Experience, requirements: Sequence[Requirement]) -> str:
    """The walkthrough of one cause, of nobody's org: without links."""
    subject = Subject(_ANY_CONNECTION, _ANY_ORG)
    texts = _texts([cause_id], subject, experience, requirements)
    lines = numbered([(step, replace(text, link=None)) for _, step, text in texts])
    return "\n".join((*lines, f"   {wording.noticed([guide.known(cause_id)])}"))


def of_connection(
    findings: Sequence[Finding],
    subject: Subject,
    experience: Experience,
    requirements: Sequence[Requirement],
    times: wording.Times,
) -> str:
    """The walkthrough of everything that was found with one connection; what heals by itself with its end."""
    ends = {
        f.cause: (wording.kind_line(f, None, times), *wording.quota_lines(f))
        for f in findings
        if f.kind is Kind.SELF_HEALING
    }
    asked = {f.cause: caution for f in findings if (caution := wording.restraint(f))}
    texts = []
    for cause_id, step, text in _texts([f.cause for f in findings], subject, experience, requirements):
        # Whom to ask stands once, at the first step that changes something.
        first = (asked.pop(cause_id, ""),) if not step.prepares else ()
        lines = (*filter(None, first), *text.lines, *ends.get(cause_id, ()))
        texts.append((step, replace(text, lines=lines)))
    return "\n".join((*numbered(texts), f"   {wording.noticed(findings)}"))


def of_watched(
    watcher: "Watcher",
    name: str,
    experience: Experience | None,
    requirements: Sequence[Requirement],
    clock: Clock,
    say: Tell,
    tell: Tell,
) -> Exit:
    """The walkthrough of a connection that has been read, by default in the experience that was chosen last.

    `say` hears the steps, `tell` why there are none, or why they may be out of date.
    """
    state, times = watcher.state(name), wording.Times(None, clock.now())
    assert state is not None  # noqa: S101 - the caller has read it
    causes, unread = state.diagnosis.causes, state.status is Status.UNKNOWN
    if not causes:
        tell(f"{name}: {wording.status_line(state, times)}")
    for line in wording.why_lines(state, times) if unread or not causes else ():
        tell(line)
    if causes:
        if unread:
            at = f" {wording.at_time(state.last_read, times)}" if state.last_read else ""
            tell(f"These steps are for the last reading that worked{at}.")
        subject = Subject(state.connection, watcher.org(name), state.evidence)
        chosen = experience or watcher.experience(name)
        say("\n".join((*_heading(state, times), "")))
        say(of_connection(state.diagnosis.findings, subject, chosen, requirements, times))
    return Exit.UNKNOWN if unread else Exit.OK if causes else Exit.NO


def _heading(state: State, times: wording.Times) -> list[str]:
    """What is wrong, and who did it."""
    lines = [f"{state.connection.name}: {wording.status_line(state, times)}"]
    lines += [f"{wording.cause_line(finding, times)}." for finding in state.diagnosis.findings]
    return list(dict.fromkeys(lines))


def _texts(
    causes: Sequence[str], subject: Subject, experience: Experience, requirements: Sequence[Requirement]
) -> list[tuple[str, Step, StepText]]:
    """(cause id, step, its text), the wait last."""
    walk = guide.whole_walk(causes, tuple(requirements))
    return [(cause_id, step, step.text(subject, experience)) for cause_id, step in walk]


def numbered(steps: Sequence[tuple[Step, StepText]]) -> tuple[str, ...]:
    """(step, its text) as numbered plain lines for screen readers and dumb terminals; a page of docs once."""
    lines: list[str] = []
    docs: list[VendorPage] = []
    for number, (step, text) in enumerate(steps, 1):
        lines.append(f"{number}. {step.title}")
        lines.extend(f"   {line}" for line in text.lines)
        if text.breadcrumb:
            lines.append(f"   where: {text.breadcrumb}")
        if text.link:
            lines.append(f"   link: {text.link}")
        if step.docs not in docs:
            docs.append(step.docs)
            lines.append(f"   docs: {step.docs.title} {step.docs.address}")
    return tuple(lines)
