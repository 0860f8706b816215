"""The demo: starts the stand-in world as a child process, or attaches to one, and writes a configuration for it."""

import asyncio
import contextlib
import fcntl
import importlib.util
import os
import re
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import tomli_w

from tui.base import paths, process
from tui.base.clock import Clock, ScaledClock, SystemClock
from tui.base.installation import command_adding
from tui.base.paths import write_private
from tui.base.problem import ConfigProblem, Problem, UsageProblem
from tui.base.text import clean, clean_json
from tui.config import Config, parse
from tui.net.proxies import LOOPBACK

START_SECONDS = 30.0
"""Real seconds within which the world must be ready."""
END_SECONDS = 3.0
"""Real seconds that the world gets to end by itself."""
MAX_SPEED = 100_000.0
"""Simulated seconds a second, at most."""
TEMPORARY = "remonitor-demo-"
"""How the name of a demo's folder of configuration and secrets begins."""
KEPT_SECONDS = 7 * 86_400
"""Real seconds after which the journal of a kept world is forgotten."""

STATE = "state"
"""The file beside a demo's configuration that names its state folder, where that goes with it."""

LOCK = ".in-use"
"""The file that a demo holds in its folder; the kernel lets go of it at the process's end: what was killed is found."""

_IDENTITY = re.compile(r"[0-9a-f]{8}")
_PLAIN = re.compile(r"[\w.~+/=-]{1,400}", re.ASCII)


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
async def started(*, speed: float, keep: bool, scenario: str = "tour") -> AsyncIterator[DemoWorld]:
    """The world as a child of this process; it ends when this process does, unless kept. Raises Problem."""
    _require_extra()
    argv = [
        sys.executable,
        "-m",
        "tui.demo",
        "--speed",
        str(speed),
        "--scenario",
        scenario,
        *(["--keep"] if keep else []),
    ]
    # A session of its own: Ctrl+C is for the app.
    child = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        env=process.environment(),
        limit=1_000_000,
    )
    try:
        ready = _decoded(await _first_line(child))
        _clear_up()
        async with _written(ready, goes_with_it=not keep) as world:
            yield replace(world, pid=child.pid)
            if not keep:
                shutil.rmtree(world.state_folder, ignore_errors=True)
    finally:
        if not keep:
            await _end(child)


@asynccontextmanager
async def attached(url: str) -> AsyncIterator[DemoWorld]:
    """A world that already runs on this machine; `url` is its control address. Raises Problem."""
    from tui.net import Net

    if not _on_this_machine(url):
        raise UsageProblem(
            "Not a demo on this machine",
            f"Found {clean(url, 200)}, expected an address of this machine.",
            "Give the address that the demo printed when you left it, such as: remonitor demo --attach http://127.0.0.1:8123",
        )

    async with contextlib.aclosing(Net()) as net:
        answer = await net.request("GET", f"{url.rstrip('/')}/ready")
    if answer.status != 200:
        raise _something_else(f"HTTP {answer.status}")
    async with _written(_decoded(answer.body), goes_with_it=False) as world:
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
                    "client_secret": f"file:{_secret('org', number)}",
                },
            }
            for number, (name, org) in enumerate(ready.orgs.items(), 1)
        },
        "tenants": {
            name: {
                "base_url": tenant.base_url,
                "client_id": tenant.client_id,
                "client_secret": f"file:{_secret('tenant', number)}",
            }
            for number, (name, tenant) in enumerate(ready.tenants.items(), 1)
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
            f"Run: {command_adding('demo')}",
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


def write_files(ready: Ready, folder: Path) -> Path:
    """The configuration of a demo in `folder`, and the files of its secrets. Raises OSError."""
    for number, org in enumerate(ready.orgs.values(), 1):
        write_private(folder / _secret("org", number), org.client_secret)
    for number, tenant in enumerate(ready.tenants.values(), 1):
        write_private(folder / _secret("tenant", number), tenant.client_secret)
    write_private(file := folder / "config.toml", toml_of(ready))
    return file


def _secret(kind: str, number: int) -> str:
    """The file of a secret beside the configuration: a number, for a name from outside is no path."""
    return f"secrets/{kind}-{number}"


def _decoded(line: bytes) -> Ready:
    """The whole answer, looked at before anything of it is used. Raises Problem."""
    try:
        ready = msgspec.convert(clean_json(line), Ready)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise _something_else(str(error)) from None
    for url in (ready.control_url, *_addresses(ready)):
        if not _on_this_machine(url):
            raise _something_else(f"{url} is no address of this machine")
    for word in _credentials(ready):
        # Anything else could be a reference to a file or a variable of the operator.
        if not _PLAIN.fullmatch(word):
            raise _something_else("a client id or secret of another form")
    clock = ready.clock
    if clock is not None and not (
        clock.origin.tzinfo is not None
        and 1990 <= clock.origin.year <= 2200
        and 0 < clock.epoch < 1e11
        and 0 < clock.speed <= MAX_SPEED
    ):
        raise _something_else("a clock that cannot be followed")
    return ready


def _addresses(ready: Ready) -> list[str]:
    return [org.api_url for org in ready.orgs.values()] + [t.base_url for t in ready.tenants.values()]


def _credentials(ready: Ready) -> list[str]:
    words = [word for org in ready.orgs.values() for word in (org.client_id, org.client_secret)]
    return words + [w for tenant in ready.tenants.values() for w in (tenant.client_id, tenant.client_secret)]


def _on_this_machine(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    whole = not (parts.username or parts.password or parts.query or parts.fragment)
    return parts.scheme == "http" and parts.hostname in LOOPBACK and whole and parts.path in ("", "/")


def _something_else(why: str) -> Problem:
    return Problem(
        "The demo answered something else",
        f"{clean(why, 300)}.",
        "Does the address belong to a demo of this version?",
    )


@asynccontextmanager
async def _written(ready: Ready, *, goes_with_it: bool) -> AsyncIterator[DemoWorld]:
    """The configuration of a world as files. `goes_with_it`: it ends with this process, and all files with it.

    Those of a world that lives on are in its state folder: other commands find them there after this process.
    """
    state = paths.own_state_folder() / "demos" / _identity(ready)
    if not goes_with_it:
        yield _world(ready, state, state)
        return
    folder = Path(tempfile.mkdtemp(prefix=TEMPORARY))
    try:
        with in_use(folder):
            write_private(folder / STATE, state.name)
            yield _world(ready, folder, state)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _world(ready: Ready, folder: Path, state: Path) -> DemoWorld:
    """The same, with its files written into `folder`."""
    file = write_files(ready, folder)
    try:
        config = parse(file.read_text(encoding="utf-8"), str(file))
    except ConfigProblem as problem:
        raise _something_else(problem.message) from None
    return DemoWorld(config, file, _clock(ready.clock), ready.control_url, state)


def _clear_up() -> None:
    """Remove what demos left that were killed, or were kept and have ended."""
    demos = paths.own_state_folder() / "demos"
    for folder in ended(Path(tempfile.gettempdir()).glob(f"{TEMPORARY}*")):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            name = (folder / STATE).read_text(encoding="utf-8")
            if _IDENTITY.fullmatch(name):
                shutil.rmtree(demos / name, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
    if demos.is_dir():
        _forget_old(demos)


def _identity(ready: Ready) -> str:
    """What no other world has: an address, and when it began there."""
    began = ready.clock.epoch if ready.clock is not None else 0.0
    return f"{zlib.crc32(f'{ready.control_url} {began}'.encode()):08x}"


def _forget_old(folder: Path) -> None:
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


@contextlib.contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Hold a folder of one's own. Raises OSError."""
    # Held before it bears its name: who clears up never meets one that is not held yet.
    new = folder / f"{LOCK}.new"
    handle = os.open(new, os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        new.rename(folder / LOCK)
        yield
    finally:
        os.close(handle)


def ended(folders: Iterable[Path]) -> Iterator[Path]:
    """Those of the operator's own folders whose process has ended; held while they are looked at."""
    for folder in folders:
        with contextlib.suppress(OSError):
            facts = folder.lstat()
            if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
                continue
            handle = os.open(folder / LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield folder
            finally:
                os.close(handle)
