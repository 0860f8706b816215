"""Keeps requests to one tenant under its limit."""

from collections import deque
from datetime import datetime, timedelta

from tui.base.clock import Clock
from tui.base.limits import TENANT_REQUESTS


class PutOff(Exception):
    """The tenant's limit is reached: nothing was sent, ask again later."""


class Limiter:
    """Lets `count` requests go within any `per`."""

    def __init__(
        self, clock: Clock, *, count: int = TENANT_REQUESTS, per: timedelta = timedelta(minutes=1)
    ) -> None:
        self._clock = clock
        self._count = count
        self._per = per
        self._sent: deque[datetime] = deque()

    def take(self) -> None:
        """Count a request that goes now. Raises PutOff where none may go."""
        now = self._clock.now()
        # What was sent "later" was sent before the machine's clock was set back.
        while self._sent and not timedelta(0) <= now - self._sent[0] < self._per:
            self._sent.popleft()
        if len(self._sent) >= self._count:
            raise PutOff
        self._sent.append(now)
