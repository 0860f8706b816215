"""Applies a repair: looks again, sends, reads back. Nothing is sent over a change that somebody made meanwhile.

Right before each change the record is read together with the org's own Id: nothing is sent to another org.
"""

import contextlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Org
from tui.connections.repair import Change, Create, Delete, Outcome, Repair, Result, Update, Value
from tui.net import Net, NetProblem
from tui.salesforce import queries, record_checks, wire
from tui.salesforce.errors import OrgProblem
from tui.salesforce.record_checks import Stopped
from tui.salesforce.session import Answers, Session
from tui.salesforce.sign_in.way import SignInWay

TAKEN = ("DUPLICATE_VALUE", "DUPLICATE_DEVELOPER_NAME")
GONE = ("ENTITY_IS_DELETED", "NOT_FOUND")
LOOK = "Look at the record in Setup before you try again; the program does not send it twice."


class Applied(Struct, frozen=True):
    """What became of a repair: an outcome for each change, up to the first that was not applied.

    The change took place between `earliest` and `latest`, by the org's clock.
    """

    outcomes: tuple[Outcome, ...]
    earliest: datetime
    latest: datetime

    def complete(self, repair: Repair) -> bool:
        """True where every change of the repair is in force."""
        done = [outcome.result == Result.APPLIED for outcome in self.outcomes]
        return len(done) == len(repair.changes) and all(done)


class Repairer:
    """Changes records of one org, as the operator."""

    def __init__(self, org: Org, net: Net, sign_in: SignInWay, clock: Clock) -> None:
        self._org_id = org.org_id
        self._session = Session(org, net, sign_in, clock)

    async def apply(self, repair: Repair, *, org_id: str | None = None) -> Applied:
        """Look again, send the changes in order, read each one back.

        `org_id` is the Id that the org must have, where its table in the configuration pins none. Never raises for
        what the org answers: the outcome says what happened and what to do.
        """
        pinned = self._org_id or org_id
        outcomes: list[Outcome] = []
        ids: dict[str, str] = {}
        touched: set[tuple[str, str]] = set()
        try:
            done = await self._done_already(repair, pinned)
        except Stopped as stopped:
            now = self._session.now()
            return Applied((stopped.outcome,), now, now)
        earliest = self._session.now()
        for change in repair.changes:
            try:
                if change in done:
                    outcomes.append(Outcome(Result.APPLIED, f"{change.label} was so already.", already=True))
                    continue
                if len(repair.changes) > 1 or isinstance(change, Create):
                    # Others were read, or sent, since the look at this one.
                    await self._look_again(change, pinned, touched)
                outcomes.append(await self._send(change, ids))
            except Stopped as stopped:
                outcomes.append(stopped.outcome)
                break
            if not isinstance(change, Create):
                touched.add((change.object, change.id))
        return Applied(tuple(outcomes), earliest, self._session.now())

    async def read_back(self, repair: Repair) -> bool | None:
        """True where all changes are in force, False where one is not; None where it is not known."""
        ids: dict[str, str] = {}
        try:
            for change in repair.changes:
                if isinstance(change, Update):
                    row, _ = await self._record(change)
                    if not record_checks.holds(row, change.after):
                        return False
                elif isinstance(change, Delete):
                    if await self._is_there(change):
                        return False
                else:
                    found = await self._find(change, ids)
                    if found is None:
                        return False
                    ids[change.name] = found
        except (Problem, Stopped):
            return None
        return True

    async def _done_already(self, repair: Repair, pinned: str | None) -> list[Change]:
        """Look at every record once more before anything is sent: what is in force already.

        Stops where a record is otherwise than the preview showed, or where nothing is left to do.
        """
        try:
            # The first answer brings the org's clock, from which the interval of the repair follows.
            await self._session.base()
        except Problem as problem:
            raise Stopped(record_checks.refused(problem, "Nothing was sent.")) from None
        done: list[Change] = []
        message = ""
        for change in repair.changes:
            if isinstance(change, Create):
                continue
            by = await self._look(change, pinned, compare=True)
            if by is not None:
                done.append(change)
                message = f"{change.label}: done already{by}. Nothing was sent."
        if len(done) == len(repair.changes):
            raise Stopped(Outcome(Result.CHANGED_BEFORE, message, "Check now."))
        return done

    async def _look_again(self, change: Change, pinned: str | None, touched: set[tuple[str, str]]) -> None:
        """Look once more, right before `change` is sent; of a record `touched` by ourselves only the values count."""
        if not isinstance(change, Create):
            await self._look(change, pinned, compare=(change.object, change.id) not in touched)
            return
        user = change.fields.get("AssigneeId")
        checks = {"account": queries.user_row(user)} if isinstance(user, str) and not _refers(user) else {}
        if pinned is not None or checks:
            await self._answer(checks, pinned)

    async def _look(self, change: Update | Delete, pinned: str | None, *, compare: bool) -> str | None:
        """ " by NAME" where `change` is in force already, else None. Stops where something else is in the way."""
        wanted = {"record": record_checks.query(change)}
        holders = change.holders if isinstance(change, Delete) else None
        if holders is not None:
            wanted["holders"] = queries.holders_of(change.id)
        answer = await self._answer(wanted, pinned)
        try:
            rows = answer.rows("record", dict[str, Any])
            if isinstance(change, Delete):
                if holders is not None:
                    record_checks.held_by_these(answer.rows("holders", dict[str, Any]), holders, change)
                if not rows:
                    return ""
                record_checks.same_values(change, rows[0], change.before)
                return None
            return record_checks.compared(change, record_checks.only_row(rows, change), compare=compare)
        except Problem as problem:
            raise Stopped(record_checks.refused(problem, "Nothing was sent.")) from None

    async def _answer(self, asked: Mapping[str, str], pinned: str | None) -> Answers:
        """The answer of the org that is meant, about a user that it has. Stops elsewhere."""
        checks = {"org": queries.organization(pinned)} if pinned is not None else {}
        try:
            answer = await self._session.composite({**asked, **checks})
            if pinned is not None:
                record_checks.same(answer, "org", pinned, f"Another org answers, not {pinned}.")
            if "account" in asked:
                record_checks.same(
                    answer, "account", None, "This org has no user with the Id of the service account."
                )
        except Problem as problem:
            raise Stopped(record_checks.refused(problem, "Nothing was sent.")) from None
        return answer

    async def _send(self, change: Change, ids: dict[str, str]) -> Outcome:
        if isinstance(change, Update):
            return await self._update(change)
        if isinstance(change, Delete):
            return await self._delete(change)
        return await self._create(change, ids)

    async def _delete(self, change: Delete) -> Outcome:
        try:
            await self._session.send("DELETE", f"/sobjects/{change.object}/{change.id}")
        except Problem as problem:
            if isinstance(problem, OrgProblem) and problem.code in GONE:
                return Outcome(Result.APPLIED, f"{change.label} was gone already.")
            if not _may_have_happened(problem):
                raise Stopped(record_checks.refused(problem)) from None
            try:
                there = await self._is_there(change)
            except Problem:
                there = True
            if there:
                raise Stopped(Outcome(Result.UNKNOWN, f"{problem.title}: {problem.message}", LOOK)) from None
            return Outcome(Result.APPLIED, "The answer was lost; the record is gone.")
        return Outcome(Result.APPLIED)

    async def _is_there(self, change: Delete) -> bool:
        """Raises Problem."""
        answer = await self._session.query(queries.record_there(change.object, change.id))
        return bool(answer.rows("rows", dict[str, Any]))

    async def _update(self, change: Update) -> Outcome:
        try:
            await self._session.send("PATCH", f"/sobjects/{change.object}/{change.id}", json=change.after)
        except Problem as problem:
            if not _may_have_happened(problem):
                raise Stopped(record_checks.refused(problem)) from None
            return await self._settled(change, problem)
        try:
            row, by = await self._record(change)
            at = record_checks.changed_at(row, change)
        except Problem as problem:
            return Outcome(
                Result.APPLIED,
                f"Salesforce accepted it, but it could not be read again ({problem.title}).",
                "Check now.",
            )
        if record_checks.holds(row, change.after):
            return Outcome(Result.APPLIED, changed_at=at)
        raise Stopped(
            Outcome(
                Result.REFUSED,
                f"Salesforce accepted it, but {change.label} reads as before: changed{by}.",
                "A trigger, a flow or an identity provider may set it back: ask who runs it.",
            )
        )

    async def _settled(self, change: Update, lost: Problem) -> Outcome:
        """The answer to a sent change was lost: the record itself decides."""
        row: Mapping[str, Any] = {}
        at: datetime | None = None
        with contextlib.suppress(Problem):
            row, _ = await self._record(change)
            at = record_checks.changed_at(row, change)
        if record_checks.holds(row, change.after):
            return Outcome(Result.APPLIED, "The answer was lost; the record shows the change.", changed_at=at)
        raise Stopped(Outcome(Result.UNKNOWN, f"{lost.title}: {lost.message}", LOOK))

    async def _create(self, change: Create, ids: dict[str, str]) -> Outcome:
        try:
            if found := await self._find(change, ids):
                ids[change.name] = found
                return Outcome(Result.APPLIED, f"{change.label} was there already.", already=True)
        except Problem as problem:
            raise Stopped(record_checks.refused(problem, "Nothing was sent.")) from None
        try:
            reply = await self._session.send(
                "POST", f"/sobjects/{change.object}", json=_resolved(change.fields, ids)
            )
            ids[change.name] = wire.decode(reply.body, wire.Created, f"New {change.object}").id
        except Problem as problem:
            doubtful = _may_have_happened(problem)
            taken = isinstance(problem, OrgProblem) and problem.code in TAKEN
            found = await self._found_after(change, ids) if doubtful or taken else None
            if found is None:
                stop = Outcome(Result.UNKNOWN, f"{problem.title}: {problem.message}", LOOK)
                raise Stopped(stop if doubtful else record_checks.refused(problem)) from None
            ids[change.name] = found
            return Outcome(Result.APPLIED, "The answer was lost; the record is there.", created=found)
        return Outcome(Result.APPLIED, created=ids[change.name])

    async def _found_after(self, change: Create, ids: Mapping[str, str]) -> str | None:
        try:
            return await self._find(change, ids)
        except Problem:
            return None

    async def _find(self, change: Create, ids: Mapping[str, str]) -> str | None:
        """The Id of the record that `change` would create, by what is unique about it."""
        wanted = _resolved(change.fields, ids)
        flags = {name: value for name, value in wanted.items() if isinstance(value, bool)}
        if change.object == "PermissionSet":
            query = queries.permission_set_named(str(wanted["Name"]), flags)
        elif change.object == "PermissionSetAssignment":
            flags = {}
            query = queries.assignment_of(str(wanted["AssigneeId"]), str(wanted["PermissionSetId"]))
        else:
            return None
        rows = (await self._session.query(query)).rows("rows", dict[str, Any])
        if not rows:
            return None
        if not record_checks.holds(rows[0], flags):
            lacking = ", ".join(name for name, value in flags.items() if rows[0].get(name) != value)
            raise Stopped(
                Outcome(
                    Result.REFUSED,
                    f"{change.label} exists already, but differs in {lacking}. Nothing was sent.",
                    "Correct that permission set in Setup, or ask who made it.",
                )
            )
        return str(rows[0].get("Id", ""))

    async def _record(self, change: Update) -> tuple[Mapping[str, Any], str]:
        """The record's fields now, and " by NAME" of the last change. Raises Problem."""
        answer = await self._session.query(
            queries.record(change.object, change.id, record_checks.columns(change))
        )
        row = record_checks.only_row(answer.rows("rows", dict[str, Any]), change)
        return row, record_checks.last_author(row)


def _resolved(fields: Mapping[str, Value], ids: Mapping[str, str]) -> dict[str, Value]:
    """`fields` with each `@{name}` replaced by the Id of that earlier create."""

    def one(value: Value) -> Value:
        return ids[value[2:-1]] if isinstance(value, str) and _refers(value) else value

    return {name: one(value) for name, value in fields.items()}


def _refers(value: str) -> bool:
    return value.startswith("@{") and value.endswith("}")


def _may_have_happened(problem: Problem) -> bool:
    if isinstance(problem, NetProblem):
        return problem.sent
    # A gateway's page or a 5xx says nothing about what the org behind it did; 0 is a garbled good answer.
    return isinstance(problem, OrgProblem) and (problem.status >= 500 or problem.status < 300)
