"""diagnose(): one evidence held against every cause."""

from tui.causes import early
from tui.causes.cause import Requirements
from tui.causes.registry import CAUSES
from tui.causes.requirements import REQUIREMENTS
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence
from tui.connections.finding import Diagnosis, Fact, Finding, Past, Undetermined


def diagnose(
    connection: Connection, evidence: Evidence, requirements: Requirements = REQUIREMENTS
) -> Diagnosis:
    """Every cause that is present, undetermined or past, in the order of repair, and what is worth a warning."""
    findings: list[Finding] = []
    undetermined: list[Undetermined] = []
    warnings: list[Fact] = []
    past: list[Past] = []
    for cause in CAUSES:
        verdict = cause.examine(connection, evidence, requirements)
        if isinstance(verdict, Finding):
            findings.append(verdict)
        elif verdict is not None:
            undetermined.append(verdict)
        elif (was := cause.past(connection, evidence, requirements)) is not None:
            past.append(was)
        warnings.extend(cause.warn(connection, evidence, requirements))
    warnings.extend(early.warnings(connection, evidence, requirements))
    return Diagnosis(tuple(findings), tuple(undetermined), tuple(warnings), tuple(past))
