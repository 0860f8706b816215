"""From which share of a limit on something is told."""

PRESSES = 0.5
"""The hourly sign-ins: half of the quota."""
NEARLY = 0.8
"""Any limit: most of it is used."""


def nearly(used: int | None, limit: int | None) -> bool:
    """Whether most of a limit is used; where one of the two is not known, no."""
    return used is not None and bool(limit) and limit is not None and used >= NEARLY * limit
