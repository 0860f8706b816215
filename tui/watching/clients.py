"""What the watcher needs of the clients that speak to orgs and tenants, and how it gets the real ones."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

from tui.connections.connection import Connection, Org, Tenant
from tui.connections.evidence import ConsoleWord, Evidence, FileEvents, Read, Remembered, Unreadable
from tui.connections.repair import Outcome, Repair


class OrgReading(Protocol):
    """Reads connections of one org. Outside trouble is evidence, never an exception."""

    @property
    def retry_at(self) -> datetime | None:
        """When the org wants to be asked again at the earliest (this machine's clock)."""

    async def read(self, connections: Sequence[Connection]) -> dict[str, Evidence]:
        """Evidence by connection name."""

    async def deepen(
        self, connections: Sequence[Connection], found: Mapping[str, Evidence], deep: Mapping[str, datetime]
    ) -> dict[str, Evidence]:
        """The same evidence with the audit trail since the org times in `deep`, and what else the faulty ones need."""


@runtime_checkable
class Remembers(Protocol):
    """What a reader of an org can do beside: go on from what an earlier process has learnt, and hand on the same.

    The watch calls `recall` once, before the first reading, `learned` after each one, and `catch_up` where that brought
    something new.
    """

    def recall(self, known: Remembered) -> None:
        """Take the facts for read, each at its time; drop them all where another org than `known.subject` answers."""

    def catch_up(self, known: Remembered) -> None:
        """Take from all that is known now what only others find out."""

    def learned(self) -> Remembered | None:
        """All that is worth remembering, under the org's Id as it was read; None while that is not known."""


class Applied(Protocol):
    """What became of a repair: an outcome for each change, and between which org times."""

    @property
    def outcomes(self) -> tuple[Outcome, ...]: ...
    @property
    def earliest(self) -> datetime | None: ...
    @property
    def latest(self) -> datetime | None: ...


class Repairing(Protocol):
    """Applies repairs to one org."""

    async def apply(self, repair: Repair, *, org_id: str | None = None) -> Applied:
        """Look again, send, read back; nothing is sent where the org that answers has another Id than `org_id`."""

    async def read_back(self, repair: Repair) -> bool | None:
        """Whether every value of the repair is in force; None where that is not known."""


class TenantReading(Protocol):
    """Reads file events of one tenant; None where its limit puts the question off."""

    async def read(self, connection: Connection, since: datetime) -> Read[FileEvents] | Unreadable | None: ...


class Clients(Protocol):
    """Makes readers and repairers; called once an org and once a tenant."""

    def org(self, org: Org) -> OrgReading: ...
    def repairer(self, org: Org) -> Repairing: ...
    def tenant(self, tenant: Tenant) -> TenantReading: ...
    async def console(self, argv: Sequence[str]) -> Read[ConsoleWord] | Unreadable: ...
