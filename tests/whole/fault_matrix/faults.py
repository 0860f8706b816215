"""What an org, a tenant or the way to them can do instead of a good answer: each a function of one request."""

import asyncio
import errno
import functools
import gzip
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpcore
import httpx

from tests.clocks import run
from tests.demo_world import ORIGIN, config_of
from tui import wording
from tui.base.clock import LoopClock
from tui.connections.state import State, Status
from tui.console import Exit
from tui.console.watcher import read_rows
from tui.demo import serve
from tui.net import Net
from tui.reports.checked import worst
from tui.reports.text import as_text

Doing = Callable[[httpx.Request, httpx.AsyncBaseTransport], Awaitable[httpx.Response]]
"""Answers a request; the transport is the good vendor behind it. Raises what httpx would raise."""

PAGE = b"<!DOCTYPE html><html><head><title>Maintenance</title></head><body>We are down.</body></html>"


@dataclass
class Between(httpx.AsyncBaseTransport):
    """Stands before a good vendor and does something else where the path contains `at`."""

    vendor: httpx.AsyncBaseTransport
    doing: Doing
    at: str
    seen: list[httpx.Request]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        if self.at in request.url.path:
            return await self.doing(request, self.vendor)
        return await self.vendor.handle_async_request(request)


class Chunks(httpx.AsyncByteStream):
    """A body in pieces, `pause` seconds before each."""

    def __init__(self, chunks: Iterable[bytes], pause: float = 0.0) -> None:
        self._chunks = chunks
        self._pause = pause

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            if self._pause:
                await asyncio.sleep(self._pause)
            yield chunk


def answers(status: int, body: Any = b"", **headers: str) -> Doing:
    """This status with these bytes, or with this value as JSON."""
    raw = isinstance(body, bytes)
    kind = {"content-type": "text/plain"} if raw else {"content-type": "application/json;charset=UTF-8"}
    content = body if raw else json.dumps(body).encode()

    async def doing(request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
        return httpx.Response(status, headers=kind | dashed(headers), stream=Chunks([content]))

    return doing


def page(status: int) -> Doing:
    return answers(status, PAGE, content_type="text/html; charset=utf-8")


def refuses(status: int, code: str, message: str) -> Doing:
    """As the data API refuses."""
    return answers(status, [{"message": message, "errorCode": code}])


def token_refused(error: str, description: str) -> Doing:
    """As the token endpoint refuses."""
    return answers(400, {"error": error, "error_description": description})


def streams(chunks: Callable[[], Iterable[bytes]], pause: float = 0.0, **headers: str) -> Doing:
    """200 and a body that comes in pieces."""

    async def doing(request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
        kind = {"content-type": "application/json"} | dashed(headers)
        return httpx.Response(200, headers=kind, stream=Chunks(chunks(), pause))

    return doing


def also(**headers: str) -> Doing:
    """The good answer with these headers besides."""

    async def doing(request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
        answer = await vendor.handle_async_request(request)
        answer.headers.update(dashed(headers))
        return answer

    return doing


def changed(kind: str, **values: Any) -> Doing:
    """The good answer, with these values in every record of `kind` (`event` in a tenant's events)."""

    async def doing(request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
        answer = await vendor.handle_async_request(request)
        try:
            tree = json.loads(await answer.aread())
        except ValueError:
            return answer
        for record in records(tree, kind):
            record.update(values)
        kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return httpx.Response(answer.status_code, headers=kept, stream=Chunks([json.dumps(tree).encode()]))

    return doing


def records(tree: Any, kind: str) -> Iterable[dict[str, Any]]:
    """Every record of that kind, however deep."""
    if isinstance(tree, dict):
        about = tree.get("attributes")
        if (isinstance(about, dict) and about.get("type") == kind) or (kind == "event" and "event" in tree):
            yield tree
    for inner in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from records(inner, kind)


@dataclass
class Wire(httpcore.AsyncNetworkStream):
    """A connection that says these bytes, `step` at a time, `pause` seconds before each; then `ends`."""

    said: bytes
    step: int = 65_536
    pause: float = 0.0
    ends: BaseException | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        await asyncio.sleep(self.pause)
        piece, self.said = self.said[: self.step], self.said[self.step :]
        if not piece and self.ends is not None:
            raise httpcore.ReadError(str(self.ends)) from self.ends
        return piece

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        await asyncio.sleep(0)

    async def aclose(self) -> None:
        pass


class Way(httpcore.AsyncNetworkBackend):
    """Leads every connection to one wire."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def connect_tcp(self, *given: Any, **more: Any) -> httpcore.AsyncNetworkStream:
        return Wire(self._wire.said, self._wire.step, self._wire.pause, self._wire.ends)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def says(said: bytes, **wire: Any) -> Doing:
    """A server that says these bytes over the real HTTP code, without a socket."""

    async def doing(request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
        transport = httpx.AsyncHTTPTransport()
        transport._pool = httpcore.AsyncConnectionPool(network_backend=Way(Wire(said, **wire)))
        return await transport.handle_async_request(request)

    return doing


def unreachable(cause: BaseException) -> Doing:
    """No connection, as httpx tells it: the reason stands behind."""

    async def doing(request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
        try:
            raise httpcore.ConnectError("All connection attempts failed") from cause
        except httpcore.ConnectError as error:
            raise httpx.ConnectError(str(error), request=request) from error

    return doing


def certificate(code: int, reason: str) -> Doing:
    """OpenSSL refused the certificate with this number."""
    error = ssl.SSLCertVerificationError(1, f"certificate verify failed: {reason}")
    error.verify_code, error.verify_message = code, reason
    return unreachable(error)


def no_tls() -> Doing:
    error = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
    error.reason = "WRONG_VERSION_NUMBER"
    return unreachable(error)


async def proxy_refuses(request: httpx.Request, vendor: httpx.AsyncBaseTransport) -> httpx.Response:
    raise httpx.ProxyError("403 Forbidden", request=request)


@functools.cache
def zeros() -> tuple[bytes, ...]:
    """A hundred megabytes of zeros, packed."""
    return (gzip.compress(bytes(100_000_000)),)


def endless_json() -> Iterable[bytes]:
    """Fifty megabytes of a list."""
    yield b"["
    for _ in range(50):
        yield b"0," * 500_000


BRACKETS = b"[" * 100_000 + b"]" * 100_000
REFUSED = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
RESET = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
NO_NAME = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
NO_LOOKUP = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
TOO_MANY = OSError(errno.EMFILE, "Too many open files")


def dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


NAME = "Acme US"


@dataclass(frozen=True)
class Fault:
    """What is wrong where, and what has to be said about it.

    `where` is org or tenant, `at` a part of the paths that are hit. `words` stand in the answer,
    `never` do not.
    """

    name: str
    where: str
    doing: Doing
    words: tuple[str, ...]
    status: Status = Status.UNKNOWN
    code: Exit = Exit.UNKNOWN
    at: str = ""
    never: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.where}: {self.name}"


@dataclass(frozen=True)
class Seen:
    """What a check brought: its exit code, its text, the state, and the requests that met the fault."""

    code: Exit
    text: str
    state: State | None
    requests: list[httpx.Request] = field(repr=False)


def look(fault: Fault, folder: Path) -> Seen:
    """One `check` of a healthy connection with this fault on its way."""
    return run(_check(fault, folder))


async def _check(fault: Fault, folder: Path) -> Seen:
    clock, requests = LoopClock(ORIGIN), list[httpx.Request]()
    demo = serve.build("healthy", clock)
    config = config_of(demo.ready(), folder)
    transports: dict[str, httpx.AsyncBaseTransport] = {}
    for url, app in demo.apps.items():
        good = httpx.ASGITransport(app)
        hit = url == demo.urls[f"{fault.where}:acme"]
        transports[url] = Between(good, fault.doing, fault.at, requests) if hit else good
    async with demo.running():
        rows = await read_rows(config, [NAME], clock, net=Net(transports=transports))
    text = as_text(rows, wording.Times(None, clock.now()))
    return Seen(Exit(worst(rows)), text, rows[0].state, requests)
