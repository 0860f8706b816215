"""The service account does not exist in the org."""

from tui.base import vendor_pages
from tui.causes.cause import Cause, Verdict
from tui.connections.connection import Connection, Experience, Requirements
from tui.connections.evidence import AuditRow, Evidence, Part, Unreadable
from tui.connections.finding import ANY_PROOF, EvidenceRow, Fact, Finding, Kind
from tui.connections.places import users
from tui.connections.repair import NoRepair
from tui.connections.step import Step, StepText, Subject
from tui.rules import audit
from tui.rules.audit_actions import Topic
from tui.rules.audit_names import about
from tui.rules.comparison import Comparison
from tui.rules.shared_steps import FIND_USER, SETUP


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if isinstance(evidence.user, Unreadable):
        return CAUSE.undetermined(Part.USER, evidence.user)
    if evidence.user.value is not None:
        return None
    fact = Fact(f"no user {connection.service_account} in this org", evidence.user.at)
    row = _renamed(connection, evidence)
    if row is None:
        return CAUSE.found(
            evidence, Part.USER, by_unknown=audit.nobody("a missing user leaves no audit row"), facts=(fact,)
        )
    trail = Fact(f"the audit trail says: {row.display}", row.at)
    return CAUSE.found(evidence, Part.USER, since=row.at, by=audit.actor(row), facts=(fact, trail))


def _renamed(connection: Connection, evidence: Evidence) -> AuditRow | None:
    """The newest row by which the account's username became another one."""
    rows = audit.rows(evidence, Topic.RENAMED)
    return next((row for row in rows if about(row, [connection.service_account])), None)


def _warn(connection: Connection, evidence: Evidence, requirements: Requirements) -> tuple[Fact, ...]:
    if isinstance(evidence.user, Unreadable) or (user := evidence.user.value) is None:
        return ()
    if user.username.casefold() == connection.service_account.casefold():
        return ()
    row = _renamed(connection, evidence)
    by = audit.actor(row) if row is not None else None
    renamed = f"the service account {connection.service_account} is now called {user.username}"
    if by is not None:
        renamed += f", renamed by {by.name}"
    return (Fact(f"{renamed}: change service_account in the configuration"),)


def _differences(both: Comparison) -> tuple[Fact, ...]:
    if isinstance(both.before.user, Unreadable) or isinstance(both.after.user, Unreadable):
        return ()
    old, new = both.before.user.value, both.after.user.value
    if (old is None) is (new is None):
        return ()
    return (Fact("the user is gone" if new is None else "the user is there again"),)


def _check(subject: Subject, experience: Experience) -> StepText:
    return StepText(
        (
            f"Salesforce does not know {subject.account}.",
            "Was it renamed? Correct service_account in the configuration.",
            "Is this another org, such as a refreshed sandbox? Correct the org in the configuration.",
            "Is it gone? Authorise the connection again in the Incydr console, with another service account.",
        ),
        link=users(subject.org.my_domain, experience),
    )


def _exists(evidence: Evidence) -> bool | None:
    return None if isinstance(evidence.user, Unreadable) else evidence.user.value is not None


def _repair(finding: Finding, subject: Subject) -> NoRepair:
    return NoRepair(CAUSE.id, "A missing service account needs a decision: remonitor creates no users.")


CAUSE = Cause(
    id="service_account_missing",
    title="The service account does not exist",
    absent="the user is there",
    done="The username was changed",
    kind=Kind.ACTION,
    message=None,
    row=EvidenceRow.USER,
    proofs=ANY_PROOF,
    examine=_examine,
    steps=(
        SETUP,
        FIND_USER,
        Step(
            "replace_user",
            "Find out why the user is gone",
            _check,
            _exists,
            "no such user",
            vendor_pages.SET_UP,
            denied="Salesforce still shows no such user",
        ),
    ),
    repair=_repair,
    delay=None,
    warn=_warn,
    differences=_differences,
)
