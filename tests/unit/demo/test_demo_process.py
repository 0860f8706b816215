"""`python -m tui.demo` says where everything is, serves it, and ends when its standard input closes."""

import asyncio
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest


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
