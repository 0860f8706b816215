"""The world's own address, outside the vendors' paths: what tests may know and whoever demonstrates may do."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tui.base.clock import ScaledClock
from tui.demo import administrator
from tui.demo.administrator import ACTIONS, CannotAct, act
from tui.demo.habits import Habits, IncydrHabits, OrgHabits, TenantHabits, meanings, switch
from tui.demo.middleware import KINDS, Knob, KnobKind, Middleware
from tui.demo.org import API_LIMIT
from tui.demo.world import World


class BadOrder(Exception):
    """The control app was asked for something it does not have."""


def app(world: World, urls: Mapping[str, str], vendors: Mapping[str, Middleware]) -> Middleware:
    """The control app. `urls` and `vendors` are by part: `org:acme`, `tenant:acme`."""
    control = _Control(world, urls, vendors)
    routes = [
        Route("/ready", control.ready),
        Route("/connections", control.connections),
        Route("/orders", control.orders),
        Route("/truth", control.truth),
        Route("/calls", control.calls),
        Route("/calls/reset", _ordered(control.reset_calls), methods=["POST"]),
        Route("/admin", _ordered(control.admin), methods=["POST"]),
        Route("/habits", _ordered(control.habits), methods=["POST"]),
        Route("/knobs", _ordered(control.knobs), methods=["POST"]),
    ]
    return Middleware(Starlette(routes=routes), world.clock.now, {})


def ready(world: World, urls: Mapping[str, str]) -> dict[str, Any]:
    """Where everything is and how to sign in."""
    return {
        "orgs": {
            key: {
                "api_url": urls[f"org:{key}"],
                "my_domain": org.my_domain,
                "client_id": f"remonitor-{key}",
                "client_secret": org.clients[f"remonitor-{key}"].secret,
                "operator": world.operators[key],
            }
            for key, org in world.orgs.items()
        },
        "tenants": {
            key: {
                "base_url": urls[f"tenant:{key}"],
                "client_id": tenant.client_id,
                "client_secret": tenant.client_secret,
            }
            for key, tenant in world.tenants.items()
        },
        "control_url": urls["control"],
        "clock": _clock(world),
        "connections": [
            {
                "name": connection.name,
                "org": connection.org,
                "service_account": connection.service_account,
                "tenant": connection.tenant,
                "detector_name": connection.detector_name,
                "incydr_app": connection.incydr_app,
            }
            for connection in world.connections.values()
        ],
    }


def _clock(world: World) -> dict[str, Any]:
    """What a second process needs to share the world's clock."""
    match world.clock:
        case ScaledClock(origin=origin, epoch=epoch, speed=speed):
            return {"origin": origin.isoformat(), "epoch": epoch, "speed": speed}
    now = world.clock.now()
    return {"origin": now.isoformat(), "epoch": now.timestamp(), "speed": 1.0}


def _ordered(handler: Callable[[dict[str, Any]], Any]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads a JSON order and answers JSON; a wrong order is a 400 with its reason."""

    async def endpoint(request: Request) -> Response:
        try:
            order = json.loads(await request.body() or b"{}")
            if not isinstance(order, dict):
                raise BadOrder("an order is a JSON object")
            return JSONResponse(handler(order) or {"done": True})
        except (BadOrder, CannotAct, ValueError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return endpoint


class _Control:
    def __init__(self, world: World, urls: Mapping[str, str], vendors: Mapping[str, Middleware]) -> None:
        self.world = world
        self.urls = urls
        self.vendors = vendors

    async def ready(self, _request: Request) -> Response:
        return JSONResponse(ready(self.world, self.urls))

    async def connections(self, _request: Request) -> Response:
        found = [
            {"name": each.name, "username": each.user["Username"], "org": each.org}
            for each in self.world.connections.values()
        ]
        return JSONResponse({"connections": found, "actions": sorted(ACTIONS)})

    async def orders(self, _request: Request) -> Response:
        return JSONResponse(orders())

    async def truth(self, _request: Request) -> Response:
        """What the consoles show, now and before; `now` is the world's time."""
        return JSONResponse(
            {
                "now": self.world.clock.now().isoformat(),
                "connections": {
                    name: {
                        "status": connection.console.status,
                        "message": connection.console.message,
                        "since": connection.console.since.isoformat(),
                        "history": [_entry(*entry) for entry in connection.console.history],
                    }
                    for name, connection in self.world.connections.items()
                },
            }
        )

    async def calls(self, _request: Request) -> Response:
        """API calls since the last reset: by org and username, and by tenant."""
        return JSONResponse(
            {
                "orgs": {key: dict(org.calls) for key, org in self.world.orgs.items()},
                "tenants": {key: tenant.calls for key, tenant in self.world.tenants.items()},
            }
        )

    def reset_calls(self, _order: dict[str, Any]) -> None:
        for org in self.world.orgs.values():
            org.calls.clear()
        for tenant in self.world.tenants.values():
            tenant.calls = 0

    def admin(self, order: dict[str, Any]) -> None:
        act(self.world, order)

    def habits(self, order: dict[str, Any]) -> None:
        """Switch habits of one `connection`, `org` or `tenant`; durations in seconds."""
        set_habits(self.world, order)

    def knobs(self, order: dict[str, Any]) -> None:
        """Make one `org` or `tenant` misbehave (`kind` …), or `clear` what was set."""
        part = f"org:{order['org']}" if "org" in order else f"tenant:{order.get('tenant')}"
        vendor = self.vendors.get(part)
        if vendor is None:
            raise BadOrder("name an org or a tenant")
        if order.get("clear"):
            vendor.knobs.clear()
            if "org" in order:
                self.world.orgs[order["org"]].api_limit = API_LIMIT
        elif order.get("kind") == "expire_tokens":
            self._expire_tokens(order)
        elif order.get("kind") == "api_limit" and "org" in order:
            org = self.world.orgs[order["org"]]
            org.api_limit = int(order.get("limit", org.api_used))
        elif order.get("kind") in KINDS:
            known = {field.name for field in fields(Knob)}
            settings = {key: value for key, value in order.items() if key in known}
            settings |= {"kind": KnobKind(order["kind"]), "left": order.get("requests")}
            vendor.knobs.append(Knob(**settings))
        else:
            raise BadOrder(f"the kinds are {', '.join(_KINDS)}")

    def _expire_tokens(self, order: dict[str, Any]) -> None:
        """End every session but the stand-in Incydr's."""
        if "tenant" in order:
            self.world.tenants[order["tenant"]].end_sessions()
            return
        act(self.world, {"action": "expire_sessions", "org": order["org"]})


def set_habits(world: World, order: Mapping[str, Any]) -> None:
    """Switch habits of one connection, org or tenant. Raises BadOrder and ValueError."""
    holder: Habits
    if order.get("connection") in world.connections:
        holder = world.connections[str(order["connection"])].habits
    elif order.get("org") in world.orgs:
        holder = world.orgs[str(order["org"])].habits
    elif order.get("tenant") in world.tenants:
        holder = world.tenants[str(order["tenant"])].habits
    else:
        raise BadOrder("name a connection, an org or a tenant")
    for name, value in order.items():
        if name not in ("connection", "org", "tenant"):
            switch(holder, name, value)
    if order.get("connection") in world.connections and order.get("nameless_events"):
        world.make_nameless(world.connections[str(order["connection"])])


_KINDS: dict[str, str] = {
    **KINDS,
    "expire_tokens": "every session but the stand-in Incydr's ends",
    "api_limit": "the day's calls end at `limit`, by default now (an org)",
}


def orders() -> dict[str, Any]:
    """Everything that can be ordered, by address, each with what it does."""
    return {
        "/admin": administrator.meanings(),
        "/habits": {
            "connection": meanings(IncydrHabits),
            "org": meanings(OrgHabits),
            "tenant": meanings(TenantHabits),
        },
        "/knobs": dict(_KINDS),
    }


def _entry(at: datetime, status: str, message: str | None) -> dict[str, str | None]:
    return {"at": at.isoformat(), "status": status, "message": message}
