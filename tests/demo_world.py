"""The demo world inside the test's own process and time, with the real program's rooms upon it."""

import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx

from tui.base.clock import Clock, LoopClock
from tui.config import AppSettings, Config
from tui.connections.connection import Connection, Org, SignIn, Tenant
from tui.connections.state import State
from tui.demo import serve
from tui.demo.serve import Demo
from tui.net import Net
from tui.watching.journal import Journal
from tui.watching.watcher import Watcher

ORIGIN = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


def config_of(ready: dict[str, Any], folder: Path, *, app: AppSettings | None = None) -> Config:
    """The configuration for a demo's ready answer; its secrets go to files in `folder`."""

    def secret(name: str, value: str) -> str:
        path = folder / name
        path.write_text(value)
        path.chmod(0o600)
        return f"file:{path}"

    orgs = {
        key: Org(
            id=key,
            api_url=org["api_url"],
            my_domain=org["my_domain"],
            sign_in=SignIn(
                "client_credentials",
                {"client_id": org["client_id"], "client_secret": secret(f"org-{key}", org["client_secret"])},
            ),
            allow_repairs=True,
        )
        for key, org in ready["orgs"].items()
    }
    tenants = {
        key: Tenant(key, t["base_url"], t["client_id"], secret(f"tenant-{key}", t["client_secret"]))
        for key, t in ready["tenants"].items()
    }
    connections = tuple(
        Connection(
            name=c["name"],
            org=c["org"],
            service_account=c["service_account"],
            detector_name=c["detector_name"],
            tenant=c["tenant"],
            incydr_app=c["incydr_app"],
        )
        for c in ready["connections"]
    )
    return Config(None, orgs, tenants, connections, app or AppSettings())


def net_of(demo: Demo) -> Net:
    """The program's own network, with the demo's apps behind its addresses."""
    return Net(transports={url: httpx.ASGITransport(app) for url, app in demo.apps.items()})


@dataclass
class Scene:
    """A running demo and a watcher on it."""

    demo: Demo
    watcher: Watcher
    clock: Clock
    net: Net

    async def passes(self, minutes: float) -> None:
        """Let time pass."""
        await self.clock.sleep_until(self.clock.now() + timedelta(minutes=minutes))

    async def ask(self, path: str, **body: Any) -> Any:
        """Talk to the world's control: GET without a body, POST with one."""
        method = "POST" if body else "GET"
        answer = await self.net.request(method, f"{self.demo.control_url}{path}", json=body or None)
        assert answer.status < 400, answer.body
        return json.loads(answer.body or b"null")

    async def admin(self, action: str, connection: str, **more: Any) -> None:
        """Act as the Salesforce administrator."""
        await self.ask("/admin", action=action, connection=connection, **more)

    async def truth(self) -> dict[str, str]:
        """What the stand-in Incydr's console shows, by connection."""
        answer = await self.ask("/truth")
        return {name: said["status"] for name, said in answer["connections"].items()}

    def state(self, name: str) -> State:
        state = self.watcher.state(name)
        assert state is not None, f"{name} was not read yet"
        return state


@contextlib.asynccontextmanager
async def scene(
    folder: Path,
    *,
    scenario: str = "tour",
    seed: int = 1,
    clock: Clock | None = None,
    prepare: Any = None,
    deviate: Callable[[Demo], None] = lambda demo: None,
    configured: Callable[[Config, Demo], Config] = lambda config, demo: config,
) -> AsyncIterator[Scene]:
    """The demo at work and a watcher that has read every connection once.

    `prepare` changes the world before, `deviate` the vendors' doors too, `configured` the configuration.
    """
    clock = clock or LoopClock(ORIGIN)
    demo = serve.build(scenario, clock, seed)
    if prepare is not None:
        prepare(demo.world)
    deviate(demo)
    net = net_of(demo)
    journal = Journal(folder / "state" / "journal.db")
    config = configured(config_of(demo.ready(), folder), demo)
    async with demo.running():
        watcher = Watcher(config, clock=clock, net=net, journal=journal, random=Random(seed))
        async with watcher:
            async for _ in watcher.states():
                if all(
                    watcher.progress(c.name).last_try and watcher.state(c.name) for c in watcher.connections
                ):
                    break
            yield Scene(demo, watcher, clock, net)
        await net.aclose()
