"""Reads the evidence about the connections of one org: one call each time, more only where it is due."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Connection, Org
from tui.connections.evidence import Evidence, Unreadable, User, value_of
from tui.net import Net
from tui.salesforce import queries
from tui.salesforce.compiling import Asked, Compiler, groups_of
from tui.salesforce.queries import Accounts
from tui.salesforce.session import Session
from tui.salesforce.sign_in.way import SignInWay
from tui.salesforce.slow import SlowFacts

WINDOW = timedelta(days=7)
"""How far back sign-ins are counted: the widest window of a status."""
HOUR = timedelta(minutes=60)


class OrgReader:
    """Reads one org. `permissions` are the names of interest (without `Permissions`).

    `retry_at` is this machine's time before which the org does not want to be asked; `calls` counts them all.
    """

    def __init__(
        self, org: Org, net: Net, sign_in: SignInWay, clock: Clock, *, permissions: Sequence[str]
    ) -> None:
        self._session = Session(org, net, sign_in, clock)
        self._slow = SlowFacts(self._session, clock, tuple(permissions))
        self._compiler = Compiler(self._session, self._slow, clock)
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
        found = self._compiled(connections, answers)
        reached = not any(isinstance(asked.answer, Problem) for asked in answers)
        lost_a_field = any(_unknown_field(evidence) for evidence in found.values())
        if reached and not self._refreshed and (lost_a_field or self._turned_empty(found)):
            # The org may have stopped showing rows because the operator lost a right, or lost a licence.
            self._refreshed = await self._slow.refresh(batches) is None
            if lost_a_field and self._refreshed:
                answers = [await self._ask(accounts, None) for accounts in batches]
            found = self._compiled(connections, answers)
        if reached:
            self._remember(found)
        found = {name: replace(e, api_calls=self.calls - before) for name, e in found.items()}
        return await self.deepen(connections, found, deep) if deep else found

    async def deepen(
        self,
        connections: Sequence[Connection],
        found: Mapping[str, Evidence],
        deep: Mapping[str, datetime],
    ) -> dict[str, Evidence]:
        """The same evidence, with what only the sick need read now: at most two calls.

        Audit trail, licences, tokens and groups; the streams while they show a fault, else, rarely, dependencies.
        """
        before = self.calls
        groups = {group for evidence in found.values() for group in groups_of(evidence.grants)}
        await self._slow.deepen(min(deep.values()), fresh=self._refreshed, groups=tuple(sorted(groups)))
        self._refreshed = False
        cost = self.calls - before
        return {
            c.name: replace(
                found[c.name],
                audit=self._compiler.audit(c, self._users.get(c.name)),
                licenses=self._slow.licenses,
                dependencies=self._slow.dependencies,
                streams=self._slow.streams,
                tokens=self._compiler.tokens(self._users.get(c.name)),
                components=self._compiler.components(found[c.name].grants),
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

    def _compiled(self, connections: Sequence[Connection], answers: Sequence[Asked]) -> dict[str, Evidence]:
        about = {name: asked for asked in answers for name in asked.accounts.usernames}
        return {
            c.name: self._compiler.evidence(c, about[c.service_account], self._users.get(c.name))
            for c in connections
        }

    def _turned_empty(self, found: Mapping[str, Evidence]) -> bool:
        """True where a part that had rows for a connection has none now."""
        return any(
            self._seen_rows.get(name, frozenset()) - _row_kinds(evidence) for name, evidence in found.items()
        )

    def _remember(self, found: Mapping[str, Evidence]) -> None:
        for name, evidence in found.items():
            self._seen_rows[name] = _row_kinds(evidence)
            if user := value_of(evidence.user):
                self._users[name] = user


def _unknown_field(evidence: Evidence) -> bool:
    """Whether the grants were asked for a permission that the org no longer has."""
    return isinstance(evidence.grants, Unreadable) and "INVALID_FIELD" in evidence.grants.reason


def _row_kinds(evidence: Evidence) -> frozenset[str]:
    """The parts that have rows which a lost right would hide."""
    history = value_of(evidence.sign_ins)
    has = {
        "user": value_of(evidence.user),
        "freeze": value_of(evidence.freeze),
        "sign_ins": history and history.window,
    }
    return frozenset(name for name, there in has.items() if there)


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
