"""What is read only of faulty, changed or new connections: audit trail, groups, dependencies, names. Few calls."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.evidence import Component, Dependency, Evidence, Read, Unreadable, value_of
from tui.salesforce import queries, wire
from tui.salesforce.audit_trail import Trail
from tui.salesforce.evidence_parts import attempt, component, newest_good, not_visible
from tui.salesforce.queries import Accounts
from tui.salesforce.session import Answers, CallBudget, Session
from tui.salesforce.similar_names import About, SimilarNames
from tui.salesforce.slow_facts import SlowFacts, licenses, tokens

DEPENDENCIES_EVERY = timedelta(hours=24)


class DeepFacts:
    """The newest of them; licences, tokens and streams, which belong to the slow facts, are read again with them."""

    def __init__(self, session: Session, slow: SlowFacts, clock: Clock) -> None:
        self.trail = Trail()
        self.components: Read[tuple[Component, ...]] | Unreadable | None = None
        self.dependencies: Read[tuple[Dependency, ...]] | Unreadable | None = None
        self.dependencies_at: datetime | None = None
        """This machine's time when they were read."""
        self.similar_names = SimilarNames(session, clock)
        self._session = session
        self._slow = slow
        self._clock = clock

    def forget(self) -> None:
        """Nothing is known: another org answers."""
        self.trail = Trail()
        self.components = self.dependencies = None
        self.similar_names = SimilarNames(self._session, self._clock)

    async def read(
        self, since: datetime, found: Collection[Evidence], batches: Sequence[Accounts], *, fresh: bool
    ) -> None:
        """Read the audit trail back to `since` (the org's time), and what the groups of `found` consist of: one call.

        One more for the streams while they show a fault, else once a day for which permission needs which. `fresh`:
        the slow facts were read right now. `batches` are all accounts of the org: their tokens are read again.
        """
        await self._ask_trail(since, found, () if fresh else batches)
        known = self.dependencies
        if known is not None and not fresh and self._slow.streams_fail():
            await self._slow.read_streams()
        elif not isinstance(known, Read) or self._session.now() - known.at >= DEPENDENCIES_EVERY:
            await self._ask_dependencies()

    async def read_further_pages(self, since: datetime, budget: CallBudget) -> None:
        """Read what full pages of the trail cut off, as long as there are calls for it."""
        while (asked := self.trail.further(since)) and budget.take():
            try:
                answer = await self._session.composite(asked)
            except Problem:
                return
            if not self.trail.take(answer, asked):
                return

    async def read_names(self, accounts: Iterable[About | None], budget: CallBudget) -> None:
        """Read names, sets and reach for the accounts that need it."""
        due = [each for each in accounts if each is not None]
        await self.similar_names.ask(due, self._slow.asked, self._slow.rights, budget)

    async def _ask_trail(
        self, since: datetime, found: Collection[Evidence], batches: Sequence[Accounts]
    ) -> None:
        groups = sorted({i for e in found for g in value_of(e.grants) or () if (i := g.group_id)})
        permissions = self._slow.asked
        texts = self.trail.requests(since, _moments(found))
        if groups:
            texts["components"] = queries.components(groups, permissions)
        inactive = any(user is not None and not user.is_active for e in found for user in [value_of(e.user)])
        more = _slow_texts(batches, inactive)
        room = queries.QUERIES - len(texts)
        texts |= dict(list(more.items())[:room])
        try:
            answer = await self._session.composite(texts)
        except Problem as problem:
            self.trail.fail(problem)
            return
        self.trail.take(answer, texts)
        if groups:
            others = tuple(c for c in value_of(self.components) or () if c.group_id not in groups)
            new = attempt(lambda: (*others, *_components(answer, permissions)), answer.at)
            self.components = newest_good(self.components, new)
        if "licenses" in texts:
            self._slow.licenses = newest_good(
                self._slow.licenses, attempt(lambda: licenses(answer), answer.at)
            )
        if "tokens" in texts:
            asked = {wire.key(each) for each in batches[0].ids}
            rest = tuple(t for t in value_of(self._slow.tokens) or () if wire.key(t.UserId) not in asked)
            read = attempt(lambda: _joined(rest, tokens([answer])), answer.at)
            self._slow.tokens = newest_good(self._slow.tokens, read)

    async def _ask_dependencies(self) -> None:
        interest = self._slow.interest
        try:
            answer = await self._session.query(queries.DEPENDENCIES, tooling=True)
            rows = answer.rows("rows", wire.DependencyRow)
            if not rows:
                # inferred: dependencies_everywhere - no rows: they are hidden from the operator.
                raise not_visible("Permission dependencies", "ViewSetup")
        except Problem as problem:
            self.dependencies = newest_good(self.dependencies, problem)
            return
        self.dependencies = Read(needed(interest, rows), answer.at)
        self.dependencies_at = self._clock.now()
        self.use_dependencies()

    def use_dependencies(self) -> None:
        """From now on ask for what the permissions of interest need, too."""
        self._slow.add_interest(d.required for d in value_of(self.dependencies) or ())


def needed(permissions: tuple[str, ...], rows: tuple[wire.DependencyRow, ...]) -> tuple[Dependency, ...]:
    """Of all dependencies those that `permissions` need, directly or through others."""
    wanted = set(permissions)
    while more := {r.RequiredPermission for r in rows if r.Permission in wanted} - wanted:
        wanted |= more
    pairs = {(r.Permission, r.RequiredPermission) for r in rows if r.Permission in wanted}
    return tuple(Dependency(*pair) for pair in sorted(pairs))


def _joined(others: tuple[wire.TokenRow, ...], found: tuple[wire.TokenRow, ...]) -> tuple[wire.TokenRow, ...]:
    """The tokens found, and those of accounts that were not asked about."""
    users = {wire.key(row.UserId) for row in found}
    return (*(row for row in others if wire.key(row.UserId) not in users), *found)


def _slow_texts(batches: Sequence[Accounts], inactive: bool) -> Mapping[str, str]:
    """Licences and tokens again, the more urgent first: a reactivation needs a free licence."""
    more = {"tokens": queries.tokens(batches[0])} if len(batches) == 1 else {}
    if not batches:
        return more
    free = {"licenses": queries.LICENSES}
    return free | more if inactive else more | free


def _moments(found: Iterable[Evidence]) -> Iterable[datetime]:
    """When freeze records, assignments and sets of these accounts were changed last."""
    for evidence in found:
        if (login := value_of(evidence.freeze)) and login.last_modified:
            yield login.last_modified
        for grant in value_of(evidence.grants) or ():
            yield from (moment for moment in (grant.assigned, grant.last_modified) if moment)


def _components(answer: Answers, permissions: Sequence[str]) -> tuple[Component, ...]:
    """The part `components`. Raises OrgProblem, also where none is visible: a group has at least one."""
    rows = answer.rows("components", wire.ComponentRow)
    if not rows:
        raise not_visible("Permission set group components", "ViewSetup")
    return tuple(component(row, permissions) for row in rows)
