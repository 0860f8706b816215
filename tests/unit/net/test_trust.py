"""Whom a request trusts: certificates in every broken form, and hosts that have moved."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import trustme

from tui.base.clock import SystemClock
from tui.base.secret import Secret
from tui.console.reaching import reach
from tui.net import Net, NetProblem


@pytest.fixture
async def private_server(tmp_path: Path) -> AsyncIterator[tuple[str, str]]:
    """An https server under a private authority: its address and the authority's file."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", str(bundle)
    server.close()


async def test_an_unknown_authority_is_not_trusted(private_server: tuple[str, str]) -> None:
    with pytest.raises(NetProblem, match="certificate is not trusted"):
        await Net().request("GET", private_server[0])


async def test_the_configured_bundle_is_trusted(private_server: tuple[str, str]) -> None:
    url, bundle = private_server
    net = Net(ca_bundle=bundle)
    assert (await net.request("GET", url)).status == 200
    await net.aclose()


async def test_the_bundle_of_the_environment_is_trusted(
    private_server: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, bundle = private_server
    monkeypatch.setenv("SSL_CERT_FILE", bundle)
    net = Net()
    assert (await net.request("GET", url)).status == 200
    await net.aclose()


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
DAY = timedelta(days=1)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    await writer.drain()
    writer.close()


async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()
    writer.close()


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.close()


@asynccontextmanager
async def server(handler: Handler, context: ssl.SSLContext | None) -> AsyncIterator[str]:
    made = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=context)
    yield f"https://127.0.0.1:{made.sockets[0].getsockname()[1]}"
    made.close()


@dataclass(frozen=True)
class Fault:
    """A server with something wrong, and how that is told."""

    title: str
    next_step: str
    name: str = "127.0.0.1"
    begins: timedelta = -DAY
    ends: timedelta = DAY
    trusted: bool = True
    self_signed: bool = False
    tls: bool = True
    handler: Handler = answer


FAULTS = {
    "expired": Fault("The certificate has expired", "must renew it", begins=-9 * DAY, ends=-DAY),
    "not yet valid": Fault(
        "The certificate is not valid yet", "Set this machine's clock", begins=DAY, ends=9 * DAY
    ),
    "another name": Fault("The certificate has another name", "Check the address", name="other.example"),
    "another address": Fault("The certificate has another name", "Check the address", name="127.0.0.2"),
    "unknown issuer": Fault("The certificate is not trusted", "ca_bundle or SSL_CERT_FILE", trusted=False),
    "self-signed": Fault(
        "The certificate is self-signed", "Check the address", trusted=False, self_signed=True
    ),
    "plain http": Fault("No TLS at this port", "Wrong port?", tls=False, handler=plain),
    "closed at once": Fault("TLS broke off", "firewall or proxy", tls=False, handler=silent),
}


def context_of(fault: Fault, authority: trustme.CA, folder: Path) -> ssl.SSLContext:
    context, now = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), datetime.now(UTC)
    if fault.self_signed:
        file = folder / "own.pem"
        authority.private_key_pem.write_to_path(str(file))
        authority.cert_pem.write_to_path(str(file), append=True)
        context.load_cert_chain(file)
    else:
        made = authority.issue_cert(fault.name, not_before=now + fault.begins, not_after=now + fault.ends)
        made.configure_cert(context)
    return context


@pytest.fixture(params=FAULTS.values(), ids=list(FAULTS))
def fault(request: pytest.FixtureRequest) -> Fault:
    found: Fault = request.param
    return found


@pytest.fixture
async def faulty(fault: Fault, tmp_path: Path) -> AsyncIterator[tuple[str, Net]]:
    authority = trustme.CA()
    bundle = tmp_path / "authority.pem"
    trusted = authority if fault.trusted else trustme.CA()
    trusted.cert_pem.write_to_path(str(bundle))
    context = context_of(fault, authority, tmp_path) if fault.tls else None
    net = Net(ca_bundle=str(bundle))
    async with server(fault.handler, context) as url:
        yield url, net
    await net.aclose()


async def test_each_fault_has_its_own_words(fault: Fault, faulty: tuple[str, Net]) -> None:
    url, net = faulty
    with pytest.raises(NetProblem) as problem:
        await net.request("GET", url)
    assert problem.value.title == fault.title
    assert fault.next_step in problem.value.next_step
    assert "127.0.0.1" in problem.value.message
    assert not problem.value.sent


async def test_the_doctor_has_the_same_words(fault: Fault, faulty: tuple[str, Net]) -> None:
    url, net = faulty
    steps = [step async for step in reach(url, net, SystemClock())]
    assert (steps[-1].name, steps[-1].good) == ("TLS", False)
    assert steps[-1].detail.startswith(f"{fault.title}: ")
    assert fault.next_step in steps[-1].next_step


def test_no_two_faults_of_a_certificate_have_the_same_words() -> None:
    titles = {fault.title for fault in FAULTS.values()}
    assert len(titles) == len(FAULTS) - 1


OLD = "https://old.my.salesforce.com"
NEW = "https://new.my.salesforce.com"
PATH = "/services/data/v66.0/composite"


def org(location: str, status: int = 302, old: str = OLD) -> tuple[Net, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.host == httpx.URL(old).host:
            return httpx.Response(status, headers={"Location": location})
        return httpx.Response(200, json={"moved": True})

    # Strangers answer too: a token that goes astray is seen.
    hosts = (
        old,
        NEW,
        "https://evil.example",
        "https://salesforce.com.evil.example",
        "http://new.my.salesforce.com",
    )
    net = Net(transports={host: httpx.MockTransport(answer) for host in hosts})
    return net, seen


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_moved_my_domain_is_followed_with_everything_that_was_sent(status: int) -> None:
    net, seen = org(f"{NEW}{PATH}", status)
    answer = await net.request("POST", f"{OLD}{PATH}", json={"a": 1}, bearer=Secret("tok"))
    assert answer.status == 200
    assert (seen[1].method, seen[1].content, seen[1].headers["authorization"]) == (
        "POST",
        seen[0].content,
        "Bearer tok",
    )


async def test_the_query_comes_from_the_redirect_alone() -> None:
    net, seen = org(f"{NEW}{PATH}?q=1")
    await net.request("GET", f"{OLD}{PATH}", params={"q": "1"})
    assert str(seen[1].url) == f"{NEW}{PATH}?q=1"


@pytest.mark.parametrize(
    "location",
    [
        f"https://evil.example{PATH}",
        f"https://salesforce.com.evil.example{PATH}",
        f"http://new.my.salesforce.com{PATH}",
        f"https://user:pw@new.my.salesforce.com{PATH}",
        f"https://new.my.salesforce.com:8443{PATH}",
        f"{NEW}/?ec=302&startURL={PATH}",
        f"//evil.example{PATH}",
        "https://[broken",
        "",
    ],
)
async def test_every_other_redirect_is_refused_before_a_token_goes_along(location: str) -> None:
    net, seen = org(location)
    with pytest.raises(NetProblem, match="Redirect refused") as problem:
        await net.request("GET", f"{OLD}{PATH}", bearer=Secret("tok"))
    assert {request.url.host for request in seen} == {"old.my.salesforce.com"}
    assert "pw" not in str(problem.value)


async def test_a_redirect_that_asks_for_another_method_is_refused() -> None:
    net, seen = org(f"{NEW}{PATH}", 303)
    with pytest.raises(NetProblem, match="Redirect refused"):
        await net.request("POST", f"{OLD}{PATH}", json={})
    assert len(seen) == 1


async def test_a_tenant_is_never_followed() -> None:
    net, _ = org(f"{NEW}/v1/oauth", old="https://api.us.code42.com")
    with pytest.raises(NetProblem, match="redirects to new"):
        await net.request("POST", "https://api.us.code42.com/v1/oauth")


async def test_going_round_in_circles_ends() -> None:
    net, seen = org(f"{OLD}{PATH}")
    with pytest.raises(NetProblem, match="Redirect refused"):
        await net.request("GET", f"{OLD}{PATH}")
    assert len(seen) <= 4
