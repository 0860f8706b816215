"""One look at the contract on a demo world in this process, in its own time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from tests.demo_world import config_of
from tui.base.clock import ManualClock
from tui.config import resolve
from tui.contract.asking import ORG_CALLS, TENANT_REQUESTS, TenantLook
from tui.contract.look import Subject, look
from tui.contract.model import Fact, Report, Verdict
from tui.demo import serve
from tui.demo.org import Org
from tui.demo.serve import Demo
from tui.net import ReadingNet
from tui.rules.required_permissions import REQUIREMENTS
from tui.salesforce.sign_in import way

START = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


@dataclass
class ContractWorld:
    """A demo with one org under the look."""

    folder: Path
    scenario: str = "tour"
    key: str = "acme"
    names: tuple[str, ...] = ("Acme US",)
    asked: dict[str, TenantLook] = field(default_factory=dict)
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))

    def __post_init__(self) -> None:
        self.demo: Demo = serve.build(self.scenario, self.clock, 1)
        self.config = config_of(self.demo.ready(), self.folder)

    @property
    def org(self) -> Org:
        return self.demo.world.orgs[self.key]

    def net(self) -> ReadingNet:
        org = self.config.orgs[self.key]
        most = {org.api_url: ORG_CALLS} | {t.base_url: TENANT_REQUESTS for t in self.config.tenants.values()}
        return ReadingNet(
            most, transports={url: httpx.ASGITransport(app) for url, app in self.demo.apps.items()}
        )

    async def look(self) -> Report:
        """The report; nothing is in the way of asking."""
        net = self.net()
        org = self.config.orgs[self.key]
        connections = tuple(c for c in self.config.connections if c.name in self.names)
        tenants = {c.tenant: self.config.tenants[c.tenant] for c in connections if c.tenant}
        neighbours = tuple(c for c in self.config.connections if c.org == self.key)
        subject = Subject(org, connections, neighbours, tenants, REQUIREMENTS)
        self.sent = net.sent
        try:
            return await look(subject, net, way(org, net), self.clock, resolve, self.asked)
        finally:
            await net.aclose()


def wrong(report: Report) -> list[Fact]:
    """The facts that do not hold, or could not be read."""
    return [fact for fact in report.facts if fact.verdict in (Verdict.DIFFERS, Verdict.UNREAD)]
