"""One stand-in Incydr tenant: the file events that its connections stored, and who may ask for them."""

from collections import deque
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tui.base.clock import Clock
from tui.demo.habits import TenantHabits

TOKEN_LIFE = timedelta(seconds=900)
REQUESTS_A_MINUTE = 120
MINUTE = timedelta(minutes=1)
ACTION = "file-downloaded"
"""What the one recording of a Salesforce event calls the download of a report."""


@dataclass(frozen=True)
class FileEvent:
    """One report that a user downloaded: when it happened, and when it can first be found.

    `detector` is None where the event names no connection.
    """

    id: str
    happened: datetime
    inserted: datetime
    detector: str | None
    email: str
    report_id: str
    report_name: str
    rows: int
    risk: int = 0


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

    def store(
        self, detector: str | None, email: str, report: str, happened: datetime, inserted: datetime
    ) -> None:
        """Keep one event of the connection that is called `detector` in events, or of one that is not named."""
        number = len(self.events)
        self.events.append(
            FileEvent(
                id=f"0_{self.random.getrandbits(64):016x}_{number:06d}_EPS",
                happened=happened,
                inserted=inserted,
                detector=detector,
                email=email,
                report_id=f"00O5g{number:010d}AAA",
                report_name=report,
                rows=self.random.randint(12, 4_800),
                risk=number % 5,
            )
        )

    def forget_name(self, detector: str) -> None:
        """Have the events of a connection never have named it."""
        self.events = [
            replace(event, detector=None) if event.detector == detector else event for event in self.events
        ]

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
    """An event as the API prints it: the parts that the one recording of a Salesforce event has."""
    return {
        "@timestamp": iso(event.happened),
        "event": {
            "id": event.id,
            "inserted": iso(event.inserted),
            "ingested": iso(ingested(event)),
            "observer": "Salesforce",
            "detectorDisplayName": event.detector,
            "action": ACTION,
            "vector": "DOWNLOADED",
            "relatedEvents": None,
            "shareType": [],
        },
        "source": {"category": "CRM Tools", "name": "Salesforce"},
        "destination": {"category": "Device", "name": "Unmonitored Device"},
        "file": {
            "category": "Spreadsheet",
            "name": f"{event.report_name}.xlsx",
            "sizeInBytes": None,
            "url": None,
        },
        "user": {"email": event.email, "id": None, "deviceUid": None},
        "report": {
            "id": event.report_id,
            "name": event.report_name,
            "description": None,
            "headers": ["FIRST_NAME"],
            "type": "REPORT_TYPE_SAVED",
            "count": event.rows,
        },
        "risk": {
            "score": event.risk,
            "severity": _severity(event.risk),
            "indicators": [],
            "trusted": False,
            "trustReason": None,
        },
    }


def ingested(event: FileEvent) -> datetime:
    """When Incydr received the event (recorded: 0.4 s after it happened)."""
    return min(event.inserted, event.happened + timedelta(milliseconds=400))


def _severity(score: int) -> str:
    return "NO_RISK_INDICATED" if score == 0 else "LOW" if score < 4 else "MODERATE"


def iso(when: datetime) -> str:
    """A time as Incydr prints it: UTC, milliseconds, Z."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"
