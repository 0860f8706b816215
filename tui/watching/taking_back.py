"""The reverse of a repair that this program applied: what it set is set back, what it created is deleted."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from tui.connections.repair import (
    USERNAME,
    Change,
    Create,
    Delete,
    NoRepair,
    Outcome,
    Repair,
    Result,
    Update,
)
from tui.watching.journal import Sent

LOCK = "IsPasswordLocked"
"""Salesforce lets it be set to false, never to true (documented)."""

WITHIN = timedelta(hours=24)
"""How old a repair may be that is taken back."""


def offer(sent: Sequence[Sent], account: str, now: datetime) -> Repair | NoRepair:
    """What takes back the last repair of `sent` (newest first; this machine's clock), or why nothing does."""
    for each in sent:
        cause, title = each.repair.cause, each.repair.title
        if each.completed is None:
            return NoRepair(cause, f"It is not known yet how the last repair ended: {title}.")
        applied = [outcome.result == Result.APPLIED for outcome in each.outcomes]
        if each.repair.takes_back and len(applied) == len(each.repair.changes) and all(applied):
            return NoRepair(cause, "The last repair is already undone.")
        if any(applied) and not each.repair.takes_back:
            if now - each.completed > WITHIN:
                return NoRepair(cause, f"The last repair is older than 24 hours: {title}.")
            return reverse(each.repair, each.outcomes, account)
    return NoRepair("", "remonitor has made no repair here that it could undo.")


def reverse(repair: Repair, outcomes: Sequence[Outcome], account: str) -> Repair | NoRepair:
    """What takes `repair` back, the last change first; `account` is the name to type where the repair wanted none.

    Each change expects what the repair left behind: where somebody has changed that since, nothing is sent.
    """
    done = [
        (change, outcome)
        for change, outcome in zip(repair.changes, outcomes, strict=False)
        if outcome.result == Result.APPLIED and not outcome.already
    ]
    if any(isinstance(change, Update) and LOCK in change.after for change, _ in done):
        return NoRepair(repair.cause, "An unlock cannot be undone: in Salesforce nobody can lock a password.")
    if any(isinstance(change, Create) and not outcome.created for change, outcome in done):
        return NoRepair(
            repair.cause,
            "The Id of what was created is not known, because its answer never came. Delete it in Setup.",
        )
    changes = tuple(_reversed(done))
    if not changes:
        return NoRepair(
            repair.cause, f"{repair.title}: remonitor changed nothing there, because it was so already."
        )
    return Repair(
        repair.cause,
        f'Undo "{repair.title}"',
        changes,
        needs=repair.needs,
        confirm=repair.confirm or account,
        confirm_what=repair.confirm_what if repair.confirm else USERNAME,
        takes_back=True,
    )


def _reversed(done: Sequence[tuple[Change, Outcome]]) -> Iterator[Change]:
    last: dict[tuple[str, str], datetime | None] = {}
    for change, outcome in done:
        if isinstance(change, Update):
            last[change.object, change.id] = outcome.changed_at
    for change, outcome in reversed(done):
        if isinstance(change, Update):
            before = {name: change.before.get(name) for name in change.after}
            at = last[change.object, change.id]
            yield Update(change.object, change.id, change.label, change.after, before, at)
        elif isinstance(change, Create):
            yield _deleted(change, outcome.created, done)


def _deleted(change: Create, id: str, done: Sequence[tuple[Change, Outcome]]) -> Delete:
    """A set is deleted as it was made, and only while nobody else has it."""
    if change.object != "PermissionSet":
        return Delete(change.object, id, change.label)
    users = (
        str(each.fields["AssigneeId"])
        for each, _ in done
        if isinstance(each, Create) and each.fields.get("PermissionSetId") == f"@{{{change.name}}}"
    )
    flags = {name: value for name, value in change.fields.items() if isinstance(value, bool)}
    return Delete(change.object, id, change.label, flags, tuple(users))
