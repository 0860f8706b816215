"""Thousands of orgs in one cheap process: raw asyncio that plays recorded answers, each under an org's own Id."""

import asyncio
import json
import pickle
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msgspec

from tests.benchmarks.program import PYTHON, demo
from tests.demo_world import config_of
from tui.base.clock import SystemClock
from tui.net.answer import Answer, Request
from tui.net.client import RecordingNet
from tui.rules.required_permissions import REQUIREMENTS
from tui.salesforce import sign_in
from tui.salesforce.reading import OrgReader

REFERENCE = re.compile(rb'"referenceId":"(\w+)"')
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
NO_ROWS = b'{"body":{"totalSize":0,"done":true,"records":[]},"httpHeaders":{},"httpStatusCode":200,"referenceId":"%s"}'


class Recorded(RecordingNet):
    """What a demo's org answered: whole bodies by path, the parts of composite answers by reference."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: dict[bytes, bytes] = {}
        self.parts: dict[bytes, bytes] = {}

    def heard(self, request: Request, answer: Answer) -> None:
        path = "/" + request.url.split("/", 3)[3].partition("?")[0]
        if not path.endswith("/composite"):
            self.bodies[f"{request.method} {path}".encode()] = answer.body
            return
        for part in msgspec.json.decode(answer.body, type=dict[str, list[msgspec.Raw]])["compositeResponse"]:
            found = REFERENCE.search(bytes(part))
            assert found is not None
            self.parts[found[1]] = bytes(part)


async def record(connections: int) -> tuple[Recorded, dict[str, Any]]:
    """One org of the demo with so many accounts, read twice; and the demo's ready answer."""
    net = Recorded()
    with tempfile.TemporaryDirectory() as name, demo(Path(name), f"healthy:{connections}") as ready:
        config = config_of(ready, Path(name))
        org = next(iter(config.orgs.values()))
        reader = OrgReader(
            org, net, sign_in.way(org, net), SystemClock(), permissions=[r.name for r in REQUIREMENTS]
        )
        found = await reader.read(config.connections)
        found = await reader.read(config.connections)
        now = next(iter(found.values())).org_now
        await reader.deepen(config.connections, found, dict.fromkeys(found, now))
        await reader.deepen(config.connections, found, dict.fromkeys(found, now))
        await net.aclose()
    return net, ready


def org_id(number: int) -> str:
    return f"00D{number:012}AAA"


class _Connection(asyncio.Protocol):
    def __init__(self, number: int, recorded: "Recording") -> None:
        self.id, self.recorded, self.buffer = org_id(number).encode(), recorded, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, end, body = self.buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        self.buffer = b""
        answer = self.recorded.answer(head, body).replace(self.recorded.known_as, self.id)
        date = format_datetime(datetime.now(UTC), usegmt=True)
        assert isinstance(self.transport, asyncio.WriteTransport)
        self.transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nsforce-limit-info: api-usage=100/100000\r\n"
            + f"date: {date}\r\ncontent-length: {len(answer)}\r\n\r\n".encode()
            + answer
        )


class Recording:
    """The answers of one org, found by what a request asks for."""

    def __init__(self, bodies: dict[bytes, bytes], parts: dict[bytes, bytes]) -> None:
        self.bodies, self.parts = bodies, parts
        found = re.search(rb"00D\w{15}", parts[b"organization"])
        assert found is not None
        self.known_as = found[0]

    def answer(self, head: bytes, body: bytes) -> bytes:
        method, address, _ = head.split(b" ", 2)
        path = address.partition(b"?")[0]
        if not path.endswith(b"/composite"):
            return self.bodies[method + b" " + path]
        parts = [self.parts.get(name, NO_ROWS % name) for name in REFERENCE.findall(body)]
        return b'{"compositeResponse":[' + b",".join(parts) + b"]}"


async def _serve(recording: Recording, orgs: int) -> None:
    loop, ports = asyncio.get_running_loop(), []
    for number in range(orgs):
        server = await loop.create_server(
            lambda number=number: _Connection(number, recording),  # type: ignore[misc]
            "127.0.0.1",
            0,
        )
        ports.append(server.sockets[0].getsockname()[1])
    print(json.dumps(ports), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def fleet(folder: Path, orgs: int, connections: int) -> Iterator[Path]:
    """So many orgs with so many connections each; the configuration for them."""
    recorded, ready = asyncio.run(record(connections))
    (folder / "recorded").write_bytes(pickle.dumps((recorded.bodies, recorded.parts)))
    child = subprocess.Popen(
        [PYTHON, "-m", "tests.benchmarks.fast_org", str(folder / "recorded"), str(orgs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        yield _configured(folder, json.loads(child.stdout.readline()), ready)
    finally:
        child.stdin.close()
        child.wait(10)


def _configured(folder: Path, ports: list[int], ready: dict[str, Any]) -> Path:
    (secret := folder / "secret").write_text("secret")
    secret.chmod(0o600)
    lines = []
    for number, port in enumerate(ports):
        way = f'{{ way = "client_credentials", client_id = "fleet", client_secret = "file:{secret}" }}'
        lines.append(
            f'[orgs.org{number}]\napi_url = "http://127.0.0.1:{port}"\n'
            f'my_domain = "org{number}.my.salesforce.com"\nsign_in = {way}\n'
        )
        lines += [
            f'[connections."Org {number:04} {known["name"]}"]\norg = "org{number}"\n'
            f'service_account = "{known["service_account"]}"\nincydr_app = "{known["incydr_app"]}"\n'
            for known in ready["connections"]
        ]
    (path := folder / "fleet.toml").write_text("\n".join(lines))
    path.chmod(0o600)
    return path


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    recorded = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301 - written by this program
    asyncio.run(_serve(Recording(*recorded), int(sys.argv[2])))
