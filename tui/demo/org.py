"""One stand-in Salesforce org: its records, its sessions, its clock. Rules that change them stand in `changes`."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tui.base.clock import Clock
from tui.base.limits import STREAMS
from tui.demo import permissions
from tui.demo.habits import OrgHabits
from tui.demo.ids import PREFIXES, Ids

Row = dict[str, Any]
"""One record: field name to value; times are aware datetimes in whole seconds."""

Snapshot = dict[str, list[tuple[Row, Row]]]
"""Records by object: each with its fields as they were."""

SESSION_LIFE = timedelta(hours=2)
"""A session ends this long after its last use."""

API_LIMIT = 100_000
"""API calls a day."""


@dataclass
class Session:
    """A bearer token that is in use."""

    user_id: str
    app: str
    last_used: datetime


@dataclass(frozen=True)
class Client:
    """A connected app: who may ask the token endpoint for a session. `run_as` is a user id."""

    client_id: str
    secret: str
    app: str
    run_as: str | None = None


@dataclass
class AppPolicy:
    """One connected app in one org. `allowed` are the Ids of profiles and permission sets that may use it."""

    blocked: bool = False
    installed: bool = True
    deleted: bool = False
    admin_approved: bool = False
    allowed: set[str] = field(default_factory=set)
    relaxes_ip: bool = False


@dataclass
class Policies:
    """All of one org: apps by name, ranges and hours by profile Id.

    `hours` are the first and the last minute of a day (UTC) in which the users of a profile may sign in;
    `unavailable` is the LoginHistory.Status that every sign-in gets while the org itself is closed.
    """

    apps: defaultdict[str, AppPolicy] = field(default_factory=lambda: defaultdict(AppPolicy))
    ranges: defaultdict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    hours: dict[str, tuple[int, int]] = field(default_factory=dict)
    approved_apps_only: bool = False
    unavailable: str | None = None


class Org:
    """Records by object name and Id, and what is not a record: sessions, tokens, sign-in counts, API calls."""

    def __init__(
        self,
        key: str,
        name: str,
        my_domain: str,
        clock: Clock,
        *,
        pod: str,
        is_sandbox: bool = False,
        event_monitoring: bool = True,
    ) -> None:
        self.key = key
        self.name = name
        self.my_domain = my_domain
        self.is_sandbox = is_sandbox
        self.event_monitoring = event_monitoring
        self.habits = OrgHabits()
        self.policies = Policies()
        self.ids = Ids(pod)
        self.random = Random(f"{key}:{pod}")
        self.tables: dict[str, dict[str, Row]] = {table: {} for table in PREFIXES}
        self.streaming = dict.fromkeys((*STREAMS, "ApiEventStream"), True) | {"ListViewEventStream": False}
        self.sessions: dict[str, Session] = {}
        self.clients: dict[str, Client] = {}
        self.refresh_tokens: dict[str, str] = {}  # refresh token → Id of its OauthToken record
        self.revoked_tokens: dict[str, Row] = {}  # Id of a gone OauthToken record → what it was
        self.attempts: defaultdict[str, deque[datetime]] = defaultdict(deque)
        self.last_rate_row: dict[tuple[str, str], datetime] = {}
        self._gone: dict[str, list[tuple[str, Row]]] = {}  # user Id → table and record that went with him
        self.blocked: dict[str, str] = {}  # user id → the LoginHistory.Status his sign-ins get
        self.cursors: dict[str, list[dict[str, object]]] = {}  # by the first 15 characters of their id
        self.calls: Counter[str] = Counter()  # by username, since the last reset
        self.api_limit = API_LIMIT
        self.api_used = 0
        self._api_day: object = None
        self._menu_items: dict[str, str] = {}
        self._clock = clock
        self._assignments: defaultdict[str, list[Row]] = defaultdict(list)
        self._due_groups: dict[str, datetime] = {}
        self.add("Organization", Name=name, InstanceName="DEMO1", IsSandbox=is_sandbox,
                 OrganizationType="Enterprise Edition", NamespacePrefix=None, TrialExpirationDate=None)  # fmt: skip

    @property
    def id(self) -> str:
        return next(iter(self.tables["Organization"]))

    def now(self) -> datetime:
        """This vendor's time, in whole seconds like all of Salesforce's records."""
        return (self._clock.now() + self.habits.skew).replace(microsecond=0)

    def add(self, table: str, **fields: Any) -> Row:
        """Store a new record and give it its Id."""
        row: Row = {**fields, "Id": self.ids.new(table)}
        self.tables[table][row["Id"]] = row
        if table == "PermissionSetAssignment":
            self._assignments[row["AssigneeId"]].append(row)
        return row

    def remove(self, table: str, row: Row) -> None:
        del self.tables[table][row["Id"]]
        if table == "PermissionSetAssignment":
            self._assignments[row["AssigneeId"]].remove(row)

    def menu_item(self, app: str) -> str | None:
        """The Id of an installed app's menu item; None where the app is not installed."""
        if not self.policies.apps[app].installed:
            return None
        return self._menu_items.setdefault(app, self.ids.new("AppMenuItem"))

    def object_of(self, row_id: str) -> str | None:
        """The object whose record has this Id, in either form."""
        for name, rows in self.tables.items():
            if row_id in rows or any(key[:15] == row_id for key in rows):
                return name
        return None

    def snapshot(self) -> Snapshot:
        """Every record as it is now, for `restore`; sign-ins are left out: no caller changes them."""
        return {
            name: [(row, dict(row)) for row in rows.values()]
            for name, rows in self.tables.items()
            if name != "LoginHistory"
        }

    def restore(self, before: Snapshot) -> None:
        """Put every record back as it was."""
        for name, rows in before.items():
            table = self.tables[name]
            table.clear()
            for row, fields in rows:
                row.clear()
                row.update(fields)
                table[row["Id"]] = row
        self._assignments.clear()
        for row in self.tables["PermissionSetAssignment"].values():
            self._assignments[row["AssigneeId"]].append(row)

    def assignments_of(self, user_id: str) -> Iterable[Row]:
        return self._assignments[user_id]

    def user(self, username: str) -> Row:
        """The user of that name. Raises KeyError."""
        for row in self.tables["User"].values():
            if row["Username"] == username:
                return row
        raise KeyError(username)

    def user_login(self, user_id: str) -> Row | None:
        return next((row for row in self.tables["UserLogin"].values() if row["UserId"] == user_id), None)

    def is_frozen(self, user_id: str) -> bool:
        login = self.user_login(user_id)
        return bool(login and login["IsFrozen"])

    def become_another(self) -> None:
        """Take another org Id, as a sandbox does when it is refreshed."""
        [row] = self.tables["Organization"].values()
        self.tables["Organization"].clear()
        row["Id"] = self.ids.new("Organization")
        self.tables["Organization"][row["Id"]] = row

    def audit(
        self, action: str, section: str | None, display: str, by: Row, at: datetime | None = None
    ) -> None:
        """Write one row of the setup audit trail."""
        self.add("SetupAuditTrail", Action=action, Section=section, Display=display, DelegateUser=None,
                 ResponsibleNamespacePrefix=None, CreatedById=by["Id"], CreatedDate=at or self.now())  # fmt: skip

    def open_session(self, user_id: str, app: str) -> str:
        """A new bearer token."""
        now = self.now()
        for token, session in list(self.sessions.items()):
            if session.last_used + SESSION_LIFE < now:
                del self.sessions[token]
        token = f"{self.id[:15]}!AQ{self.random.getrandbits(256):064x}"
        self.sessions[token] = Session(user_id, app, now)
        return token

    def session(self, token: str) -> Session | None:
        """The live session of a token; using it keeps it alive."""
        session = self.sessions.get(token)
        if session is None or session.last_used + SESSION_LIFE < self.now():
            return None
        session.last_used = self.now()
        return session

    def end_sessions_but(self, apps: set[str]) -> None:
        """End every session but those of these apps."""
        for token, session in list(self.sessions.items()):
            if session.app not in apps:
                del self.sessions[token]

    def revoke(self, token: Row) -> None:
        """Take an approval back: its refresh token is refused from now on."""
        self.revoked_tokens[token["Id"]] = token
        self.remove("OauthToken", token)

    def approve_again(self, user: Row, app: str) -> None:
        """Give back the approval that was taken: the same refresh token works again."""
        for row_id, gone in list(self.revoked_tokens.items()):
            if (gone["UserId"], gone["AppName"]) == (user["Id"], app):
                del self.revoked_tokens[row_id]
                now = self.now()
                row = self.add(
                    "OauthToken", **{**gone, "CreatedDate": now, "LastUsedDate": now, "UseCount": 1}
                )
                for given, stands_for in self.refresh_tokens.items():
                    if stands_for == row_id:
                        self.refresh_tokens[given] = row["Id"]

    def lose_user(self, user: Row) -> None:
        """Have this org not know a user, nor what belongs to him."""
        gone = [("User", user)]
        for table, key in (("UserLogin", "UserId"), ("PermissionSetAssignment", "AssigneeId")):
            gone += [(table, row) for row in self.tables[table].values() if row[key] == user["Id"]]
        for table, row in gone:
            if row["Id"] in self.tables[table]:
                self.remove(table, row)
                self._gone.setdefault(user["Id"], []).append((table, row))
        for row in list(self.tables["OauthToken"].values()):
            if row["UserId"] == user["Id"]:
                self.revoke(row)
        self.end_sessions(user["Id"])

    def return_user(self, user: Row) -> None:
        """Have this org know a user again, with his approvals."""
        for table, row in self._gone.pop(user["Id"], []):
            self.tables[table][row["Id"]] = row
            if table == "PermissionSetAssignment":
                self._assignments[row["AssigneeId"]].append(row)
        for app in {row["AppName"] for row in self.revoked_tokens.values() if row["UserId"] == user["Id"]}:
            self.approve_again(user, app)

    def end_sessions(self, user_id: str) -> None:
        for token in [token for token, session in self.sessions.items() if session.user_id == user_id]:
            del self.sessions[token]

    def count_call(self, username: str) -> bool:
        """Count one API call; False where the day's calls are used up."""
        today = self.now().date()
        if self._api_day not in (None, today):
            self.api_used = 0
        self._api_day = today
        if self.api_used >= self.api_limit:
            return False
        self.api_used += 1
        self.calls[username] += 1
        return True

    def group_changed(self, group: Row) -> None:
        """Have a permission set group calculated again, at once or after the habitual delay."""
        if self.habits.group_delay:
            group["Status"] = "Updating"
            self._due_groups[group["Id"]] = self.now() + self.habits.group_delay
        else:
            self.recalculate(group)

    def settle(self) -> None:
        """Finish the group calculations whose time has come."""
        for group_id, due in list(self._due_groups.items()):
            if due <= self.now():
                del self._due_groups[group_id]
                self.recalculate(self.tables["PermissionSetGroup"][group_id])

    def recalculate(self, group: Row) -> None:
        """Bring a group's aggregate set up to date: all of its sets less what its muting sets mute."""
        granted: set[str] = set()
        muted: set[str] = set()
        for component in self.tables["PermissionSetGroupComponent"].values():
            if component["PermissionSetGroupId"] != group["Id"]:
                continue
            member = component["PermissionSetId"]
            if member in self.tables["MutingPermissionSet"]:
                muted |= permissions.held(self.tables["MutingPermissionSet"][member])
            else:
                granted |= permissions.held(self.tables["PermissionSet"][member])
        aggregate = next(
            row for row in self.tables["PermissionSet"].values() if row["PermissionSetGroupId"] == group["Id"]
        )
        for name in permissions.NAMES:
            aggregate[permissions.field(name)] = name in granted - muted
        group["Status"] = "Updated"

    def effective_permissions(self, user_id: str) -> frozenset[str]:
        """What `user_id` may do now: all that his counting assignments grant together."""
        now = self.now()
        found: set[str] = set()
        for assignment in self.assignments_of(user_id):
            permission_set = self.tables["PermissionSet"][assignment["PermissionSetId"]]
            if permissions.counts(assignment, permission_set, now):
                found |= permissions.held(permission_set)
        return frozenset(found - self.absent_permissions())

    def absent_permissions(self) -> frozenset[str]:
        """The permissions that this org does not have: for want of a licence, or as its version has it."""
        unlicensed = () if self.event_monitoring else (permissions.EVENT_MONITORING_ONLY,)
        return self.habits.absent_permissions.union(unlicensed)
