"""What changed between two readings, in words, for history and report. Pure."""

from tui.base.limits import HOUR
from tui.causes.registry import CAUSES
from tui.connections.connection import Requirements
from tui.connections.evidence import Evidence, Grant, GrantKind, value_of
from tui.connections.finding import Diagnosis, Fact
from tui.rules import effective_permissions
from tui.rules.comparison import Comparison
from tui.rules.required_permissions import REQUIREMENTS


def differences(
    before: Evidence, after: Evidence, diagnosis: Diagnosis, requirements: Requirements = REQUIREMENTS
) -> tuple[Fact, ...]:
    """Who changed what between the two, each with its time where it is known; oldest first.

    `diagnosis` is that of `after`. A part that one of the two could not read shows no difference.
    """
    both = Comparison(before, after, diagnosis, requirements)
    facts = (
        *_user(both),
        *(fact for cause in CAUSES for fact in cause.differences(both)),
        *_grants(both),
        *_tokens(both),
        *_refusals(both),
    )
    return tuple(sorted(facts, key=lambda fact: fact.at or after.org_now))


def _user(both: Comparison) -> tuple[Fact, ...]:
    old, new = value_of(both.before.user), value_of(both.after.user)
    if old is None or new is None:
        return ()
    facts = []
    if old.username != new.username:
        facts.append(Fact(f"the user {old.username} was renamed to {new.username}", new.last_modified))
    if old.profile_id != new.profile_id:
        profiles = f"{old.profile_name or old.profile_id} to {new.profile_name or new.profile_id}"
        facts.append(Fact(f"the user's profile changed from {profiles}"))
    return tuple(facts)


def _grants(both: Comparison) -> tuple[Fact, ...]:
    old, new = value_of(both.before.grants), value_of(both.after.grants)
    if old is None or new is None:
        return ()
    had = {grant.set_id: grant for grant in old if grant.kind != GrantKind.PROFILE}
    has = {grant.set_id: grant for grant in new if grant.kind != GrantKind.PROFILE}
    facts = [Fact(f"{_called(g)} is no longer assigned") for key, g in had.items() if key not in has]
    facts += [Fact(f"{_called(g)} was assigned") for key, g in has.items() if key not in had]
    for key, grant in has.items():
        if (
            key in had
            and effective_permissions.expired(grant, both.after)
            and not effective_permissions.expired(had[key], both.before)
        ):
            facts.append(Fact(f"the assignment of {grant.name} expired", grant.expires))
    return tuple(facts)


def _called(grant: Grant) -> str:
    return f"the permission set {'group ' if grant.kind == 'group' else ''}{grant.name}"


def _tokens(both: Comparison) -> tuple[Fact, ...]:
    old, new = value_of(both.before.tokens), value_of(both.after.tokens)
    if old is None or new is None:
        return ()
    facts = []
    for app in sorted({token.app for token in (*old, *new)}):
        had = {token.created for token in old if token.app == app}
        has = {token.created for token in new if token.app == app}
        facts += [Fact(f"{app} was authorised", created) for created in has - had]
        if had - has:
            facts.append(Fact(f"{app} lost {_approvals(len(had - has))}"))
    return tuple(facts)


def _approvals(count: int) -> str:
    return "an approval" if count == 1 else f"{count} approvals"


def _refusals(both: Comparison) -> tuple[Fact, ...]:
    """Refused sign-ins that are new: the first of each status; further ones within the hour are the same story."""
    old, new = value_of(both.before.sign_ins), value_of(both.after.sign_ins)
    if old is None or new is None:
        return ()
    newest = {(row.application, row.status): row.last for row in old.window}
    facts = []
    for row in new.window:
        before = newest.get((row.application, row.status))
        if row.status.casefold() != "success" and (before is None or row.last > before + HOUR):
            whose = row.application or "no named application"
            facts.append(Fact(f"Salesforce refused a sign-in by {whose}: {row.status}", row.last))
    return tuple(facts)
