import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tui.base.secret import Secret
from tui.net import MAX_BODY, Net, NetProblem, http_date

BASE = "https://acme.my.salesforce.com"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def net_with(answer: Callable[[httpx.Request], httpx.Response]) -> Net:
    return Net(transports={BASE: httpx.MockTransport(answer)})


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Serve], Awaitable[str]]]:
    """Starts a raw loopback server and gives its address."""
    servers: list[asyncio.Server] = []

    async def start(handler: Serve) -> str:
        async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await handler(reader, writer)
            finally:
                writer.close()

        server = await asyncio.start_server(once, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


async def test_an_answer_carries_status_body_and_the_vendors_time() -> None:
    headers = {"Date": "Sun, 22 Nov 2026 14:00:00 GMT"}
    answer = await net_with(lambda r: httpx.Response(404, json=[1], headers=headers)).request(
        "GET", f"{BASE}/x"
    )
    assert (answer.status, answer.body) == (404, b"[1]")
    assert answer.date == datetime(2026, 11, 22, 14, tzinfo=UTC)


async def test_a_bearer_token_goes_into_its_header_alone() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    await net_with(answer).request("GET", f"{BASE}/x", params={"q": "a b"}, bearer=Secret("tok"))
    assert seen[0].headers["authorization"] == "Bearer tok"
    assert dict(seen[0].url.params) == {"q": "a b"}


@pytest.mark.parametrize("token", ["", "a\nb", "a b", "tök"])
async def test_a_token_that_cannot_be_sent_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(NetProblem) as problem:
        await net_with(lambda r: httpx.Response(200)).request("GET", f"{BASE}/x", bearer=Secret(token))
    assert not token or token not in str(problem.value)
    assert not problem.value.sent


async def test_a_redirect_is_refused_and_names_only_the_hosts() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(302, headers={"Location": "https://user:pw@evil.example/path?sid=1"})

    with pytest.raises(NetProblem, match=r"redirects to evil\.example\.") as problem:
        await net_with(answer).request("GET", f"{BASE}/x?secret=1", bearer=Secret("tok"))
    assert len(seen) == 1
    assert "secret" not in str(problem.value)
    assert "sid" not in str(problem.value)


@pytest.mark.parametrize(
    ("error", "words", "sent"),
    [
        (httpx.ConnectError("no route"), "cannot be reached", False),
        (httpx.ConnectTimeout(""), "could not be reached in time", False),
        (httpx.ReadTimeout(""), "did not answer within", True),
        (httpx.RemoteProtocolError("cut"), "ended before the whole answer", True),
        (httpx.ReadError("reset"), "ended before the whole answer", True),
        (httpx.DecodingError("gzip"), "ended before the whole answer", True),
        (httpx.ProxyError("407"), "did not connect", False),
        (
            httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"),
            "certificate verify failed",
            False,
        ),
        (httpx.LocalProtocolError("Illegal header value b'Bearer tok'"), "breaks the rules", False),
        (OSError("boom"), "ended before", True),
    ],
)
async def test_every_failure_becomes_a_problem(error: Exception, words: str, sent: bool) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(NetProblem, match=words) as problem:
        await net_with(fail).request("GET", f"{BASE}/x?q=1", bearer=Secret("tok"))
    assert problem.value.sent is sent
    assert "tok" not in str(problem.value)
    assert problem.value.next_step


async def test_a_server_that_never_answers_is_given_up(serve: Callable[[Serve], Awaitable[str]]) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    url = await serve(hang)
    with pytest.raises(NetProblem, match=r"did not answer within 0\.05 s"):
        await Net().request("GET", url, timeout=0.05)


async def test_a_server_that_drips_is_given_up_all_the_same(serve: Callable[[Serve], Awaitable[str]]) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not reader.at_eof():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    url = await serve(drip)
    with pytest.raises(NetProblem, match="did not answer within"):
        await Net().request("GET", url, timeout=0.1)


async def test_a_body_that_is_cut_off_is_no_answer(serve: Callable[[Serve], Awaitable[str]]) -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
        await writer.drain()

    url = await serve(cut)
    with pytest.raises(NetProblem, match="ended before the whole answer"):
        await Net().request("GET", url)


async def test_an_answer_without_end_is_given_up() -> None:
    body = b"x" * (MAX_BODY + 1)
    with pytest.raises(NetProblem, match="more than 8 MB"):
        await net_with(lambda r: httpx.Response(200, content=body)).request("GET", BASE)


@pytest.mark.parametrize("url", ["http://acme.example/x", "ftp://acme.example/", "acme.example", "https://"])
async def test_only_https_is_spoken_to_the_outside(url: str) -> None:
    with pytest.raises(NetProblem, match="address cannot be used"):
        await Net().request("GET", url)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("Sun, 22 Nov 2026 14:01:00 GMT", 60.0), ("soon", None), ("", None), ("-5", None)],
)
async def test_retry_after_is_read_in_both_spellings(header: str, seconds: float | None) -> None:
    headers = {"Retry-After": header, "Date": "Sun, 22 Nov 2026 14:00:00 GMT"}
    answer = await net_with(lambda r: httpx.Response(503, headers=headers)).request("GET", BASE)
    assert answer.retry_after == seconds


def test_a_broken_date_is_none() -> None:
    assert http_date("yesterday") is None
    assert http_date(None) is None


async def test_a_socks_proxy_without_its_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://user:pw@127.0.0.1:1")
    for name in ("HTTPS_PROXY", "https_proxy", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NetProblem, match="ALL_PROXY names a SOCKS proxy") as problem:
        await Net().request("GET", BASE)
    assert "pw" not in str(problem.value)


async def test_a_missing_certificate_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NetProblem, match="ca_bundle names"):
        await Net(ca_bundle=str(tmp_path / "none.pem")).request("GET", BASE)


async def test_ssl_cert_file_is_honoured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(NetProblem, match="SSL_CERT_FILE names"):
        await Net().request("GET", BASE)


async def test_the_librarys_loggers_do_not_print_addresses(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await net_with(lambda r: httpx.Response(200)).request("GET", f"{BASE}/x?secret=1")
    assert "secret" not in caplog.text


async def test_one_host_keeps_one_connection(serve: Callable[[Serve], Awaitable[str]]) -> None:
    connections = 0

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readline():
            while (await reader.readline()) not in (b"\r\n", b""):
                pass
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()

    url = await serve(keep)
    net = Net()
    for _ in range(3):
        await net.request("GET", url)
    await net.aclose()
    assert connections == 1
