"""Moments and spans in words: short for lists, long for sentences, all in the operator's time zone."""

from datetime import UTC, datetime, timedelta, tzinfo

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def short(span: timedelta) -> str:
    """One number for a list: "45s", "21m", "3h", "4d"."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size, until in (("s", 1, 60), ("m", 60, 3600), ("h", 3600, 2 * 86_400)):
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


def clock_time(at: datetime, tz: tzinfo, now: datetime, *, seconds: bool = True) -> str:
    """The time of day, with the date where it is another day: "13:41:07", "21 Nov 13:41:07"."""
    if isinstance(tz, InFull):
        return tz.moment(at)
    there, today = at.astimezone(tz), now.astimezone(tz)
    time = f"{there:%H:%M:%S}" if seconds else f"{there:%H:%M}"
    if there.date() == today.date():
        return time
    date = f"{there.day} {MONTHS[there.month - 1]}"
    return f"{date} {time}" if there.year == today.year else f"{date} {there.year} {time}"


def zone(tz: tzinfo, now: datetime) -> str:
    """The name of the operator's time zone at this moment."""
    return now.astimezone(tz).tzname() or "local time"


class LocalZone(tzinfo):
    """The machine's time zone, right on both sides of a change of the clocks."""

    def fromutc(self, at: datetime) -> datetime:
        there = at.replace(tzinfo=UTC).astimezone()
        first = there.replace(tzinfo=None).astimezone()
        return there.replace(tzinfo=self, fold=first.utcoffset() != there.utcoffset())

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        return at.replace(tzinfo=None).astimezone().utcoffset() if at else None

    def tzname(self, at: datetime | None) -> str | None:
        return at.replace(tzinfo=None).astimezone().tzname() if at else None

    def dst(self, at: datetime | None) -> timedelta | None:
        return None


class InFull(tzinfo):
    """A time zone in which `clock_time` tells whole moments, for a text that is read elsewhere and later."""

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone

    def moment(self, at: datetime) -> str:
        """ "2026-11-22 13:42:07 UTC (14:42:07 CET)"; the date again where it is another one there."""
        there, utc = at.astimezone(self.zone), at.astimezone(UTC)
        told = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
        if there.utcoffset() == timedelta(0):
            return told
        date = "" if there.date() == utc.date() else f"{there:%Y-%m-%d} "
        return f"{told} ({date}{there:%H:%M:%S} {there.tzname() or 'local time'})"

    def fromutc(self, at: datetime) -> datetime:
        return at.replace(tzinfo=UTC).astimezone(self.zone).replace(tzinfo=self)

    def utcoffset(self, at: datetime | None) -> timedelta | None:
        return self.zone.utcoffset(at.replace(tzinfo=self.zone)) if at else None

    def tzname(self, at: datetime | None) -> str | None:
        return self.zone.tzname(at.replace(tzinfo=self.zone)) if at else None

    def dst(self, at: datetime | None) -> timedelta | None:
        return None


LOCAL = LocalZone()
