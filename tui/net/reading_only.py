"""A network that only reads, and sends a stated number of requests at most to each place."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tui.net.answer import Answer
from tui.net.client import Net
from tui.net.errors import NetProblem, host_of

SIGN_IN = "/services/oauth2/"
READING = ("/v1/oauth", "/v2/file-events", "/v2/file-events/grouping")
"""What a tenant takes by POST and changes nothing."""


class ReadingNet(Net):
    """`most` are the requests by address, of which the host counts; of an org only API calls count, no sign-ins.

    What could change something, or goes beyond its number, is refused with a NetProblem and not sent.
    """

    def __init__(self, most: Mapping[str, int], **named: Any) -> None:
        super().__init__(**named)
        self.sent: Counter[str] = Counter()
        self._most = {_origin(url): number for url, number in most.items()}

    def sent_to(self, url: str) -> int:
        """The requests that count and went to the host of this address."""
        return self.sent[_origin(url)]

    async def request(self, method: str, url: str, **named: Any) -> Answer:
        """As Net does."""
        path, origin = urlsplit(url).path, _origin(url)
        if not _reads(method, path, named.get("json")):
            raise NetProblem("Not sent", f"{method} {path} could change something.", "", sent=False)
        if _counts(path):
            if self.sent[origin] >= self._most.get(origin, 0):
                why = f"No more than {self._most.get(origin, 0)} requests go to {host_of(url)} here."
                raise NetProblem("Not asked", why, "Ask for fewer connections at once.", sent=False)
            self.sent[origin] += 1
        return await super().request(method, url, **named)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _counts(path: str) -> bool:
    # The list of versions needs no sign-in and is no API call of the org's day.
    return not path.startswith(SIGN_IN) and path.rstrip("/") != "/services/data"


def _reads(method: str, path: str, body: object) -> bool:
    if method == "GET" or path.startswith(SIGN_IN) or path in READING:
        return True
    parts = body.get("compositeRequest") if isinstance(body, dict) else None
    return path.endswith("/composite") and all(part["method"] == "GET" for part in parts or ({"method": ""},))
