"""Connections that died while they were idle: a read goes again on a fresh one, a change never."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from tui.net import KEEP_ALIVE, Net, NetProblem, client
from tui.net.keep_alive import HostClient, HostClients

FIREWALL_MINUTE = 60.0
"""The strictest firewall that is common forgets a connection after so many seconds."""


@dataclass
class Firewall:
    """A server behind a firewall; `forget` makes it forget the connections that are there, by drop or reset."""

    url: str = ""
    kind: str = "drop"
    asked: list[str] = field(default_factory=list)
    """The request lines that reached the server."""
    connections: int = 0
    _open: list[asyncio.StreamWriter] = field(default_factory=list)
    _dead: set[int] = field(default_factory=set)

    def forget(self) -> None:
        self._dead.update(id(writer) for writer in self._open)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._open.append(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                length = next(
                    (int(x.split(":")[1]) for x in head.splitlines() if "content-length" in x.lower()), 0
                )
                await reader.readexactly(length)
                if id(writer) in self._dead:
                    if self.kind == "drop":
                        continue
                    linger = struct.pack("ii", 1, 0)
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    break
                self.asked.append(head.splitlines()[0])
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                await writer.drain()
        writer.close()


@pytest.fixture(params=["drop", "reset"])
async def firewall(request: pytest.FixtureRequest) -> AsyncIterator[Firewall]:
    made = Firewall(kind=request.param)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    server.close()


@pytest.fixture
async def net(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Net]:
    """Impatient: a connection counts as idle at once, and has a tenth of a second for its first byte."""
    monkeypatch.setattr(client, "BURST", 0.0)
    made = Net(first_byte=0.1)
    yield made
    await made.aclose()


def test_idle_connections_are_given_up_before_the_strictest_firewall_forgets_them() -> None:
    assert KEEP_ALIVE < FIREWALL_MINUTE


@pytest.mark.parametrize("safe", [None, True])
async def test_a_read_on_a_dead_connection_goes_again_on_a_fresh_one(
    firewall: Firewall, net: Net, safe: bool | None
) -> None:
    method = "GET" if safe is None else "POST"
    for _ in range(3):
        answer = await net.request(method, firewall.url, json={}, timeout=5, safe=safe)
        assert answer.status == 200
        firewall.forget()
    assert len(firewall.asked) == 3


async def test_a_change_never_meets_a_connection_that_may_be_dead(firewall: Firewall, net: Net) -> None:
    await net.request("GET", firewall.url)
    firewall.forget()
    assert (await net.request("PATCH", firewall.url, json={"IsFrozen": False}, timeout=5)).status == 200
    assert [line.split()[0] for line in firewall.asked] == ["GET", "PATCH"]


async def test_a_change_that_broke_off_is_not_sent_a_second_time(
    firewall: Firewall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "BURST", 1_000.0)
    net = Net(first_byte=0.1)
    await net.request("GET", firewall.url)
    firewall.forget()
    # Within a burst the connection is used again, and dies under it.
    with pytest.raises(NetProblem) as problem:
        await net.request("PATCH", firewall.url, json={}, timeout=0.3)
    assert problem.value.sent
    assert [line.split()[0] for line in firewall.asked] == ["GET"]
    await net.aclose()


async def test_a_burst_goes_over_one_connection(firewall: Firewall) -> None:
    net = Net()
    for _ in range(5):
        await net.request("GET", firewall.url)
    await net.aclose()
    assert firewall.connections == 1


async def test_what_a_firewall_taught_is_remembered(net: Net) -> None:
    made = Firewall()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await net.request("GET", made.url)
    made.forget()
    await net.request("GET", made.url)
    assert net._clients[made.url].keep < KEEP_ALIVE
    server.close()


async def test_a_host_that_is_slow_on_a_fresh_connection_is_waited_for(net: Net) -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.3)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(slow, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    assert (await net.request("GET", url)).status == 200
    server.close()


class _Client:
    def __init__(self) -> None:
        self.closed = asyncio.Event()

    async def aclose(self) -> None:
        self.closed.set()


async def test_of_more_hosts_than_there_are_descriptors_for_the_one_idle_longest_is_closed() -> None:
    hosts: HostClients[_Client] = HostClients(55.0, most=2)
    clients = [_Client() for _ in range(3)]
    for number, each in enumerate(clients):
        host = HostClient(each, 55.0)
        host.answered_at -= 10 - number
        hosts.add(f"https://{number}", host)
    await asyncio.sleep(0)
    assert [client.closed.is_set() for client in clients] == [True, False, False]
    assert list(hosts) == ["https://1", "https://2"]
    await hosts.aclose()


async def test_a_host_under_a_request_is_never_closed_for_another_one() -> None:
    hosts: HostClients[_Client] = HostClients(55.0, most=1)
    busy = HostClient(_Client(), 55.0)
    hosts.add("https://busy", busy)
    async with busy.used() as client:
        hosts.add("https://other", HostClient(_Client(), 55.0))
        await asyncio.sleep(0)
        assert not client.closed.is_set()
    await hosts.aclose()


async def test_a_connection_that_would_not_be_used_again_holds_no_descriptor() -> None:
    hosts: HostClients[_Client] = HostClients(0.001)
    client = _Client()
    hosts.add("https://one", HostClient(client, 0.0))
    await client.closed.wait()
    assert not hosts
    await hosts.aclose()
