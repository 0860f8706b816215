"""Puts a demo world behind HTTP: in this process for tests, or on loopback ports for everybody."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui.base.clock import Clock, ScaledClock
from tui.demo import control, org_api, scenarios, tenant_api
from tui.demo.door import Door
from tui.demo.http import Http
from tui.demo.incydr import Incydr, watch_all
from tui.demo.world import World

CONTROL = "control"


@dataclass
class Demo:
    """A world and the addresses of its parts.

    `doors` are by part: `org:acme`, `tenant:acme`, `control`. `urls` say where each part is reached;
    `in_process` that its own clients call the apps directly.
    """

    world: World
    doors: dict[str, Door]
    urls: dict[str, str]
    in_process: bool = True

    @property
    def apps(self) -> dict[str, Door]:
        """The ASGI app of each base URL."""
        return {self.urls[part]: door for part, door in self.doors.items()}

    @property
    def control(self) -> Door:
        return self.doors[CONTROL]

    @property
    def control_url(self) -> str:
        return self.urls[CONTROL]

    def ready(self) -> dict[str, Any]:
        """Where everything is and how to sign in: what `python -m tui.demo` prints."""
        return control.ready(self.world, self.urls)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Demo"]:
        """Have the stand-in Incydr watch its connections meanwhile."""
        watchers = [self._incydr(name) for name in self.world.connections]
        task = asyncio.create_task(watch_all(watchers))
        try:
            yield self
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _incydr(self, name: str) -> Incydr:
        world, connection = self.world, self.world.connections[name]
        part = f"org:{connection.org}"
        door = self.doors[part] if self.in_process else None
        return Incydr(
            connection,
            world.tenants[connection.tenant],
            Http(self.urls[part], connection.source_ip, door),
            world.clock,
            world.people,
            world.seed,
        )


def build(scenario: str, clock: Clock, seed: int = 1) -> Demo:
    """A demo inside this process, under addresses that exist nowhere. Raises KeyError for the scenario."""
    world = scenarios.tell(scenario, clock, seed)
    urls = {f"org:{key}": f"http://{key}.demo.invalid" for key in world.orgs}
    urls |= {f"tenant:{key}": f"http://{key}.incydr.demo.invalid" for key in world.tenants}
    urls[CONTROL] = "http://control.demo.invalid"
    return Demo(world, _doors(world, urls), urls)


def _doors(world: World, urls: Mapping[str, str]) -> dict[str, Door]:
    doors = {f"org:{key}": org_api.app(org) for key, org in world.orgs.items()}
    doors |= {f"tenant:{key}": tenant_api.app(tenant) for key, tenant in world.tenants.items()}
    doors[CONTROL] = control.app(world, urls, dict(doors))
    return doors


@contextlib.asynccontextmanager
async def on_loopback(
    scenario: str, clock: ScaledClock, seed: int, certificate: Path | None = None
) -> AsyncIterator[Demo]:
    """The same as real HTTP servers on free ports of 127.0.0.1, with the stand-in Incydr at work.

    With `certificate` (a PEM file with key and chain) they speak TLS, for clients that insist.
    """
    from tui.demo.ports import open_port, serving

    demo = build(scenario, clock, seed)
    sockets = {part: open_port() for part in demo.doors}
    scheme = "https" if certificate else "http"
    # In place: the control app holds this very dict.
    demo.urls.update(
        {part: f"{scheme}://127.0.0.1:{port.getsockname()[1]}" for part, port in sockets.items()}
    )
    demo.in_process = False
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(
            serving({port: demo.doors[part] for part, port in sockets.items()}, certificate)
        )
        await stack.enter_async_context(demo.running())
        yield demo
