"""On real ports: foreign names are refused, and idle connections can be forgotten as firewalls do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tui.base.clock import ScaledClock
from tui.demo import serve
from tui.demo.serve import Demo

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GET = b"GET /services/data HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
async def real() -> AsyncIterator[Demo]:
    clock = ScaledClock(datetime(2026, 11, 22, 13, tzinfo=UTC), 0.0, 1.0)
    async with serve.on_loopback("healthy", clock, 1) as demo:
        yield demo


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        yield client


@pytest.mark.parametrize("part", ["org:acme", "tenant:acme", "control"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "attacker.example"},
        {"Host": "acme.my.salesforce.com"},
        {"Host": "127.0.0.1.attacker.example"},
        {"Host": "localhost.attacker.example:8080"},
        {"Host": "[::1"},
        {"Host": ""},
        {"Origin": "https://attacker.example"},
        {"Origin": "http://localhost.attacker.example"},
        {"Origin": "null"},
    ],
)
async def test_foreign_names_are_refused_everywhere(
    real: Demo, client: httpx.AsyncClient, part: str, headers: dict[str, str]
) -> None:
    answer = await client.get(f"{real.urls[part]}/services/data", headers=headers)
    assert answer.status_code == 403
    assert "name of this machine" in answer.json()["error"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "localhost"},
        {"Host": "LOCALHOST:1234"},
        {"Host": "[::1]:80"},
        {"Origin": "http://127.0.0.1:9"},
        {"Origin": "http://localhost"},
    ],
)
async def test_names_of_this_machine_are_taken(
    real: Demo, client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.get(f"{real.urls['org:acme']}/services/data", headers=headers)
    assert answer.status_code == 200


@contextlib.asynccontextmanager
async def connected(demo: Demo, part: str) -> AsyncIterator[Streams]:
    _, _, port = demo.urls[part].rpartition(":")
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    """Ask once over a raw connection and read the whole answer."""
    writer.write(GET)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    await reader.readexactly(int(length.split(b":")[1]))
    return int(head.split()[1])


def forget(demo: Demo, after: float, *, resets: bool) -> None:
    for habits in (demo.world.orgs["acme"].habits, demo.world.tenants["acme"].habits):
        habits.forgets_idle_after = timedelta(seconds=after)
        habits.resets_idle = resets


PARTS = pytest.mark.parametrize(("part", "status"), [("org:acme", 200), ("tenant:acme", 404)])


@PARTS
async def test_an_idle_connection_is_reset(real: Demo, part: str, status: int) -> None:
    async with connected(real, part) as (reader, writer):
        assert await one(reader, writer) == status
        # Shorter than any pause: whatever comes next comes too late.
        forget(real, 1e-6, resets=True)
        with pytest.raises((ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError)) as lost:
            await one(reader, writer)
        assert not isinstance(lost.value, asyncio.IncompleteReadError), "an end is no reset"


@PARTS
async def test_an_idle_connection_swallows_what_comes(real: Demo, part: str, status: int) -> None:
    async with connected(real, part) as (reader, writer):
        assert await one(reader, writer) == status
        forget(real, 1e-6, resets=False)
        writer.write(GET)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reader.read(1)
        # Dead for good, also when more comes at once.
        forget(real, 3_600, resets=False)
        writer.write(GET)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reader.read(1)


@PARTS
async def test_a_busy_connection_is_kept(real: Demo, part: str, status: int) -> None:
    forget(real, 3_600, resets=True)
    async with connected(real, part) as (reader, writer):
        assert [await one(reader, writer) for _ in range(3)] == [status] * 3


async def test_the_habit_is_switched_over_the_control_address(real: Demo, client: httpx.AsyncClient) -> None:
    order = {"org": "acme", "forgets_idle_after": 240, "resets_idle": True}
    assert (await client.post(f"{real.control_url}/habits", json=order)).status_code == 200
    assert real.world.orgs["acme"].habits.forgets_idle_after == timedelta(seconds=240)
