"""The clients of a real watch: orgs and tenants over the network, the site's command as a child process."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.base.clock import Clock
from tui.connections.connection import Connection, Org, Requirement, Requirements, Tenant
from tui.connections.evidence import ConsoleWord, Read, Unreadable
from tui.connections.state import State
from tui.diagnosis.diagnose import first_state
from tui.incydr.console import read_console
from tui.incydr.reading import TenantReader
from tui.net import Net
from tui.salesforce.reading import OrgReader
from tui.salesforce.sign_in import SignInWay, way

if TYPE_CHECKING:
    from tui.salesforce.repairing import Repairer


class HttpClients:
    """One reader, one repairer and one sign-in an org; `required` are the permissions of interest."""

    def __init__(self, net: Net, clock: Clock, required: Sequence[Requirement]) -> None:
        self._net = net
        self._clock = clock
        self._required = tuple(r.name for r in required)
        self._sign_ins: dict[str, SignInWay] = {}

    def org(self, org: Org) -> OrgReader:
        """Raises Problem where the sign-in is not known."""
        return OrgReader(org, self._net, self._sign_in(org), self._clock, permissions=self._required)

    def repairer(self, org: Org) -> "Repairer":
        """Raises Problem where the sign-in is not known."""
        from tui.salesforce.repairing import Repairer

        return Repairer(org, self._net, self._sign_in(org), self._clock)

    def tenant(self, tenant: Tenant) -> TenantReader:
        return TenantReader(tenant, self._net, self._clock)

    async def console(self, argv: Sequence[str]) -> Read[ConsoleWord] | Unreadable:
        return await read_console(argv, self._clock)

    def _sign_in(self, org: Org) -> SignInWay:
        if org.id not in self._sign_ins:
            self._sign_ins[org.id] = way(org, self._net)
        return self._sign_ins[org.id]


async def read_now(
    org: Org,
    connections: Sequence[Connection],
    net: Net,
    sign_in: SignInWay,
    clock: Clock,
    requirements: Requirements,
) -> tuple[State, ...]:
    """The first state of each connection, in their order. Outside trouble is in the evidence, never raised."""
    reader = OrgReader(org, net, sign_in, clock, permissions=[each.name for each in requirements])
    found = await reader.read(connections)
    return tuple(first_state(each, found[each.name], requirements) for each in connections)
