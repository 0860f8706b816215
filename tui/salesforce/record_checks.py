"""What a record shows right before and after a change, and why nothing is sent over what somebody did meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tui.base.problem import Problem
from tui.base.text import counted
from tui.connections.repair import Delete, Outcome, Result, Update, Value
from tui.salesforce import queries, wire
from tui.salesforce.errors import OrgProblem
from tui.salesforce.session import Answers

COMPARE = "Compare api_url and the pinned Ids in the configuration with the org."
READ_AGAIN = "Read again and look at the new preview."


class Stopped(Exception):
    """Ends a repair with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.result)
        self.outcome = outcome


def query(change: Update | Delete) -> str:
    """What is looked at before a change; of a record whose values do not matter only whether it is there."""
    if isinstance(change, Update):
        return queries.record(change.object, change.id, columns(change))
    if change.before:
        return queries.record(change.object, change.id, change.before)
    return queries.record_there(change.object, change.id)


def columns(change: Update) -> Iterable[str]:
    return dict.fromkeys((*change.before, *change.after))


def changed_at(row: Mapping[str, Any], change: Update | Delete) -> datetime | None:
    return wire.moment(row.get("LastModifiedDate"), f"{change.object}.LastModifiedDate")


def held_by_these(rows: Sequence[Mapping[str, Any]], holders: Sequence[str], change: Delete) -> None:
    """Raises Stopped where others have it too: it would be taken from them."""
    known = {wire.key(id) for id in holders}
    others = {wire.key(str(row.get("AssigneeId"))) for row in rows} - known
    if others:
        have = "has" if len(others) == 1 else "have"
        message = f"{change.label}: {counted(len(others), 'other user')} {have} it by now. Nothing was sent."
        raise Stopped(Outcome(Result.CHANGED_BEFORE, message, READ_AGAIN))


def only_row(rows: Sequence[Mapping[str, Any]], change: Update) -> Mapping[str, Any]:
    if not rows:
        raise OrgProblem(
            "The record is not visible",
            f"{change.label} ({change.object}) is gone, or you may not see it.",
            "Read again; if it stays, ask an administrator with Manage Users.",
            refused=True,
        )
    return rows[0]


def last_author(row: Mapping[str, Any]) -> str:
    by = row.get("LastModifiedBy")
    name = by.get("Name") if isinstance(by, dict) else None
    return f" by {name}" if name else ""


def compared(change: Update, row: Mapping[str, Any], *, compare: bool) -> str | None:
    """ " by NAME" where the change is in force already, else None. Raises Stopped, Problem."""
    by = last_author(row)
    if holds(row, change.after):
        return by
    same_values(change, row, change.before)
    at = changed_at(row, change)
    again = change.changed_at is not None and at != change.changed_at
    by_other = change.changed_by is not None and by != f" by {change.changed_by}"
    if compare and (again or by_other):
        when = f" at {at:%Y-%m-%d %H:%M:%S} UTC" if at is not None else ""
        message = f"{change.label}: changed again{by}{when}. Nothing was sent."
        raise Stopped(Outcome(Result.CHANGED_BEFORE, message, READ_AGAIN))
    return None


def same_values(change: Update | Delete, row: Mapping[str, Any], expected: Mapping[str, Value]) -> None:
    """Raises Stopped where the record holds something else by now."""
    other = [name for name, value in expected.items() if row.get(name) != value]
    if other:
        seen = ", ".join(f"{name} is {shown(row.get(name))}" for name in other)
        message = f"{change.label}: {seen}, changed{last_author(row)}. Nothing was sent."
        raise Stopped(Outcome(Result.CHANGED_BEFORE, message, READ_AGAIN))


def same(answer: Answers, name: str, expected: str | None, other: str) -> None:
    """Whether the row of this name is there, with the `expected` Id. Raises Stopped, and Problem where it is hidden."""
    try:
        row = wire.decode(answer.whole(name), wire.Identified, name)
    except OrgProblem as problem:
        if problem.status != 404:
            raise
    else:
        if expected is None or wire.key(row.Id) == wire.key(expected):
            return
    raise Stopped(Outcome(Result.REFUSED, f"{other} Nothing was sent.", COMPARE))


def holds(row: Mapping[str, Any], wanted: Mapping[str, Value]) -> bool:
    return all(name in row and row[name] == value for name, value in wanted.items())


def refused(problem: Problem, also: str = "") -> Outcome:
    code = problem.code if isinstance(problem, OrgProblem) else ""
    message = f"{problem.title}: {problem.message} {also}".strip()
    return Outcome(Result.REFUSED, message, problem.next_step, code)


def shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "empty" if value is None else str(value)
