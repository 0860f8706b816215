"""One host's connections: how long idle ones live, and how a request travels on them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Generic, Protocol, TypeVar

HTTP = b"HTTP/"
"""How every answer of a web server begins."""


class Client(Protocol):
    """What is closed when nobody uses it any more."""

    async def aclose(self) -> None: ...


C = TypeVar("C", bound=Client)


class HostClient(Generic[C]):
    """The client of one host, and since when its connections are idle."""

    def __init__(self, client: C, keep: float) -> None:
        self.client = client
        self.keep = keep
        """Seconds after which an idle connection is not used again."""
        self.answered_at = 0.0
        """The loop's time of the last answer."""
        self._in_use = 0
        self._retired = False

    @property
    def idle(self) -> float:
        """Seconds since the last answer."""
        return asyncio.get_running_loop().time() - self.answered_at

    @asynccontextmanager
    async def used(self) -> AsyncIterator[C]:
        """The client for one request; a retired one is closed after its last."""
        self._in_use += 1
        try:
            yield self.client
        finally:
            self._in_use -= 1
            if self._retired and not self._in_use:
                await self.client.aclose()

    async def retire(self) -> None:
        """Nobody begins on it any more."""
        self._retired = True
        if not self._in_use:
            await self.client.aclose()


class Trace:
    """Hears from httpx how a request travels: over a connection that was `reused`, and whether it was `answered`.

    What comes from a new connection and is no HTTP ends the request at once.
    """

    def __init__(self, on_reuse: Callable[[], None]) -> None:
        self.reused = False
        self.answered = False
        self._connected = False
        self._on_reuse = on_reuse

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("connect_tcp.started"):
            self._connected = True
        elif event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._listen(info["return_value"])
        elif event.endswith("send_request_headers.started") and not self._connected and not self.reused:
            self.reused = True
            self._on_reuse()
        elif event.endswith("receive_response_headers.complete"):
            self.answered = True

    def _listen(self, stream: Any) -> None:
        read = stream.read

        async def first(max_bytes: int, timeout: float | None = None) -> bytes:
            chunk: bytes = await read(max_bytes, timeout)
            stream.read = read
            if chunk[: len(HTTP)] == HTTP[: len(chunk)]:
                return chunk
            raise NotHttp

        stream.read = first


class Dead(Exception):
    """The connection had died while it was idle: nothing was answered on it."""


class NotHttp(Exception):
    """What answers is no web server."""
