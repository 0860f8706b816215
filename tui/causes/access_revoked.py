"""Incydr's app has no access any more: its tokens for the service account are gone or refused.

Salesforce keeps five approvals of one user and app; a sixth revokes the oldest. Authorising again is a sign-in
by the service account itself: no administrator, and no program of his, can do it for him.
"""

from msgspec.structs import replace

from tui.base import vendor_pages
from tui.base.limits import Mark
from tui.causes.cause import Cause, Verdict
from tui.connections.connection import Connection, Experience, Requirements
from tui.connections.evidence import AuditRow, Evidence, Part, Read, Token, Unreadable, value_of
from tui.connections.finding import ANY_PROOF, EvidenceRow, Fact, Finding, Kind, Past
from tui.connections.repair import NoRepair
from tui.connections.step import FILL, Press, Sketch, Step, StepText, Subject
from tui.rules import audit, refused_sign_ins, sign_in_changes, sign_ins
from tui.rules.login_texts import Explains, Reason
from tui.rules.refused_sign_ins import Refused
from tui.rules.shared_steps import SETUP


def _examine(connection: Connection, evidence: Evidence, requirements: Requirements) -> Verdict:
    if isinstance(evidence.user, Unreadable):
        return CAUSE.undetermined(Part.USER, evidence.user)
    if evidence.user.value is None or not evidence.user.value.is_active:
        return None
    history = sign_ins.readable(evidence)
    if isinstance(history, Unreadable):
        return CAUSE.undetermined(Part.SIGN_INS, history)
    tokens = _tokens(connection, evidence)
    found = refused_sign_ins.newest(connection, evidence)
    if found is not None and found.meaning.reason is Reason.NO_ACCESS:
        if _given_back(connection, evidence, found, tokens):
            return None
        app = found.row.application
        row = sign_in_changes.began(connection, evidence, Explains.APP, app, found.since)
        return replace(_found(evidence, found.fact, row), part=Part.SIGN_INS, since=found.since)
    if not isinstance(tokens, Read):
        return CAUSE.undetermined(Part.TOKENS, tokens)
    if tokens.value or sign_ins.incydr_after(connection, evidence, tokens.at) is not None:
        return None
    if all(row.application != connection.incydr_app for row in history.window):
        never = f"no token of {connection.incydr_app}, and no sign-in by it"
        return CAUSE.undetermined(
            Part.TOKENS, Unreadable(never, "Compare incydr_app with the login history.")
        )
    fact = Fact(f"no token of {connection.incydr_app} for this user", tokens.at)
    row = sign_in_changes.stopped(connection, evidence, connection.incydr_app or "")
    return replace(_found(evidence, fact, row), seen_at=tokens.at)


def _given_back(
    connection: Connection, evidence: Evidence, found: Refused, tokens: Read[tuple[Token, ...]] | Unreadable
) -> bool:
    """Whether a token is younger than the refusal, or a row lets the app in again."""
    if any(t.created is not None and t.created > found.row.last for t in value_of(tokens) or ()):
        return True
    app = found.row.application
    return sign_in_changes.ended(connection, evidence, Explains.APP, app, found.row.last) is not None


def _found(evidence: Evidence, fact: Fact, row: AuditRow | None) -> Finding:
    by = audit.actor(row) if row is not None else None
    since = row.at if row is not None else None
    why = audit.why_nobody(evidence, None)
    if audit.readable(evidence):
        why = audit.nobody("the audit trail has no row when only a token is revoked")
    return CAUSE.found(evidence, Part.TOKENS, since=since, by=by, by_unknown=why, facts=(fact,))


def _past(connection: Connection, evidence: Evidence, requirements: Requirements) -> Past | None:
    """A refusal that a row of the audit trail ended."""
    found = refused_sign_ins.newest(connection, evidence)
    if found is None or found.meaning.reason is not Reason.NO_ACCESS:
        return None
    app = found.row.application
    row = sign_in_changes.ended(connection, evidence, Explains.APP, app, found.row.last)
    if row is None:
        return None
    finding = replace(_found(evidence, found.fact, None), since=found.since)
    return Past(finding, audit.someone(row))


def _tokens(connection: Connection, evidence: Evidence) -> Read[tuple[Token, ...]] | Unreadable:
    """The tokens of Incydr's app."""
    if connection.incydr_app is None:
        return Unreadable("Incydr's app is not configured", "Set incydr_app for this connection.")
    part = evidence.tokens
    if not isinstance(part, Read):
        return part or Unreadable("not read yet")
    return Read(tuple(token for token in part.value if token.app == connection.incydr_app), part.at)


# inferred: connected_apps_page - also which permission an app that is not installed asks for.
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
            "Without installing, give the service account a permission for a short time: "
            "Approve Uninstalled Connected Apps.",
        ),
        place,
        sketch=Sketch(
            "Connected Apps OAuth Usage",
            (("…",), (app, " … ", FILL, Press("Unblock"), " or ", Press("Install")), ("…",)),
            f"in the row of {app} press Unblock, or Install",
            mark=Mark.INFERRED,
        ),
    )


def _authorise(subject: Subject, experience: Experience) -> StepText:
    return StepText(
        (
            f"In the browser, sign in to Salesforce as {subject.account}, not as yourself.",
            "In the same browser open the Incydr console: Administration › Integrations › Data Connections.",
            f"Open {subject.connection.name} and authorise it again. Do not deauthorise it first.",
            f"Salesforce shows for which user you allow access. It must be {subject.account}.",
        ),
        "Incydr console › Administration › Integrations › Data Connections",
        sketch=Sketch(
            "Incydr console, Data Connections",
            (
                ("Service  Service type  Display name  Status",),
                ("…  …  ", Press(subject.connection.name), "  …"),
                ("…",),
            ),
            f"open {subject.connection.name}, then authorise it again",
        ),
    )


def _take_back(subject: Subject, experience: Experience) -> StepText:
    return StepText(
        (
            "Did you give the service account Approve Uninstalled Connected Apps? Remove it now.",
            "Sign out of Salesforce as the service account.",
        )
    )


def _repair(finding: Finding, subject: Subject) -> NoRepair:
    account = subject.connection.service_account
    return NoRepair(
        CAUSE.id, f"Only a sign-in as {account} authorises Incydr's app again. The walkthrough says how."
    )


CAUSE = Cause(
    id="access_revoked",
    title="Incydr's access to Salesforce was revoked",
    absent="Incydr's app has access",
    kind=Kind.ACTION,
    message=None,
    row=EvidenceRow.TOKENS,
    proofs=ANY_PROOF,
    examine=_examine,
    steps=(
        SETUP,
        Step("allow_app", "Allow Incydr's app", _allow_app, docs=vendor_pages.SET_UP),
        Step("authorise", "Authorise as the service account", _authorise, docs=vendor_pages.SET_UP),
        Step("take_back", "Remove the temporary permission", _take_back, docs=vendor_pages.SET_UP),
    ),
    repair=_repair,
    delay=None,
    blocks=False,
    past=_past,
)
