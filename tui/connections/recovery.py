"""advance(): the only place where a connection's status is decided."""

from datetime import datetime

from msgspec import Struct


class RepairApplied(Struct, frozen=True, tag="repair_applied"):
    """The program changed Salesforce and read the change back: sent at `earliest`, read at `latest`."""

    causes: tuple[str, ...]
    earliest: datetime
    latest: datetime
    by: str


class SaysMonitoring(Struct, frozen=True, tag="says_monitoring"):
    """The operator's word that the Incydr console shows Monitoring. `at` is on the org's clock."""

    by: str
    at: datetime


Act = RepairApplied | SaysMonitoring
