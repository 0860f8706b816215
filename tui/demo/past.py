"""What a connection has been through before the demo starts: days of life, then perhaps a fault."""

from datetime import datetime, timedelta
from random import Random

from tui.demo import changes
from tui.demo.org import Row
from tui.demo.sign_in import burn_quota, history_row
from tui.demo.world import DEACTIVATED, FROZEN, PERMISSIONS, Connection, World

REPORTS = (
    "Pipeline by Region",
    "Open Opportunities",
    "Top Accounts",
    "Renewals This Quarter",
    "Contact Export",
)
_BEFORE_NOTICE = timedelta(minutes=4)


class Past:
    """Tells one connection's past; call `healthy` or one or more faults, the oldest first."""

    def __init__(self, world: World, connection: Connection, start: datetime) -> None:
        self.world = world
        self.connection = connection
        self.start = start
        self.org, self.user = world.account(connection)
        self._random = Random(f"{world.seed}:past:{connection.name}")
        self._alive = False

    def healthy(self, days: int = 7, *, sparse: bool = False) -> None:
        self._life(self.start, days, sparse)

    def frozen(self, ago: timedelta) -> None:
        """Jane Doe froze the service account."""
        at = self._until(ago)
        login = self.org.user_login(self.user["Id"])
        if login is None:
            raise LookupError(self.user["Username"])
        changes.set_frozen(self.org, login, True, self._jane(), at)
        self._console(FROZEN, at)
        self._failures("User is frozen", at)

    def deactivated(self, ago: timedelta) -> None:
        """Jane Doe deactivated the service account."""
        at = self._until(ago)
        changes.set_active(self.org, self.user, False, self._jane(), at)
        self._console(DEACTIVATED, at)
        self._failures("User is inactive", at)

    def permissions_taken(self, ago: timedelta, names: list[str], signs_in_until: timedelta) -> None:
        """Jane Doe took permissions from the service account's profile; Incydr goes on signing in."""
        at = self._until(ago)
        profile = self.org.tables["Profile"][self.user["ProfileId"]]
        changes.set_permissions(self.org, profile, dict.fromkeys(names, False), self._jane(), at)
        self._console(PERMISSIONS, at)
        self._sign_ins(at, self.start - signs_in_until)

    def quota_burnt(self, ago: timedelta, app: str) -> None:
        """Another integration used up the hour's sign-ins of the service account."""
        at = self._until(ago)
        burn_quota(self.org, self.user, app, "198.51.100.44", at)
        self._console(FROZEN, at)
        for minutes in (6, 17):
            row_at = at + timedelta(minutes=minutes)
            if row_at < self.start:
                self._history(row_at, "Login rate exceeded")
                self.org.last_rate_row[self.user["Id"], self.connection.incydr_app] = row_at

    def _until(self, ago: timedelta) -> datetime:
        """Let life go on until the first fault, sign-ins until the next; the time of the fault."""
        at = self.start - ago
        if not self._alive:
            self._life(at, 7, sparse=False)
        return at

    def _jane(self) -> Row:
        return self.org.user(self.world.administrators[self.connection.org])

    def _console(self, message: str, at: datetime) -> None:
        self.connection.console.show("Error", message, at + _BEFORE_NOTICE)

    def _life(self, until: datetime, days: int, sparse: bool) -> None:
        """Sign-ins and file events up to `until`: hourly at first, in the last day every ten minutes."""
        self._alive = True
        first, dense = until - timedelta(days=days), until - timedelta(days=1)
        self._token()["UseCount"] = 4_000
        if sparse:
            self._sign_ins(first, until, timedelta(hours=1))
        else:
            self._sign_ins(first, dense, timedelta(hours=1))
            self._sign_ins(dense, until)
        at = first
        while (at := at + timedelta(minutes=self._random.expovariate(1 / 130))) < until:
            self._event(at)
        if not sparse:
            self._event(until - timedelta(minutes=self._random.randint(6, 25)))

    def _sign_ins(self, at: datetime, until: datetime, step: timedelta = timedelta(minutes=10)) -> None:
        token = self._token()
        while at < until:
            self._history(at, "Success")
            self.user["LastLoginDate"] = token["LastUsedDate"] = at
            token["UseCount"] += 1
            at += step + timedelta(seconds=self._random.randint(-40, 40))

    def _event(self, happened: datetime) -> None:
        tenant = self.world.tenants[self.connection.tenant]
        inserted = happened + timedelta(seconds=self._random.randint(40, 400))
        person, report = self._random.choice(self.world.people), self._random.choice(REPORTS)
        tenant.store(self.connection.detector_name, person, report, happened, min(inserted, self.start))

    def _failures(self, status: str, since: datetime) -> None:
        at = since + _BEFORE_NOTICE
        while at < self.start:
            self._history(at, status)
            token = self._token()
            token["LastUsedDate"] = at
            token["UseCount"] += 1
            at += timedelta(minutes=self._random.randint(4, 15), seconds=self._random.randint(0, 59))

    def _history(self, at: datetime, status: str) -> None:
        user_id, app = self.user["Id"], self.connection.incydr_app
        history_row(
            self.org, user_id, app, status, at.replace(microsecond=0), source_ip=self.connection.source_ip
        )

    def _token(self) -> Row:
        tokens = self.org.tables["OauthToken"].values()
        return next(row for row in tokens if row["UserId"] == self.user["Id"])
