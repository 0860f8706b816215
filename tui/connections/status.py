"""The words for a connection's status, and the order in which they matter."""

from enum import StrEnum


class Status(StrEnum):
    """Incydr's words, and two of ours: Recovering (repaired, not back yet) and Unknown (cannot tell)."""

    ERROR = "Error"
    RECOVERING = "Recovering"
    MONITORING = "Monitoring"
    UNKNOWN = "Unknown"
    INITIALIZING = "Initializing"
    DEAUTHORIZED = "Deauthorized"
