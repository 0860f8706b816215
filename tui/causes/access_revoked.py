"""Incydr's app has no access any more: its tokens for the service account are gone or refused.

Salesforce keeps five approvals of one user and app; a sixth revokes the oldest. Authorising again is a sign-in
by the service account itself: no administrator, and no program of his, can do it for him.
"""

from msgspec.structs import replace

from tui.causes.cause import Cause, Verdict
from tui.connections.connection import Connection, Experience
from tui.connections.evidence import Evidence, Read, Token, Unreadable, value_of
from tui.connections.finding import ANY_PROOF, Fact, Finding, Kind, Undetermined
from tui.connections.repair import NoRepair
from tui.connections.requirements import Requirements
from tui.connections.step import Step, StepText, Subject
from tui.rules import refused_sign_ins, sign_ins
from tui.rules.shared_steps import SETUP


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if isinstance(evidence.user, Unreadable):
        return _not_checked("user", evidence.user)
    if evidence.user.value is None or not evidence.user.value.is_active:
        return None
    history = sign_ins.readable(evidence)
    if isinstance(history, Unreadable):
        return _not_checked("sign_ins", history)
    tokens = _tokens(connection, evidence)
    found = refused_sign_ins.newest(connection, evidence)
    if found is not None and found.meaning.cause == CAUSE.id:
        fresh = [t for t in value_of(tokens) or () if t.created is not None and t.created > found.row.last]
        if not fresh:
            return replace(_found(evidence, found.fact), part="sign_ins", since=found.since)
        return None
    if not isinstance(tokens, Read):
        return _not_checked("tokens", tokens)
    if tokens.value or sign_ins.incydr_after(connection, evidence, tokens.at) is not None:
        return None
    if all(row.application != connection.incydr_app for row in history.window):
        never = f"no token of {connection.incydr_app}, and no sign-in by it either"
        return _not_checked("tokens", Unreadable(never, "Compare incydr_app with the login history."))
    fact = Fact(f"no token of {connection.incydr_app} for this user", tokens.at)
    return replace(_found(evidence, fact), seen_at=tokens.at)


def _found(evidence: Evidence, fact: Fact) -> Finding:
    return CAUSE.found(
        evidence, "tokens", by_unknown="no documented row of the audit trail says so", facts=(fact,)
    )


def _tokens(connection: Connection, evidence: Evidence) -> Read[tuple[Token, ...]] | Unreadable:
    """The tokens of Incydr's app."""
    if connection.incydr_app is None:
        return Unreadable("Incydr's app is not configured", "Set incydr_app for this connection.")
    part = evidence.tokens
    if not isinstance(part, Read):
        return part or Unreadable("not read yet")
    return Read(tuple(token for token in part.value if token.app == connection.incydr_app), part.at)


def _not_checked(part: str, why: Unreadable) -> Undetermined:
    return replace(CAUSE.undetermined(part, why), blocks=False)


# Inferred: where Setup keeps this page, and which permission an app that is not installed asks for.
def _allow_app(subject: Subject, experience: Experience) -> StepText:
    lightning = experience is Experience.LIGHTNING
    app = subject.connection.incydr_app or "Incydr's app"
    place = (
        "Setup › Platform Tools › Apps › Connected Apps › Connected Apps OAuth Usage"
        if lightning
        else "Setup › Administer › Manage Apps › Connected Apps OAuth Usage"
    )
    return StepText(
        (
            f"Open Connected Apps OAuth Usage and find {app}.",
            "Is it blocked? Press Unblock. Is it not installed? Press Install.",
            "Without installing, the service account needs a permission for uninstalled apps for a moment: "
            "Approve Uninstalled Connected Apps.",
        ),
        place,
    )


def _authorise(subject: Subject, experience: Experience) -> StepText:
    account = subject.connection.service_account
    return StepText(
        (
            f"In the browser, sign in to Salesforce as the service account {account}, not as yourself.",
            "In the same browser open the Incydr console: Administration › Integrations › Data Connections.",
            f"Open {subject.connection.name} and authorise it again; do not deauthorise it first.",
            f"Salesforce shows for whom you allow access: it must be {account}.",
        ),
        "Incydr console › Administration › Integrations › Data Connections",
    )


def _take_back(subject: Subject, experience: Experience) -> StepText:
    return StepText(
        (
            "Did you give the service account a permission for uninstalled apps? Take it back now.",
            "Sign out of Salesforce as the service account.",
        )
    )


def _repair(finding: Finding, subject: Subject) -> NoRepair:
    account = subject.connection.service_account
    return NoRepair(
        CAUSE.id, f"Only a sign-in as {account} authorises Incydr's app again: the walkthrough says how."
    )


CAUSE = Cause(
    id="access_revoked",
    title="Incydr's access to Salesforce was revoked",
    kind=Kind.ACTION,
    message=None,
    proofs=ANY_PROOF,
    examine=_examine,
    steps=(
        SETUP,
        Step("allow_app", "Allow Incydr's app", _allow_app),
        Step("authorise", "Authorise as the service account", _authorise),
        Step("take_back", "Take back what was for a moment", _take_back),
    ),
    repair=_repair,
    delay=None,
)
