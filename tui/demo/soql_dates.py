"""SOQL's date functions; days begin at midnight UTC, as they do without convertTimezone()."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


DATE_VALUES: Mapping[str, tuple[str, Callable[[datetime], object]]] = {
    "CALENDAR_MONTH": ("int", lambda moment: _utc(moment).month),
    "CALENDAR_YEAR": ("int", lambda moment: _utc(moment).year),
    "DAY_IN_MONTH": ("int", lambda moment: _utc(moment).day),
    # 1 is Sunday.
    "DAY_IN_WEEK": ("int", lambda moment: _utc(moment).isoweekday() % 7 + 1),
    "DAY_ONLY": ("date", lambda moment: _utc(moment).date()),
    "HOUR_IN_DAY": ("int", lambda moment: _utc(moment).hour),
}
"""What each function makes of a moment, and the type of that."""
