"""What changed between two readings, in words, for history and report. Pure."""

from datetime import datetime

from tui.base.limits import AUDIT_LATE, HOUR, STREAMS
from tui.connections.connection import Requirements
from tui.connections.evidence import Evidence, Grant, Unreadable, value_of
from tui.connections.finding import Actor, Diagnosis, Fact
from tui.rules import effective_permissions
from tui.rules.audit import EXPIRY
from tui.rules.required_permissions import REQUIREMENTS


def differences(
    before: Evidence, after: Evidence, diagnosis: Diagnosis, requirements: Requirements = REQUIREMENTS
) -> tuple[Fact, ...]:
    """Who changed what between the two, each with its time where it is known; oldest first.

    `diagnosis` is that of `after`. A part that one of the two could not read shows no difference.
    """
    told = _Told(before, after, diagnosis)
    facts = (
        *_user(told),
        *_freeze(told),
        *_permissions(told, requirements),
        *_grants(told),
        *_licence(told),
        *_streams(told),
        *_tokens(told),
        *_refusals(told),
    )
    return tuple(sorted(facts, key=lambda fact: fact.at or after.org_now))


class _Told:
    """Both readings, and who is known to have done what."""

    def __init__(self, before: Evidence, after: Evidence, diagnosis: Diagnosis) -> None:
        self.before = before
        self.after = after
        self._findings = {finding.cause: finding for finding in diagnosis.findings}
        self._past = {past.finding.cause: past for past in diagnosis.past}

    def began(self, cause: str, active: str, passive: str, *, at: datetime | None = None) -> Fact:
        """The cause is new: by whom, if that is newer than the reading before."""
        found = self._findings.get(cause)
        by = found.by if found is not None else None
        return self._told(by, active, passive, (found.since if found is not None else None) or at)

    def ended(self, cause: str, active: str, passive: str, *, at: datetime | None = None) -> Fact:
        past = self._past.get(cause)
        return self._told(past.mended if past is not None else None, active, passive, at)

    def _told(self, by: Actor | None, active: str, passive: str, at: datetime | None) -> Fact:
        if (
            by is None
            or by.name == EXPIRY
            or (by.at is not None and by.at < self.before.org_now - AUDIT_LATE)
        ):
            return Fact(passive, at)
        probably = "" if by.certain else "probably "
        operator = value_of(self.after.rights)
        # Under the name that everything else of the operator's has.
        own = operator is not None and by.username == operator.username
        name = by.username if own and by.username else by.name
        behind = f", signed in as this user by {by.delegate}" if by.delegate else ""
        return Fact(f"{probably}{name} {active}{behind}", by.at or at)


def _user(told: _Told) -> tuple[Fact, ...]:
    if isinstance(told.before.user, Unreadable) or isinstance(told.after.user, Unreadable):
        return ()
    old, new = told.before.user.value, told.after.user.value
    if old is None or new is None:
        if old is None and new is None:
            return ()
        return (Fact("the user is there again" if new is not None else "the user is gone"),)
    facts = []
    if old.is_active and not new.is_active:
        passive = "the user was deactivated"
        facts.append(told.began("user_deactivated", "deactivated the user", passive, at=new.last_modified))
    if new.is_active and not old.is_active:
        passive = "the user was reactivated"
        facts.append(told.ended("user_deactivated", "reactivated the user", passive, at=new.last_modified))
    if old.username != new.username:
        facts.append(Fact(f"the user {old.username} was renamed to {new.username}", new.last_modified))
    if old.profile_id != new.profile_id:
        profiles = f"{old.profile_name or old.profile_id} to {new.profile_name or new.profile_id}"
        facts.append(Fact(f"the user's profile changed from {profiles}"))
    return tuple(facts)


def _freeze(told: _Told) -> tuple[Fact, ...]:
    if isinstance(told.before.freeze, Unreadable) or isinstance(told.after.freeze, Unreadable):
        return ()
    old, new = told.before.freeze.value, told.after.freeze.value
    was, is_now = old is not None and old.is_frozen, new is not None and new.is_frozen
    at = new.last_modified if new is not None else None
    facts = []
    if is_now and not was:
        facts.append(told.began("user_frozen", "froze the user", "the user was frozen", at=at))
    if was and not is_now:
        facts.append(told.ended("user_frozen", "unfroze the user", "the user was unfrozen", at=at))
    locked = [login is not None and login.is_password_locked for login in (old, new)]
    if locked == [False, True]:
        facts.append(Fact("the user's password was locked", at))
    if locked == [True, False]:
        facts.append(told.ended("sign_in_blocked", "unlocked the user", "the password lock is gone", at=at))
    return tuple(facts)


def _permissions(told: _Told, requirements: Requirements) -> tuple[Fact, ...]:
    old, new = (
        effective_permissions.of_account(told.before, requirements),
        effective_permissions.of_account(told.after, requirements),
    )
    if isinstance(old, Unreadable) or isinstance(new, Unreadable):
        return ()
    facts = []
    known = {each.requirement.name: each.held for each in old}
    for each in new:
        label, was = each.requirement.label, known.get(each.requirement.name)
        if was is True and each.held is False:
            facts.append(
                told.began("permissions_missing", f"took {label}", f"{label} is not granted any more")
            )
        if was is False and each.held is True:
            facts.append(told.ended("permissions_missing", f"gave {label} back", f"{label} is granted again"))
    return tuple(facts)


def _grants(told: _Told) -> tuple[Fact, ...]:
    old, new = value_of(told.before.grants), value_of(told.after.grants)
    if old is None or new is None:
        return ()
    had = {grant.set_id: grant for grant in old if grant.kind != "profile"}
    has = {grant.set_id: grant for grant in new if grant.kind != "profile"}
    facts = [Fact(f"{_called(g)} is no longer assigned") for key, g in had.items() if key not in has]
    facts += [Fact(f"{_called(g)} was assigned") for key, g in has.items() if key not in had]
    for key, grant in has.items():
        if (
            key in had
            and effective_permissions.expired(grant, told.after)
            and not effective_permissions.expired(had[key], told.before)
        ):
            facts.append(Fact(f"the assignment of {grant.name} expired", grant.expires))
    return tuple(facts)


def _called(grant: Grant) -> str:
    return f"the permission set {'group ' if grant.kind == 'group' else ''}{grant.name}"


def _licence(told: _Told) -> tuple[Fact, ...]:
    readings = told.before, told.after
    if any(value_of(each.fields) is None or value_of(each.streams) is None for each in readings):
        return ()
    was, is_now = (effective_permissions.event_monitoring_absent(each) for each in readings)
    if is_now and not was:
        return (Fact("the org has no Event Monitoring any more"),)
    return (Fact("the org has Event Monitoring again"),) if was and not is_now else ()


def _streams(told: _Told) -> tuple[Fact, ...]:
    old = {stream.entity: stream.enabled for stream in value_of(told.before.streams) or ()}
    new = {stream.entity: stream.enabled for stream in value_of(told.after.streams) or ()}
    cause = "event_streaming_disabled"
    facts = []
    for entity in STREAMS:
        if (old.get(entity), new.get(entity)) == (True, False):
            facts.append(told.began(cause, f"switched {entity} off", f"{entity} was switched off"))
        if (old.get(entity), new.get(entity)) == (False, True):
            facts.append(told.ended(cause, f"switched {entity} on", f"{entity} was switched on"))
    return tuple(facts)


def _tokens(told: _Told) -> tuple[Fact, ...]:
    old, new = value_of(told.before.tokens), value_of(told.after.tokens)
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


def _refusals(told: _Told) -> tuple[Fact, ...]:
    """Refused sign-ins that are new: the first of each status; further ones within the hour are the same story."""
    old, new = value_of(told.before.sign_ins), value_of(told.after.sign_ins)
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
