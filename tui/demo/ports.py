"""ASGI apps on loopback ports, inside an event loop that belongs to somebody else."""

import asyncio
import contextlib
import json
import logging
import socket
import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tui.demo.door import Door, answer

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _protocol(doors: Mapping[int, Door]) -> type[H11Protocol]:
    """HTTP that forgets a connection without traffic where that is the door's habit, as a firewall does."""

    class Forgetful(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
            super().connection_made(transport)
            self.last_traffic = self.loop.time()
            self.is_dead = False

        def data_received(self, data: bytes) -> None:
            habits = doors[self.server[1] or 0].habits if self.server else None
            limit = habits.forgets_idle_after.total_seconds() if habits else 0.0
            now = self.loop.time()
            self.is_dead = self.is_dead or 0 < limit < now - self.last_traffic
            if not self.is_dead:
                self.last_traffic = now
                super().data_received(data)
            elif habits and habits.resets_idle:
                self.reset()

        def on_response_complete(self) -> None:
            self.last_traffic = self.loop.time()
            super().on_response_complete()

        def reset(self) -> None:
            """Close so that the other side gets a reset instead of an end."""
            port = self.transport.get_extra_info("socket")
            port.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()

    return Forgetful


def _foreign(scope: Scope) -> str | None:
    """The Host or Origin of a request that is none of this machine's: a page whose name points here."""
    given = [f"//{value.decode('latin-1')}" for name, value in scope["headers"] if name == b"host"] or ["//"]
    given += [value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"]
    for address in given:
        try:
            name = urlsplit(address).hostname or ""
        except ValueError:
            name = ""
        if name not in _LOOPBACK:
            return name or address
    return None


def open_port() -> socket.socket:
    """A listening socket on a free port of 127.0.0.1."""
    # Named as TCP, or asyncio leaves Nagle's delay of 40 ms on.
    port = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    port.bind(("127.0.0.1", 0))
    port.listen(512)
    return port


@contextlib.asynccontextmanager
async def serving(apps: Mapping[socket.socket, Door], certificate: Path | None = None) -> AsyncIterator[None]:
    """Have each app answer on its port meanwhile; connections that are still open are cut at the end.

    With `certificate` (a PEM file with key and chain) it speaks TLS.
    """
    by_number = {port.getsockname()[1]: app for port, app in apps.items()}

    async def by_port(scope: Scope, receive: Receive, send: Send) -> None:
        if name := _foreign(scope):
            body = json.dumps({"error": f"{name} is not a name of this machine"})
            await answer(send, 403, body.encode())
            return
        await by_number[scope["server"][1]](scope, receive, send)

    # Cut-off bodies are errors to the server and wanted by us.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
    config = uvicorn.Config(
        by_port,
        http=_protocol(by_number),
        log_config=None,
        access_log=False,
        lifespan="off",
        date_header=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=3_600,
        ssl_certfile=certificate,
        ssl_keyfile=certificate,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=list(apps)))
    while not server.started:
        if task.done():
            task.result()
        await asyncio.sleep(0.001)
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await task
        for port in apps:
            port.close()
