"""Asks about the accounts of an org in one call: user, freeze, grants and sign-ins; more only where these do not fit.

A GROUP BY answer holds 2,000 groups and has no second page. Over the window the accounts are asked in smaller
batches. In the hour the addresses make the groups, and whoever tries passwords chooses how many there are: such an
account is asked without them, so that it hides no other one.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from msgspec import Struct, field

from tui.base.clock import Clock
from tui.base.limits import GROUPS, HOUR, WINDOW_MOST
from tui.base.problem import Problem
from tui.connections.evidence import User
from tui.salesforce import queries, wire
from tui.salesforce.errors import OrgProblem
from tui.salesforce.queries import Accounts, joined
from tui.salesforce.session import Answers, CallBudget, Session

REMEMBERED = timedelta(hours=1)
TOO_MANY = "EXCEEDED_ID_LIMIT"
IN_PARTS = 4
"""Into so many parts a batch is split at once: two halvings at the price of one call."""


class Span(StrEnum):
    """Over which time sign-ins are asked; the value is the reference of the first such query in a call."""

    WINDOW = "window"
    HOUR = "hour"


class BatchQuestion(Struct, frozen=True):
    """One aggregate about some accounts; `name` is its reference in the call."""

    span: Span
    accounts: Accounts
    name: str
    by_source: bool = False

    def query(self, since: datetime) -> str:
        return queries.sign_ins(self.accounts, since, by_source=self.by_source)


class BatchAnswer(Struct, frozen=True):
    """A question and the answer to the call that it was asked in."""

    question: BatchQuestion
    answer: Answers | Problem

    def rows(self) -> tuple[wire.SignInRow, ...]:
        """Raises Problem."""
        return self._answered().rows(self.question.name, wire.SignInRow)

    def of(self, user: User) -> Sequence[wire.SignInRow]:
        """Raises Problem."""
        return self._answered().rows_of(self.question.name, wire.SignInRow, "UserId", user.id)

    def _answered(self) -> Answers:
        if isinstance(self.answer, Problem):
            raise self.answer
        return self.answer

    @property
    def too_many(self) -> bool:
        if isinstance(self.answer, Answers) and self.answer.succeeded(self.question.name):
            return False
        try:
            self.rows()
        except Problem as problem:
            return isinstance(problem, OrgProblem) and problem.code == TOO_MANY
        return False

    def about(self, user: User) -> bool:
        accounts = self.question.accounts
        if accounts.ids:
            return wire.key(user.id) in map(wire.key, accounts.ids)
        return user.username.casefold() in map(str.casefold, accounts.usernames)


class Split(Struct, frozen=True):
    """Into how many parts the accounts are asked about their window, and who about the hour without addresses."""

    since: datetime
    """This machine's time when it was found."""
    parts: int = 1
    without_sources: frozenset[str] = field(default=frozenset(), name="crowded")
    """Usernames; the journal's name for it is older."""


class SignInBatches:
    """Who is asked together with whom; `split` is remembered for an hour, None where all fit together."""

    def __init__(self, clock: Clock) -> None:
        self.split: Split | None = None
        self._clock = clock
        self._numbers = dict.fromkeys(Span, 0)

    def questions(self, accounts: Accounts) -> list[BatchQuestion]:
        """What to ask about these accounts: first one of each kind, the rest of them after."""
        if self.split is not None and not self._now() - self.split.since < REMEMBERED:
            self.split = None
        self._numbers = dict.fromkeys(Span, 0)
        windows = [self._named(Span.WINDOW, part) for part in _parts(accounts, self._known.parts)]
        hours = self._hours(accounts)
        return [windows[0], hours[0], *windows[1:], *hours[1:]]

    def retry(self, failed: Iterable[BatchAnswer], answers: Sequence[BatchAnswer]) -> list[BatchQuestion]:
        """What to ask in place of answers that had too many groups."""
        more: list[BatchQuestion] = []
        failed = list(failed)
        if any(batch.question.span is Span.WINDOW for batch in failed):
            self._found(parts=self._known.parts * IN_PARTS)
        for batch in failed:
            accounts, span = batch.question.accounts, batch.question.span
            if batch.question.by_source:
                self._found(without_sources=self._known.without_sources | set(accounts.usernames))
                covered = {n for p in answers if _plain(p) for n in p.question.accounts.usernames}
                more += [] if covered.issuperset(accounts.usernames) else [self._named(Span.HOUR, accounts)]
            elif len(accounts.usernames) > 1:
                more += [self._named(span, part) for part in _parts(accounts, IN_PARTS)]
        return more

    def with_sources_again(self, batch: BatchAnswer) -> list[BatchQuestion]:
        """Of accounts whose hour was answered without addresses: those that fit together with them again.

        No account has more groups than sign-ins: those with the fewest are asked again, the rest one by one.
        """
        accounts = batch.question.accounts
        if not _plain(batch) or not accounts.ids or batch.too_many:
            return []
        counts: dict[str, int] = dict.fromkeys(map(wire.key, accounts.ids), 0)
        for row in _rows(batch):
            counts[wire.key(row.UserId)] = counts.get(wire.key(row.UserId), 0) + row.times
        few: list[Accounts] = []
        many: list[Accounts] = []
        total = 0
        for one in sorted(accounts.each(), key=lambda each: counts[wire.key(each.ids[0])]):
            total += counts[wire.key(one.ids[0])]
            (few if total <= GROUPS else many).append(one)
        groups = [joined(few)] if few else []
        asked = [*groups, *(many if few or len(many) > 1 else [])][: queries.QUERIES]
        return [self._named(Span.HOUR, each, by_source=True) for each in asked]

    def note_answers(self, answers: Iterable[BatchAnswer]) -> None:
        """Remember who was read with addresses after all."""
        for batch in answers:
            if batch.question.by_source and not batch.too_many and not isinstance(batch.answer, Problem):
                read = set(batch.question.accounts.usernames)
                if read & self._known.without_sources:
                    self._found(without_sources=self._known.without_sources - read)

    @property
    def _known(self) -> Split:
        return self.split or Split(self._now())

    def _found(self, *, parts: int | None = None, without_sources: frozenset[str] | None = None) -> None:
        known = self._known
        self.split = Split(
            known.since,
            known.parts if parts is None else parts,
            known.without_sources if without_sources is None else without_sources,
        )

    def _now(self) -> datetime:
        return self._clock.now()

    def _hours(self, accounts: Accounts) -> list[BatchQuestion]:
        every = accounts.each()
        by_source = [one for one in every if one.usernames[0] not in self._known.without_sources]
        others = [one for one in every if one.usernames[0] in self._known.without_sources]
        return [
            *([self._named(Span.HOUR, joined(by_source), by_source=True)] if by_source else []),
            *([self._named(Span.HOUR, joined(others))] if others else []),
        ]

    def _named(self, span: Span, accounts: Accounts, *, by_source: bool = False) -> BatchQuestion:
        self._numbers[span] += 1
        number = self._numbers[span]
        return BatchQuestion(span, accounts, span if number == 1 else f"{span}{number}", by_source)


def rows_of(answers: Sequence[BatchAnswer], span: Span, user: User) -> tuple[Sequence[wire.SignInRow], bool]:
    """The user's rows, and whether they carry the addresses. Raises Problem where no answer has them."""
    mine = [p for p in answers if p.question.span is span and p.about(user)]
    problem_met: Problem = OrgProblem(
        "Too many sign-ins for one reading",
        "the accounts of this org have more of them than one answer holds.",
        "The next reading goes on with this account.",
    )
    for batch in sorted(mine, key=lambda p: not p.question.by_source):
        try:
            return batch.of(user), batch.question.by_source
        except Problem as problem:
            problem_met = problem
    raise problem_met


def _parts(accounts: Accounts, number: int) -> tuple[Accounts, ...]:
    return accounts.split(-(-len(accounts.usernames) // number))


def _plain(batch: BatchAnswer) -> bool:
    return batch.question.span is Span.HOUR and not batch.question.by_source


def _rows(batch: BatchAnswer) -> tuple[wire.SignInRow, ...]:
    try:
        return batch.rows()
    except Problem:
        return ()


class AccountsAnswer(Struct, frozen=True, dict=True):
    """One answer about some accounts, or the problem instead; `permissions` are the ones asked for.

    `other_org`: whether another org answers; None where it is not known.
    """

    accounts: Accounts
    answer: Answers | Problem
    since: datetime
    permissions: tuple[str, ...]
    answers: tuple[BatchAnswer, ...] = ()
    other_org: bool | None = None
    org_id: str | None = None
    """The Id that it was compared with."""

    @cached_property
    def digest(self) -> object:
        """Equal where the same was asked and answered; None where that is not known."""
        every = [self.answer, *(batch.answer for batch in self.answers)]
        if any(isinstance(answer, Problem) for answer in every):
            return None
        digests = dict.fromkeys(answer.digest for answer in every if isinstance(answer, Answers))
        return self.accounts, self.permissions, tuple(b.question for b in self.answers), tuple(digests)


class AccountQuery:
    """Asks it: one call for one batch of accounts, more only where their sign-ins do not fit."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self.batches = SignInBatches(clock)

    async def ask(
        self, accounts: Accounts, permissions: tuple[str, ...], org_id: str | None, budget: CallBudget
    ) -> AccountsAnswer:
        """`org_id` is the Id that the org must have, where it is known. Never raises for what the org answers."""
        since = (self._session.now() - WINDOW_MOST).replace(microsecond=0)
        questions = self.batches.questions(accounts)
        first, rest = questions[:2], questions[2:]
        texts = {
            "user": queries.users(accounts),
            "freeze": queries.user_logins(accounts),
            "grants": queries.assignments(accounts, permissions),
            **self._texts(first, since),
        }
        if org_id is not None:
            texts["org"] = queries.organization(org_id)
        try:
            answer = await self._session.composite(texts)
        except Problem as problem:
            return AccountsAnswer(accounts, problem, since, permissions)
        answers = [BatchAnswer(question, answer) for question in first]
        await self._rest(rest, answers, since, budget)
        return AccountsAnswer(
            accounts, answer, since, permissions, tuple(answers), _other_org(answer, org_id), org_id
        )

    async def _rest(
        self, rest: list[BatchQuestion], answers: list[BatchAnswer], since: datetime, budget: CallBudget
    ) -> None:
        """Ask what is left, and again what had too many groups, as long as there are calls for it."""
        rest = rest + self.batches.retry([p for p in answers if p.too_many], answers)
        retrying = bool(rest) and any(p.too_many for p in answers)
        while rest and budget.take():
            now, rest = rest[: queries.QUERIES], rest[queries.QUERIES :]
            try:
                answer: Answers | Problem = await self._session.composite(self._texts(now, since))
            except Problem as problem:
                answer = problem
            new = [BatchAnswer(question, answer) for question in now]
            answers += new
            self.batches.note_answers(new)
            retrying |= any(p.too_many for p in new)
            rest += self.batches.retry([p for p in new if p.too_many], answers)
            if retrying:
                rest += [q for p in new for q in self.batches.with_sources_again(p)]

    def _texts(self, questions: list[BatchQuestion], since: datetime) -> dict[str, str]:
        hour = self._session.now() - HOUR
        return {q.name: q.query(since if q.span is Span.WINDOW else hour) for q in questions}


def _other_org(answer: Answers, org_id: str | None) -> bool | None:
    if org_id is None:
        return None
    try:
        row = wire.decode(answer.whole("org"), wire.Identified, "Organization")
    except OrgProblem as problem:
        return True if problem.status == 404 else None
    return wire.key(row.Id) != wire.key(org_id)
