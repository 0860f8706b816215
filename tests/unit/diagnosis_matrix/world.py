"""What one world of the matrix is: evidence as data, and what an expert says of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.evidence import NOW, connection, evidence
from tui import wording
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence
from tui.connections.finding import Diagnosis
from tui.connections.recovery import advance
from tui.connections.state import State
from tui.diagnosis.diagnose import diagnose


@dataclass(frozen=True)
class World:
    """`parts` replace what is healthy; the rest is what is expected of the first reading.

    `who` is the first finding's actor, or why nobody is named; `open` are the causes that could not be decided and
    block; `headline` is what the screen says, to the letter. Empty expectations other than `findings` and `open`
    are not compared.
    """

    name: str
    parts: Mapping[str, Any]
    findings: tuple[str, ...] = ()
    who: str = ""
    since: datetime | None = None
    headline: str = ""
    open: tuple[str, ...] = ()
    status: str = ""
    warns: str = ""
    probably: bool = False
    automation: bool = False
    connection: Mapping[str, Any] = field(default_factory=dict)

    @property
    def evidence(self) -> Evidence:
        return evidence(**self.parts)

    @property
    def about(self) -> Connection:
        return connection(**self.connection)

    @property
    def diagnosis(self) -> Diagnosis:
        return diagnose(self.about, self.evidence)

    @property
    def state(self) -> State:
        return advance(self.about, None, self.evidence, self.diagnosis)

    @property
    def told(self) -> str:
        findings = self.diagnosis.findings
        asked = wording.ask_first(findings[0]) if findings else None
        line = wording.headline(self.state, wording.Times(UTC, NOW))
        return f"{line} · ask {asked} first" if asked else line
