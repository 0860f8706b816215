"""What a check found as plain text: one line a connection, and below it what was found and what to do next."""

import shlex
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from tui import wording
from tui.connections.repair import NoRepair, Repair
from tui.connections.state import State, Status
from tui.reports.checked import Checked, asides, what, worst_first
from tui.watching.leases import this_process


def offers_of(states: Sequence[State]) -> dict[str, tuple[Repair | NoRepair, ...]]:
    """For each connection by name what this program may repair, or why not, in the order of its findings."""
    return {
        state.connection.name: tuple(offer.repair for offer in state.diagnosis.offers) for state in states
    }


def calls_line(rows: Sequence[Checked]) -> str:
    """What this process's readings cost each org: "API calls: acme 3, sandbox 1"; empty where it read nothing."""
    calls: dict[str, int] = {}
    for row in rows:
        if row.state is not None and row.read_by in ("", this_process()):
            calls[row.org] = max(calls.get(row.org, 0), row.state.evidence.api_calls)
    return "API calls: " + ", ".join(f"{org} {count}" for org, count in calls.items()) if calls else ""


def as_text(
    rows: Sequence[Checked],
    times: wording.Times,
    *,
    offers: Mapping[str, Sequence[Repair | NoRepair]] = MappingProxyType({}),
) -> str:
    """The worst first; a problem that connections of one org share is told with the first of them."""
    lines: list[str] = []
    first: dict[tuple[str, str], str] = {}
    for row in worst_first(rows):
        problem = _problem(row, times)
        other = first.setdefault((row.org, problem), row.name) if problem else row.name
        lines.append(line(row, times, f"same reason as {other}" if other != row.name else problem))
        if row.state is not None and other == row.name:
            details = _details(row.state, times, offers.get(row.name, ()))
            lines.extend(f"    {line}" for line in details if line.rstrip(".") != problem)
        elif row.problem is not None and other == row.name:
            lines.append(f"    {row.problem.next_step}")
    lines.extend(
        f"! {line}" for line in wording.tenant_lines([row.state for row in rows if row.state is not None])
    )
    return "\n".join(lines)


def _problem(row: Checked, times: wording.Times) -> str:
    """Why a connection is Unknown; empty where it is not."""
    if row.state is None or row.status is Status.UNKNOWN:
        return what(row, times)
    return ""


def line(row: Checked, times: wording.Times, problem: str) -> str:
    """The line itself says status, cause and who: a pager may show nothing else."""
    return " · ".join((_line(row, times, problem), *asides(row, times)))


def _line(row: Checked, times: wording.Times, problem: str) -> str:
    sign = wording.status_sign(row.state)
    if row.state is None:
        return f"{sign} {row.name}: {row.word} · {problem}"
    if row.findings:
        since = wording.clock_time(row.state.since, times, seconds=False, zone=True)
        was = f" · was: {row.state.was}" if row.state.was is not None else ""
        problem = what(row, times)
        return f"{sign} {row.name}: {row.word} since {since}{was} · {problem}"
    line = f"{sign} {row.name}: {wording.status_line(row.state, times)}"
    return f"{line} · {problem}" if problem else line


def _details(state: State, times: wording.Times, offered: Sequence[Repair | NoRepair]) -> list[str]:
    offers = {offer.cause: offer for offer in offered}
    lines: list[str] = []
    for finding in state.diagnosis.findings:
        lines.append(f"{finding.title} · {wording.kind_line(finding, offers.get(finding.cause), times)}")
        lines.extend([wording.by_line(finding, times), wording.restraint(finding)])
    lines.extend(wording.why_lines(state, times))
    if not state.diagnosis.findings:
        lines.extend(wording.waiting_lines(state, times) if state.recovering else ())
        lines.extend(wording.overdue_lines(state, times))
    if state.recovering:
        lines.append(wording.lost_events(state, times))
    # What cannot be read for the very reason that stands above needs no second line.
    why = state.why.text.rstrip(".") if state.why is not None else ""
    lines.extend(line for line in wording.undetermined_lines(state) if not why or why not in line)
    lines.extend(f"! {line}" for line in wording.warning_lines(state, times))
    lines.append(wording.event_line(state, times))
    if state.life:
        lines.append(wording.life_line(state, times))
    if state.diagnosis.findings:
        name = shlex.quote(state.connection.name)
        may = any(isinstance(offer, Repair) for offer in offered)
        repair = f", or let the program repair it: remonitor fix {name}" if may else ""
        lines.append(f"next: remonitor steps {name}{repair}")
    # Several causes by one person need his name once.
    return [line for line in dict.fromkeys(lines) if line]
