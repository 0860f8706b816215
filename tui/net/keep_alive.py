"""One host's connections: how long idle ones live, and how a request travels on them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Generic, Protocol, TypeVar

from tui.base.process import descriptor_limit

PER_HOST = 2
"""Connections to one host at most."""

OTHER_FILES = 200
"""Descriptors that are kept for everything else."""

LEAST_HOSTS = 20
"""Fewer are never kept, however few descriptors there are."""

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
        self.answered_at = asyncio.get_running_loop().time()
        """The loop's time of the last answer, or when it was made."""
        self.kept = False
        """It stays, however long nobody uses it."""
        self._in_use = 0
        self._retired = False

    @property
    def idle(self) -> float:
        """Seconds since the last answer."""
        return asyncio.get_running_loop().time() - self.answered_at

    @property
    def in_use(self) -> bool:
        """Whether a request is on its way."""
        return self._in_use > 0

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


class HostClients(dict[str, HostClient[C]]):
    """The clients by origin; what nobody uses is closed, so that an org that is read now and then holds no descriptor.

    `keep`: seconds after which an idle one is not used again. `most`: with more of them, those that are idle longest
    give way; by default as many as there are descriptors for.
    """

    def __init__(self, keep: float, most: int | None = None) -> None:
        super().__init__()
        self._keep = keep
        self._most = most
        self._sweep: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()

    def add(self, origin: str, host: HostClient[C]) -> None:
        self[origin] = host
        most = self._most or max(LEAST_HOSTS, (descriptor_limit() - OTHER_FILES) // PER_HOST)
        if len(self) > most:
            idle = [each for each in self._unused() if self[each].idle > 0]
            self._let_go(sorted(idle, key=lambda each: -self[each].idle)[: max(1, most // 4)])
        self._sweep_later()

    async def aclose(self) -> None:
        """Close all of them."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        hosts = list(self.values())
        self.clear()
        for host in hosts:
            await host.client.aclose()
        await asyncio.gather(*self._closing)

    def _unused(self) -> list[str]:
        return [origin for origin, host in self.items() if not (host.in_use or host.kept)]

    def _sweep_later(self) -> None:
        if self._sweep is None and any(not host.kept for host in self.values()):
            self._sweep = asyncio.get_running_loop().call_later(self._keep, self._sweep_now)

    def _sweep_now(self) -> None:
        self._sweep = None
        self._let_go([each for each in self._unused() if self[each].idle > self[each].keep])
        self._sweep_later()

    def _let_go(self, origins: Iterable[str]) -> None:
        for origin in origins:
            closing = asyncio.ensure_future(self.pop(origin).retire())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


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
