"""An outage as a line of time: last seen, what happened and who, refused, repaired, back or due; 72 hours below."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from tui.base.limits import STREAMED_KEPT
from tui.connections.evidence import value_of
from tui.connections.finding import Finding, Kind, ProofKind
from tui.connections.state import Proof, Recovery, Repaired, State
from tui.pictures.pieces import Line, Tone, cells, finished, placed, wrapped
from tui.wording.statuses import by_name, done, org_time
from tui.wording.symbols import in_ascii
from tui.wording.times import MONTHS, Times, clock_time, long

LEAST = 36
"""Cells in which a timeline can be drawn."""
SHORTEST = 24
"""Cells of an axis below which its moments are listed instead of joined to it."""
APART = 2
"""Cells from one moment to the next, however close they are."""
MUCH = 2
"""A quiet time so many times as long as all others together is not drawn to scale."""
KEPT = f"{STREAMED_KEPT // timedelta(hours=1)} h"


class Sign(StrEnum):
    """What stands on the line for a moment."""

    SEEN = "●"
    CAUSE = "✖"
    REFUSED = "!"
    REPAIRED = "◔"
    DUE = "┃"
    ENDS = "○"
    NOW = "▼"


TONES = {
    Sign.SEEN: Tone.GOOD,
    Sign.CAUSE: Tone.BAD,
    Sign.REFUSED: Tone.WARNING,
    Sign.REPAIRED: Tone.WARNING,
    Sign.DUE: Tone.STRONG,
    Sign.ENDS: Tone.WARNING,
    Sign.NOW: Tone.HERE,
}


class Moment(Struct, frozen=True):
    """One thing that happened, or that is due. `row`: the line of the cause that it belongs to, 0 the first."""

    at: datetime
    sign: Sign
    when: str
    """The moment in words; empty for now."""
    what: str
    row: int = 0

    @property
    def label(self) -> str:
        return f"{self.when} {self.what}".strip()


class Timeline(Struct, frozen=True):
    """The moments in order, and until when the oldest events of the outage are kept; None once it is over."""

    moments: tuple[Moment, ...]
    expires: datetime | None = None
    expiry: str = ""
    """That in words, without what time changes."""
    left: str = ""
    """How long that is, in whole hours or minutes."""
    gone: float = 0.0
    """How much of that time is over, from 0 to 1."""


def timeline_of(state: State, times: Times) -> Timeline | None:
    """The outage of this state, open or over; None where there is none. Changes with the minutes at most."""
    recovery = state.recovery
    if recovery is None:
        return None
    now = org_time(state, times.now).replace(second=0, microsecond=0)
    moments = list(_moments(state, recovery, now, times))
    if recovery.returned is None:
        moments.append(Moment(max(now, *(m.at for m in moments if m.sign in _PAST)), Sign.NOW, "", "now"))
    ordered = tuple(sorted(moments, key=lambda moment: (moment.at, list(Sign).index(moment.sign))))
    if recovery.returned is not None:
        return Timeline(ordered)
    limit = recovery.began + STREAMED_KEPT
    at = _when(limit, times)
    if now >= limit:
        expiry = f"The oldest events of this outage expired {at}: Salesforce keeps them {KEPT}"
        return Timeline(ordered, limit, expiry, gone=1.0)
    told = f"oldest events expire {at}"
    return Timeline(ordered, limit, told, _in(limit - now), (now - recovery.began) / STREAMED_KEPT)


_PAST = (Sign.SEEN, Sign.CAUSE, Sign.REFUSED, Sign.REPAIRED)


def _moments(state: State, recovery: Recovery, now: datetime, times: Times) -> Iterator[Moment]:
    if recovery.last_life is not None:
        yield Moment(recovery.last_life, Sign.SEEN, _when(recovery.last_life, times), "Incydr last seen")
    several = len(recovery.findings) > 1
    for row, finding in enumerate(recovery.findings):
        yield _cause(finding, row, recovery.began, times)
        repaired = recovery.repairs.get(finding.cause)
        if repaired is not None and several:
            yield _repair(finding, repaired, row, times)
        elif finding.reset is not None and repaired is None and finding.reset[1] > now:
            yield Moment(
                finding.reset[1], Sign.ENDS, f"about {_when(finding.reset[1], times)}", "limit ends", row
            )
    if not recovery.findings:
        yield Moment(recovery.began, Sign.CAUSE, _when(recovery.began, times), "monitoring stopped")
    if recovery.repaired is not None and not several:
        yield _repair(next(iter(recovery.findings), None), recovery.repaired, 0, times)
    yield from _refused(state, recovery, times)
    if recovery.returned is not None:
        at = recovery.returned.at
        yield Moment(at, Sign.SEEN, _when(at, times), f"back: {_proof(recovery.returned)}")
    elif recovery.deadline is not None:
        due = "back at the latest" if recovery.deadline > now else "should have been back"
        assumed = " (assumed)" if any(f.delay_assumed for f in recovery.findings) else ""
        yield Moment(recovery.deadline, Sign.DUE, _when(recovery.deadline, times), due + assumed)


def _cause(finding: Finding, row: int, began: datetime, times: Times) -> Moment:
    known = finding.since or (finding.by.at if finding.by is not None else None)
    at = known or finding.latest or began
    when = _when(at, times) if known else f"{_when(at, times)} or earlier"
    by = finding.by
    who = by_name(by, called=_who(by.name, automation=by.automation)) if by is not None else ""
    return Moment(at, Sign.CAUSE, when, f"{done(finding, brief=True)}{who}", row)


def _who(name: str, *, automation: bool) -> str:
    return f"automation {name}" if automation else name


def _repair(finding: Finding | None, repaired: Repaired, row: int, times: Times) -> Moment:
    first, last = _when(repaired.earliest, times), _when(repaired.latest, times)
    ended = finding is not None and finding.kind is Kind.SELF_HEALING and repaired.by is None
    what = "ended by itself" if ended else "repaired"
    by = f" by {_who(repaired.by.name, automation=repaired.by.automation)}" if repaired.by is not None else ""
    about = f": {done(finding, brief=True)}" if row and finding is not None else ""
    return Moment(
        repaired.latest,
        Sign.REPAIRED,
        last if first == last else f"between {first} and {last}",
        f"{what}{by}{about}",
        row,
    )


def _refused(state: State, recovery: Recovery, times: Times) -> Iterator[Moment]:
    """The newest refused sign-in of this outage that speaks against Incydr, with how many are recorded."""
    refusal, history = state.diagnosis.refusal, value_of(state.evidence.sign_ins)
    if refusal is None or refusal.at < recovery.began:
        return
    rows = [r for r in (history.window if history is not None else ()) if r.status == refusal.status]
    count = sum(row.count for row in rows if row.first >= recovery.began)
    many = f"{count:,} sign-ins refused" if count > 1 else "sign-in refused"
    yield Moment(refusal.at, Sign.REFUSED, _when(refusal.at, times), f"{many}: {refusal.status}")


def _proof(proof: Proof) -> str:
    return {
        ProofKind.CONSOLE: "the console showed Monitoring",
        ProofKind.EVENT: "a file event",
        ProofKind.SIGN_IN: "Incydr signed in",
        ProofKind.WORD: f"{proof.by or 'the operator'} said so",
    }[proof.kind]


def _when(at: datetime, times: Times) -> str:
    """To the minute, with its day where that is not today; with its day and the zone where it is read elsewhere."""
    if not times.full:
        return clock_time(at, times, seconds=False)
    there = times.at(at)
    return f"{there.day} {MONTHS[there.month - 1]} {there:%H:%M}"


def _in(span: timedelta) -> str:
    hours = span // timedelta(hours=1)
    return f"in {long(timedelta(hours=hours) if hours > 1 else span)}"


# In sentences


def sentences(timeline: Timeline) -> tuple[str, ...]:
    """What the picture tells, for those who do not look at one; nothing in it changes with time alone."""
    told = [f"{m.when}: {m.what}." for m in timeline.moments if m.sign is not Sign.NOW]
    if timeline.expiry:
        told.append(f"{timeline.expiry[0].upper()}{timeline.expiry[1:]}.")
    return tuple(told)


# As a picture


@lru_cache(maxsize=16)
def drawn(timeline: Timeline, width: int, *, ascii: bool = False) -> tuple[Line, ...]:
    """The picture in `width` cells; below LEAST its sentences."""
    if width < LEAST:
        lines: list[Line] = [[(line, Tone.PLAIN)] for line in sentences(timeline)]
    else:
        moments = timeline.moments
        # Names may hold signs that become several characters.
        labels = [in_ascii(moment.label) if ascii else moment.label for moment in moments]
        lines = [
            *(_joined(moments, labels, width) or _listed(moments, labels, width)),
            *_kept(timeline, width),
        ]
    return tuple(finished(lines, ascii=ascii))


def _joined(moments: Sequence[Moment], labels: Sequence[str], width: int) -> list[Line]:
    """The axis with each label below its moment, joined to it; empty where there is no room for that."""
    for axis in range(width, SHORTEST - 1, -1):
        columns, gaps = _columns(moments, axis)
        if all(at + cells(label) <= width for at, label in zip(columns, labels, strict=True)):
            return [*_tracks(moments, columns, gaps), *_labels(moments, columns, labels)]
    return []


def _listed(moments: Sequence[Moment], labels: Sequence[str], width: int) -> list[Line]:
    """The axis over the whole width, and the moments in order below it, each with its sign."""
    columns, gaps = _columns(moments, width)
    lines = _tracks(moments, columns, gaps)
    for moment, label in zip(moments, labels, strict=True):
        first, *rest = wrapped(label, width - 2)
        lines.append([(f"{moment.sign.value} ", TONES[moment.sign]), (first, Tone.PLAIN)])
        lines += [[(f"  {more}", Tone.PLAIN)] for more in rest]
    return lines


def _columns(moments: Sequence[Moment], axis: int) -> tuple[list[int], dict[int, str]]:
    """The cell of each moment, to scale but for what is broken: by the moment before it, how long it was quiet."""
    spans = [(b.at - a.at) / timedelta(seconds=1) for a, b in pairwise(moments)]
    gaps = {index: f"╱ {long(moments[index + 1].at - moments[index].at)} ╱" for index in _breaks(spans)}
    fixed = {index: cells(text) + 3 for index, text in gaps.items()}
    room = axis - 1 - sum(fixed.values()) - APART * (len(spans) - len(fixed))
    whole = sum(span for index, span in enumerate(spans) if index not in fixed)
    if room < 0 and gaps:
        fixed, room = {}, axis - 1 - APART * len(spans)
        gaps, whole = {}, sum(spans)
    columns, at = [0], 0.0
    for index, span in enumerate(spans):
        at += fixed.get(index) or APART + (max(0, room) * span / whole if whole else 0)
        columns.append(max(columns[-1] + 1, min(axis - 1, round(at))))
    return columns, gaps


def _breaks(spans: Sequence[float]) -> list[int]:
    """Which times are too long to be drawn to scale beside the others."""
    broken: list[int] = []
    left = dict(enumerate(spans))
    while len(left) > 1:
        longest = max(left, key=lambda index: left[index])
        others = sum(left.values()) - left[longest]
        if others <= 0 or left[longest] <= MUCH * others:
            break
        broken.append(longest)
        del left[longest]
    return sorted(broken)


def _tracks(moments: Sequence[Moment], columns: Sequence[int], gaps: dict[int, str]) -> list[Line]:
    """A line of time a cause: thick while the cause was there, dotted behind it; the first is the outage's own."""
    return [_track(row, moments, columns, gaps) for row in sorted({moment.row for moment in moments})]


def _track(row: int, moments: Sequence[Moment], columns: Sequence[int], gaps: dict[int, str]) -> Line:
    own = [m.row == row and (row == 0 or m.sign in (Sign.CAUSE, Sign.REPAIRED)) for m in moments]
    line: list[tuple[int, str, Tone]] = []
    stroke: tuple[str, Tone] | None = ("─", Tone.QUIET) if row == 0 else None
    last = len(moments) - 1
    for index, (moment, column) in enumerate(zip(moments, columns, strict=True)):
        if own[index]:
            line.append((column, moment.sign.value, TONES[moment.sign]))
            stroke = _stroke(moment.sign, stroke, row)
        elif row and moment.sign is Sign.NOW:
            stroke = None
        elif stroke is not None:
            line.append((column, stroke[0], stroke[1]))
        if stroke is None or index == last:
            continue
        span = columns[index + 1] - column - 1
        if row == 0 and index in gaps:
            text = gaps[index]
            room = span - cells(text)
            line.append((column + 1, stroke[0] * (room // 2), stroke[1]))
            line.append((column + 1 + room // 2, text, Tone.QUIET))
            line.append((column + 1 + room // 2 + cells(text), stroke[0] * (room - room // 2), stroke[1]))
        elif span:
            line.append((column + 1, stroke[0] * span, stroke[1]))
    return placed(part for part in line if part[1])


def _stroke(sign: Sign, before: tuple[str, Tone] | None, row: int) -> tuple[str, Tone] | None:
    """What is drawn from this moment on."""
    if sign is Sign.CAUSE:
        return "━", Tone.BAD
    if sign is Sign.REPAIRED:
        return ("╌", Tone.WARNING) if row == 0 else None
    if sign is Sign.NOW:
        return "╌", Tone.QUIET
    return before


def _rows(columns: Sequence[int], labels: Sequence[str]) -> list[int]:
    """In which row each label stands: the first where it meets neither another label nor a line down to one."""
    rows = [0] * len(labels)
    for index in range(len(labels) - 1, -1, -1):
        end = columns[index] + cells(labels[index])
        right = range(index + 1, len(labels))
        near = [other for other in right if columns[other] <= end]
        rows[index] = max((rows[other] + 1 for other in near), default=0)
    return rows


def _labels(moments: Sequence[Moment], columns: Sequence[int], labels: Sequence[str]) -> Iterator[Line]:
    rows = _rows(columns, labels)
    for row in range(max(rows) + 1):
        parts: list[tuple[int, str, Tone]] = []
        for moment, column, label, own in zip(moments, columns, labels, rows, strict=True):
            if own == row:
                tone = TONES[moment.sign] if moment.sign in (Sign.CAUSE, Sign.NOW) else Tone.PLAIN
                parts.append((column, label, tone))
            elif own > row:
                parts.append((column, "│", Tone.QUIET))
        yield placed(parts)


def _kept(timeline: Timeline, width: int) -> Iterator[Line]:
    """How much of the 72 hours is over."""
    if timeline.expires is None:
        return
    text = ", ".join(part for part in (timeline.expiry, timeline.left) if part)
    head, room = f"{KEPT} ", width - len(KEPT) - 3 - cells(text)
    beside = room >= 8
    bar = min(24, room if beside else width - len(head))
    full = round(timeline.gone * bar)
    tone = Tone.BAD if timeline.gone >= 1 else Tone.WARNING
    line: Line = [(head, Tone.QUIET), ("█" * full, tone), ("░" * (bar - full), Tone.QUIET)]
    if beside:
        yield [*line, (f"  {text}", Tone.PLAIN)]
    else:
        yield line
        yield from ([(part, Tone.PLAIN)] for part in wrapped(text, width))
