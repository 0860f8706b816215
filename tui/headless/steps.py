"""`steps`: the walkthrough as plain numbered lines, for screen readers and dumb terminals."""

from collections.abc import Sequence

from msgspec.structs import replace

from tui import wording
from tui.causes.registry import CAUSES, WAIT_STEP, steps_for
from tui.connections.connection import Connection, Experience, Org, SignIn
from tui.connections.requirements import Requirement
from tui.connections.step import StepText, Subject

_ANY_ORG = Org(
    "any", "https://your-domain.my.salesforce.com", "your-domain.my.salesforce.com", SignIn("none")
)
_ANY_CONNECTION = Connection("your connection", "any", "the service account", "your connection")


def known_causes() -> tuple[str, ...]:
    return tuple(cause.id for cause in CAUSES)


def of_cause(cause: str, experience: Experience, requirements: Sequence[Requirement]) -> str:
    """The walkthrough of one cause, of nobody's org: without links."""
    subject = Subject(_ANY_CONNECTION, _ANY_ORG)
    texts = _texts([cause], subject, experience, requirements)
    return "\n".join(wording.plain_steps([(title, replace(text, link=None)) for title, text in texts]))


def of_connection(
    causes: Sequence[str],
    subject: Subject,
    experience: Experience | None,
    requirements: Sequence[Requirement],
) -> str:
    """The walkthrough of everything that was found with one connection."""
    chosen = experience or subject.org.experience
    return "\n".join(wording.plain_steps(_texts(causes, subject, chosen, requirements)))


def _texts(
    causes: Sequence[str], subject: Subject, experience: Experience, requirements: Sequence[Requirement]
) -> list[tuple[str, StepText]]:
    steps = {step.id: step for _, step in steps_for(causes, requirements)}
    steps[WAIT_STEP.id] = WAIT_STEP
    return [(step.title, step.text(subject, experience)) for step in steps.values()]
