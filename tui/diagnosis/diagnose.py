"""diagnose(): one evidence held against every cause."""

from tui.causes.registry import CAUSES
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence
from tui.connections.finding import Diagnosis, Fact, Finding, Past, Undetermined
from tui.connections.requirements import Requirements
from tui.diagnosis import early_warnings
from tui.rules.required_permissions import REQUIREMENTS


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
        # What is not checked now must not hide what the audit trail shows of it.
        if verdict is None or (isinstance(verdict, Undetermined) and not verdict.blocks):
            was = cause.past(connection, evidence, requirements)
            past.extend([was] if was is not None else [])
        warnings.extend(cause.warn(connection, evidence, requirements))
    warnings.extend(early_warnings.warnings(connection, evidence, requirements))
    return Diagnosis(tuple(findings), tuple(undetermined), tuple(warnings), tuple(past))
