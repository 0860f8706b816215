"""How a connection was seen hour by hour and day by day: worst of all in a cell, never by colour alone."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

from msgspec import Struct

from tui.base.text import counted
from tui.pictures.pieces import Line, Tone
from tui.watching.hours import HOUR, Hour, Seen
from tui.watching.outages import Summary
from tui.wording.symbols import in_ascii

HOURS = 24
DAYS = 30
DAY = timedelta(days=1)

CELLS: dict[Seen | None, tuple[str, str, Tone]] = {
    Seen.WELL: ("▂", "_", Tone.GOOD),
    Seen.ERROR: ("█", "#", Tone.BAD),
    Seen.RECOVERING: ("▄", "=", Tone.WARNING),
    Seen.UNKNOWN: ("?", "?", Tone.QUIET),
    None: ("·", ".", Tone.QUIET),
}
"""Sign, the same in ASCII, tone; None: nobody looked."""

WORST_FIRST = (Seen.ERROR, Seen.RECOVERING, Seen.UNKNOWN, Seen.WELL)


class Month(Struct, frozen=True):
    """The last 30 days: the worst of each, and how much of what time."""

    days: tuple[Seen | None, ...]
    well: int
    """Seconds, as the two below."""
    observed: int
    whole: int
    outages: int


def last_day(hours: Sequence[Hour], now: datetime, kind: Seen | None = None) -> tuple[Seen | None, ...]:
    """The worst of each of the last 24 hours, the current one last; `kind` is how the connection is seen now."""
    found = {int(hour.start.timestamp()): hour for hour in hours}
    current = int(now.timestamp()) // HOUR * HOUR
    cells = [worst(filter(None, [found.get(current - HOUR * back)])) for back in range(HOURS - 1, -1, -1)]
    seen = {cell for cell in (cells[-1], kind) if cell is not None}
    return (*cells[:-1], min(seen, key=WORST_FIRST.index, default=None))


def month_of(hours: Sequence[Hour], now: datetime, outages: Summary) -> Month:
    """What the roll-up tells of the last 30 days, day by day in UTC, today last."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - (DAYS - 1) * DAY
    kept = [hour for hour in hours if hour.start >= first]
    by_day = {day: list(rows) for day, rows in groupby(kept, key=lambda hour: hour.start.date())}
    days = tuple(worst(by_day.get((first + n * DAY).date(), ())) for n in range(DAYS))
    observed = sum(h.well + h.error + h.recovering + h.unknown for h in kept)
    whole = max(observed, int((now - first).total_seconds()))
    return Month(days, sum(hour.well for hour in kept), observed, whole, outages.count)


def worst(hours: Iterable[Hour]) -> Seen | None:
    """The worst that was seen in these hours; None where nobody looked."""
    seen = {kind for hour in hours for kind in Seen if getattr(hour, kind)}
    return min(seen, key=WORST_FIRST.index, default=None)


def strip(cells: Sequence[Seen | None], *, ascii: bool = False) -> Line:
    """A cell each, neighbours that are the same as one piece."""
    line: Line = []
    for cell, run in groupby(cells):
        sign, plain, tone = CELLS[cell]
        line.append(((plain if ascii else sign) * len(tuple(run)), tone))
    return line


def sentence(month: Month) -> str:
    """The percent of the observed time, the outages, and how much was not observed."""
    if not month.observed:
        return f"not observed in the last {DAYS} days"
    # Rounded down: 100 % is all of it.
    percent = month.well * 1000 // month.observed / 10
    told = f"Monitoring {percent:g} % of the observed time · {counted(month.outages, 'outage')}"
    missed = (month.whole - month.observed) // HOUR
    return f"{told} · {counted(missed, 'hour')} not observed" if missed else told


def legend(*, ascii: bool = False) -> str:
    """What the signs of a strip mean."""
    words = {Seen.WELL: "well", Seen.ERROR: "error", Seen.RECOVERING: "recovering", Seen.UNKNOWN: "not known"}
    return "  ".join(
        f"{plain if ascii else sign} {words[cell] if cell is not None else 'no data'}"
        for cell, (sign, plain, _) in CELLS.items()
    )


def drawn(month: Month, *, ascii: bool = False) -> tuple[Line, ...]:
    """The days, what they come to, and what the signs mean; the last two lines may be wrapped."""
    return (
        [(f"{DAYS} days  ", Tone.STRONG), *strip(month.days, ascii=ascii)],
        [(in_ascii(sentence(month)) if ascii else sentence(month), Tone.PLAIN)],
        [(legend(ascii=ascii), Tone.QUIET)],
    )
