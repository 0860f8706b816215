"""Moments and spans in words: short for lists, long for sentences, each moment by the rules of its own day."""

from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import Struct

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def short(span: timedelta) -> str:
    """One number for a list: "45s", "21m", "3h", "4d"."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size, until in (("s", 1, 60), ("m", 60, 60 * 60), ("h", 60 * 60, 2 * 86_400)):
        if seconds < until:
            return f"{seconds // size}{unit}"
    return f"{seconds // 86_400}d"


def long(span: timedelta) -> str:
    """For a sentence: "45 s", "21 min", "3 h 5 min", "2 d 4 h"."""
    seconds = max(0, int(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def countdown(span: timedelta) -> str:
    """What is left, by the second: "7:42", "1:02:03"; nothing left is "0:00"."""
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    if minutes < 60:
        return f"{minutes}:{seconds:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def ago(then: datetime, now: datetime, *, coarse: bool = False) -> str:
    """How long ago; `coarse` changes only every ten seconds, so that a quiet screen stays quiet."""
    seconds = int((now - then).total_seconds())
    if coarse and seconds < 60:
        seconds -= seconds % 10
    return "just now" if seconds <= 0 else f"{long(timedelta(seconds=seconds))} ago"


class Times(Struct, frozen=True):
    """How moments are told: in the rules of one time zone, as seen at one moment.

    `tz` None is the zone of this machine, asked anew for each moment, so that a change of the clocks is right on both
    sides. `now` is this machine's clock. `full`: whole moments, for a text that is read elsewhere and later.
    """

    tz: tzinfo | None
    now: datetime
    full: bool = False

    def at(self, moment: datetime) -> datetime:
        """The same moment with the offset and the zone name in force then."""
        try:
            return moment.astimezone(self.tz)
        except (OverflowError, ValueError, OSError):
            # The zone has no such day: the first or the last of all years, or one the C library refuses.
            return moment.astimezone(UTC)

    def unlike_now(self, moment: datetime) -> bool:
        """Whether the time of day alone misleads: another offset than now, or an hour that comes twice that day."""
        there = self.at(moment)
        if there.utcoffset() != self.at(self.now).utcoffset():
            return True
        wall = there.replace(tzinfo=self.tz)
        try:
            return wall.replace(fold=0).astimezone(UTC) != wall.replace(fold=1).astimezone(UTC)
        except (OverflowError, ValueError, OSError):
            return False

    def zone(self, moment: datetime) -> str:
        """The name of the zone as it was in force at this moment: "CEST"."""
        return self.at(moment).tzname() or "local time"


def clock_time(at: datetime, times: Times, *, seconds: bool = True, zone: bool = False) -> str:
    """The time of day, with the date where it is another day: "13:41:07", "21 Nov 13:41:07".

    The zone is named on request, and always around a change of the clocks: "02:49:07 CEST".
    """
    if times.full:
        return moment(at, times)
    there, here = times.at(at), times.at(times.now)
    told = f"{there:%H:%M:%S}" if seconds else f"{there:%H:%M}"
    if there.date() != here.date():
        year = "" if there.year == here.year else f"{there.year} "
        told = f"{there.day} {MONTHS[there.month - 1]} {year}{told}"
    return f"{told} {times.zone(at)}" if zone or times.unlike_now(at) else told


def at_time(at: datetime, times: Times, *, seconds: bool = True, zone: bool = False) -> str:
    """The same inside a sentence, with its preposition: "at 13:41:07", "on 21 Nov 13:41:07"."""
    other_day = not times.full and times.at(at).date() != times.at(times.now).date()
    return f"{'on' if other_day else 'at'} {clock_time(at, times, seconds=seconds, zone=zone)}"


def moment(at: datetime, times: Times) -> str:
    """In full: "2026-11-22 13:42:07 UTC (14:42:07 CET)"; the date again where it is another one there."""
    there, utc = times.at(at), at.astimezone(UTC)
    told = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    if there.utcoffset() == timedelta(0):
        return told
    date = "" if there.date() == utc.date() else f"{there:%Y-%m-%d} "
    return f"{told} ({date}{there:%H:%M:%S} {times.zone(at)})"
