"""Who is asked before something is undone: decided once for headline, steps, preview and headless alike."""

from tui.connections.evidence import Evidence, value_of
from tui.connections.finding import Ask, Finding, Kind, Restraint
from tui.rules.audit import EXPIRY, is_automation

_ASKS = {"user_frozen": Ask.INCIDENT, "user_deactivated": Ask.LEAVER}


def restraint_of(finding: Finding, evidence: Evidence) -> Restraint | None:
    """Another person or automation did it: a freeze is often an answer to an incident.

    Nobody is asked about what the operator did himself, also by Login-As, about an expiry, or about what clears by
    itself. Where no row names anybody, the record's own last author is asked.
    """
    if finding.kind is Kind.SELF_HEALING:
        return None
    ask = _ASKS.get(finding.cause, Ask.CHANGE)
    by = finding.by
    if by is not None and by.at is None and by.name == EXPIRY:
        return None
    if by is not None:
        if by.name == EXPIRY:
            return None
        person = by.delegate or by.username or by.name
        if _is_operator(person, evidence) and (by.delegate is not None or not by.automation):
            return None
        return Restraint(by.delegate or by.name, ask, by.automation and by.delegate is None)
    if finding.author is None or _is_operator_id(finding.author_id, evidence):
        return None
    return Restraint(finding.author, ask, is_automation(finding.author, None))


def _is_operator(person: str, evidence: Evidence) -> bool:
    rights = value_of(evidence.rights)
    return rights is not None and bool(person) and person.casefold() == rights.username.casefold()


def _is_operator_id(user_id: str | None, evidence: Evidence) -> bool:
    rights = value_of(evidence.rights)
    return rights is not None and user_id is not None and user_id[:15] == rights.user_id[:15]
