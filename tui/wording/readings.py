"""When was read and when will be, for the head line and the waiting line."""

from datetime import datetime, timedelta

from tui.connections.state import State
from tui.wording.statuses import status_word
from tui.wording.times import Times, ago, clock_time, long


def until(then: datetime, now: datetime) -> str:
    """How soon: "in 4 min"."""
    seconds = max(0, int((then - now).total_seconds()))
    return "now" if seconds == 0 else f"in {long(timedelta(seconds=seconds))}"


def reading_line(
    last_try: datetime | None,
    next_at: datetime | None,
    times: Times,
    *,
    reading: bool,
    paused: bool,
) -> str:
    """For the head line: "checked 13:42 · next 13:47"; moments do not age, so that a quiet screen stays quiet."""
    parts = [f"checked {clock_time(last_try, times, seconds=False)}"] if last_try is not None else []
    if paused:
        parts.append("paused")
    elif reading:
        parts.append("checking")
    elif next_at is not None:
        parts.append(f"next {clock_time(next_at, times, seconds=False)}")
    return " · ".join(parts)


def checks(state: State, next_at: datetime | None, reading: bool, now: datetime) -> str:
    """For the waiting line: last check, its result, the next one."""
    parts = [f"checked {ago(state.evidence.read_at, now)}: {status_word(state)}"]
    if reading:
        parts.append("checking")
    elif next_at is not None:
        parts.append(f"next {until(next_at, now)}")
    return " · ".join(parts)
