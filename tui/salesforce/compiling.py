"""One connection's evidence, put together from a fast answer about its account and the slow facts of its org."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Connection
from tui.connections.evidence import (
    AuditTrail,
    Component,
    Evidence,
    Grant,
    Read,
    SignInHistory,
    Token,
    Unreadable,
    User,
    UserLogin,
    value_of,
)
from tui.salesforce import audit, parts, wire
from tui.salesforce.parts import attempt, lacking, part, unreadable
from tui.salesforce.queries import Accounts
from tui.salesforce.session import Parts, Session
from tui.salesforce.slow import SlowFacts

NOT_ASKED = Unreadable("not asked for this user yet", "The next reading asks for it.")


@dataclass(frozen=True)
class Asked:
    """One fast answer about some accounts, or the problem instead; `permissions` are the ones asked for."""

    accounts: Accounts
    answer: Parts | Problem
    since: datetime
    permissions: tuple[str, ...]


class Compiler:
    """Puts evidence together; an empty part counts only where the operator may see."""

    def __init__(self, session: Session, slow: SlowFacts, clock: Clock) -> None:
        self._session = session
        self._slow = slow
        self._clock = clock

    def evidence(self, connection: Connection, asked: Asked, known: User | None) -> Evidence:
        """`known` is the account as it was read last, for what a failing answer cannot say."""
        slow, now = self._slow, self._session.now()
        shared = Evidence(
            read_at=self._clock.now(),
            org_now=now,
            user=NOT_ASKED,
            freeze=NOT_ASKED,
            grants=NOT_ASKED,
            sign_ins=NOT_ASKED,
            fields=slow.fields,
            rights=slow.rights,
            org=slow.org,
            licenses=slow.licenses,
            streams=slow.streams,
            dependencies=slow.dependencies,
            api_used=self._session.used,
            api_limit=self._session.limit,
        )
        if isinstance(asked.answer, Problem):
            reason = unreadable(asked.answer)
            return replace(
                shared,
                user=reason,
                freeze=reason,
                grants=reason,
                sign_ins=reason,
                tokens=self.tokens(known),
                audit=self.audit(connection, known),
            )
        answer = asked.answer
        user = self._user(connection, answer, known)
        trail = self.audit(connection, value_of(user) or known)
        shared = replace(shared, org_now=answer.at, user=user, audit=trail)
        if isinstance(user, Unreadable):
            return replace(
                shared,
                freeze=lacking(slow.rights, parts.SEES_FREEZE) or user,
                grants=user,
                sign_ins=lacking(slow.rights, parts.SEES_SIGN_INS) or user,
                tokens=lacking(slow.rights, parts.SEES_TOKENS) or user,
            )
        if user.value is None:
            nobody = SignInHistory(asked.since)
            return replace(
                shared,
                freeze=Read(None, answer.at),
                grants=Read((), answer.at),
                sign_ins=Read(nobody, answer.at),
                tokens=self.tokens(None),
            )
        if asked.accounts.ids and wire.key(user.value.id) not in map(wire.key, asked.accounts.ids):
            # The username went to another user: its other rows were not asked for this time.
            return shared
        grants = _grants(answer, user.value, asked.permissions)
        return replace(
            shared,
            freeze=self._freeze(answer, user.value),
            grants=grants,
            components=self.components(grants),
            sign_ins=self._sign_ins(answer, user.value, asked.since),
            tokens=self.tokens(user.value),
        )

    def _user(
        self, connection: Connection, answer: Parts, known: User | None
    ) -> Read[User | None] | Unreadable:
        def find() -> User | None:
            row = parts.pick(answer.rows("user", wire.UserRow), connection, known)
            return parts.user(row) if row else None

        found = part(attempt(find, answer.at))
        if isinstance(found, Read) and found.value is None:
            return lacking(self._slow.rights, parts.SEES_USERS) or found
        return found

    def _freeze(self, answer: Parts, user: User) -> Read[UserLogin | None] | Unreadable:
        def find() -> UserLogin | None:
            rows = answer.rows_of("freeze", wire.UserLoginRow, "UserId", user.id)
            return parts.user_login(rows[0]) if rows else None

        found = part(attempt(find, answer.at))
        if isinstance(found, Read) and found.value is None:
            return lacking(self._slow.rights, parts.SEES_FREEZE) or found
        return found

    def _sign_ins(self, answer: Parts, user: User, since: datetime) -> Read[SignInHistory] | Unreadable:
        found = part(
            attempt(
                lambda: parts.sign_ins(
                    since,
                    answer.rows_of("window", wire.SignInRow, "UserId", user.id),
                    answer.rows_of("hour", wire.SignInRow, "UserId", user.id),
                ),
                answer.at,
            )
        )
        if isinstance(found, Unreadable):
            return found
        return self._own_rows(bool(found.value.window or found.value.hour), parts.SEES_SIGN_INS) or found

    def tokens(self, user: User | None) -> Read[tuple[Token, ...]] | Unreadable | None:
        """The tokens of this user."""
        every = self._slow.tokens
        if not isinstance(every, Read):
            return every
        mine = [row for row in every.value if user and wire.key(row.UserId) == wire.key(user.id)]
        found = part(attempt(lambda: tuple(parts.token(row) for row in mine), every.at))
        return self._own_rows(bool(mine), parts.SEES_TOKENS) or found

    def components(
        self, grants: Read[tuple[Grant, ...]] | Unreadable
    ) -> Read[tuple[Component, ...]] | Unreadable | None:
        """What the groups among `grants` consist of, as far as it was asked."""
        groups = groups_of(grants)
        every = self._slow.components
        if not groups or not isinstance(every, Read):
            return every if groups else None
        return Read(tuple(each for each in every.value if each.group_id in groups), every.at)

    def _own_rows(self, any_rows: bool, any_of: Sequence[str]) -> Unreadable | None:
        """Without the right everybody sees his own rows: then not even rows that came are the whole."""
        rights = self._slow.rights
        return None if any_rows and isinstance(rights, Unreadable) else lacking(rights, any_of)

    def audit(self, connection: Connection, user: User | None) -> Read[AuditTrail] | Unreadable | None:
        """What the org's audit trail, as far as it is known, says about this connection."""
        trail = self._slow.audit
        if not isinstance(trail, Read):
            return trail
        if not trail.value.rows and (hidden := lacking(self._slow.rights, parts.SEES_AUDIT)):
            return hidden
        return Read(audit.concerning(trail.value, connection, user), trail.at)


def groups_of(grants: Read[tuple[Grant, ...]] | Unreadable) -> tuple[str, ...]:
    """The Ids of the permission set groups among `grants`."""
    return tuple(grant.group_id for grant in value_of(grants) or () if grant.group_id is not None)


def _grants(answer: Parts, user: User, permissions: Iterable[str]) -> Read[tuple[Grant, ...]] | Unreadable:
    def find() -> tuple[Grant, ...]:
        rows = answer.rows_of("grants", wire.AssignmentRow, "AssigneeId", user.id)
        if not rows:
            # Every user has at least the set that belongs to his profile.
            raise parts.hidden("Permission set assignments", "ViewSetup")
        return tuple(parts.grant(row, permissions) for row in rows)

    return part(attempt(find, answer.at))
