"""One connection's evidence, put together from the answer about its account and the slow facts of its org."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar, cast

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Connection
from tui.connections.evidence import (
    AuditTrail,
    Component,
    Evidence,
    Grant,
    Lateness,
    Part,
    Read,
    SignInDays,
    SignInHistory,
    Token,
    Unreadable,
    User,
    UserLogin,
    value_of,
)
from tui.salesforce import evidence_parts, wire
from tui.salesforce.account_query import AccountsAnswer, Span, rows_of
from tui.salesforce.deep_facts import DeepFacts
from tui.salesforce.evidence_parts import as_part, attempt, unreadable, why_not_visible
from tui.salesforce.session import Answers, Session
from tui.salesforce.slow_facts import SlowFacts

T = TypeVar("T")

OTHER_ORG = Unreadable(
    "another org answers, and its Id could not be read",
    "Compare api_url and org_id in the configuration with the org.",
)
NOT_ASKED = Unreadable("not asked for this user yet", "The next reading asks for it.")


class EvidenceBuilder:
    """Puts evidence together; an empty part counts only where the operator may see."""

    def __init__(
        self,
        session: Session,
        slow: SlowFacts,
        deep: DeepFacts,
        clock: Clock,
        lateness: Callable[[str | None], Lateness | None],
    ) -> None:
        self._session = session
        self._lateness = lateness
        self._slow = slow
        self._deep = deep
        self._clock = clock
        self._values: dict[tuple[str, str], tuple[object, object]] = {}
        """What a part of a connection said last, and the digest of the answer that said so."""

    def evidence(self, connection: Connection, asked: AccountsAnswer, known: User | None) -> Evidence:
        """`known` is the account as it was read last, used where the answer is a failure."""
        shared = self._shared(connection)
        if isinstance(asked.answer, Problem):
            return replace(
                _unread(shared, unreadable(asked.answer)),
                tokens=self.tokens(known),
                audit=self.audit(connection, known),
            )
        if asked.other_org and not self._other_org_known(asked):
            return replace(_unread(shared, OTHER_ORG), org=OTHER_ORG)
        return self._answered(shared, connection, asked, asked.answer, known)

    def _shared(self, connection: Connection) -> Evidence:
        """What is known of the org, whatever the account, and of the connection's tenant."""
        slow = self._slow
        return Evidence(
            read_at=self._clock.now(),
            org_now=self._session.now(),
            user=NOT_ASKED,
            freeze=NOT_ASKED,
            grants=NOT_ASKED,
            sign_ins=NOT_ASKED,
            fields=slow.fields,
            rights=slow.rights,
            org=slow.org,
            licenses=slow.licenses,
            streams=slow.streams,
            dependencies=self._deep.dependencies,
            lateness=self._lateness(connection.tenant),
            api_used=self._session.used,
            api_limit=self._session.limit,
        )

    def _answered(
        self,
        shared: Evidence,
        connection: Connection,
        asked: AccountsAnswer,
        answer: Answers,
        known: User | None,
    ) -> Evidence:
        user = self._user(connection, asked, answer, known)
        trail = self.audit(connection, value_of(user) or known)
        shared = replace(shared, org_now=answer.at, user=user, audit=trail)
        if isinstance(user, Unreadable):
            rights = self._slow.rights
            return replace(
                shared,
                freeze=why_not_visible(rights, evidence_parts.SEES_FREEZE) or user,
                grants=user,
                sign_ins=why_not_visible(rights, evidence_parts.SEES_SIGN_INS) or user,
                tokens=why_not_visible(rights, evidence_parts.SEES_TOKENS) or user,
            )
        if user.value is None:
            return replace(
                shared,
                freeze=Read(None, answer.at),
                grants=Read((), answer.at),
                sign_ins=Read(SignInHistory(asked.since), answer.at),
                tokens=self.tokens(None),
            )
        if asked.accounts.ids and wire.key(user.value.id) not in map(wire.key, asked.accounts.ids):
            # The username went to another user: its other rows were not asked for this time.
            return shared
        grants = self._grants(connection, asked, answer, user.value)
        return replace(
            shared,
            freeze=self._freeze(connection, asked, answer, user.value),
            grants=grants,
            components=self.components(grants),
            sign_ins=self._sign_ins(connection, asked, answer, user.value),
            days=self._days(user.value),
            tokens=self.tokens(user.value),
        )

    def deepened(self, connection: Connection, evidence: Evidence, user: User | None) -> Evidence:
        """The same evidence with the newest of what is read rarely."""
        found = self._deep.similar_names.of(user)
        return replace(
            evidence,
            audit=self.audit(connection, user),
            licenses=self._slow.licenses,
            dependencies=self._deep.dependencies,
            streams=self._slow.streams,
            tokens=self.tokens(user),
            components=self.components(evidence.grants),
            names=found.names if found else evidence.names,
            named_sets=found.named_sets if found else evidence.named_sets,
            reach=found.reach if found else evidence.reach,
        )

    def _other_org_known(self, asked: AccountsAnswer) -> bool:
        known = value_of(self._slow.org)
        return known is not None and wire.key(known.id) != wire.key(asked.org_id or "")

    def _known(
        self,
        connection: Connection,
        part: Part,
        asked: AccountsAnswer,
        at: datetime,
        find: Callable[[], T],
        about: object,
    ) -> Read[T] | Unreadable:
        """What `find` reads; where the answer is the same as last time, about the same, what that one said."""
        key, stamp = (connection.name, part.value), (asked.digest, about)
        before, value = self._values.get(key, (None, None))
        if asked.digest is not None and before == stamp:
            return Read(cast(T, value), at)
        found = as_part(attempt(find, at))
        self._values.pop(key, None)
        if isinstance(found, Read):
            self._values[key] = stamp, found.value
        return found

    def _user(
        self, connection: Connection, asked: AccountsAnswer, answer: Answers, known: User | None
    ) -> Read[User | None] | Unreadable:
        def find() -> User | None:
            row = evidence_parts.pick(answer.rows("user", wire.UserRow), connection, known)
            return evidence_parts.user(row) if row else None

        about = (connection.user_id, connection.service_account, known.id if known else None)
        found = self._known(connection, Part.USER, asked, answer.at, find, about)
        if isinstance(found, Read) and found.value is None:
            return why_not_visible(self._slow.rights, evidence_parts.SEES_USERS) or found
        return found

    def _freeze(
        self, connection: Connection, asked: AccountsAnswer, answer: Answers, user: User
    ) -> Read[UserLogin | None] | Unreadable:
        def find() -> UserLogin | None:
            rows = answer.rows_of("freeze", wire.UserLoginRow, "UserId", user.id)
            return evidence_parts.user_login(rows[0]) if rows else None

        found = self._known(connection, Part.FREEZE, asked, answer.at, find, user.id)
        if isinstance(found, Read) and found.value is None:
            return why_not_visible(self._slow.rights, evidence_parts.SEES_FREEZE) or found
        return found

    def _grants(
        self, connection: Connection, asked: AccountsAnswer, answer: Answers, user: User
    ) -> Read[tuple[Grant, ...]] | Unreadable:
        def find() -> tuple[Grant, ...]:
            rows = answer.rows_of("grants", wire.AssignmentRow, "AssigneeId", user.id)
            if not rows:
                # Every user has at least the set that belongs to his profile.
                raise evidence_parts.not_visible("Permission set assignments", "ViewSetup")
            return tuple(evidence_parts.grant(row, asked.permissions) for row in rows)

        return self._known(connection, Part.GRANTS, asked, answer.at, find, user.id)

    def _sign_ins(
        self, connection: Connection, asked: AccountsAnswer, answer: Answers, user: User
    ) -> Read[SignInHistory] | Unreadable:
        def find() -> SignInHistory:
            window, _ = rows_of(asked.answers, Span.WINDOW, user)
            hour, by_source = rows_of(asked.answers, Span.HOUR, user)
            return evidence_parts.sign_ins(asked.since, window, hour, by_source=by_source)

        found = self._known(connection, Part.SIGN_INS, asked, answer.at, find, (user.id, user.username))
        if isinstance(found, Unreadable):
            return found
        # The window moves on, also where the rows in it are the same.
        found = Read(replace(found.value, since=asked.since), found.at)
        return (
            self._own_rows(bool(found.value.window or found.value.hour), evidence_parts.SEES_SIGN_INS)
            or found
        )

    def _days(self, user: User) -> Read[SignInDays] | Unreadable | None:
        found = self._slow.days.of(user)
        if not isinstance(found, Read):
            return found
        return self._own_rows(bool(found.value.days), evidence_parts.SEES_SIGN_INS) or found

    def tokens(self, user: User | None) -> Read[tuple[Token, ...]] | Unreadable | None:
        """The tokens of this user."""
        every = self._slow.tokens
        if not isinstance(every, Read):
            return every
        mine = [row for row in every.value if user and wire.key(row.UserId) == wire.key(user.id)]
        found = as_part(attempt(lambda: tuple(evidence_parts.token(row) for row in mine), every.at))
        return self._own_rows(bool(mine), evidence_parts.SEES_TOKENS) or found

    def components(
        self, grants: Read[tuple[Grant, ...]] | Unreadable
    ) -> Read[tuple[Component, ...]] | Unreadable | None:
        """What the groups among `grants` consist of, as far as it was asked."""
        groups = groups_of(grants)
        every = self._deep.components
        if not groups or not isinstance(every, Read):
            return every if groups else None
        mine = tuple(each for each in every.value if each.group_id in groups)
        return Read(mine, every.at) if {each.group_id for each in mine} == set(groups) else None

    def _own_rows(self, any_rows: bool, any_of: Sequence[str]) -> Unreadable | None:
        """Without the right everybody sees his own rows: then not even rows that came are the whole."""
        rights = self._slow.rights
        return None if any_rows and isinstance(rights, Unreadable) else why_not_visible(rights, any_of)

    def audit(self, connection: Connection, user: User | None) -> Read[AuditTrail] | Unreadable | None:
        """What the org's audit trail, as far as it is known, says about this connection."""
        trail = self._deep.trail.concerning(connection, user)
        everything = self._deep.trail.part
        if isinstance(everything, Read) and not everything.value.rows:
            return why_not_visible(self._slow.rights, evidence_parts.SEES_AUDIT) or trail
        if everything is None and isinstance(self._slow.rights, Read):
            # That it is out of the operator's reach is known without asking.
            return why_not_visible(self._slow.rights, evidence_parts.SEES_AUDIT)
        return trail


def _unread(shared: Evidence, reason: Unreadable) -> Evidence:
    """Evidence of which nothing about the account could be read."""
    return replace(shared, user=reason, freeze=reason, grants=reason, sign_ins=reason)


def groups_of(grants: Read[tuple[Grant, ...]] | Unreadable) -> tuple[str, ...]:
    """The Ids of the permission set groups among `grants`."""
    return tuple(grant.group_id for grant in value_of(grants) or () if grant.group_id is not None)
