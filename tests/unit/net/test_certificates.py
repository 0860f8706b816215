"""What is wrong with a certificate or with TLS: each fault has its own title and next step, also in the doctor."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from tui.base.clock import SystemClock
from tui.console.reaching import reach
from tui.net import Net, NetProblem

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
