"""Rows of an answer, made from readings by the program's own rules."""

from typing import Any

from msgspec.structs import replace

from tests.stories import CONNECTION, at, finding, reading, sick
from tui.connections.finding import Actor, Ask, Finding, Restraint
from tui.connections.recovery import advance
from tui.connections.state import State
from tui.console.watcher import rows_of
from tui.diagnosis.diagnose import diagnose
from tui.reports.checked import Checked
from tui.wording import Times

JANE = Actor("Jane Doe", "jane@acme.example", at(-20))
FROZEN = finding(
    "user_frozen",
    0,
    -20,
    title="The service account is frozen",
    by=JANE,
    restraint=Restraint(JANE.name, Ask.INCIDENT),
)
RATE = finding("login_rate_exceeded", 0, -5, title="Too many sign-ins within the hour")


def state(name: str, *findings: Finding, org: str = "acme", **parts: Any) -> State:
    """A connection as a first reading shows it."""
    connection = replace(CONNECTION, name=name, org=org)
    evidence = reading(0, **parts)
    return advance(
        connection, None, evidence, sick(*findings) if findings else diagnose(connection, evidence)
    )


def row(name: str, *findings: Finding, org: str = "acme", **parts: Any) -> Checked:
    return rows_of([state(name, *findings, org=org, **parts)])[0]


def times(minute: float = 0) -> Times:
    """At that minute of the story, in UTC."""
    return Times(at(0).tzinfo, at(minute))
