"""The calls that one reading of an org may take more for what does not fit."""

from tui.salesforce import queries

MOST = 2
"""Further pages, smaller batches, names: so many calls a reading, the rest waits for the next one."""


class Spare:
    """What is left of them."""

    def __init__(self, calls: int = MOST) -> None:
        self.calls = calls

    def take(self) -> bool:
        """Take one; False where none is left."""
        if self.calls <= 0:
            return False
        self.calls -= 1
        return True


def address(query: str) -> str:
    return queries.address("{base}", query)
