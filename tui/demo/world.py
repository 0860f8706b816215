"""Everything of the demo world in one place: orgs, tenants, connections, the clock they share."""

from dataclasses import dataclass, field
from datetime import datetime

from tui.base.clock import Clock
from tui.demo.habits import IncydrHabits
from tui.demo.org import Org, Row
from tui.demo.tenant import Tenant

DEACTIVATED = (
    "The Salesforce service account user that authorized this data connection has been deactivated. "
    "Reactivate the user account to return this data connection to monitoring."
)
FROZEN = (
    "The Salesforce service account user that authorized this data connection has been frozen. "
    "Unfreeze the user account to return this data connection to monitoring."
)
PERMISSIONS = (
    "The Salesforce profile for the service account user that authorized this data connection does not have "
    "the correct permissions. Verify the profile's permissions to return this data connection to monitoring."
)
UNDOCUMENTED = ""
"""What the console says about other faults is not documented."""


@dataclass
class Console:
    """What the stand-in Incydr's console shows for one connection: for tests only."""

    status: str
    since: datetime
    message: str | None = None
    history: list[tuple[datetime, str, str | None]] = field(default_factory=list)

    def show(self, status: str, message: str | None, at: datetime) -> None:
        """Change what is shown; the same again changes nothing."""
        if (status, message) != (self.status, self.message):
            if status != self.status:
                self.since = at
            self.status, self.message = status, message
            self.history.append((at, status, message))


@dataclass
class Connection:
    """One data connection as Incydr has it configured, with its console.

    `user` is the record of its service account, which may be called otherwise by now, or be gone from the org.
    """

    name: str
    org: str
    service_account: str
    tenant: str
    detector_name: str
    incydr_app: str
    client_id: str
    client_secret: str
    refresh_token: str
    source_ip: str
    user: Row
    console: Console
    habits: IncydrHabits = field(default_factory=IncydrHabits)


@dataclass
class World:
    """Orgs and tenants by key, connections by name, and the people: usernames by org key."""

    clock: Clock
    seed: int
    orgs: dict[str, Org] = field(default_factory=dict)
    tenants: dict[str, Tenant] = field(default_factory=dict)
    connections: dict[str, Connection] = field(default_factory=dict)
    administrators: dict[str, str] = field(default_factory=dict)
    operators: dict[str, str] = field(default_factory=dict)
    people: tuple[str, ...] = (
        "noor@acme.example",
        "sam@acme.example",
        "mia@acme.example",
        "leo@acme.example",
    )

    def make_nameless(self, connection: Connection) -> None:
        """Have the events of a connection carry no detector name, nor ever have carried one."""
        connection.habits.nameless_events = True
        self.tenants[connection.tenant].forget_name(connection.detector_name)

    def account(self, connection: Connection) -> tuple[Org, Row]:
        """The org of a connection and its service account there."""
        return self.orgs[connection.org], connection.user
