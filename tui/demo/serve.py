"""Puts a demo world behind HTTP: in this process for tests, or on loopback ports for everybody."""

import asyncio
import contextlib
import json
import logging
import socket
import struct
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from tui.base.clock import Clock, ScaledClock
from tui.demo import control, org_api, scenarios, tenant_api
from tui.demo.incydr import Http, Incydr, watch_all
from tui.demo.middleware import Middleware, answer
from tui.demo.world import World

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class _Server(uvicorn.Server):
    """A server that leaves the process's signals alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _protocol(by_port: Mapping[int, Middleware]) -> type[H11Protocol]:
    """HTTP that forgets a connection without traffic where that is its habit, as a firewall does."""

    class Forgetful(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
            super().connection_made(transport)
            self.last_traffic = self.loop.time()
            self.is_dead = False

        def data_received(self, data: bytes) -> None:
            habits = by_port[self.server[1] or 0].habits if self.server else None
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
async def serving(
    apps: Mapping[socket.socket, Middleware], certificate: Path | None = None
) -> AsyncIterator[None]:
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


CONTROL = "control"


@dataclass
class Demo:
    """A world and the addresses of its parts.

    `by_part` are the vendors by part: `org:acme`, `tenant:acme`, `control`. `urls` say where each part is reached;
    `in_process` that its own clients call the apps directly.
    """

    world: World
    by_part: dict[str, Middleware]
    urls: dict[str, str]
    in_process: bool = True

    @property
    def apps(self) -> dict[str, Middleware]:
        """The ASGI app of each base URL."""
        return {self.urls[part]: app for part, app in self.by_part.items()}

    @property
    def control(self) -> Middleware:
        return self.by_part[CONTROL]

    @property
    def control_url(self) -> str:
        return self.urls[CONTROL]

    def ready(self) -> dict[str, Any]:
        """Where everything is and how to sign in: what `python -m tui.demo` prints."""
        return control.ready(self.world, self.urls)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Demo"]:
        """Have the stand-in Incydr watch its connections meanwhile."""
        watchers = [self._incydr(name) for name in self.world.connections]
        task = asyncio.create_task(watch_all(watchers))
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _incydr(self, name: str) -> Incydr:
        world, connection = self.world, self.world.connections[name]
        part = f"org:{connection.org}"
        app = self.by_part[part] if self.in_process else None
        return Incydr(
            connection,
            world.tenants[connection.tenant],
            Http(self.urls[part], connection.source_ip, app),
            world.clock,
            world.people,
            world.seed,
        )


def build(scenario: str, clock: Clock, seed: int = 1) -> Demo:
    """A demo inside this process, under addresses that exist nowhere. Raises KeyError for the scenario."""
    world = scenarios.world_of(scenario, clock, seed)
    urls = {f"org:{key}": f"http://{key}.demo.invalid" for key in world.orgs}
    urls |= {f"tenant:{key}": f"http://{key}.incydr.demo.invalid" for key in world.tenants}
    urls[CONTROL] = "http://control.demo.invalid"
    return Demo(world, _doors(world, urls), urls)


def _doors(world: World, urls: Mapping[str, str]) -> dict[str, Middleware]:
    by_part = {f"org:{key}": org_api.app(org) for key, org in world.orgs.items()}
    by_part |= {f"tenant:{key}": tenant_api.app(tenant) for key, tenant in world.tenants.items()}
    by_part[CONTROL] = control.app(world, urls, dict(by_part))
    return by_part


@contextlib.asynccontextmanager
async def on_loopback(
    scenario: str, clock: ScaledClock, seed: int, certificate: Path | None = None
) -> AsyncIterator[Demo]:
    """The same as real HTTP servers on free ports of 127.0.0.1, with the stand-in Incydr at work.

    With `certificate` (a PEM file with key and chain) they speak TLS, for clients that insist.
    """
    from tui.demo.serve import open_port, serving

    demo = build(scenario, clock, seed)
    sockets = {part: open_port() for part in demo.by_part}
    scheme = "https" if certificate else "http"
    # In place: the control app holds this very dict.
    demo.urls.update(
        {part: f"{scheme}://127.0.0.1:{port.getsockname()[1]}" for part, port in sockets.items()}
    )
    demo.in_process = False
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(
            serving({port: demo.by_part[part] for part, port in sockets.items()}, certificate)
        )
        await stack.enter_async_context(demo.running())
        yield demo
