import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

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
