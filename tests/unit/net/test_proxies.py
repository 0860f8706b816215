"""A company's proxy: reached by http or TLS, tunnelling to the org; what fails is named by its variable."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trustme

from tui.base.clock import SystemClock
from tui.console.reaching import reach
from tui.net import Net, NetProblem
from tui.net.proxies import proxy_of

ORG = "https://acme.my.salesforce.com"


@dataclass
class Proxy:
    """A proxy that tunnels everything to one server under a private authority; `asked` is what it heard."""

    bundle: str
    port: int = 0
    secure_port: int = 0
    refusal: bytes = b""
    asked: list[str] = field(default_factory=list)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
        writer.close()


@pytest.fixture
def without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
async def proxy(tmp_path: Path, without_proxies: None) -> AsyncIterator[Proxy]:
    authority = trustme.CA()
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("acme.my.salesforce.com", "127.0.0.1").configure_cert(server_side)
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    made = Proxy(str(bundle))

    async def org(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        await writer.drain()
        writer.close()

    behind = await asyncio.start_server(org, "127.0.0.1", 0, ssl=server_side)

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        made.asked.append(head.splitlines()[0])
        if made.refusal:
            writer.write(made.refusal)
            await writer.drain()
            writer.close()
            return
        theirs, ours = await asyncio.open_connection("127.0.0.1", behind.sockets[0].getsockname()[1])
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_copy(reader, ours), _copy(theirs, writer))

    plain = await asyncio.start_server(tunnel, "127.0.0.1", 0)
    secure = await asyncio.start_server(tunnel, "127.0.0.1", 0, ssl=server_side)
    made.port = plain.sockets[0].getsockname()[1]
    made.secure_port = secure.sockets[0].getsockname()[1]
    yield made
    for server in (plain, secure, behind):
        server.close()


async def test_a_proxy_tunnels_to_the_org(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    net = Net(ca_bundle=proxy.bundle)
    assert (await net.request("GET", f"{ORG}/services/data")).body == b"{}"
    assert proxy.asked == ["CONNECT acme.my.salesforce.com:443 HTTP/1.1"]
    await net.aclose()


async def test_a_proxy_without_its_scheme_is_an_http_one(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"127.0.0.1:{proxy.port}")
    net = Net(ca_bundle=proxy.bundle)
    assert (await net.request("GET", ORG)).status == 200
    await net.aclose()


async def test_a_proxy_that_is_reached_by_tls_is_held_to_the_same_authorities(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.secure_port}")
    net = Net(ca_bundle=proxy.bundle)
    assert (await net.request("GET", ORG)).status == 200
    await net.aclose()


async def test_a_proxy_that_opens_tls_is_told_by_the_settings_that_mend_it(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    with pytest.raises(NetProblem, match="certificate is not trusted") as problem:
        await Net().request("GET", ORG)
    assert "ca_bundle or SSL_CERT_FILE" in problem.value.next_step


async def test_a_proxy_that_wants_a_password_is_named_by_its_variable(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy.refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:canary@127.0.0.1:{proxy.port}")
    with pytest.raises(NetProblem, match="The proxy of HTTPS_PROXY did not connect") as problem:
        await Net().request("GET", ORG)
    assert "407" in problem.value.message
    assert "canary" not in str(problem.value)


async def test_a_proxy_that_is_not_there_is_named_by_its_variable(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{port}")
    with pytest.raises(NetProblem) as problem:
        await Net().request("GET", ORG)
    assert "ALL_PROXY" in problem.value.next_step


@pytest.mark.parametrize(
    ("no_proxy", "straight"),
    [
        ("acme.my.salesforce.com", True),
        (".salesforce.com", True),
        ("salesforce.com", True),
        ("*", True),
        ("*.salesforce.com", True),
        ("*.my.salesforce.com,localhost", True),
        ("localhost *.salesforce.com", True),
        ("acme.my.salesforce.com:443", True),
        ("*.salesforce.com:443", True),
        (".salesforce.com:8443", False),
        ("ACME.My.Salesforce.COM.", True),
        ("*force.com", True),
        ("my.salesforce.co", False),
        ("esforce.com", False),
        ("10.0.0.0/8", False),
        (",", False),
        ("code42.com, other.example", False),
        ("", False),
    ],
)
def test_no_proxy_names_the_hosts_that_are_reached_straight(
    no_proxy: str, straight: bool, without_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.acme.example:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    expected = ("", None) if straight else ("HTTPS_PROXY", "http://proxy.acme.example:3128")
    assert proxy_of(ORG) == expected


@pytest.mark.parametrize(
    ("no_proxy", "url", "straight"),
    [
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("10.1.2.3:8443", "https://10.1.2.3:8443", True),
        ("10.1.2.3:8443", "https://10.1.2.3", False),
        ("2001:db8::/32", "https://[2001:db8::1]", True),
        ("[2001:db8::1]:8443", "https://[2001:db8::1]:8443", True),
        ("[2001:db8::1]", "https://[2001:db8::2]", False),
    ],
)
def test_no_proxy_names_addresses_and_networks_too(
    no_proxy: str, url: str, straight: bool, without_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.acme.example:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert (proxy_of(url) == ("", None)) is straight


@pytest.mark.parametrize("password", ["can#ary", "1#canary", "can/ary", "can?ary", "c@n#ary", "can ary"])
async def test_a_password_that_ends_the_address_is_told_without_showing_it(
    password: str, without_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://jane:{password}@127.0.0.1:3128")
    with pytest.raises(NetProblem, match="HTTPS_PROXY holds") as problem:
        await Net().request("GET", ORG)
    assert "%23 for #" in problem.value.next_step
    assert "%40 for @" in problem.value.next_step
    told = [step.detail async for step in reach(ORG, Net(), SystemClock())]
    for text in (str(problem.value), *told):
        assert "ary" not in text
        assert "jane" not in text


async def test_an_escaped_password_is_sent_as_it_is(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://jane:pa%23ss%40x@127.0.0.1:{proxy.port}")
    net = Net(ca_bundle=proxy.bundle)
    assert (await net.request("GET", ORG)).status == 200
    await net.aclose()


async def test_a_proxy_whose_name_is_not_found_is_named_by_its_variable(
    without_proxies: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    with pytest.raises(NetProblem) as problem:
        await Net().request("GET", ORG)
    assert "HTTPS_PROXY" in str(problem.value)


async def test_loopback_never_goes_through_a_proxy(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    net = Net(ca_bundle=proxy.bundle)
    with pytest.raises(NetProblem):
        await net.request("GET", "https://127.0.0.1:9", timeout=5)
    assert proxy.asked == []
