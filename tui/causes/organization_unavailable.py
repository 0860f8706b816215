"""The whole org is closed, suspended, inactive or past its trial: nobody can sign in.

The newest sign-in of any client decides: one that went through since shows that the org is there again.
"""

from msgspec.structs import replace

from tui.causes.cause import Cause, Verdict
from tui.connections.connection import Connection, Experience, Requirements
from tui.connections.evidence import Evidence, Part, Read, SignIns, Unreadable
from tui.connections.finding import ANY_PROOF, EvidenceRow, Fact, Finding, Kind
from tui.connections.repair import NoRepair
from tui.connections.signs_of_life import succeeded
from tui.connections.step import Step, StepText, Subject
from tui.rules import sign_ins
from tui.rules.login_texts import Reason, meaning


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if isinstance(evidence.user, Read) and evidence.user.value is None:
        return None
    history = sign_ins.readable(evidence)
    if isinstance(history, Unreadable):
        return CAUSE.undetermined(Part.SIGN_INS, history)
    row = max((*history.window, *history.hour), key=lambda each: each.last, default=None)
    if row is None or not _refused(row):
        return None
    finding = CAUSE.found(
        evidence,
        Part.SIGN_INS,
        latest=row.first,
        by_unknown="closed by Salesforce, or by the owner of the contract",
        facts=(Fact(f"Salesforce refuses every sign-in: {row.status.strip()}", row.last),),
    )
    return replace(finding, shown_at=row.last)


def _refused(row: SignIns) -> bool:
    return not succeeded(row) and meaning(row.status).reason is Reason.ORG_CLOSED


def _ask(subject: Subject, experience: Experience) -> StepText:
    return StepText(
        (
            "Try to sign in to Salesforce yourself. Nobody can while the org is closed.",
            "Ask the owner of the contract with Salesforce, or Salesforce support, to open the org again.",
            "When people can sign in again, Incydr can too. If it does not, authorise the connection again.",
        )
    )


def _repair(finding: Finding, subject: Subject) -> NoRepair:
    return NoRepair(CAUSE.id, "Only Salesforce, or the owner of the contract, can open an org again.")


CAUSE = Cause(
    id="organization_unavailable",
    title="The Salesforce org is not available",
    absent="the org accepts sign-ins",
    kind=Kind.ACTION,
    message=None,
    row=EvidenceRow.ORG,
    proofs=ANY_PROOF,
    examine=_examine,
    steps=(Step("open_org", "Have the org opened again", _ask),),
    repair=_repair,
    delay=None,
)
