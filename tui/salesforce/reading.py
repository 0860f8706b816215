"""Reads the evidence about the connections of one org: one call each time, more only where it is due."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Connection, Org
from tui.connections.evidence import Evidence, Read, Remembered, SignInHistory, Unreadable, User, value_of
from tui.net import Net
from tui.salesforce import queries, wire
from tui.salesforce.account_query import AccountQuery, AccountsAnswer
from tui.salesforce.deep_facts import DeepFacts
from tui.salesforce.evidence_builder import EvidenceBuilder
from tui.salesforce.queries import Accounts, joined
from tui.salesforce.remembered_facts import FactStore, Learned, learned_of
from tui.salesforce.session import CallBudget, Session
from tui.salesforce.sign_in.way import SignInWay
from tui.salesforce.slow_facts import NO_PERMISSION, SlowFacts


class OrgReader:
    """Reads one org. `permissions` are the names of interest (without `Permissions`).

    `retry_at` is this machine's time before which the org does not want to be asked; `calls` counts them all.
    """

    def __init__(
        self,
        org: Org,
        net: Net,
        sign_in: SignInWay,
        clock: Clock,
        *,
        permissions: Sequence[str],
        session: Session | None = None,
    ) -> None:
        self._org = org
        self._session = session or Session(org, net, sign_in, clock)
        self._accounts = AccountQuery(self._session, clock)
        self._slow = SlowFacts(self._session, clock, tuple(permissions))
        self._deep = DeepFacts(self._session, self._slow, clock)
        self._memory = FactStore(self._session, self._slow, self._deep, self._accounts.batches, clock)
        self._builder = EvidenceBuilder(self._session, self._slow, self._deep, clock, self._memory.lateness)
        self._users: dict[str, User] = {}
        self._seen_rows: dict[str, frozenset[str]] = {}
        self._refreshed = False
        self._read: list[Accounts] = []
        """The accounts of the last reading."""
        self._budget = CallBudget()

    @property
    def calls(self) -> int:
        return self._session.calls

    @property
    def retry_at(self) -> datetime | None:
        return self._session.retry_at

    def recall(self, known: Remembered) -> None:
        """Take the facts for read, each at its time; drop them all where another org than `known.subject` answers.

        To be called before the first reading.
        """
        self._memory.recall(known, self._org.org_id)

    def catch_up(self, known: Remembered) -> None:
        """Take what a look at the whole contract has found since; all else is read here."""
        if (learned := learned_of(known)) is not None:
            self._memory.use(learned[0])

    def use(self, learned: Learned) -> None:
        """Read what this org allows, as it was found just now."""
        self._memory.use(learned)

    def learned(self) -> Remembered | None:
        """All that is worth remembering, under the org's Id as it was read; None while that is not known."""
        return self._memory.learned()

    async def read(
        self, connections: Sequence[Connection], *, deep: Mapping[str, datetime] | None = None
    ) -> dict[str, Evidence]:
        """The evidence of each connection, by name; those in `deep` with the audit trail since the org's time given.

        Never raises for what the org answers: what could not be read says so.
        """
        if not connections:
            return {}
        before = self.calls
        self._budget = CallBudget()
        batches = self._read = self._batches(connections)
        failure: Problem | None = None
        self._refreshed = False
        if self._slow.due(batches):
            failure = await self._refresh(batches)
        answers = [await self._ask(accounts, failure, connections) for accounts in batches]
        if not self._refreshed and self._other_org_answers(answers):
            # Another org answers, or the right one again: who it is, and all that is known of it, is read at once.
            await self._refresh(batches)
        found = self._built(connections, answers)
        reached = not any(isinstance(asked.answer, Problem) for asked in answers)
        if reached:
            answers, found = await self._second_look(connections, batches, answers, found)
            self._remember(found, answers)
        found = {name: replace(e, api_calls=self.calls - before) for name, e in found.items()}
        return await self.deepen(connections, found, deep) if deep else found

    async def deepen(
        self,
        connections: Sequence[Connection],
        found: Mapping[str, Evidence],
        deep: Mapping[str, datetime],
    ) -> dict[str, Evidence]:
        """The same evidence, with what is read only of faulty, changed or new connections.

        At most two calls, and two for what does not fit: audit trail, licences, tokens and groups; the streams while
        they show a fault, else, rarely, dependencies; further pages of the trail; of faulty ones names, sets, reach.
        """
        before = self.calls
        since = min(deep.values())
        self._users |= {c.name: user for c in connections if (user := value_of(found[c.name].user))}
        await self._deep.read(since, [found[c.name] for c in connections], self._read, fresh=self._refreshed)
        self._refreshed = False
        named = [self._deepened(c, found[c.name]) for c in connections]
        due = [self._deep.similar_names.due(evidence) for evidence in named]
        if any(due):
            await self._deep.read_names(due, self._budget)
        await self._deep.read_further_pages(since, self._budget)
        cost = self.calls - before
        return {
            c.name: replace(
                self._deepened(c, found[c.name]),
                api_calls=found[c.name].api_calls + cost,
                api_used=self._session.used,
                api_limit=self._session.limit,
            )
            for c in connections
        }

    def _deepened(self, connection: Connection, evidence: Evidence) -> Evidence:
        return self._builder.deepened(connection, evidence, self._users.get(connection.name))

    async def _refresh(self, batches: Sequence[Accounts]) -> Problem | None:
        """Read the slow facts; where another org answered than before, forget what was known of that."""
        before = value_of(self._slow.org)
        failure = await self._slow.refresh(batches, self._budget)
        self._refreshed = failure is None
        now = value_of(self._slow.org)
        if before is not None and now is not None and wire.key(before.id) != wire.key(now.id):
            self._deep.forget()
            self._memory.forget()
            self._users.clear()
            self._seen_rows.clear()
        return failure

    async def _second_look(
        self,
        connections: Sequence[Connection],
        batches: Sequence[Accounts],
        answers: list[AccountsAnswer],
        found: dict[str, Evidence],
    ) -> tuple[list[AccountsAnswer], dict[str, Evidence]]:
        """The same after a second look where the org may have stopped showing rows, or lost a field."""
        lost = [
            e.grants.reason for e in found.values() if _unknown_field(e) and isinstance(e.grants, Unreadable)
        ]
        if not lost and not self._turned_empty(found):
            return answers, found
        if not self._refreshed:
            # The operator may have lost a right, or the org a licence.
            await self._refresh(batches)
        named = [self._slow.note_absent(reason) for reason in lost]
        if lost and (any(named) or self._refreshed):
            answers = [await self._ask(accounts, None, connections) for accounts in batches]
        return answers, self._built(connections, answers)

    def _expected(self, connections: Sequence[Connection]) -> str | None:
        """The Id that the org must have: the pinned one, else the one that was read before."""
        pinned = [self._org.org_id, *(c.org_id for c in connections)]
        known = value_of(self._slow.org)
        return next((i for i in pinned if i), known.id if known is not None else None)

    def _other_org_answers(self, answers: Sequence[AccountsAnswer]) -> bool:
        """Whether another org answers than the one that is known of."""
        known = value_of(self._slow.org)
        return any(
            (
                asked.other_org is True
                and (known is None or wire.key(known.id) == wire.key(asked.org_id or ""))
            )
            or (
                asked.other_org is False
                and known is not None
                and wire.key(known.id) != wire.key(asked.org_id or "")
            )
            for asked in answers
        )

    def _batches(self, connections: Sequence[Connection]) -> list[Accounts]:
        """Accounts that fit one address each; known Ids and bare usernames cannot share a condition."""
        by_id = {c.service_account: i for c in connections if (i := self._id(c))}
        by_name = [c.service_account for c in connections if c.service_account not in by_id]
        batches = _fitting(Accounts((name,)) for name in dict.fromkeys(by_name))
        return batches + _fitting(Accounts((name,), (i,)) for name, i in by_id.items())

    def _id(self, connection: Connection) -> str | None:
        known = self._users.get(connection.name)
        return connection.user_id or (known.id if known else None)

    async def _ask(
        self, accounts: Accounts, failure: Problem | None, connections: Sequence[Connection]
    ) -> AccountsAnswer:
        expected = self._expected(connections)
        if failure is not None:
            return AccountsAnswer(accounts, failure, self._session.now(), self._slow.asked, org_id=expected)
        return await self._accounts.ask(accounts, self._slow.asked, expected, self._budget)

    def _built(
        self, connections: Sequence[Connection], answers: Sequence[AccountsAnswer]
    ) -> dict[str, Evidence]:
        about = {name: asked for asked in answers for name in asked.accounts.usernames}
        return {
            c.name: self._builder.evidence(c, about[c.service_account], self._users.get(c.name))
            for c in connections
        }

    def _turned_empty(self, found: Mapping[str, Evidence]) -> bool:
        """True where a part that had rows for a connection has none now."""
        return any(
            not there and kind in self._seen_rows.get(name, ())
            for name, evidence in found.items()
            for kind, there in _rows_there(evidence).items()
        )

    def _remember(self, found: Mapping[str, Evidence], answers: Sequence[AccountsAnswer]) -> None:
        if any(asked.other_org for asked in answers):
            # Its users are others, even where their Ids are the same.
            return
        for name, evidence in found.items():
            there = _rows_there(evidence)
            unread = self._seen_rows.get(name, frozenset()) - there.keys()
            self._seen_rows[name] = unread | {kind for kind, any_rows in there.items() if any_rows}
            if user := value_of(evidence.user):
                self._users[name] = user


def _unknown_field(evidence: Evidence) -> bool:
    """Whether the grants were asked for a permission that the org no longer has."""
    return (
        isinstance(evidence.grants, Unreadable) and NO_PERMISSION.search(evidence.grants.reason) is not None
    )


def _rows_there(evidence: Evidence) -> dict[str, bool]:
    """Of the parts that were read and whose rows a lost right would hide: whether there were any."""
    parts = {"user": evidence.user, "freeze": evidence.freeze, "sign_ins": evidence.sign_ins}
    found = {name: part.value for name, part in parts.items() if isinstance(part, Read)}
    return {n: bool(v.window) if isinstance(v, SignInHistory) else v is not None for n, v in found.items()}


def _fitting(accounts: Iterable[Accounts]) -> list[Accounts]:
    """Joined, as many to a batch as one address can hold."""
    batches: list[Accounts] = []
    size = 0
    for one in accounts:
        # Encoded, a name or Id grows by its quotes and comma; both lists can stand in one query.
        more = len(queries.address("", ",".join(map(queries.quoted, one.usernames + one.ids))))
        if batches and size + more <= queries.MAX_URI:
            last = batches[-1]
            batches[-1] = joined((last, one))
            size += more
        else:
            batches.append(one)
            size = queries.FIXED + more
    return batches
