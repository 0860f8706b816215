"""What can go wrong with a request, as a problem that names the host and never a query or a token."""

from urllib.parse import urlsplit

import msgspec

from tui.base.problem import Problem
from tui.base.text import clean
from tui.net.proxies import LOOPBACK

BAD_DATA = (msgspec.MsgspecError, RecursionError, OverflowError, ValueError)
"""What decoding an answer may raise: wrong shapes, nesting without end, numbers and bytes out of range."""


class NetProblem(Problem):
    """A request that got no usable answer. The message names the host, never a query or a token.

    `retry_after` is in seconds. `sent` is False where the request certainly did not leave.
    """

    no_answer = True

    def __init__(
        self,
        title: str,
        message: str,
        next_step: str,
        *,
        retry_after: float | None = None,
        sent: bool = True,
    ) -> None:
        super().__init__(title, message, next_step)
        self.retry_after = retry_after
        self.sent = sent


def host_of(url: str) -> str:
    """The host of a URL for people: without user, path and query."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        # A port says which of several loopback servers is meant.
        return f"{host}:{parts.port}" if parts.port and host in LOOPBACK else clean(host, 200)
    except ValueError:
        return "the configured address"


def unusable_address(host: str, reason: str) -> NetProblem:
    return NetProblem(
        "The address cannot be used",
        f"{host}: {reason}",
        "Write an https address into the configuration.",
        sent=False,
    )


def unusable_proxy(message: str, next_step: str) -> NetProblem:
    return NetProblem("The proxy cannot be used", message, next_step, sent=False)


def unsendable(message: str, next_step: str) -> NetProblem:
    """What HTTP does not allow was to be sent."""
    return NetProblem("The request cannot be sent", message, next_step, sent=False)
