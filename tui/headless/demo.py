"""`demo`: starts the stand-in world as a child process, or attaches to one, and writes a configuration for it."""

import asyncio
import contextlib
import importlib.util
import shutil
import sys
import tempfile
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec
import tomli_w

from tui.base import paths
from tui.base.clock import Clock, ScaledClock, SystemClock
from tui.base.paths import write_private
from tui.base.problem import Problem
from tui.base.text import clean_json
from tui.config import Config, parse

START_SECONDS = 30.0
"""Real seconds within which the world must be ready."""
END_SECONDS = 3.0
"""Real seconds that the world gets to end by itself."""
KEPT_SECONDS = 7 * 86_400
"""Real seconds after which the journal of a kept world is forgotten."""


class _Org(msgspec.Struct):
    api_url: str
    my_domain: str
    client_id: str
    client_secret: str
    operator: str


class _Tenant(msgspec.Struct):
    base_url: str
    client_id: str
    client_secret: str


class _Clock(msgspec.Struct):
    origin: datetime
    epoch: float
    speed: float


class _Connection(msgspec.Struct):
    name: str
    org: str
    service_account: str
    tenant: str | None = None
    detector_name: str | None = None
    incydr_app: str | None = None


class Ready(msgspec.Struct):
    """What the world prints when it is ready: its addresses, its sign-ins, its clock."""

    orgs: dict[str, _Org]
    tenants: dict[str, _Tenant]
    control_url: str
    connections: list[_Connection]
    clock: _Clock | None = None


@dataclass(frozen=True)
class DemoWorld:
    """A running demo: its configuration, its clock, and where its administrator is reached."""

    config: Config
    config_file: Path
    clock: Clock
    control_url: str
    state_folder: Path
    """Journal and log of this world alone: everybody who looks at it shares them, no other world or real org does."""
    pid: int | None = None
    """Its process, where this one started it."""


@asynccontextmanager
async def started(*, speed: float, keep: bool) -> AsyncIterator[DemoWorld]:
    """The world as a child of this process; it ends when this process does, unless kept. Raises Problem."""
    _require_extra()
    argv = [sys.executable, "-m", "tui.demo", "--speed", str(speed), *(["--keep"] if keep else [])]
    # A session of its own: Ctrl+C is for the app.
    child = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        limit=1_000_000,
    )
    try:
        async with _written(_decoded(await _first_line(child))) as world:
            _forget_old(world.state_folder.parent)
            yield replace(world, pid=child.pid)
            if not keep:
                shutil.rmtree(world.state_folder, ignore_errors=True)
    finally:
        if not keep:
            await _end(child)


@asynccontextmanager
async def attached(url: str) -> AsyncIterator[DemoWorld]:
    """A world that already runs; `url` is its control address. Raises Problem."""
    from tui.net import Net

    net = Net()
    try:
        answer = await net.request("GET", f"{url.rstrip('/')}/ready")
    finally:
        await net.aclose()
    async with _written(_decoded(answer.body)) as world:
        yield world


def toml_of(ready: Ready) -> str:
    """The configuration of a demo; its secrets are in files beside it."""
    tree: dict[str, object] = {
        "orgs": {
            name: {
                "api_url": org.api_url,
                "my_domain": org.my_domain,
                "allow_repairs": True,
                "sign_in": {
                    "way": "client_credentials",
                    "client_id": org.client_id,
                    "client_secret": f"file:secrets/org-{name}",
                },
            }
            for name, org in ready.orgs.items()
        },
        "tenants": {
            name: {
                "base_url": tenant.base_url,
                "client_id": tenant.client_id,
                "client_secret": f"file:secrets/tenant-{name}",
            }
            for name, tenant in ready.tenants.items()
        },
        "connections": {
            c.name: {
                key: value
                for key in ("org", "service_account", "tenant", "detector_name", "incydr_app")
                if (value := getattr(c, key)) is not None
            }
            for c in ready.connections
        },
    }
    return tomli_w.dumps(tree)


def _require_extra() -> None:
    missing = [name for name in ("starlette", "uvicorn") if importlib.util.find_spec(name) is None]
    if missing:
        raise Problem(
            "The demo is not installed",
            f"It needs {' and '.join(missing)}.",
            "Run: pip install 'remonitor[demo]'",
        )


async def _first_line(child: asyncio.subprocess.Process) -> bytes:
    assert child.stdout is not None  # noqa: S101 - asked for above
    try:
        async with asyncio.timeout(START_SECONDS):
            line = await child.stdout.readline()
    except TimeoutError:
        line = b""
    if not line:
        raise Problem(
            "The demo did not start",
            "Its process ended or stayed silent.",
            "Run it alone to see why: python -m tui.demo",
        )
    return line


def _decoded(line: bytes) -> Ready:
    try:
        return msgspec.convert(clean_json(line), Ready)
    except msgspec.MsgspecError as error:
        raise Problem(
            "The demo answered something else",
            f"{error}.",
            "Does the address belong to a demo of this version?",
        ) from None


@asynccontextmanager
async def _written(ready: Ready) -> AsyncIterator[DemoWorld]:
    folder = Path(tempfile.mkdtemp(prefix="remonitor-demo-"))
    try:
        for name, org in ready.orgs.items():
            write_private(folder / "secrets" / f"org-{name}", org.client_secret)
        for name, tenant in ready.tenants.items():
            write_private(folder / "secrets" / f"tenant-{name}", tenant.client_secret)
        text = toml_of(ready)
        file = folder / "config.toml"
        write_private(file, text)
        state = paths.own_state_folder() / "demos" / _identity(ready)
        yield DemoWorld(parse(text, str(file)), file, _clock(ready.clock), ready.control_url, state)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _identity(ready: Ready) -> str:
    """What no other world has: an address, and when it began there."""
    began = ready.clock.epoch if ready.clock is not None else 0.0
    return f"{zlib.crc32(f'{ready.control_url} {began}'.encode()):08x}"


def _forget_old(folder: Path) -> None:
    """Remove what worlds left that were kept and have ended."""
    if not folder.is_dir():
        return
    for state in folder.iterdir():
        newest = max((path.stat().st_mtime for path in (state, *state.glob("*"))), default=0.0)
        if SystemClock().now().timestamp() - newest > KEPT_SECONDS:
            shutil.rmtree(state, ignore_errors=True)


def _clock(clock: _Clock | None) -> Clock:
    return SystemClock() if clock is None else ScaledClock(clock.origin, clock.epoch, clock.speed)


async def _end(child: asyncio.subprocess.Process) -> None:
    """Close its standard input, which ends it; a world that hangs is killed."""
    if child.stdin is not None:
        child.stdin.close()
    try:
        async with asyncio.timeout(END_SECONDS):
            await child.wait()
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
