"""The demo's world for each test, behind the addresses that real orgs and tenants have."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.unit.onboarding.first_start import TENANT, Demo
from tui.base.clock import ManualClock
from tui.demo import serve
from tui.net import Net


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Demo:
    monkeypatch.setenv("PATH", "")  # no sf CLI
    clock = ManualClock(datetime(2026, 11, 22, 14, 0, tzinfo=UTC))
    world = serve.build("tour", clock, 1)
    ready = world.ready()
    doors = {f"https://{org['my_domain']}": world.apps[org["api_url"]] for org in ready["orgs"].values()}
    doors[TENANT] = world.apps[ready["tenants"]["acme"]["base_url"]]
    net = Net(transports={url: httpx.ASGITransport(door) for url, door in doors.items()})
    return Demo(net, clock, ready, world.world, tmp_path)
