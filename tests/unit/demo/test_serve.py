"""On real ports: foreign names are refused, and idle connections can be forgotten as firewalls do."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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


async def start(*arguments: str) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tui.demo",
        *arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        return process, json.loads(await process.stdout.readline())


def close_input(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()


async def end(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    async with asyncio.timeout(30):
        _, errors = await process.communicate()
    return process.returncode, errors.decode()


async def test_it_serves_until_its_standard_input_closes() -> None:
    process, ready = await start(
        "--scenario", "healthy", "--speed", "60", "--origin", "2026-11-22T06:00:00+00:00"
    )
    org, tenant = ready["orgs"]["acme"], ready["tenants"]["acme"]
    async with httpx.AsyncClient(trust_env=False) as client:
        again = await client.get(f"{ready['control_url']}/ready")
        versions = await client.get(f"{org['api_url']}/services/data")
        grant = {"grant_type": "client_credentials"}
        signed_in = await client.post(
            f"{org['api_url']}/services/oauth2/token",
            data=grant | {"client_id": org["client_id"], "client_secret": org["client_secret"]},
        )
        events = await client.post(
            f"{tenant['base_url']}/v1/oauth",
            params=grant,
            auth=(tenant["client_id"], tenant["client_secret"]),
        )
    assert again.json() == ready
    assert versions.headers.get_list("date")[0].startswith("Sun, 22 Nov 2026 06:")
    assert len(versions.headers.get_list("date")) == 1
    assert signed_in.json()["instance_url"] == org["api_url"]
    assert events.json()["expires_in"] == 900
    assert ready["clock"] == {"origin": "2026-11-22T06:00:00+00:00", "speed": 60.0} | {
        "epoch": ready["clock"]["epoch"]
    }
    close_input(process)
    assert await end(process) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_ends_on_a_signal_even_when_told_to_keep(number: signal.Signals, tmp_path: Path) -> None:
    process, ready = await start("--scenario", "healthy", "--keep", "--folder", str(tmp_path))
    close_input(process)
    assert json.loads((tmp_path / "demo.json").read_text()) == ready
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{ready['control_url']}/ready")).json() == ready
    process.send_signal(number)
    assert await end(process) == (0, "")


async def test_hanging_and_cut_answers_reach_the_client_and_do_not_delay_the_end() -> None:
    process, ready = await start("--scenario", "healthy")
    url = ready["orgs"]["acme"]["api_url"] + "/services/data"
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(
            f"{ready['control_url']}/knobs", json={"org": "acme", "kind": "cut_body", "requests": 1}
        )
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(url)
        await client.post(f"{ready['control_url']}/knobs", json={"org": "acme", "kind": "hang"})
        with pytest.raises(httpx.ReadTimeout):
            await client.get(url, timeout=0.05)
        hanging = asyncio.create_task(client.get(url, timeout=60))
        await asyncio.sleep(0)
        close_input(process)
        assert await end(process) == (0, "")
        hanging.cancel()
