"""`report`: the outage of one connection, for the ticket, as Markdown or JSON."""

import msgspec

from tui import __version__
from tui.base.clock import Clock
from tui.watching.watcher import Watcher
from tui.wording import Times
from tui.wording.reports import Report, report_of

ENTRIES = 5_000
"""Lines of the history that a report looks at."""


async def gather(watcher: Watcher, name: str, clock: Clock) -> Report:
    """The report on a connection that has been read."""
    state = watcher.state(name)
    assert state is not None  # noqa: S101 - the caller has read it
    return report_of(
        state,
        watcher.org(name).my_domain,
        await watcher.history(name, ENTRIES),
        await watcher.changes(name),
        f"remonitor {__version__}",
        Times(None, clock.now()),
    )


def as_json(report: Report) -> str:
    """What scripts read; `schema` changes when a field changes its meaning. Times are in UTC, `zone` is ours."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
