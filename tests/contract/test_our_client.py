"""What those clients take for Salesforce and Incydr, this program's own client reads and repairs: over TLS."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.contract.conftest import World, as_written
from tui.base.clock import SystemClock
from tui.connections.connection import Connection, Tenant
from tui.connections.evidence import Evidence, Read, value_of
from tui.connections.repair import Repair, Update
from tui.incydr.reading import TenantReader
from tui.net import Net, NetProblem
from tui.salesforce.reading import OrgReader
from tui.salesforce.repairing import Repairer
from tui.salesforce.sign_in import way

PERMISSIONS = ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents")


@pytest.fixture
async def net(secure: World) -> AsyncIterator[Net]:
    net = Net(ca_bundle=secure.bundle)
    yield net
    await net.aclose()


def connection(world: World, name: str) -> Connection:
    told = next(c for c in world.told["connections"] if c["name"] == name)
    return Connection(
        name, "acme", told["service_account"], told["detector_name"], "acme", told["incydr_app"]
    )


async def evidence(world: World, net: Net, name: str) -> Evidence:
    org = world.org()
    sign_in = way(org, net, resolve=as_written)
    reader = OrgReader(org, net, sign_in, SystemClock(), permissions=PERMISSIONS)
    return (await reader.read([connection(world, name)]))[name]


async def test_a_healthy_account_is_read_whole(secure: World, net: Net) -> None:
    found = await evidence(secure, net, "Acme US")
    parts = (found.user, found.freeze, found.grants, found.sign_ins, found.rights, found.org, found.tokens)
    assert all(isinstance(part, Read) for part in parts)


async def test_an_unfreeze_is_sent_and_read_back(secure: World, net: Net) -> None:
    login = value_of((await evidence(secure, net, "Acme EMEA")).freeze)
    assert login is not None
    change = Update("UserLogin", login.id, "Incydr EMEA", {"IsFrozen": True}, {"IsFrozen": False})
    repair = Repair("user_frozen", "Unfreeze", (change,))
    repairer = Repairer(secure.org(), net, way(secure.org(), net, resolve=as_written), SystemClock())
    assert (await repairer.apply(repair)).complete(repair)
    assert await repairer.read_back(repair) is True


async def test_file_events_are_read(secure: World, net: Net) -> None:
    told = secure.told["tenants"]["acme"]
    tenant = Tenant("acme", told["base_url"], told["client_id"], told["client_secret"])
    reader = TenantReader(tenant, net, SystemClock(), resolve=as_written)
    events = await reader.read(connection(secure, "Acme US"), SystemClock().now() - timedelta(days=7))
    assert isinstance(events, Read)
    assert events.value.count > 0


async def test_without_the_authority_nothing_is_sent(secure: World) -> None:
    net = Net()
    with pytest.raises(NetProblem, match="certificate is not trusted") as problem:
        await net.request("GET", f"{secure.api_url}/services/data")
    assert not problem.value.sent
    await net.aclose()
