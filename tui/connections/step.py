"""One thing that the operator does in Salesforce, for both experiences, with a test where there is one."""

from collections.abc import Callable

from msgspec import Struct

from tui.connections.connection import Connection, Experience, Org
from tui.connections.evidence import Evidence

WAIT = "wait"
"""The id of the last step of every walkthrough: wait for Incydr."""


class StepText(Struct, frozen=True):
    """A step as it reads in one experience.

    `breadcrumb` is the way through Setup, `link` a whole https URL on the org's My Domain, or None.
    """

    lines: tuple[str, ...]
    breadcrumb: str = ""
    link: str | None = None


class Subject(Struct, frozen=True):
    """What a step's text is about: this connection in this org, as the newest evidence shows it."""

    connection: Connection
    org: Org
    evidence: Evidence | None = None


class Step(Struct, frozen=True):
    """`test` answers from the evidence: done, not yet, or None where it cannot be told."""

    id: str
    title: str
    text: Callable[[Subject, Experience], StepText]
    test: Callable[[Evidence], bool | None] | None = None
    still: str = ""
    """What Salesforce says while the test is not met: "still frozen"."""
