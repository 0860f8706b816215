"""What changes rarely and is remembered between processes, so that each `check` does not pay for it again."""

from datetime import datetime

import msgspec


class Fact(msgspec.Struct, frozen=True):
    """One remembered part: JSON that only its reader understands, and when it was read (this machine's clock)."""

    value: msgspec.Raw
    read_at: datetime


class Remembered(msgspec.Struct, frozen=True):
    """The facts of one org. `subject` is the org's Id as it was read: they are about that org alone."""

    subject: str
    facts: dict[str, Fact] = {}
