"""Everything that goes over the network: one TLS context, one client a host, one kind of failure.

`client` alone imports httpx, on first use, after the first paint. Answers are handed out raw; the rooms of the
vendors decode them.
"""

from tui.net.answer import MAX_BODY, Answer, Request, http_date
from tui.net.client import KEEP_ALIVE, Net, RecordingNet, ReplayNet
from tui.net.errors import BAD_DATA, NetProblem, host_of
from tui.net.reading_only import ReadingNet

__all__ = [
    "BAD_DATA",
    "KEEP_ALIVE",
    "MAX_BODY",
    "Answer",
    "Net",
    "NetProblem",
    "ReadingNet",
    "RecordingNet",
    "ReplayNet",
    "Request",
    "host_of",
    "http_date",
]
