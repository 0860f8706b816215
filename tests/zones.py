"""Zones whose clocks change, and a machine that stands in one of them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

POSIX = {
    "Europe/Berlin": "CET-1CEST,M3.5.0,M10.5.0/3",
    "America/New_York": "EST5EDT,M3.2.0,M11.1.0",
    "Australia/Lord_Howe": "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
}
"""The rules of these zones as a TZ variable can spell them, for machines without a zone database."""


@contextmanager
def machine_in(tz: str) -> Iterator[None]:
    """The machine's own zone, by the TZ variable."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", tz)
        time.tzset()
        yield
    time.tzset()
