"""Repairs in words: exactly what will change, as whom, and what became of it."""

import re
from collections.abc import Sequence

from tui.base.text import sentence
from tui.connections.connection import Connection, Org
from tui.connections.repair import Change, Delete, NoRepair, Outcome, Repair, Result, Update, Value


def value(value: Value) -> str:
    """A field's value as the preview shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "(empty)" if value is None else value


def change_lines(change: Change) -> tuple[str, ...]:
    """One change: object and record, then a line a field, before → after."""
    if isinstance(change, Update):
        return (
            f"{change.object} {_name(change)} ({change.id})",
            *(f"  {field(k)}: {value(change.before.get(k))} → {value(v)}" for k, v in change.after.items()),
        )
    if isinstance(change, Delete):
        return (f"delete {change.object} {_name(change)} ({change.id})",)
    return (
        f"new {change.object}: {_name(change)}",
        *(f"  {field(k)}: {value(v)}" for k, v in change.fields.items()),
    )


def field(name: str) -> str:
    """A field by its API name; a permission by its label too, as Salesforce's pages show it."""
    # The first frame, which shows no change, does without the causes.
    from tui.diagnosis.guide import REQUIREMENTS

    label = next((each.label for each in REQUIREMENTS if f"Permissions{each.name}" == name), None)
    return f"{label} ({name})" if label is not None else name


def in_brief(changes: Sequence[Change]) -> str:
    """The first thing that changes, and of how many: for where not all of it has room."""
    lines = [line.strip() for each in changes for line in _essence(each)]
    return lines[0] + (f" (1 of {len(lines)})" if len(lines) > 1 else "")


def _essence(change: Change) -> tuple[str, ...]:
    head, *fields = change_lines(change)
    return tuple(fields) if isinstance(change, Update) else (head,)


def _name(change: Change) -> str:
    """The record's label without the kind of record, which stands beside it as Salesforce spells it."""
    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", change.object).lower()
    return change.label.removeprefix(f"{kind} ")


def preview(repair: Repair, connection: Connection, org: Org, operator: str | None) -> tuple[str, ...]:
    """Everything that will be sent, in order, and as whom."""
    lines = [f"{repair.title}: {connection.name}", f"in {org.my_domain}, as {operator or 'you'}"]
    for change in repair.changes:
        lines.extend(change_lines(change))
    lines.extend(repair.notes)
    return tuple(lines)


_RESULTS = {
    Result.APPLIED: "done, and confirmed by Salesforce",
    Result.REFUSED: "Salesforce refused it",
    Result.CHANGED_BEFORE: "nothing was sent, because it changed in the meantime",
    Result.NOT_APPLIED: "it was sent, but Salesforce does not show it",
    Result.UNKNOWN: "it was sent, but it is not known whether it arrived",
}


def outcome(outcome: Outcome) -> str:
    """What became of one sent change, with the next step."""
    text = _RESULTS[outcome.result]
    message = outcome.message
    if outcome.result == Result.CHANGED_BEFORE:
        # That nothing was sent stands in front already.
        message = message.removesuffix("Nothing was sent.").rstrip()
    if message:
        text += f": {message.rstrip('.')}"
    if outcome.error_code and outcome.error_code not in text:
        text += f" ({outcome.error_code})"
    return f"{text}. {outcome.next_step}".strip()


def outcomes(repair: Repair, found: Sequence[Outcome]) -> str:
    """What became of a repair: all that did not apply, else the last change."""
    failed = [outcome(o) for o in found if o.result != Result.APPLIED]
    first, *more = failed or [outcome(o) for o in found[-1:]]
    return " ".join([f"{repair.title}: {first}", *map(sentence, more)])


def another_way(tried: Repair, found: Sequence[Outcome], offers: Sequence[Repair | NoRepair]) -> str:
    """What is offered for the same cause after a refusal: "Another way: …."; empty where nothing else is."""
    other = next((o for o in offers if isinstance(o, Repair) and o.cause == tried.cause), None)
    refused = any(outcome.result == Result.REFUSED for outcome in found)
    if tried.takes_back or not refused or other is None or other.changes == tried.changes:
        return ""
    return f"Another way: {other.title}."
