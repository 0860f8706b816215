"""diagnose(): from evidence to everything that is shown about causes, once a reading."""

from functools import lru_cache

from msgspec.structs import replace

from tui.causes.registry import CAUSES
from tui.connections.connection import Connection, Org, Requirements
from tui.connections.evidence import Evidence, Part, SignIns, Unreadable, value_of
from tui.connections.finding import (
    Diagnosis,
    Fact,
    Finding,
    Offer,
    Past,
    PermissionLine,
    Source,
    Undetermined,
)
from tui.connections.recovery import advance
from tui.connections.signs_of_life import by_incydr
from tui.connections.state import State
from tui.connections.step import Subject
from tui.diagnosis import early_warnings
from tui.diagnosis.doubts import doubts
from tui.diagnosis.evidence_signs import evidence_signs
from tui.diagnosis.offers import offer_for, restraint_of
from tui.rules import effective_permissions, lost_permissions, refused_sign_ins
from tui.rules.required_permissions import REQUIREMENTS

# Thousands of accounts hold the same by the same grants: one value stands for all of them.
_line = lru_cache(4096)(PermissionLine)
_source = lru_cache(4096)(Source)


def diagnose(
    connection: Connection,
    evidence: Evidence,
    requirements: Requirements = REQUIREMENTS,
    org: Org | None = None,
) -> Diagnosis:
    """Every cause that is present, undetermined or past, in the order of repair, and all that is shown about them.

    Without `org` nothing is offered: whether the program may change it is not known. Where another org answers, or
    another user has the account's name, nothing that it says counts.
    """
    if (nothing := _of_another(connection, evidence)) is not None:
        return nothing
    findings: list[Finding] = []
    undetermined: list[Undetermined] = []
    warnings: list[Fact] = []
    past: list[Past] = []
    for cause in CAUSES:
        verdict = cause.examine(connection, evidence, requirements)
        if isinstance(verdict, Finding):
            findings.append(replace(verdict, restraint=restraint_of(verdict, evidence)))
        elif verdict is not None:
            undetermined.append(verdict)
        # What is not checked now must not hide what the audit trail shows of it.
        if verdict is None or (isinstance(verdict, Undetermined) and not verdict.blocks):
            was = cause.past(connection, evidence, requirements)
            past.extend([was] if was is not None else [])
        warnings.extend(cause.warn(connection, evidence, requirements))
    warnings.extend(refused_sign_ins.warnings(connection, evidence))
    warnings.extend(early_warnings.warnings(connection, evidence, requirements))
    permissions = permission_lines(evidence, requirements)
    newest = _newest_sign_in(connection, evidence)
    found, open_questions = tuple(findings), tuple(undetermined)
    return Diagnosis(
        found,
        open_questions,
        tuple(warnings),
        tuple(past),
        refusal=refused_sign_ins.refusal(connection, evidence),
        doubts=() if found else doubts(evidence, requirements),
        permissions=permissions,
        offers=_offers(connection, evidence, found, org),
        signs=evidence_signs(connection, evidence, found, open_questions, permissions, newest),
        last_sign_in=newest,
        quota_presses=early_warnings.quota_presses(evidence, found),
    )


def first_state(
    connection: Connection, evidence: Evidence, requirements: Requirements = REQUIREMENTS
) -> State:
    """The state after one reading of which nothing is remembered and after which nothing is offered."""
    return advance(connection, None, evidence, diagnose(connection, evidence, requirements))


def _of_another(connection: Connection, evidence: Evidence) -> Diagnosis | None:
    """Where another org answers, or another user has the account's name: that nothing can be said."""
    if other := another_org(connection, evidence):
        reason = f"another org answered ({other})"
        return replace(_nothing(reason, "Compare org_id in the configuration with the org."), other_org=other)
    if other := _another_user(connection, evidence):
        reason = f"another user has this username now ({other})"
        return replace(
            _nothing(reason, "Compare user_id in the configuration with the user."), other_user=other
        )
    return None


def another_org(connection: Connection, evidence: Evidence) -> str:
    """The Id of the org that answered, where it is not the pinned one; else nothing."""
    org = value_of(evidence.org)
    if connection.org_id is None or org is None or org.id[:15] == connection.org_id[:15]:
        return ""
    return org.id


def _another_user(connection: Connection, evidence: Evidence) -> str:
    user = value_of(evidence.user)
    if connection.user_id is None or user is None or user.id[:15] == connection.user_id[:15]:
        return ""
    return user.id


def _nothing(reason: str, next_step: str) -> Diagnosis:
    return Diagnosis(
        undetermined=tuple(Undetermined(cause.id, Part.ORG, reason, next_step) for cause in CAUSES)
    )


def _newest_sign_in(connection: Connection, evidence: Evidence) -> SignIns | None:
    history = value_of(evidence.sign_ins)
    mine = [row for row in history.window if by_incydr(connection, row)] if history is not None else []
    return max(mine, key=lambda row: row.last, default=None)


def _offers(
    connection: Connection, evidence: Evidence, findings: tuple[Finding, ...], org: Org | None
) -> tuple[Offer, ...]:
    if org is None:
        return ()
    subject = Subject(connection, org, evidence)
    return tuple(offer_for(finding, subject) for finding in findings)


def permission_lines(evidence: Evidence, requirements: Requirements) -> tuple[PermissionLine, ...]:
    """A line for each requirement, in their order; none where there is no user, or his grants could not be read."""
    held = effective_permissions.of_account(evidence, requirements)
    if isinstance(held, Unreadable) or value_of(evidence.user) is None:
        return ()
    return tuple(
        _line(
            each.requirement,
            each.held,
            _sources(evidence, each.requirement.name),
            lost_permissions.lost(evidence, each.requirement) if each.held is False else None,
            each.reason,
            each.counted,
        )
        for each in held
    )


def _sources(evidence: Evidence, name: str) -> tuple[Source, ...]:
    grants = value_of(evidence.grants) or ()
    return tuple(
        _source(grant.kind, grant.name, how, grant.expires)
        for grant in grants
        if (how := effective_permissions.how(evidence, grant, name)) is not None
    )
