"""The sign of each row of the evidence: the same decision as the findings, so that the two never disagree."""

from tui.base.limits import SIGN_INS_PER_HOUR, STREAMS
from tui.causes.registry import cause
from tui.connections.connection import Connection, Need
from tui.connections.evidence import Evidence, SignIns, Unreadable, value_of
from tui.connections.finding import Finding, PermissionLine, Sign, Undetermined, nearly
from tui.connections.signs_of_life import succeeded
from tui.diagnosis.offers import is_service_account


def evidence_signs(
    connection: Connection,
    evidence: Evidence,
    findings: tuple[Finding, ...],
    undetermined: tuple[Undetermined, ...],
    permissions: tuple[PermissionLine, ...],
    newest: SignIns | None,
) -> dict[str, Sign]:
    """A sign for each row by its name; a row that shows a finding is always bad."""
    signs = {
        "user": _user(evidence),
        "freeze": _freeze(evidence),
        "hour": _hour(evidence),
        "incydr": _incydr(connection, evidence, newest),
        "permissions": _permissions(evidence, permissions),
        "streaming": _streaming(evidence),
        "tokens": _tokens(connection, evidence),
        "events": _events(evidence),
        "console": _console(evidence),
        "rights": Sign.WARNING if is_service_account(connection, evidence) else Sign.INFO,
        "budget": Sign.WARNING if nearly(evidence.api_used, evidence.api_limit) else Sign.INFO,
    }
    if signs["permissions"] is Sign.GOOD and any(
        each.cause == "permissions_missing" for each in undetermined
    ):
        signs["permissions"] = Sign.UNREAD
    for finding in findings:
        signs[_row_of(finding)] = Sign.BAD
    return signs


def _row_of(finding: Finding) -> str:
    row = cause(finding.cause).row
    return "incydr" if row == "tokens" and finding.part == "sign_ins" else row


def _user(evidence: Evidence) -> Sign:
    if isinstance(evidence.user, Unreadable):
        return Sign.UNREAD
    return Sign.GOOD if evidence.user.value is not None and evidence.user.value.is_active else Sign.BAD


def _nobody(evidence: Evidence) -> bool:
    """Whether there is no user whom the row could be about."""
    return not isinstance(evidence.user, Unreadable) and evidence.user.value is None


def _freeze(evidence: Evidence) -> Sign:
    if isinstance(evidence.freeze, Unreadable):
        return Sign.UNREAD
    if _nobody(evidence):
        return Sign.INFO
    login = evidence.freeze.value
    if login is not None and login.is_frozen:
        return Sign.BAD
    return Sign.WARNING if login is not None and login.is_password_locked else Sign.GOOD


def _hour(evidence: Evidence) -> Sign:
    if isinstance(evidence.sign_ins, Unreadable):
        return Sign.UNREAD
    if _nobody(evidence):
        return Sign.INFO
    total = sum(row.count for row in evidence.sign_ins.value.hour)
    return Sign.WARNING if nearly(total, SIGN_INS_PER_HOUR) else Sign.GOOD


def _incydr(connection: Connection, evidence: Evidence, newest: SignIns | None) -> Sign:
    if isinstance(evidence.sign_ins, Unreadable) or connection.incydr_app is None:
        return Sign.UNREAD
    if _nobody(evidence):
        return Sign.INFO
    if newest is None:
        return Sign.WARNING
    return Sign.GOOD if succeeded(newest) else Sign.BAD


def _permissions(evidence: Evidence, permissions: tuple[PermissionLine, ...]) -> Sign:
    if isinstance(evidence.grants, Unreadable):
        return Sign.UNREAD
    if _nobody(evidence):
        return Sign.INFO
    needed = [line for line in permissions if line.requirement.need is Need.BLOCKS]
    if any(line.held is False for line in needed):
        return Sign.BAD
    return Sign.GOOD if needed and all(line.held for line in needed) else Sign.UNREAD


def _streaming(evidence: Evidence) -> Sign:
    streams = value_of(evidence.streams)
    if streams is None:
        return Sign.UNREAD
    there = [stream for stream in streams if stream.entity in STREAMS]
    return Sign.GOOD if there and all(stream.enabled for stream in there) else Sign.WARNING


def _tokens(connection: Connection, evidence: Evidence) -> Sign:
    tokens = value_of(evidence.tokens)
    if tokens is None:
        return Sign.UNREAD
    return Sign.INFO if any(token.app == connection.incydr_app for token in tokens) else Sign.WARNING


def _events(evidence: Evidence) -> Sign:
    if isinstance(evidence.events, Unreadable):
        return Sign.UNREAD
    return (
        Sign.GOOD if evidence.events is not None and evidence.events.value.newest is not None else Sign.INFO
    )


def _console(evidence: Evidence) -> Sign:
    if isinstance(evidence.console, Unreadable):
        return Sign.UNREAD
    said = evidence.console.value.status.casefold() if evidence.console is not None else ""
    return {"monitoring": Sign.GOOD, "error": Sign.BAD}.get(said, Sign.INFO)
