"""What is told of a cause where no connection is read: its console message, its steps by title, its delay."""

from datetime import timedelta

from msgspec import Struct

from tui.connections.finding import Kind


class KnownCause(Struct, frozen=True):
    """One cause for a reader. `message` is what the Incydr console shows, verbatim; None where it shows none.

    `delay`: how long Incydr takes to notice that the cause is gone; None where no clock runs.
    """

    id: str
    title: str
    kind: Kind
    message: str | None
    steps: tuple[str, ...]
    delay: timedelta | None
    delay_assumed: bool
