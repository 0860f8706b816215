"""Servers that mean harm or are broken: bounded time and memory, and words for what it was."""

import asyncio
import errno
import gzip
import socket
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from tui.net import MAX_BODY, Net, NetProblem, http_date

Serve = Callable[[bytes], Awaitable[str]]


@pytest.fixture
async def answers() -> AsyncIterator[Serve]:
    """Starts a server that answers each request with these bytes and closes; gives its address."""
    servers: list[asyncio.Server] = []

    async def start(said: bytes) -> str:
        async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(said)
                await writer.drain()
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(once, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


def packed(body: bytes, coding: str = "gzip") -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def test_a_packed_answer_is_unpacked(answers: Serve) -> None:
    net = Net()
    answer = await net.request("GET", await answers(packed(gzip.compress(b'{"a": 1}' * 1_000))))
    await net.aclose()
    assert answer.body == b'{"a": 1}' * 1_000


async def test_a_hundred_megabytes_of_packed_zeros_are_given_up_in_little_memory(answers: Serve) -> None:
    url = await answers(packed(gzip.compress(bytes(100_000_000))))
    net = Net()
    await net.request("GET", await answers(packed(gzip.compress(b"{}"))))
    tracemalloc.start()
    try:
        with pytest.raises(NetProblem, match="too large"):
            await net.request("GET", url)
        assert tracemalloc.get_traced_memory()[1] < 3 * MAX_BODY
    finally:
        tracemalloc.stop()
        await net.aclose()


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "gzip"])
async def test_a_packing_that_was_not_asked_for_is_no_answer(answers: Serve, coding: str) -> None:
    with pytest.raises(NetProblem, match="broke off"):
        await Net().request("GET", await answers(packed(b"xxxxxxxxxxxxxxxxxxxxxxx", coding)))


async def test_fifty_megabytes_of_json_are_given_up(answers: Serve) -> None:
    body = b"[" + b"0," * 25_000_000
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    with pytest.raises(NetProblem, match="more than 8 MB"):
        await Net().request("GET", await answers(head + body))


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"220 mail.example ESMTP\r\n",
        b"\x15\x03\x01\x00\x02\x02\x16" * 20,
        b"-ERR\r\n",
    ],
)
async def test_what_is_no_http_is_told_as_a_wrong_port(answers: Serve, said: bytes) -> None:
    with pytest.raises(NetProblem, match="No web server at this port") as problem:
        await Net().request("GET", await answers(said))
    assert "Wrong port?" in problem.value.next_step


async def test_what_talks_first_and_waits_is_no_web_server_either() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        await reader.read()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    net = Net()
    with pytest.raises(NetProblem, match="No web server at this port"):
        await net.request("GET", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await net.aclose()
    server.close()


@pytest.mark.parametrize("slow", [b"", b"HTTP/1.1 200 OK\r\nX-A: "])
async def test_headers_without_end_are_given_up_in_time(slow: bytes) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(slow)
        while not reader.at_eof():
            writer.write(b"x" if slow else b"")
            await writer.drain()
            await asyncio.sleep(0.01)

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    net = Net()
    with pytest.raises(NetProblem, match="did not answer within"):
        await net.request("GET", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=0.2)
    await net.aclose()
    server.close()


async def test_cookies_are_not_kept() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, headers={"Set-Cookie": "sid=secret; Path=/"})

    mocked = Net(transports={"https://acme.my.salesforce.com": httpx.MockTransport(answer)})
    for _ in range(2):
        await mocked.request("GET", "https://acme.my.salesforce.com/")
    assert "cookie" not in seen[1].headers


@pytest.mark.parametrize("year", ["0101", "1970", "2100", "9999"])
def test_a_clock_of_another_century_is_none(year: str) -> None:
    assert http_date(f"Sun, 22 Nov {year} 14:00:00 GMT") is None


def failing(cause: BaseException) -> Net:
    def fail(request: httpx.Request) -> httpx.Response:
        try:
            raise OSError("All connection attempts failed") from cause
        except OSError as error:
            raise httpx.ConnectError("All connection attempts failed") from error

    return Net(transports={"https://acme.my.salesforce.com": httpx.MockTransport(fail)})


@pytest.mark.parametrize(
    ("cause", "title", "words"),
    [
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            "The name is not found",
            "no such name",
        ),
        (
            socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"),
            "The name is not found",
            "Temporary",
        ),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "No connection", "refuses"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "No connection", "No route to host"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files", "more files or connections"),
        (
            OSError(errno.ENFILE, "Too many open files in system"),
            "Too many open files",
            "more files or connections",
        ),
        (
            ExceptionGroup("several", [OSError(errno.EMFILE, "Too many open files"), OSError(1, "x")]),
            "Too many open files",
            "more files or connections",
        ),
    ],
)
async def test_why_there_is_no_connection_is_told(cause: BaseException, title: str, words: str) -> None:
    with pytest.raises(NetProblem) as problem:
        await failing(cause).request("GET", "https://acme.my.salesforce.com/")
    assert problem.value.title == title
    assert words in problem.value.message
    assert not problem.value.sent
    assert problem.value.no_answer


async def test_a_closed_port_is_refused_in_truth() -> None:
    with pytest.raises(NetProblem, match="refuses the connection"):
        await Net().request("GET", "http://127.0.0.1:9")
