"""Successful sign-ins by day over 30 days, asked once a day: from them quiet days are known."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.evidence import Read, SignInDay, SignInDays, Unreadable, User
from tui.connections.signs_of_life import went_through
from tui.salesforce import errors, queries, wire
from tui.salesforce.crowds import TOO_MANY
from tui.salesforce.errors import OrgProblem
from tui.salesforce.parts import unreadable
from tui.salesforce.queries import Accounts
from tui.salesforce.session import Parts

BACK = timedelta(days=30)
EVERY = timedelta(hours=24)
TOGETHER = 20
"""Accounts in one question: a month of them stays below the groups of one answer, unless they are busy."""

DayPart = Read[SignInDays] | Unreadable


class Days:
    """The newest counts, by the account's Id; asked in as many questions as there are twenties of accounts."""

    def __init__(self, clock: Clock) -> None:
        self.known: dict[str, tuple[DayPart, datetime]] = {}
        """Of each account (its Id's 15 characters): the part, and this machine's time when it was asked."""
        self._clock = clock
        self._together = TOGETHER

    def due(self, batches: Sequence[Accounts]) -> list[Accounts]:
        """Accounts to ask about now, in questions; those that are not known by Id wait for that."""
        now = self._clock.now()
        due = [
            one for batch in batches for one in batch.each() if one.ids and not self._fresh(one.ids[0], now)
        ]
        if not due:
            return []
        return list(queries.joined(due).split(self._together))

    def query(self, accounts: Accounts, now: datetime) -> str:
        return queries.sign_in_days(accounts, (now - BACK).date())

    def take(self, accounts: Accounts, name: str, answer: Parts) -> None:
        """Take the answer; an org that refuses the question is not asked it again that day."""
        since = (answer.at - BACK).date()
        try:
            found = _by_user(answer.rows(name, wire.DayRow))
        except Problem as problem:
            crowded = isinstance(problem, OrgProblem) and problem.code == TOO_MANY
            if crowded and len(accounts.usernames) > 1:
                # Asked in smaller batches with the next slow facts.
                self._together = max(1, min(self._together, len(accounts.usernames)) // 2)
                return
            self._note({wire.key(i): unreadable(problem) for i in accounts.ids})
            return
        self._note(
            {
                wire.key(i): Read(SignInDays(since, tuple(found.get(wire.key(i), ()))), answer.at)
                for i in accounts.ids
            }
        )

    def of(self, user: User) -> DayPart | None:
        known = self.known.get(wire.key(user.id))
        return known[0] if known is not None else None

    def _fresh(self, user_id: str, now: datetime) -> bool:
        known = self.known.get(wire.key(user_id))
        return known is not None and timedelta(0) <= now - known[1] < EVERY

    def _note(self, parts: dict[str, DayPart]) -> None:
        now = self._clock.now()
        self.known |= {user: (part, now) for user, part in parts.items()}


def _by_user(rows: Sequence[wire.DayRow]) -> dict[str, list[SignInDay]]:
    counts: dict[tuple[str, date, str], int] = {}
    for row in rows:
        if went_through(row.Status or ""):
            at = (wire.key(row.UserId), _day(row.day), row.Application or "")
            counts[at] = counts.get(at, 0) + row.times
    found: dict[str, list[SignInDay]] = {}
    for (user, day, application), count in sorted(counts.items()):
        found.setdefault(user, []).append(SignInDay(application, day, count))
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise errors.shape("LoginHistory by day", f"expected a date, found {text[:40]!r}") from None
