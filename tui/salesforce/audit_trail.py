"""The org's audit trail, kept and continued: each reading asks only for what is new, or was cut off before.

Rare actions are asked apart from the many about assignments, so that these hide nothing; and whatever stands
within seconds of a record's own last change is asked for by that moment.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from tui.base.limits import AUDIT_LATE, QUERY_PAGE
from tui.base.problem import Problem
from tui.connections.connection import Connection
from tui.connections.evidence import AuditRow, AuditTrail, Read, Unreadable, User
from tui.rules.audit_actions import Names, known
from tui.salesforce import queries, wire
from tui.salesforce.evidence_parts import attempt, newest_good
from tui.salesforce.session import Answers

KEPT_ROWS = 3 * QUERY_PAGE
MOMENTS = 20
"""So many moments of records' changes, the newest, are asked for."""

AuditPart = Read[AuditTrail] | Unreadable | None


class ActionRows:
    """The rows of some actions. `part` is what is known of them; `name` is that of its part of an answer."""

    def __init__(self, name: str, actions: str) -> None:
        self.name = name
        self.part: AuditPart = None
        self._actions = actions
        self._from: datetime | None = None
        self._older = False

    def query(self, wanted: datetime) -> str:
        """What to ask so that the rows reach from now back to `wanted`."""
        known, self._older = self.part, False
        reached = isinstance(known, Read) and (known.value.since <= wanted or not known.value.complete)
        self._from = max(wanted, known.at - AUDIT_LATE) if reached and isinstance(known, Read) else wanted
        return queries.audit(self._actions, self._from)

    def further(self, wanted: datetime) -> str | None:
        """What to ask for the rows before a page that was full; None where nothing more is to be had."""
        if not isinstance(self.part, Read):
            return None
        trail = self.part.value
        if trail.complete or trail.since <= wanted or len(trail.rows) >= KEPT_ROWS:
            return None
        self._from, self._older = wanted, True
        return queries.audit(self._actions, wanted, trail.since)

    def take(self, answer: Answers) -> bool:
        """Take the answer to what was asked last; False where it brought nothing new."""
        before, since = self.part, self._from or answer.at
        new = attempt(lambda: _read(answer, self.name, since), answer.at)
        if self._older and isinstance(before, Read):
            if isinstance(new, Problem):
                return False
            rows = _joined(before.value.rows, new.value.rows)
            grew = len(rows) > len(before.value.rows) or new.value.complete
            self.part = Read(_cut(since, rows, new.value.complete), before.at)
            return grew
        if isinstance(new, Read) and isinstance(before, Read):
            new = Read(_merged(before, new.value), new.at)
        self.part = newest_good(before, new)
        return True

    def fail(self, problem: Problem) -> None:
        """The call failed as a whole."""
        if not self._older:
            self.part = newest_good(self.part, problem)


class Trail:
    """The whole trail of an org, as far as it was read."""

    def __init__(self) -> None:
        self.rare = ActionRows("audit", queries.RARE)
        self.assignments = ActionRows("assignments", queries.ASSIGNMENTS)
        self._around: dict[str, AuditRow] = {}
        self._settled: set[datetime] = set()
        self._asked: tuple[datetime, ...] = ()
        self.part: AuditPart = None
        """What is known: rare rows, rows about assignments, and rows around the moments that were asked for."""
        self._texts: tuple[str, ...] = ()
        self._about: dict[frozenset[str], AuditTrail] = {}
        """What was found about whom in the trail as it is."""

    def _whole(self) -> AuditPart:
        rare, assignments = self.rare.part, self.assignments.part
        if not isinstance(rare, Read):
            return rare
        since = assignments.value.since if isinstance(assignments, Read) else rare.at
        others = assignments.value.rows if isinstance(assignments, Read) else ()
        complete = rare.value.complete and isinstance(assignments, Read) and assignments.value.complete
        rows = _joined(rare.value.rows, (*others, *self._around.values()))
        begins_apart = None if since == rare.value.since else since
        return Read(AuditTrail(rare.value.since, rows, complete, begins_apart), rare.at)

    def requests(self, wanted: datetime, moments: Iterable[datetime]) -> dict[str, str]:
        """Queries by name that read it from now back to `wanted`, and around these moments of a change."""
        newest = sorted({m for m in moments if m >= wanted} - self._settled, reverse=True)
        self._asked = tuple(newest[:MOMENTS])
        asked = {part.name: part.query(wanted) for part in (self.rare, self.assignments)}
        return asked | ({"around": queries.audit_around(self._asked)} if self._asked else {})

    def further(self, wanted: datetime) -> dict[str, str]:
        """Queries by name for what full pages cut off."""
        parts = (self.rare, self.assignments)
        return {s.name: text for s in parts if (text := s.further(wanted)) is not None}

    def take(self, answer: Answers, asked: Mapping[str, str]) -> bool:
        """Take the answer to such queries; False where it brought nothing new."""
        if "around" in asked:
            rows = attempt(lambda: _rows(answer, "around"), answer.at)
            if isinstance(rows, Read):
                self._around |= {row.id: row for row in rows.value}
                self._settled |= {m for m in self._asked if m < answer.at - AUDIT_LATE}
        parts = [s for s in (self.rare, self.assignments) if s.name in asked]
        grew = [part.take(answer) for part in parts]
        self._join()
        return any(grew)

    def fail(self, problem: Problem) -> None:
        """The call failed as a whole."""
        self.rare.fail(problem)
        self.assignments.fail(problem)
        self._join()

    def _join(self) -> None:
        self.part = self._whole()
        rows = self.part.value.rows if isinstance(self.part, Read) else ()
        self._texts = tuple(row.display.casefold() for row in rows)
        self._about.clear()

    def concerning(self, connection: Connection, user: User | None) -> AuditPart:
        """The rows that can be about this connection: those that name another user are left out."""
        part = self.part
        if not isinstance(part, Read):
            return part
        marks = {connection.service_account, wire.key(connection.user_id or "")}
        if user is not None:
            marks |= {wire.key(user.id), user.username, user.name, *user.former_names}
        folded = frozenset(mark.casefold() for mark in marks) - {""}
        if folded not in self._about:
            trail = part.value
            rows = tuple(
                row
                for row, text in zip(trail.rows, self._texts, strict=True)
                if not _names_user(row.action) or any(mark in text for mark in folded)
            )
            self._about[folded] = AuditTrail(trail.since, rows, trail.complete, trail.assignments_since)
        return Read(self._about[folded], part.at)


@lru_cache(500)
def _names_user(action: str) -> bool:
    about = known(action)
    return about is not None and (about.names is Names.USER or about.assignment)


def _read(answer: Answers, name: str, since: datetime) -> AuditTrail:
    rows = _rows(answer, name)
    return _cut(since, rows, len(rows) < QUERY_PAGE)


def _rows(answer: Answers, name: str) -> tuple[AuditRow, ...]:
    return tuple(_row(row) for row in answer.rows(name, wire.AuditTrailRow))


def _merged(known: Read[AuditTrail], new: AuditTrail) -> AuditTrail:
    """`new` joined to the trail that is known already."""
    old = known.value
    if new.since <= old.since:
        return new
    if not new.complete and new.since > known.at - AUDIT_LATE:
        # Rows between the two are missing: what is known before them would pretend to be whole.
        return new
    rows = _joined(new.rows, old.rows)
    if len(rows) > KEPT_ROWS:
        return _cut(old.since, rows[:KEPT_ROWS], False)
    return AuditTrail(old.since, rows, old.complete)


def _joined(some: Iterable[AuditRow], others: Iterable[AuditRow]) -> tuple[AuditRow, ...]:
    """Newest first, each row once."""
    by_id = {row.id: row for row in (*others, *some)}
    return tuple(sorted(by_id.values(), key=lambda row: row.at, reverse=True))


def _cut(since: datetime, rows: tuple[AuditRow, ...], complete: bool) -> AuditTrail:
    """A trail that was cut short is whole only from its oldest row on."""
    return AuditTrail(since if complete or not rows else rows[-1].at, rows, complete)


def _row(row: wire.AuditTrailRow) -> AuditRow:
    by = row.CreatedBy
    return AuditRow(
        id=row.Id,
        action=row.Action,
        display=row.Display or "",
        at=wire.known_moment(row.CreatedDate, "SetupAuditTrail.CreatedDate"),
        by_name=by.Name if by else None,
        by_username=by.Username if by else None,
        delegate=row.DelegateUser or None,
    )
