"""One reading of an org outside any watch: for `doctor`, which remembers nothing."""

from collections.abc import Sequence

from tui.base.clock import Clock
from tui.connections.connection import Connection, Org
from tui.connections.requirements import Requirements
from tui.connections.state import State
from tui.diagnosis.diagnose import first_state
from tui.net import Net
from tui.salesforce.reading import OrgReader
from tui.salesforce.sign_in import SignInWay


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
