"""A request and its answer as values, how an answer is unpacked, and what time its header tells."""

import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from msgspec import Struct

MAX_BODY = 8_000_000
"""Bytes of one unpacked answer that are accepted."""
YEARS = range(2000, 2100)
"""A vendor's clock outside of these is no clock."""


class Request(Struct, frozen=True):
    """One HTTP request as it is sent, without its headers."""

    method: str
    url: str
    body: bytes = b""


class Answer(Struct, frozen=True):
    """One HTTP answer of any status but a redirect; header names are lower-case, `date` is aware (UTC)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    date: datetime | None = None

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait by the Retry-After header, given in seconds or as a date."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        when = http_date(value)
        if when is None or self.date is None:
            return None
        return max(0.0, (when - self.date).total_seconds())

    @property
    def is_page(self) -> bool:
        """True where a web page came instead of data."""
        return "html" in self.headers.get("content-type", "").lower() or self.body.lstrip()[:1] == b"<"


def http_date(value: str | None) -> datetime | None:
    """An HTTP date as an aware time in UTC, or None."""
    # Loaded with the first answer: the app's first frame does without the mail modules.
    from email.utils import parsedate_to_datetime

    if not value:
        return None
    try:
        when = parsedate_to_datetime(value)
        if when.year not in YEARS:
            return None
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def unpacking(packed: str) -> Callable[[bytes, int], bytes]:
    """How a chunk is unpacked to at most so many bytes. Raises OSError for what was not asked for."""
    if packed in ("", "identity"):
        return lambda chunk, most: chunk[:most]
    if packed not in ("gzip", "x-gzip"):
        raise OSError("an unknown content coding")
    machine = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def unpack(chunk: bytes, most: int) -> bytes:
        try:
            return machine.decompress(chunk, most)
        except zlib.error:
            raise OSError("damaged gzip") from None

    return unpack
