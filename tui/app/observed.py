"""How the connections were seen, as the journal has it: asked once an hour, since then each state tells the rest."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tui.connections.state import State
from tui.pictures.availability import HOURS, Month, month_of
from tui.watching.entry import Entry
from tui.watching.hours import HOUR, Hour
from tui.watching.outages import outages, summary
from tui.wording import org_time

if TYPE_CHECKING:
    from tui.watching.watcher import Watcher


class Observed:
    """The last day of all connections, and the last month of the one that the detail shows."""

    def __init__(self) -> None:
        self.hours: Mapping[str, Sequence[Hour]] | None = None
        """Of the last 24 hours; None: not known yet."""
        self._hour = 0
        self._month: tuple[tuple[str, int, datetime], Month] | None = None

    def due(self, now: datetime) -> bool:
        """Whether an hour is over that the roll-up knows by now."""
        return _hour(now) != self._hour

    async def read(self, watcher: "Watcher", now: datetime) -> None:
        """Ask for the last day of all."""
        if self.due(now):
            self._hour = _hour(now)
            self.hours = await watcher.hours(now - timedelta(hours=HOURS))

    async def month(self, watcher: "Watcher", state: State, history: Sequence[Entry], now: datetime) -> Month:
        """The last month of this connection; asked for once an hour, and where its status changed."""
        name = state.connection.name
        key = name, _hour(now), state.since
        if self._month is None or self._month[0] != key:
            total = summary(outages(history), org_time(state, now))
            hours = await watcher.hours(now - total.span, name)
            self._month = key, month_of(hours.get(name, ()), now, total)
        return self._month[1]


def _hour(now: datetime) -> int:
    return int(now.timestamp()) // HOUR
