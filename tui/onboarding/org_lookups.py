"""What an org is asked on the way in: who the operator is there, and which user is the service account."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from tui.base.problem import Problem
from tui.base.text import clean
from tui.connections.evidence import OrgIdentity, Rights
from tui.salesforce import errors, queries, wire
from tui.salesforce.errors import OrgProblem
from tui.salesforce.queries import Accounts
from tui.salesforce.session import Answers, Session

_NO_COLUMN = re.compile(r"No such column 'Permissions(\w+)'")


class SignedIn(Struct, frozen=True):
    """The operator with his relevant rights, and the org that took his sign-in.

    `hidden`: why the org does not say who the operator is.
    """

    rights: Rights
    org: OrgIdentity
    hidden: str = ""

    @property
    def name(self) -> str:
        """The operator's username, or words where the org does not name him."""
        return self.rights.username or "a user without a name"


async def who_am_i(session: Session) -> SignedIn:
    """Two requests, one of them an API call. Raises Problem."""
    operator = await session.who()
    asked = list(queries.OPERATOR_RIGHTS)
    while True:
        answer = await session.composite(
            {"rights": queries.rights(asked), "organization": queries.ORGANIZATION}
        )
        try:
            granted = _granted(answer)
            break
        except OrgProblem as problem:
            # Which permissions there are varies with the org's licences.
            absent = _NO_COLUMN.search(problem.message)
            if absent is None or absent.group(1) not in asked:
                raise
            asked.remove(absent.group(1))
    rows = answer.rows("organization", wire.OrganizationRow)
    if not rows:
        raise errors.shape("Organization", "expected one row, found none")
    org = OrgIdentity(rows[0].Id, rows[0].Name, rows[0].IsSandbox)
    return SignedIn(Rights(operator.username, operator.user_id, granted), org, operator.hidden)


def _granted(answer: Answers) -> tuple[str, ...]:
    rows = answer.rows("rights", dict[str, Any])
    if not rows:
        raise errors.shape("UserPermissionAccess", "expected one row, found none")
    return tuple(sorted(name.removeprefix("Permissions") for name, on in rows[0].items() if on is True))


PATTERN = re.compile("incydr|code42|mimecast", re.IGNORECASE)
"""Names that suggest Incydr; they suggest only, a person decides."""
_WORDS = ("incydr", "code42", "mimecast")
BACK = timedelta(days=30)
"""How far back sign-ins are looked at."""
MOST = 50
"""Users that are suggested at most."""


class Suggestion(Struct, frozen=True):
    """A user who may be the service account; `why` says what speaks for it."""

    username: str
    name: str
    is_active: bool
    why: str


class Suggestions(Struct, frozen=True):
    """The suggested users, the likeliest first; `hidden`: what could not be looked at, and why."""

    users: tuple[Suggestion, ...] = ()
    hidden: tuple[str, ...] = ()


class App(Struct, frozen=True):
    """An application that signed in as the account, by its exact name; `last`: by the org's clock."""

    name: str
    last: datetime | None
    suggested: bool


class Account(Struct, frozen=True):
    """The chosen user and the applications that use him, the likeliest first."""

    user_id: str
    username: str
    name: str
    is_active: bool
    apps: tuple[App, ...] = ()


class _Seen(Struct, frozen=True):
    UserId: str
    latest: str
    Application: str | None = None


async def suggest(session: Session) -> Suggestions:
    """At most two API calls. Raises Problem only where the org as a whole could not be asked."""
    answer = await session.composite(
        {
            "seen": queries.seen_by_app(session.now() - BACK),
            "tokens": queries.tokens_of_apps(_WORDS, MOST),
            "named": queries.users_named(_WORDS, MOST),
        }
    )
    hidden: list[str] = []
    why: dict[str, str] = {}
    for row in sorted(_rows(answer, "seen", _Seen, hidden), key=lambda row: row.latest, reverse=True):
        if PATTERN.search(row.Application or ""):
            why.setdefault(wire.key(row.UserId), f"{row.Application} signed in")
    for token in _rows(answer, "tokens", wire.TokenRow, hidden):
        why.setdefault(wire.key(token.UserId), f"{token.AppName} may sign in")
    named = {wire.key(user.Id): user for user in _rows(answer, "named", wire.UserRow, hidden)}
    missing = [user_id for user_id in why if user_id not in named][:MOST]
    if missing:
        found = await session.query(queries.users_with_ids(missing))
        named |= {wire.key(user.Id): user for user in _rows(found, "rows", wire.UserRow, hidden)}
    order = [user_id for user_id in why if user_id in named]
    order += [user_id for user_id in named if user_id not in why]
    users = (
        Suggestion(row.Username, row.Name, row.IsActive, why.get(user_id, "by the name alone"))
        for user_id in order
        for row in (named[user_id],)
    )
    return Suggestions(tuple(users), tuple(dict.fromkeys(hidden)))


async def look_up(session: Session, username: str) -> Account:
    """The user of this name and who signs in as him: one API call. Raises Problem, also where there is none."""
    accounts = Accounts((username,))
    answer = await session.composite(
        {
            "user": queries.users(accounts),
            "seen": queries.sign_ins(accounts, session.now() - BACK, by_source=False),
            "tokens": queries.tokens(accounts),
        }
    )
    rows = answer.rows("user", wire.UserRow)
    if not rows:
        raise Problem(
            "No such user",
            f"The org shows you no user {clean(username, 80)}.",
            "Check the spelling: it is the username in Salesforce, not the e-mail address.",
        )
    user = rows[0]
    last: dict[str, datetime | None] = {}
    for row in _rows(answer, "seen", wire.SignInRow, []):
        at = wire.moment(row.latest, "LoginHistory.LoginTime")
        before = last.get(row.Application or "")
        last[row.Application or ""] = max(filter(None, (before, at)), default=None)
    for token in _rows(answer, "tokens", wire.TokenRow, []):
        last.setdefault(token.AppName or "", None)
    apps = [App(name, at, bool(PATTERN.search(name))) for name, at in last.items() if name not in ("", "N/A")]
    apps.sort(key=lambda app: (not app.suggested, app.last is None, app.name.casefold()))
    return Account(user.Id, user.Username, user.Name, user.IsActive, tuple(apps))


def _rows(answer: Answers, name: str, kind: type[wire.T], hidden: list[str]) -> Iterable[wire.T]:
    """The rows of one part; where the org refuses it, none, and why goes to `hidden`."""
    try:
        return answer.rows(name, kind)
    except OrgProblem as problem:
        hidden.append(f"{problem.title}: {problem.message}")
        return ()
