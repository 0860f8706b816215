"""Secrets are planted everywhere, then everything that a run leaves behind is searched for them."""

import json
import logging
import re
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from urllib.parse import parse_qs

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.clocks import run
from tests.demo_world import ORIGIN, Scene, config_of
from tui.base.clock import LoopClock
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.config import Config, resolve
from tui.connections.connection import Org, SignIn
from tui.connections.repair import Repair
from tui.console import logs
from tui.console.watcher import rows_of
from tui.demo import serve
from tui.demo.serve import Demo
from tui.net import Net
from tui.reports.documents import whole, written
from tui.salesforce.sign_in import way
from tui.watching.journal import Journal
from tui.watching.watcher import Watcher

CLIENT_SECRET, TENANT_SECRET = "canary-client-secret", "canary-tenant-secret"
REFRESH_TOKEN = "5AepCanaryRefreshToken"
FAULTS = ("unauthorized", "request_limit", "overload", "html", "cut_body", "redirect")


@dataclass
class Wire:
    """What went over the network: the addresses, and the secrets that were seen on the way."""

    addresses: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    def saw(self, request: httpx.Request, answer: bytes) -> None:
        self.addresses.append(str(request.url))
        self.secrets.add(request.headers.get("authorization", "").partition(" ")[2])
        if "oauth" in request.url.path and answer.startswith(b"{"):
            told = json.loads(answer)
            self.secrets |= {told.get("access_token", ""), told.get("refresh_token", "")}
            form = parse_qs(request.content.decode())
            self.secrets |= {value for key in ("assertion", "refresh_token") for value in form.get(key, [])}


class Tapped(httpx.ASGITransport):
    """The demo's app, with somebody who listens."""

    wire: Wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        self.wire.saw(request, await response.aread())
        return response


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.raiseExceptions)
    logs.start(tmp_path / "state" / "remonitor.log", "debug")
    yield tmp_path / "state" / "remonitor.log"
    for handler in root.handlers:
        handler.close()
    root.handlers[:], logging.raiseExceptions = before[0], before[2]
    root.setLevel(before[1])


def private_key(path: Path) -> set[str]:
    """A new key in `path`; the lines that nobody may show."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    path.write_text(pem)
    path.chmod(0o600)
    return {line for line in pem.splitlines() if not line.startswith("-")}


def planted(demo: Demo, folder: Path) -> tuple[Config, set[str]]:
    """The demo's configuration with another way to sign in for each org, and what was planted."""
    for key, org in demo.world.orgs.items():
        name = f"remonitor-{key}"
        org.clients[name] = replace(org.clients[name], secret=CLIENT_SECRET)
    for tenant in demo.world.tenants.values():
        tenant.client_secret = TENANT_SECRET
    ready = demo.ready()
    config = config_of(ready, folder)
    lines = private_key(folder / "key.pem")
    kept = folder / "refresh"
    kept.write_text(REFRESH_TOKEN)
    kept.chmod(0o600)
    box = demo.world.orgs["sandbox"]
    user = box.user(ready["orgs"]["sandbox"]["operator"])
    row = box.add("OauthToken", AppName="remonitor", UserId=user["Id"], CreatedDate=box.now(),
                  LastUsedDate=box.now(), UseCount=1)  # fmt: skip
    box.refresh_tokens[REFRESH_TOKEN] = row["Id"]
    ways = {
        "sandbox": SignIn("web", {"client_id": "remonitor-sandbox", "refresh_token": f"file:{kept}"}),
        "legacy": SignIn(
            "jwt",
            {
                "client_id": "remonitor-legacy",
                "username": ready["orgs"]["legacy"]["operator"],
                "key_file": str(folder / "key.pem"),
            },
        ),
    }
    orgs = {
        key: Org(key, org.api_url, org.my_domain, ways.get(key, org.sign_in), allow_repairs=True)
        for key, org in config.orgs.items()
    }
    parts = (config.path, orgs, config.tenants, config.connections, config.app)
    return Config(*parts), {CLIENT_SECRET, TENANT_SECRET, REFRESH_TOKEN, *lines}


async def the_day(stage: Scene, config: Config) -> list[str]:
    """Readings, a repair, every kind of failure, and sign-ins that end; the tracebacks of what they raise."""
    offer = stage.watcher.repair_offers("Acme EMEA")[0]
    assert isinstance(offer, Repair)
    await stage.watcher.repair("Acme EMEA", offer)
    for kind in FAULTS:
        for part in ("acme", "sandbox", "legacy"):
            await stage.ask("/knobs", org=part, kind=kind)
        await stage.ask("/knobs", tenant="acme", kind="html")
        await stage.passes(20)
        for part in ("acme", "sandbox", "legacy"):
            await stage.ask("/knobs", org=part, clear=True)
        await stage.ask("/knobs", tenant="acme", clear=True)
    for key, theirs in stage.demo.world.orgs.items():
        theirs.clients[f"remonitor-{key}"] = replace(theirs.clients[f"remonitor-{key}"], secret="another")
        theirs.refresh_tokens.clear()
        theirs.sessions.clear()
    await stage.passes(20)
    told = []
    for org in config.orgs.values():
        try:
            await way(org, stage.net).token()
        except Problem as problem:
            told.append("".join(traceback.format_exception(problem)))
    return told


def test_no_secret_is_left_anywhere(tmp_path: Path, log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    wire = Wire()
    left: dict[str, str] = {}

    async def story() -> set[str]:
        demo = serve.build("tour", LoopClock(ORIGIN), 1)
        config, secrets = planted(demo, tmp_path)
        transports = {}
        for url, app in demo.apps.items():
            transports[url] = Tapped(app)
            transports[url].wire = wire
        net = Net(transports=transports)
        journal = Journal(tmp_path / "state" / "journal.db")
        async with demo.running():
            clock = demo.world.clock
            async with Watcher(config, clock=clock, net=net, journal=journal, random=Random(1)) as watcher:
                async for _ in watcher.states():
                    if all(
                        watcher.progress(c.name).last_try and watcher.state(c.name)
                        for c in config.connections
                    ):
                        break
                told = await the_day(Scene(demo, watcher, clock, net), config)
                states = [state for c in config.connections if (state := watcher.state(c.name))]
                left["states"] = written(whole(rows_of(states), clock.now())) + repr(states)
                history = [await watcher.history(c.name) for c in config.connections]
                changes = [await watcher.changes(c.name) for c in config.connections]
                left["history"] = repr((history, changes))
            await net.aclose()
        left["tracebacks"] = "\n".join(told)
        left["configuration"] = repr(config)
        return secrets

    secrets = run(story())
    for secret in wire.secrets:
        logging.getLogger("a careless room").error("sent Authorization: Bearer %s", secret)
    left["addresses"] = "\n".join(wire.addresses)
    left["output"] = "".join(capfd.readouterr())
    for path in (tmp_path / "state").iterdir():
        left[path.name] = path.read_bytes().decode("latin-1")

    secrets |= {secret for secret in wire.secrets if secret}
    # Each way to sign in was used, and each place to search has something in it.
    assert REFRESH_TOKEN in wire.secrets
    assert any(secret.count(".") == 2 for secret in wire.secrets), "no JWT was sent"
    assert len([secret for secret in wire.secrets if re.match(r"00D\w+!", secret)]) >= 3
    assert "The sign-in has ended" in left["tracebacks"]
    assert {"journal.db", "remonitor.log"} <= set(left)
    assert all(text for name, text in left.items() if name not in ("output", "remonitor.lock"))
    found = {(name, secret[:12]) for name, text in left.items() for secret in secrets if secret in text}
    assert not found


async def test_a_careless_room_shows_a_mask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "canary")
    secret = await resolve("env:CANARY")
    shown = f"{secret} {secret!r} {[secret]} %s" % secret + json.dumps({"a": str(secret)})
    assert isinstance(secret, Secret)
    assert "canary" not in shown
