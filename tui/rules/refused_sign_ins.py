"""Whose refused sign-in it was, and why Salesforce refused Incydr's newest one."""

from collections import Counter
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from tui.base.limits import HOUR, SAME_MOMENT
from tui.base.text import times_over
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, SignIns, value_of
from tui.connections.finding import Fact, Refusal
from tui.connections.signs_of_life import by_incydr, names_application, succeeded
from tui.rules import login_texts, sign_ins
from tui.rules.login_texts import LOCKOUT, WRONG_PASSWORD, About, LoginText, Reason, meaning

APP_PATTERN = ("incydr", "code42", "mimecast")
"""Parts of the names under which Incydr's app is known: they suggest it, only the pinned name counts."""


class Whose(StrEnum):
    """Whether a refused sign-in counts against this connection."""

    COUNTS = "counts"
    """Incydr's, or about the user or the org: whoever signed in."""
    CANNOT_TELL = "cannot tell"
    SOMEBODY_ELSES = "somebody else's"


class Refused(Struct, frozen=True):
    """Incydr's newest refused sign-in, where nothing shows that Incydr got through after it."""

    row: SignIns
    meaning: LoginText
    since: datetime
    """When this run of refusals began: not before the newest success of Incydr's app."""

    @property
    def fact(self) -> Fact:
        return Fact(f"{_called(self.row)} was refused: {self.row.status}", self.row.last)


def whose(connection: Connection, row: SignIns) -> Whose:
    """Whether a refused sign-in counts. Texts about the user or the org do from any client, others only Incydr's."""
    if meaning(row.status).about is not About.ATTEMPT:
        return Whose.COUNTS
    if names_application(row):
        if connection.incydr_app is not None:
            return Whose.COUNTS if by_incydr(connection, row) else Whose.SOMEBODY_ELSES
        return Whose.CANNOT_TELL if _may_be_incydr(row) else Whose.SOMEBODY_ELSES
    if login_texts.is_oauth(row.login_type, row.sub_type):
        return Whose.COUNTS
    return Whose.SOMEBODY_ELSES if login_texts.is_known(row.login_type) else Whose.CANNOT_TELL


def refusal(connection: Connection, evidence: Evidence) -> Refusal | None:
    """The newest refused sign-in that counts against this connection, also where Incydr got through since."""
    row = _newest(connection, evidence, Whose.COUNTS)
    return Refusal(row.status, row.last) if row is not None else None


def newest(connection: Connection, evidence: Evidence) -> Refused | None:
    """The newest refusal that counts; None where Incydr got through after it.

    Only this one speaks: what an older row says has been overtaken. Where it is about the whole org, anybody's
    later success overtakes it.
    """
    own = [row for row in _refused(evidence) if _is_own(connection, row)]
    # What others meet says less than what Incydr itself is answered.
    row = max(own, key=lambda r: r.last, default=None) or _newest(connection, evidence, Whose.COUNTS)
    if row is None or sign_ins.incydr_after(connection, evidence, row.last) is not None:
        return None
    found = meaning(row.status)
    history = value_of(evidence.sign_ins)
    rows = (*history.hour, *history.window) if history is not None else ()
    if found.about is About.ORG and any(succeeded(each) and each.last > row.last for each in rows):
        return None
    return Refused(row, found, _began(connection, evidence, row))


def doubtful(connection: Connection, evidence: Evidence) -> SignIns | None:
    """The newest refused sign-in of which it is not known whether it is Incydr's; None where Incydr got through.

    Without a pinned app a refusal as the newest OAuth sign-in of all may be Incydr's, whatever its app is called.
    """
    row = _newest(connection, evidence, Whose.CANNOT_TELL)
    if row is None and connection.incydr_app is None:
        oauth = [r for r in _rows(evidence) if login_texts.is_oauth(r.login_type, r.sub_type)]
        last = max(oauth, key=lambda r: r.last, default=None)
        row = last if last is not None and not succeeded(last) else None
    if row is None or sign_ins.incydr_after(connection, evidence, row.last) is not None:
        return None
    return row


def fact(connection: Connection, evidence: Evidence, reason: Reason) -> tuple[Fact, ...]:
    """The newest refusal as a fact, where Salesforce refuses for this reason."""
    found = newest(connection, evidence)
    return (found.fact,) if found is not None and found.meaning.reason is reason else ()


def warnings(connection: Connection, evidence: Evidence) -> tuple[Fact, ...]:
    """What other clients were refused within the last day: a warning, never an Error."""
    others = [
        row
        for row in _rows(evidence)
        if not succeeded(row)
        and whose(connection, row) is Whose.SOMEBODY_ELSES
        and row.last > evidence.org_now - 24 * HOUR
    ]
    tries = [row for row in others if meaning(row.status).text in (LOCKOUT, WRONG_PASSWORD)]
    facts = []
    if tries:
        texts = {row.status for row in tries}
        history = value_of(evidence.sign_ins)
        hour = history.hour if history is not None else ()
        addresses = {row.source_ip for row in hour if row.status in texts and row.source_ip}
        count = sum(row.count for row in tries)
        plural = "" if len(addresses) == 1 else "es"
        source = f"from {len(addresses)} address{plural}" if addresses else ""
        text = f"somebody tries passwords on this account: {count:,} refused"
        facts.append(Fact(text, min(row.first for row in tries), since=True, more=source))
    counts: Counter[tuple[str, str]] = Counter()
    for row in others:
        if row not in tries:
            counts[(row.application.strip() or "a client without a name", row.status)] += row.count
    other = " (not Incydr)" if connection.incydr_app is not None else ""
    facts += [
        Fact(f"{app}{other} is refused: {status} ({times_over(count)})")
        for (app, status), count in counts.most_common(3)
    ]
    return tuple(facts)


def _may_be_incydr(row: SignIns) -> bool:
    """Without a pinned app: whether the name suggests Incydr's, and the door may have been OAuth."""
    suggests = any(part in row.application.casefold() for part in APP_PATTERN)
    door = login_texts.is_oauth(row.login_type, row.sub_type) or not login_texts.is_known(row.login_type)
    return suggests and door


def _rows(evidence: Evidence) -> tuple[SignIns, ...]:
    history = value_of(evidence.sign_ins)
    return history.window if history is not None else ()


def _refused(evidence: Evidence) -> list[SignIns]:
    return [row for row in _rows(evidence) if not succeeded(row)]


def _is_own(connection: Connection, row: SignIns) -> bool:
    """Whether the attempt itself is Incydr's: its pinned app, or OAuth without a name."""
    if names_application(row):
        return by_incydr(connection, row)
    return login_texts.is_oauth(row.login_type, row.sub_type)


def wrong_passwords_at(evidence: Evidence, at: datetime) -> bool:
    """Whether refusals for a wrong password stand around a moment: they may move the freeze record."""
    history = value_of(evidence.sign_ins)
    rows = (*history.window, *history.hour) if history is not None else ()
    return any(
        row.first - SAME_MOMENT <= at <= row.last + SAME_MOMENT
        for row in rows
        if not succeeded(row) and meaning(row.status).text in (LOCKOUT, WRONG_PASSWORD)
    )


def _newest(connection: Connection, evidence: Evidence, wanted: Whose) -> SignIns | None:
    found = [row for row in _refused(evidence) if whose(connection, row) is wanted]
    return max(found, key=lambda row: row.last, default=None)


def _began(connection: Connection, evidence: Evidence, row: SignIns) -> datetime:
    """When this run of refusals began: not before the newest success of Incydr's app."""
    last = max((r.last for r in _rows(evidence) if succeeded(r) and by_incydr(connection, r)), default=None)
    if last is None or row.first > last:
        return row.first
    history = value_of(evidence.sign_ins)
    hour = [
        r.first
        for r in (history.hour if history is not None else ())
        if r.status == row.status and r.application == row.application and r.first > last
    ]
    return min(hour, default=row.last)


def _called(row: SignIns) -> str:
    return f"{row.application.strip()}'s sign-in" if names_application(row) else "a sign-in without its app"
