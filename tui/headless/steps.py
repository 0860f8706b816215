"""`steps`: the walkthrough as plain numbered lines, for screen readers and dumb terminals."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from msgspec.structs import replace

from tui import wording
from tui.causes.registry import CAUSES, WAIT_STEP, cause, steps_for
from tui.connections.connection import Connection, Experience, Org, SignIn
from tui.connections.finding import Finding, Kind
from tui.connections.requirements import Requirement
from tui.connections.step import Step, StepText, Subject

_ANY_ORG = Org(
    "any", "https://your-domain.my.salesforce.com", "your-domain.my.salesforce.com", SignIn("none")
)
_ANY_CONNECTION = Connection("your connection", "any", "the service account", "your connection")


def known_causes() -> tuple[str, ...]:
    return tuple(each.id for each in CAUSES)


def of_cause(cause_id: str, experience: Experience, requirements: Sequence[Requirement]) -> str:
    """The walkthrough of one cause, of nobody's org: without links."""
    subject = Subject(_ANY_CONNECTION, _ANY_ORG)
    texts = _texts([cause_id], subject, experience, requirements)
    lines = wording.plain_steps([(step.title, replace(text, link=None)) for _, step, text in texts])
    return "\n".join((*lines, f"   {wording.noticed([cause(cause_id)])}"))


def of_connection(
    findings: Sequence[Finding],
    subject: Subject,
    experience: Experience | None,
    requirements: Sequence[Requirement],
    tz: tzinfo,
    now: datetime,
) -> str:
    """The walkthrough of everything that was found with one connection; what heals by itself with its end."""
    chosen = experience or subject.org.experience
    ends = {
        f.cause: (wording.kind_line(f, None, tz, now), *wording.quota_lines(f))
        for f in findings
        if f.kind is Kind.SELF_HEALING
    }
    texts = [
        (step.title, replace(text, lines=(*text.lines, *ends.get(cause_id, ()))))
        for cause_id, step, text in _texts([f.cause for f in findings], subject, chosen, requirements)
    ]
    return "\n".join((*wording.plain_steps(texts), f"   {wording.noticed(findings)}"))


def _texts(
    causes: Sequence[str], subject: Subject, experience: Experience, requirements: Sequence[Requirement]
) -> list[tuple[str, Step, StepText]]:
    """(cause id, step, its text), the wait last."""
    walk: dict[str, tuple[str, Step]] = {}
    for cause_id, step in (*steps_for(causes, requirements), ("", WAIT_STEP)):
        walk.setdefault(step.id, (cause_id, step))
    return [(cause_id, step, step.text(subject, experience)) for cause_id, step in walk.values()]
