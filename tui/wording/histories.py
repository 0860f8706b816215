"""A connection's history in words."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from tui.base.text import counted
from tui.connections.finding import ProofKind
from tui.connections.repair import Result
from tui.watching.entry import WITHDRAWN, Entry, EntryKind, StepResult
from tui.watching.mutes import Mute
from tui.watching.outages import Outage, Summary
from tui.wording.times import Times, clock_time, long

_PROOFS = {
    ProofKind.CONSOLE.value: "shown by the console",
    ProofKind.EVENT.value: "shown by a file event",
    ProofKind.SIGN_IN.value: "shown by a sign-in by Incydr",
}

_RESULTS = {
    Result.APPLIED.value: "done",
    Result.REFUSED.value: "refused by Salesforce",
    Result.CHANGED_BEFORE.value: "not sent, because it had changed",
    Result.UNKNOWN.value: "sent, result not known",
    Result.NOT_APPLIED.value: "sent, but Salesforce does not show it",
}

_STEPS = {
    StepResult.DONE.value: "done, says {by}",
    StepResult.UNCONFIRMED.value: "done, says {by}; Salesforce did not show it",
    StepResult.SKIPPED.value: "skipped by {by}",
    StepResult.CONFIRMED.value: "done, confirmed by Salesforce",
}


def entry_text(entry: Entry) -> str:
    """What happened, without its time."""
    by = f" by {entry.by}" if entry.by else ""
    was = f", was {entry.was}" if entry.was else ""
    tell: dict[EntryKind, Callable[[], str]] = {
        EntryKind.STATUS: lambda: f"{entry.status}" + (f", repaired{by}" if by else ""),
        EntryKind.ERROR: lambda: "Error" + (f": {entry.text}{by}" if entry.text else ""),
        EntryKind.UNKNOWN: lambda: f"Unknown{was}",
        EntryKind.RETURNED: lambda: f"Monitoring again, {_shown_by(entry)}",
        EntryKind.OVERDUE: lambda: "overdue: repaired, Incydr not back",
        EntryKind.WORD: lambda: _word(entry),
        EntryKind.STEP: lambda: _step(entry),
        EntryKind.MUTE: lambda: _mute(entry),
        EntryKind.DIFFERENCE: lambda: entry.text or "something changed in Salesforce",
        EntryKind.CHANGE: lambda: f"{entry.text or 'repair'}{by}: {_RESULTS.get(entry.result, entry.result)}",
    }
    return tell[entry.kind]()


def _shown_by(entry: Entry) -> str:
    if entry.result == ProofKind.WORD.value:
        return f"said by {entry.by or 'the operator'}"
    return _PROOFS.get(entry.result, f"shown by {entry.result}")


def _word(entry: Entry) -> str:
    who = entry.by or "the operator"
    if entry.result == WITHDRAWN:
        return f'{who} takes back: "the console shows Monitoring"'
    return f"{who} says: the console shows {entry.text or 'Monitoring'}"


def _step(entry: Entry) -> str:
    by = f" by {entry.by}" if entry.by else ""
    if entry.result in (StepResult.BEGUN, StepResult.CLOSED):
        return f"walkthrough {entry.result}{by}"
    if entry.result == StepResult.REOPENED:
        what = f"opened again{by or ', Salesforce shows that it is not done'}"
    else:
        what = _STEPS.get(entry.result, entry.result).format(by=entry.by or "the operator")
    return f'step "{entry.text}": {what}'


def mute_line(mute: Mute, times: Times) -> str:
    """ "Muted until 06:33 by ops: profile migration"."""
    by = f" by {mute.by}" if mute.by else ""
    why = f": {mute.reason}" if mute.reason else ""
    return f"Muted until {clock_time(mute.until, times, seconds=False)}{by}{why}"


def mute_told(name: str, until: datetime | None, times: Times) -> str:
    """What becomes of a connection that somebody mutes; None: no longer."""
    muted = f"muted until {clock_time(until, times, zone=True)}" if until else "no longer muted"
    return f"{name}: {muted}."


def _mute(entry: Entry) -> str:
    by = f" by {entry.by}" if entry.by else ""
    if not entry.result.isdigit():
        return f"no longer muted{f', ended{by}' if by else ''}"
    why = f": {entry.text}" if entry.text else ""
    return f"muted for {long(timedelta(seconds=int(entry.result)))}{by}{why}"


def history_line(entry: Entry, times: Times) -> str:
    """One line: "13:42 Error: The service account is frozen by Jane Doe"."""
    return f"{clock_time(entry.at, times, seconds=False)} {entry_text(entry)}"


def history_brief(entries: Sequence[Entry], times: Times, count: int = 3) -> str:
    """The newest statuses in one line: "13:42 Error · 09:10 Monitoring"."""
    told = [entry for entry in entries if entry.status is not None][:count]
    return " · ".join(f"{clock_time(e.at, times, seconds=False)} {e.status}" for e in told)


def outage_summary(summary: Summary) -> str:
    """ "30 days: 2 outages, not Monitoring for 3 h 5 min in all, repaired after 21 min on average"."""
    span = f"{summary.span.days} days"
    if not summary.count:
        return f"{span}: no outage"
    outages = counted(summary.count, "outage") + (" (one goes on)" if summary.open else "")
    parts = [f"{span}: {outages}", f"not Monitoring for {long(summary.off)} in all"]
    if summary.to_repair is not None:
        average = "" if summary.count == 1 else " on average"
        parts.append(f"repaired after {long(summary.to_repair)}{average}")
    return ", ".join(parts)


def outage_line(outage: Outage, times: Times) -> str:
    """One outage: "21 Nov 13:42 to 14:07, 25 min, repaired after 18 min by Jane Doe"."""
    began = clock_time(outage.began, times, seconds=False)
    ended = f"to {clock_time(outage.ended, times, seconds=False)}" if outage.ended else "until now"
    parts = [f"{began} {ended}", long((outage.ended or times.now) - outage.began)]
    if outage.repaired is not None:
        by = f" by {outage.by}" if outage.by else ""
        parts.append(f"repaired after {long(outage.repaired - outage.began)}{by}")
    return ", ".join(parts)


def comes_back(cause: str, summary: Summary) -> str:
    """What to do where a cause came more than once; empty where it did not."""
    if cause not in summary.again:
        return ""
    return f"The same cause again within {summary.span.days} days: fix the source, or it will come back."
