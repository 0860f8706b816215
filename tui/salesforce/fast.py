"""The fast call: user, freeze, grants and sign-ins of all accounts, and whether the org is the one that is meant."""

from dataclasses import dataclass
from datetime import datetime

from tui.base.clock import Clock
from tui.base.limits import HOUR as LIMIT_HOUR
from tui.base.limits import WINDOW_MOST
from tui.base.problem import Problem
from tui.salesforce import queries, wire
from tui.salesforce.crowds import WINDOW, Crowds, Piece, Question
from tui.salesforce.errors import OrgProblem
from tui.salesforce.queries import Accounts
from tui.salesforce.session import Parts, Session
from tui.salesforce.spare import Spare, address


@dataclass(frozen=True)
class Asked:
    """One fast answer about some accounts, or the problem instead; `permissions` are the ones asked for.

    `elsewhere`: whether another org answers; None where it could not be told.
    """

    accounts: Accounts
    answer: Parts | Problem
    since: datetime
    permissions: tuple[str, ...]
    pieces: tuple[Piece, ...] = ()
    elsewhere: bool | None = None
    org_id: str | None = None
    """The Id that it was compared with."""


class Fast:
    """Asks it: one call for one batch of accounts, more only where their sign-ins do not fit."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self.crowds = Crowds(clock)

    async def ask(
        self, accounts: Accounts, permissions: tuple[str, ...], org_id: str | None, spare: Spare
    ) -> Asked:
        """`org_id` is the Id that the org must have, where it is known. Never raises for outside trouble."""
        since = (self._session.now() - WINDOW_MOST).replace(microsecond=0)
        questions = self.crowds.questions(accounts)
        first, rest = questions[:2], questions[2:]
        texts = {
            "user": queries.users(accounts),
            "freeze": queries.user_logins(accounts),
            "grants": queries.assignments(accounts, permissions),
            **self._texts(first, since),
        }
        addresses = {name: address(text) for name, text in texts.items()}
        if org_id is not None:
            addresses["org"] = queries.organization(org_id)
        try:
            answer = await self._session.composite(addresses)
        except Problem as problem:
            return Asked(accounts, problem, since, permissions)
        pieces = [Piece(question, answer) for question in first]
        await self._rest(rest, pieces, since, spare)
        return Asked(accounts, answer, since, permissions, tuple(pieces), _elsewhere(answer, org_id), org_id)

    async def _rest(self, rest: list[Question], pieces: list[Piece], since: datetime, spare: Spare) -> None:
        """Ask what is left, and again what had too many groups, as long as there are calls for it."""
        rest = rest + self.crowds.again([p for p in pieces if p.too_many], pieces)
        retrying = bool(rest) and any(p.too_many for p in pieces)
        while rest and spare.take():
            now, rest = rest[: queries.QUERIES], rest[queries.QUERIES :]
            try:
                texts = self._texts(now, since)
                answer: Parts | Problem = await self._session.composite(
                    {name: address(text) for name, text in texts.items()}
                )
            except Problem as problem:
                answer = problem
            new = [Piece(question, answer) for question in now]
            pieces += new
            self.crowds.answered(new)
            retrying |= any(p.too_many for p in new)
            rest += self.crowds.again([p for p in new if p.too_many], pieces)
            if retrying:
                rest += [q for p in new for q in self.crowds.light(p)]

    def _texts(self, questions: list[Question], since: datetime) -> dict[str, str]:
        hour = self._session.now() - LIMIT_HOUR
        return {q.name: q.query(since if q.kind == WINDOW else hour) for q in questions}


def _elsewhere(answer: Parts, org_id: str | None) -> bool | None:
    if org_id is None:
        return None
    try:
        row = wire.decode(answer.whole("org"), wire.Identified, "Organization")
    except OrgProblem as problem:
        return True if problem.status == 404 else None
    return wire.key(row.Id) != wire.key(org_id)
