"""Reading from a folder that may hang, for the first frame: done aside, and waited for a moment only."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

PATIENCE = 0.05
"""Real seconds for which the first frame waits."""


class Aside(Generic[T]):
    """Begins `work` in a thread of its own, which is left behind where it does not end; it must not raise."""

    def __init__(self, work: Callable[[], T], otherwise: T) -> None:
        self._result = otherwise
        self._work = work
        self._otherwise = otherwise
        self._thread = threading.Thread(target=self._run, name="aside", daemon=True)
        self._thread.start()

    def result(self, patience: float = PATIENCE) -> T:
        """What the work gave, or `otherwise` where it has not ended within `patience` real seconds from now."""
        self._thread.join(patience)
        return self._otherwise if self._thread.is_alive() else self._result

    @property
    def ended(self) -> bool:
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._result = self._work()
