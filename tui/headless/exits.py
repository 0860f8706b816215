"""Every exit code of this program. Imported by --help too: keep it light."""

from enum import IntEnum


class Exit(IntEnum):
    """What the shell learns. A signal is 128 and its number."""

    OK = 0
    NO = 1
    """`check`: on the way, or clears by itself. Others: no, or refused."""
    ERROR = 2
    """A person has to act."""
    UNKNOWN = 3
    """Could not tell or could not ask."""
    USAGE = 64
    FAULT = 70
    CONFIG = 78
    TIMEOUT = 124
    SIGNAL = 128
    INTERRUPTED = 130
