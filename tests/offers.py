"""What the program would offer for one finding, as the diagnosis decides it."""

from msgspec.structs import replace

from tui.connections.evidence import Evidence
from tui.connections.finding import Finding
from tui.connections.repair import NoRepair, Repair
from tui.connections.step import Subject
from tui.diagnosis.offers import offer_for, restraint_of


def repair_for(finding: Finding, subject: Subject) -> Repair | NoRepair:
    return offer_for(restrained(finding, subject.evidence), subject).repair


def alternative_for(finding: Finding, subject: Subject) -> Repair | None:
    return offer_for(restrained(finding, subject.evidence), subject).alternative


def restrained(finding: Finding, evidence: Evidence | None) -> Finding:
    """The finding with who is asked first."""
    return finding if evidence is None else replace(finding, restraint=restraint_of(finding, evidence))
