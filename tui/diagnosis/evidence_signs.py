"""The sign of each row of the evidence: the same decision as the findings, so that the two never disagree."""

from tui.base.limits import SIGN_INS_PER_HOUR, STREAMS
from tui.causes.registry import row_of
from tui.connections.connection import Connection, Need
from tui.connections.evidence import Evidence, SignIns, Unreadable, value_of
from tui.connections.finding import EvidenceRow, Finding, PermissionLine, Sign, Undetermined, nearly
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
    """A sign for each EvidenceRow; a row that shows a finding is always bad."""
    signs: dict[str, Sign] = {
        EvidenceRow.USER: _user(evidence),
        EvidenceRow.FREEZE: _freeze(evidence),
        EvidenceRow.HOUR: _hour(evidence),
        EvidenceRow.INCYDR: _incydr(connection, evidence, newest),
        EvidenceRow.PERMISSIONS: _permissions(evidence, permissions),
        EvidenceRow.STREAMING: _streaming(evidence),
        EvidenceRow.TOKENS: _tokens(connection, evidence),
        EvidenceRow.EVENTS: _events(evidence),
        EvidenceRow.CONSOLE: _console(evidence),
        EvidenceRow.RIGHTS: Sign.WARNING if is_service_account(connection, evidence) else Sign.INFO,
        EvidenceRow.BUDGET: Sign.WARNING if nearly(evidence.api_used, evidence.api_limit) else Sign.INFO,
    }
    open_rows = {row_of(each) for each in undetermined}
    if signs[EvidenceRow.PERMISSIONS] is Sign.GOOD and EvidenceRow.PERMISSIONS in open_rows:
        signs[EvidenceRow.PERMISSIONS] = Sign.UNREAD
    return signs | {row: Sign.BAD for finding in findings if (row := row_of(finding)) is not None}


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
