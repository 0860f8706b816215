"""The rooms against the demo org and tenant, over ASGI in this process."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tui.base.clock import ManualClock
from tui.base.secret import Secret
from tui.connections.connection import Connection, Org, SignIn, Tenant
from tui.connections.evidence import Evidence, GrantKind, Read, Unreadable, value_of
from tui.connections.repair import Repair, Result, Update
from tui.demo import serve
from tui.incydr.reading import TenantReader
from tui.net import Net
from tui.salesforce.reading import OrgReader
from tui.salesforce.repairing import Repairer
from tui.salesforce.sign_in import way

PERMISSIONS = ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents")


class Tour:
    """The demo's tour, and the rooms that look at it."""

    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 11, 22, 14, 0, tzinfo=UTC))
        self.demo = serve.build("tour", self.clock)
        self.ready = self.demo.ready()
        transports = {url: httpx.ASGITransport(app) for url, app in self.demo.apps.items()}
        self.net = Net(transports=transports)
        self.connections = {
            c["name"]: Connection(
                c["name"], c["org"], c["service_account"], c["detector_name"], c["tenant"], c["incydr_app"]
            )
            for c in self.ready["connections"]
        }

    async def resolve(self, reference: str | tuple[str, ...]) -> Secret:
        return Secret(str(reference))

    def org(self, key: str) -> Org:
        told = self.ready["orgs"][key]
        settings: dict[str, str | tuple[str, ...]] = {
            "client_id": told["client_id"],
            "client_secret": told["client_secret"],
        }
        return Org(key, told["api_url"], told["my_domain"], SignIn("client_credentials", settings))

    def reader(self, key: str) -> OrgReader:
        org = self.org(key)
        sign_in = way(org, self.net, resolve=self.resolve)
        return OrgReader(org, self.net, sign_in, self.clock, permissions=PERMISSIONS)

    def repairer(self, key: str) -> Repairer:
        org = self.org(key)
        return Repairer(org, self.net, way(org, self.net, resolve=self.resolve), self.clock)

    async def evidence(self, name: str, *, deep: bool = False) -> Evidence:
        connection = self.connections[name]
        since = {name: self.clock.now() - timedelta(days=7)} if deep else None
        return (await self.reader(connection.org).read([connection], deep=since))[name]


@pytest.fixture
def tour() -> Tour:
    return Tour()


async def test_a_frozen_account_is_seen_frozen_with_who_froze_it(tour: Tour) -> None:
    evidence = await tour.evidence("Acme EMEA", deep=True)
    login, trail = value_of(evidence.freeze), value_of(evidence.audit)
    assert login is not None
    assert login.is_frozen
    assert trail is not None
    assert [(row.action, row.by_name) for row in trail.rows if row.action == "frozeuser"] == [
        ("frozeuser", "Jane Doe")
    ]


async def test_a_deactivated_account_is_seen_inactive(tour: Tour) -> None:
    user = value_of((await tour.evidence("Acme LATAM")).user)
    assert user is not None
    assert not user.is_active


async def test_all_parts_of_a_healthy_connection_are_read(tour: Tour) -> None:
    evidence = await tour.evidence("Acme US")
    parts = (evidence.user, evidence.freeze, evidence.grants, evidence.sign_ins, evidence.fields)
    slow = (evidence.rights, evidence.org, evidence.tokens, evidence.licenses, evidence.streams)
    assert all(isinstance(part, Read) for part in parts + slow)


async def test_an_operator_without_rights_reads_nothing_of_the_account(tour: Tour) -> None:
    evidence = await tour.evidence("Acme Legacy")
    assert isinstance(evidence.user, Unreadable)
    assert isinstance(evidence.freeze, Unreadable)
    assert isinstance(evidence.sign_ins, Unreadable)


async def test_the_org_counts_what_the_reader_counts(tour: Tour) -> None:
    reader = tour.reader("acme")
    connections = [c for c in tour.connections.values() if c.org == "acme"]
    first = await reader.read(connections)
    second = await reader.read(connections)
    month_ago = tour.clock.now() - timedelta(days=30)
    third = await reader.read(connections, deep={c.name: month_ago for c in connections})
    used = [next(iter(found.values())).api_used or 0 for found in (first, second, third)]
    costs = [next(iter(found.values())).api_calls for found in (first, second, third)]
    # The third asks for names like those of the accounts that something is wrong with.
    assert costs == [3, 1, 4]
    assert [used[1] - used[0], used[2] - used[1]] == [1, 4]


async def test_an_unfreeze_is_applied_and_read_back(tour: Tour) -> None:
    login = value_of((await tour.evidence("Acme EMEA")).freeze)
    assert login is not None
    change = Update("UserLogin", login.id, "Incydr EMEA", {"IsFrozen": True}, {"IsFrozen": False})
    repair = Repair("user_frozen", "Unfreeze", (change,))
    repairer = tour.repairer("acme")
    assert await repairer.read_back(repair) is False
    assert (await repairer.apply(repair)).complete(repair)
    assert await repairer.read_back(repair) is True
    assert (await repairer.apply(repair)).outcomes[0].result == Result.CHANGED_BEFORE


async def test_a_profile_gets_its_permission_back(tour: Tour) -> None:
    grants = value_of((await tour.evidence("Acme Sandbox")).grants)
    assert grants is not None
    profile = next(g for g in grants if g.kind == GrantKind.PROFILE)
    missing = [name for name in PERMISSIONS if name not in profile.permissions]
    assert missing
    assert profile.profile_id is not None
    before = {f"Permissions{name}": False for name in missing}
    after = {f"Permissions{name}": True for name in missing}
    repair = Repair("p", "Give", (Update("Profile", profile.profile_id, profile.name, before, after),))
    assert (await tour.repairer("sandbox").apply(repair)).complete(repair)
    fixed = value_of((await tour.evidence("Acme Sandbox")).grants)
    assert fixed is not None
    assert set(PERMISSIONS) <= {name for grant in fixed for name in grant.permissions}


async def test_file_events_of_a_healthy_connection_are_read(tour: Tour) -> None:
    told = tour.ready["tenants"]["acme"]
    tenant = Tenant("acme", told["base_url"], told["client_id"], told["client_secret"])
    reader = TenantReader(tenant, tour.net, tour.clock, resolve=tour.resolve)
    since = tour.clock.now() - timedelta(days=7)
    events = await reader.read(tour.connections["Acme US"], since)
    assert isinstance(events, Read)
    assert events.value.newest is not None
    assert events.value.newest <= tour.clock.now()
