"""What httpcore needs of the network, on asyncio alone: anyio would cost a start as much as httpx itself."""

import asyncio
import contextlib
import socket
import ssl
from asyncio.staggered import staggered_race
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import httpcore
import httpcore._async.connection_pool
import httpcore._synchronization

NEXT_ADDRESS = 0.25
"""Seconds that an address of a host may take before the next one is tried beside it (RFC 8305)."""


class Streams(httpcore.AsyncNetworkBackend):
    """Connections over TCP."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises httpcore.ConnectError, ConnectTimeout."""
        with _told(httpcore.ConnectTimeout, httpcore.ConnectError):
            async with asyncio.timeout(timeout):
                return Stream(*await _connected(host, port))


class Stream(httpcore.AsyncNetworkStream):
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Raises httpcore.ReadError, ReadTimeout."""
        with _told(httpcore.ReadTimeout, httpcore.ReadError):
            if timeout is None:
                return await self._reader.read(max_bytes)
            async with asyncio.timeout(timeout):
                return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Raises httpcore.WriteError, WriteTimeout."""
        with _told(httpcore.WriteTimeout, httpcore.WriteError):
            self._writer.write(buffer)
            async with asyncio.timeout(timeout):
                await self._writer.drain()

    async def aclose(self) -> None:
        """What was not sent by now is not wanted any more."""
        self._writer.transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Raises httpcore.ConnectError, ConnectTimeout."""
        try:
            with _told(httpcore.ConnectTimeout, httpcore.ConnectError):
                async with asyncio.timeout(timeout):
                    await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        except BaseException:
            await self.aclose()
            raise
        return Stream(self._reader, self._writer)

    def get_extra_info(self, info: str) -> Any:
        """`is_readable` of an idle connection: its end has come, or what nobody asked for."""
        if info != "is_readable":
            return self._writer.get_extra_info(info)
        return self._reader.at_eof() or self._reader.exception() is not None or self._writer.is_closing()


async def _connected(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """The first address that answers. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    ways = [partial(asyncio.open_connection, str(at[0]), port, family=family) for family, *_, at in found]
    if len(ways) == 1:
        return await ways[0]()
    winner: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None
    winner, _, errors = await staggered_race(ways, NEXT_ADDRESS)
    if winner is None:
        failed = [error for error in errors if isinstance(error, Exception)]
        raise OSError("no address answers") from ExceptionGroup(host, failed)
    return winner


@contextlib.contextmanager
def _told(late: type[Exception], failed: type[Exception]) -> Iterator[None]:
    """Failures as httpcore's."""
    try:
        yield
    except TimeoutError as error:
        raise late(error) from error
    except OSError as error:
        raise failed(error) from error


class _Asyncio:
    """What httpcore takes from anyio beside streams. Its pool waits without a time-out; closing does not wait."""

    Lock = asyncio.Lock
    Event = asyncio.Event

    @staticmethod
    def fail_after(timeout: float | None) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    @staticmethod
    def CancelScope(shield: bool) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()


def use() -> None:
    """From now on httpcore opens its connections here."""
    # httpx hands no backend on, and the locks of httpcore know none: both are set where httpcore looks for them.
    vars(httpcore._async.connection_pool)["AutoBackend"] = Streams
    vars(httpcore._synchronization)["anyio"] = _Asyncio
