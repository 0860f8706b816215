"""One stand-in Incydr tenant: the file events that its connections stored, and who may ask for them."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tui.base.clock import Clock
from tui.demo.habits import TenantHabits

TOKEN_LIFE = timedelta(seconds=900)
REQUESTS_A_MINUTE = 120
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class FileEvent:
    """One report that a user downloaded: when it happened, and when it can first be found."""

    id: str
    happened: datetime
    inserted: datetime
    detector: str
    email: str
    report_id: str
    report_name: str
    rows: int


class Tenant:
    """Events in the order of their storing; one may be stored with an `inserted` that is still to come."""

    def __init__(self, key: str, clock: Clock) -> None:
        self.key = key
        self.client_id = f"key-{key}"
        self.client_secret = f"{key}-api-secret"
        self.habits = TenantHabits()
        self.random = Random(f"tenant:{key}")
        self.events: list[FileEvent] = []
        self.calls = 0
        self._clock = clock
        self._tokens: dict[str, datetime] = {}
        self._minute: deque[datetime] = deque()

    def now(self) -> datetime:
        """This vendor's time."""
        return self._clock.now() + self.habits.skew

    def store(self, detector: str, email: str, report: str, happened: datetime, inserted: datetime) -> None:
        """Keep one event of the connection that is called `detector` in events."""
        number = len(self.events)
        self.events.append(
            FileEvent(
                id=f"0_{self.random.getrandbits(64):016x}_{number:06d}",
                happened=happened,
                inserted=inserted,
                detector=detector,
                email=email,
                report_id=f"00O5g{number:010d}AAA",
                report_name=report,
                rows=self.random.randint(12, 4_800),
            )
        )

    def found(self) -> list[FileEvent]:
        """Every event that a search finds now."""
        now = self.now()
        return [event for event in self.events if event.inserted <= now]

    def open_session(self) -> str:
        now = self.now()
        self._tokens = {token: ends for token, ends in self._tokens.items() if ends > now}
        token = f"v2.{self.random.getrandbits(256):064x}"
        self._tokens[token] = now + TOKEN_LIFE
        return token

    def knows(self, token: str) -> bool:
        ends = self._tokens.get(token)
        return ends is not None and ends > self.now()

    def end_sessions(self) -> None:
        self._tokens.clear()

    def seconds_to_wait(self) -> int:
        """0 where the request is within the limit of the sliding minute, else the seconds until one fits."""
        now = self.now()
        while self._minute and self._minute[0] <= now - MINUTE:
            self._minute.popleft()
        if len(self._minute) < REQUESTS_A_MINUTE:
            self._minute.append(now)
            return 0
        return max(1, int((self._minute[0] + MINUTE - now).total_seconds() + 0.999))


def wire(event: FileEvent) -> dict[str, Any]:
    """An event as the API prints it."""
    ingested = min(event.inserted, event.happened + timedelta(seconds=2))
    return {
        "@timestamp": iso(event.happened),
        "event": {
            "id": event.id,
            "inserted": iso(event.inserted),
            "ingested": iso(ingested),
            "observer": "Salesforce",
            "detectorDisplayName": event.detector,
            "action": "report-downloaded",
        },
        "user": {"email": event.email},
        "report": {
            "id": event.report_id,
            "name": event.report_name,
            "type": "REPORT_TYPE_SAVED",
            "count": event.rows,
        },
    }


def iso(when: datetime) -> str:
    """A time as Incydr prints it: UTC, milliseconds, Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"
