"""Reads the evidence about the connections of one org: one call each time, more only where it is due."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Connection, Org
from tui.connections.evidence import (
    AuditTrail,
    Evidence,
    Grant,
    Read,
    SignInHistory,
    Token,
    Unreadable,
    User,
    UserLogin,
)
from tui.net import Net
from tui.salesforce import audit, parts, queries, wire
from tui.salesforce.parts import attempt, lacking, part, unreadable
from tui.salesforce.queries import Accounts
from tui.salesforce.session import Parts, Session
from tui.salesforce.sign_in.way import SignInWay
from tui.salesforce.slow import SlowFacts

WINDOW = timedelta(days=7)
"""How far back sign-ins are counted: the widest window of a status."""
HOUR = timedelta(minutes=60)


@dataclass(frozen=True)
class Asked:
    """One fast answer about some accounts, or the problem instead; `permissions` are the ones asked for."""

    accounts: Accounts
    answer: Parts | Problem
    since: datetime
    permissions: tuple[str, ...]


class OrgReader:
    """Reads one org. `permissions` are the names of interest (without `Permissions`).

    `retry_at` is this machine's time before which the org does not want to be asked; `calls` counts them all.
    """

    def __init__(
        self, org: Org, net: Net, sign_in: SignInWay, clock: Clock, *, permissions: Sequence[str]
    ) -> None:
        self._session = Session(org, net, sign_in, clock)
        self._slow = SlowFacts(self._session, clock, tuple(permissions))
        self._clock = clock
        self._users: dict[str, User] = {}
        self._seen_rows: dict[str, frozenset[str]] = {}
        self._refreshed = False

    @property
    def calls(self) -> int:
        return self._session.calls

    @property
    def retry_at(self) -> datetime | None:
        return self._session.retry_at

    async def read(
        self, connections: Sequence[Connection], *, deep: Mapping[str, datetime] | None = None
    ) -> dict[str, Evidence]:
        """The evidence of each connection, by name; those in `deep` with the audit trail since the org's time given.

        Never raises for outside trouble: what could not be read says so.
        """
        if not connections:
            return {}
        before = self.calls
        batches = self._batches(connections)
        trouble: Problem | None = None
        self._refreshed = False
        if self._slow.due(batches):
            trouble = await self._slow.refresh(batches)
            self._refreshed = trouble is None
        answers = [await self._ask(accounts, trouble) for accounts in batches]
        if not self._refreshed and trouble is None and self._turned_empty(connections, answers):
            # The org may have stopped showing rows because the operator lost a right.
            self._refreshed = await self._slow.refresh(batches) is None
        found = {c.name: self._evidence(c, _about(c, answers)) for c in connections}
        self._remember(connections, found)
        found = {name: replace(e, api_calls=self.calls - before) for name, e in found.items()}
        return await self.deepen(connections, found, deep) if deep else found

    async def deepen(
        self,
        connections: Sequence[Connection],
        found: Mapping[str, Evidence],
        deep: Mapping[str, datetime],
    ) -> dict[str, Evidence]:
        """The same evidence, with the audit trail, licences and dependencies read now: at most two calls."""
        before = self.calls
        await self._slow.deepen(min(deep.values()), fresh=self._refreshed)
        self._refreshed = False
        cost = self.calls - before
        return {
            c.name: replace(
                found[c.name],
                audit=self._audit(c),
                licenses=self._slow.licenses,
                dependencies=self._slow.dependencies,
                api_calls=found[c.name].api_calls + cost,
                api_used=self._session.used,
                api_limit=self._session.limit,
            )
            for c in connections
        }

    def _batches(self, connections: Sequence[Connection]) -> list[Accounts]:
        """Accounts that fit one address each; known Ids and bare usernames cannot share a condition."""
        by_id = {c.service_account: i for c in connections if (i := self._id(c))}
        by_name = [c.service_account for c in connections if c.service_account not in by_id]
        batches = _fitting(Accounts((name,)) for name in dict.fromkeys(by_name))
        return batches + _fitting(Accounts((name,), (i,)) for name, i in by_id.items())

    def _id(self, connection: Connection) -> str | None:
        known = self._users.get(connection.name)
        return connection.user_id or (known.id if known else None)

    async def _ask(self, accounts: Accounts, trouble: Problem | None) -> Asked:
        permissions = self._slow.asked
        now = self._session.now()
        since = (now - WINDOW).replace(microsecond=0)
        if trouble is not None:
            return Asked(accounts, trouble, since, permissions)
        texts = {
            "user": queries.users(accounts),
            "freeze": queries.user_logins(accounts),
            "grants": queries.assignments(accounts, permissions),
            "window": queries.sign_ins(accounts, since, by_source=False),
            "hour": queries.sign_ins(accounts, now - HOUR, by_source=True),
        }
        try:
            answer = await self._session.composite(
                {name: queries.address("{base}", text) for name, text in texts.items()}
            )
        except Problem as problem:
            return Asked(accounts, problem, since, permissions)
        return Asked(accounts, answer, since, permissions)

    def _evidence(self, connection: Connection, asked: Asked) -> Evidence:
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
                tokens=self._tokens(self._users.get(connection.name)),
                audit=self._audit(connection),
            )
        answer = asked.answer
        user = self._user(connection, answer)
        shared = replace(shared, org_now=answer.at, user=user, audit=self._audit(connection, user))
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
                tokens=self._tokens(None),
            )
        if asked.accounts.ids and wire.key(user.value.id) not in map(wire.key, asked.accounts.ids):
            # The username went to another user: its other rows were not asked for this time.
            return shared
        return replace(
            shared,
            freeze=self._freeze(answer, user.value),
            grants=_grants(answer, user.value, asked.permissions),
            sign_ins=self._sign_ins(answer, user.value, asked.since),
            tokens=self._tokens(user.value),
        )

    def _user(self, connection: Connection, answer: Parts) -> Read[User | None] | Unreadable:
        def find() -> User | None:
            row = parts.pick(answer.rows("user", wire.UserRow), connection)
            return parts.user(row) if row else None

        found = part(attempt(find, answer.at))
        if isinstance(found, Read) and found.value is None:
            return lacking(self._slow.rights, parts.SEES_USERS) or found
        return found

    def _freeze(self, answer: Parts, user: User) -> Read[UserLogin | None] | Unreadable:
        def find() -> UserLogin | None:
            rows = answer.rows("freeze", wire.UserLoginRow)
            mine = (row for row in rows if wire.key(row.UserId) == wire.key(user.id))
            return next((parts.user_login(row) for row in mine), None)

        found = part(attempt(find, answer.at))
        if isinstance(found, Read) and found.value is None:
            return lacking(self._slow.rights, parts.SEES_FREEZE) or found
        return found

    def _sign_ins(self, answer: Parts, user: User, since: datetime) -> Read[SignInHistory] | Unreadable:
        found = part(
            attempt(
                lambda: parts.sign_ins(
                    since,
                    answer.rows("window", wire.SignInRow),
                    answer.rows("hour", wire.SignInRow),
                    wire.key(user.id),
                ),
                answer.at,
            )
        )
        if isinstance(found, Unreadable):
            return found
        return self._own_rows(bool(found.value.window or found.value.hour), parts.SEES_SIGN_INS) or found

    def _tokens(self, user: User | None) -> Read[tuple[Token, ...]] | Unreadable | None:
        known = self._slow.tokens
        if not isinstance(known, Read):
            return known
        mine = [row for row in known.value if user and wire.key(row.UserId) == wire.key(user.id)]
        found = part(attempt(lambda: tuple(parts.token(row) for row in mine), known.at))
        return self._own_rows(bool(mine), parts.SEES_TOKENS) or found

    def _own_rows(self, any_rows: bool, any_of: Sequence[str]) -> Unreadable | None:
        """Without the right everybody sees his own rows: then not even rows that came are the whole."""
        rights = self._slow.rights
        return None if any_rows and isinstance(rights, Unreadable) else lacking(rights, any_of)

    def _audit(
        self, connection: Connection, user: Read[User | None] | Unreadable | None = None
    ) -> Read[AuditTrail] | Unreadable | None:
        known = self._slow.audit
        if not isinstance(known, Read):
            return known
        if not known.value.rows and (hidden := lacking(self._slow.rights, parts.SEES_AUDIT)):
            return hidden
        who = user.value if isinstance(user, Read) else None
        return Read(
            audit.concerning(known.value, connection, who or self._users.get(connection.name)), known.at
        )

    def _turned_empty(self, connections: Sequence[Connection], answers: Sequence[Asked]) -> bool:
        """True where a part that had rows for a connection has none now."""
        rows = {c.name: self._row_kinds(self._evidence(c, _about(c, answers))) for c in connections}
        gone = any(self._seen_rows.get(name, frozenset()) - kinds for name, kinds in rows.items())
        return gone and not any(isinstance(a.answer, Problem) for a in answers)

    def _row_kinds(self, evidence: Evidence) -> frozenset[str]:
        has = {
            "user": isinstance(evidence.user, Read) and evidence.user.value is not None,
            "freeze": isinstance(evidence.freeze, Read) and evidence.freeze.value is not None,
            "sign_ins": isinstance(evidence.sign_ins, Read) and bool(evidence.sign_ins.value.window),
        }
        return frozenset(name for name, there in has.items() if there)

    def _remember(self, connections: Sequence[Connection], found: Mapping[str, Evidence]) -> None:
        for connection in connections:
            evidence = found[connection.name]
            self._seen_rows[connection.name] = self._row_kinds(evidence)
            if isinstance(evidence.user, Read):
                if evidence.user.value is None:
                    self._users.pop(connection.name, None)
                else:
                    self._users[connection.name] = evidence.user.value


NOT_ASKED = Unreadable("not asked for this user yet", "The next reading asks for it.")


def _grants(answer: Parts, user: User, permissions: Iterable[str]) -> Read[tuple[Grant, ...]] | Unreadable:
    def find() -> tuple[Grant, ...]:
        rows = answer.rows("grants", wire.AssignmentRow)
        mine = [row for row in rows if wire.key(row.AssigneeId) == wire.key(user.id)]
        if not mine:
            # Every user has at least the set that belongs to his profile.
            raise parts.hidden("Permission set assignments", "ViewSetup")
        return tuple(parts.grant(row, permissions) for row in mine)

    return part(attempt(find, answer.at))


def _about(connection: Connection, answers: Sequence[Asked]) -> Asked:
    return next(a for a in answers if connection.service_account in a.accounts.usernames)


def _fitting(accounts: Iterable[Accounts]) -> list[Accounts]:
    """Joined, as many to a batch as one address can hold."""
    batches: list[Accounts] = []
    size = 0
    for one in accounts:
        # Encoded, a name or Id grows by its quotes and comma; both lists can stand in one query.
        more = len(queries.address("", ",".join(map(queries.quoted, one.usernames + one.ids))))
        if batches and size + more <= queries.MAX_URI:
            last = batches[-1]
            batches[-1] = Accounts(last.usernames + one.usernames, last.ids + one.ids)
            size += more
        else:
            batches.append(one)
            size = queries.FIXED + more
    return batches
