"""A connection's history in words."""

from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo

from tui.connections.finding import ProofKind
from tui.watching.entry import Entry, EntryKind
from tui.wording.times import clock_time

_PROOFS = {
    ProofKind.CONSOLE.value: "the console's word",
    ProofKind.EVENT.value: "a file event",
    ProofKind.SIGN_IN.value: "a sign-in by Incydr",
    ProofKind.WORD.value: "the operator's word",
}

_RESULTS = {
    "applied": "done",
    "refused": "refused by Salesforce",
    "changed_before": "not sent, it had changed",
    "unknown": "sent, outcome not known",
    "begun": "walkthrough begun",
    "closed": "walkthrough closed",
}


def entry_text(entry: Entry) -> str:
    """What happened, without its time."""
    by = f" by {entry.by}" if entry.by else ""
    was = f", was {entry.was}" if entry.was else ""
    tell: dict[EntryKind, Callable[[], str]] = {
        EntryKind.STATUS: lambda: f"{entry.status}" + (f", repaired{by}" if by else ""),
        EntryKind.ERROR: lambda: "Error" + (f": {entry.text}{by}" if entry.text else ""),
        EntryKind.UNKNOWN: lambda: f"Unknown{was}",
        EntryKind.RETURNED: lambda: f"Monitoring again, shown by {_PROOFS.get(entry.result, entry.result)}",
        EntryKind.OVERDUE: lambda: "overdue: repaired, Incydr not back",
        EntryKind.WORD: lambda: f"{entry.by or 'the operator'} says: the console shows Monitoring",
        EntryKind.STEP: lambda: _step(entry),
        EntryKind.CHANGE: lambda: f"{entry.text or 'repair'}{by}: {_RESULTS.get(entry.result, entry.result)}",
    }
    return tell[entry.kind]()


def _step(entry: Entry) -> str:
    if entry.result in ("begun", "closed"):
        return _RESULTS[entry.result]
    return f"step {entry.text.replace('_', ' ')}: {entry.result}"


def history_line(entry: Entry, tz: tzinfo, now: datetime) -> str:
    """One line: "13:42 Error: The service account is frozen by Jane Doe"."""
    return f"{clock_time(entry.at, tz, now, seconds=False)} {entry_text(entry)}"


def history_brief(entries: Sequence[Entry], tz: tzinfo, now: datetime, count: int = 3) -> str:
    """The newest statuses in one line: "13:42 Error · 09:10 Monitoring"."""
    told = [entry for entry in entries if entry.status is not None][:count]
    return " · ".join(f"{clock_time(e.at, tz, now, seconds=False)} {e.status}" for e in told)
