"""The answer for Nagios and its kin (Icinga, NRPE, Sensu, checkmk): plugin output with performance data.

The form is that of the Monitoring Plugins Development Guidelines: a first line "text | data", long text below it,
and after one more "|" the rest of the data.
"""

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from tui.base.problem import Problem
from tui.base.text import clean
from tui.connections.finding import Actor
from tui.connections.state import Status
from tui.reports.checked import Checked, about, asides, counts, next_step, what, worst, worst_first
from tui.wording.statuses import org_time
from tui.wording.symbols import in_ascii
from tui.wording.times import Times

FIRST_LINE = 200
"""Characters of the first line, performance data included: what pagers show."""
WHOLE = 4_000
"""Bytes of the whole answer: NRPE hands on 4 kB."""
DATA = 1_400
"""Bytes of WHOLE for the performance data of each connection."""
WORDS = ("OK", "WARNING", "CRITICAL", "UNKNOWN")
UNKNOWN = 3

_FORBIDDEN = str.maketrans({"|": "/", '"': "", "`": "", "\\": "/"})
_QUOTES = str.maketrans({"'": "", "’": "", "‘": "", "=": "-"})


def nagios(rows: Sequence[Checked], times: Times, notes: Sequence[str] = ()) -> str:
    """The whole answer; its exit code is `worst(rows)`. `notes` say what else the operator should know."""
    if not rows:
        return failure(Problem("No connections", "No connections are configured.", "Add one: remonitor add"))
    # Names are cleaned before sentences are made of them, so that none can pose as data.
    ordered = [_renamed(row) for row in worst_first(rows)]
    totals = f" | {_totals(ordered, times)}"
    first = _fit(_head(ordered), [about(row, times) for row in ordered if row.code], FIRST_LINE - len(totals))
    data = _data([_renamed(row) for row in rows], times) if len(rows) > 1 else ""
    told = [_line(row, times) for row in ordered] + [_plain(note) for note in dict.fromkeys(notes) if note]
    return first + totals + _below(told, data, WHOLE - len((first + totals).encode()))


def failure(problem: Problem) -> str:
    """A command line, configuration or program that cannot check anything: UNKNOWN, with the reason."""
    sentence = _plain(str(problem))
    first = _cut(f"REMONITOR UNKNOWN - {sentence}", FIRST_LINE)
    return first if sentence in first else first + _below([sentence], "", WHOLE - len(first.encode()))


def _head(ordered: Sequence[Checked]) -> str:
    return f"REMONITOR {WORDS[worst(ordered)]} - {counts(ordered)}"


def _fit(head: str, parts: Sequence[str], room: int) -> str:
    """The head and as many of the parts, worst first, as there is room for: the first one in any case, cut."""
    line = _plain(f"{head}: {parts[0]}" if parts else head)
    if len(line) > room:
        return _cut(line, room)
    for part in parts[1:]:
        longer = f"{line}; {_plain(part)}"
        if len(longer) > room:
            break
        line = longer
    return line


def _totals(rows: Sequence[Checked], times: Times) -> str:
    """Each connection counts once; those that are Monitoring are the rest."""
    found = Counter(row.word for row in rows)
    ages = [_age(row, times) for row in rows]
    known = [age for age in ages if age is not None]
    oldest = f"{max(known)}s" if len(known) == len(ages) else "U"
    return (
        f"error={found[Status.ERROR] + found[Status.DEAUTHORIZED]};0;0 overdue={found['overdue']};0;0 "
        f"recovering={found[Status.RECOVERING] + found[Status.INITIALIZING]} unknown={found[Status.UNKNOWN]} "
        f"connections={len(rows)} last_seen={oldest}"
    )


def _data(rows: Sequence[Checked], times: Times) -> str:
    """The age of each connection's last sign of life, in seconds, as far as there is room."""
    told: list[str] = []
    room = DATA
    for row in rows:
        age = _age(row, times)
        item = f"'{row.name} last_seen'={'U' if age is None else f'{age}s'}"
        room -= len(item.encode()) + 1
        if room < 0:
            break
        told.append(item)
    return " ".join(told)


def _age(row: Checked, times: Times) -> int | None:
    """Seconds since the last sign of life, by the org's clock."""
    if row.state is None or row.last_seen is None:
        return None
    return max(0, int((org_time(row.state, times.now) - row.last_seen).total_seconds()))


def _line(row: Checked, times: Times) -> str:
    step = next_step(row)
    return _plain(
        f"{WORDS[row.code]} {row.name}: {row.word}, {what(row, times)}"
        + (f". {step}" if step else "")
        + "".join(f" ({more})" for more in asides(row, times))
    )


def _below(lines: Sequence[str], data: str, room: int) -> str:
    """Long text and the rest of the data within `room` bytes; what does not fit is counted."""
    tail = f"\n| {data}" if data else ""
    room -= len(tail.encode()) + len("\n... and 100,000 more")
    kept: list[str] = []
    for line in lines:
        room -= len(line.encode()) + 1
        if room < 0:
            kept.append(f"... and {len(lines) - len(kept):,} more")
            break
        kept.append(line)
    return "".join(f"\n{line}" for line in kept) + tail


def _renamed(row: Checked) -> Checked:
    """The same row with names that engines take as they are: the connection's, and who did it."""
    state = row.state
    if state is not None:
        findings = tuple(
            replace(f, by=_renamed_actor(f.by)) if f.by is not None else f for f in state.diagnosis.findings
        )
        state = replace(state, diagnosis=replace(state.diagnosis, findings=findings))
    return replace(row, name=_name(row.name) or "(no name)", state=state)


def _renamed_actor(by: Actor) -> Actor:
    return replace(
        by,
        name=_name(by.name),
        username=_name(by.username) if by.username else None,
        delegate=_name(by.delegate) if by.delegate else None,
    )


def _name(text: str) -> str:
    return _plain(text).translate(_QUOTES).strip()


def _plain(text: str) -> str:
    """One line of text without what separates data from it."""
    return in_ascii(clean(text)).translate(_FORBIDDEN)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 3].rstrip() + "..."
