"""A simulated day: breakages and repairs at random, performed by "the Salesforce administrator"."""

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

from tui.demo import permissions
from tui.demo.administrator import act
from tui.demo.habits import LIMIT_HEADERS, OrgHabits, TenantHabits
from tui.demo.sign_in import SIGN_INS_AN_HOUR, used_this_hour
from tui.demo.world import Connection, World

NEEDED = ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents")

# What breaks a connection: how often, and what repairs it (None: it ends by itself).
BREAKS: Mapping[str, tuple[float, str | None]] = {
    "freeze": (4, "unfreeze"),
    "deactivate": (3, "reactivate"),
    "take_permission": (4, "give_permission"),
    "burn_quota": (2, None),
    "disable_streaming": (1, "enable_streaming"),
    "remove_group_component": (4, "add_group_component"),
    "change_expiration": (4, "change_expiration"),
    "add_login_range": (0.5, "delete_login_range"),
    "block_app": (0.3, "unblock_app"),
    "restrict_app": (0.3, "open_app"),
    "revoke_access": (0.3, "authorize_again"),
    "suspend_org": (0.2, "resume_org"),
}
_OF_GROUPS = frozenset({"remove_group_component", "change_expiration"})
# What a repair says otherwise than its breakage.
_REPAIRED: Mapping[str, Mapping[str, Any]] = {"change_expiration": {"seconds": 30 * 86_400}}

# What happens beside, and stops nothing: strangers, deployments, other people's assignments, stale tokens.
DISTURBS: Mapping[str, float] = {
    "spray_passwords": 4, "foreign_assignments": 2, "expire_sessions": 2, "edit_account": 1, "deploy_profile": 1,
    "assign_licence": 1, "rotate_refresh_tokens": 1, "delete_trusted_range": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Deed:
    """One thing that was done to one connection."""

    at: datetime
    connection: str
    action: str


def draw_habits(world: World, random: Random) -> None:
    """Give every vendor and every connection habits by chance; clocks only go ahead, never behind."""
    for org in world.orgs.values():
        org.habits.failed_as_na = random.random() < 0.3
        org.habits.suppresses_rate_rows = random.random() < 0.4
        org.habits.failures_move_last_used = random.random() < 0.6
        org.habits.refuses_missing_rights = random.random() < 0.3
        org.habits.skew = timedelta(minutes=random.choice((0, 0, 2)))
        org.habits.limit_header = random.choice(LIMIT_HEADERS)
        org.habits.userinfo_refused = random.random() < 0.2
        if random.random() < 0.2:
            org.habits.absent_permissions = frozenset({"MonitorLoginHistory"})
        org.habits.concurrent_refusals = random.choice((0.0, 0.0, 0.01))
        org.habits.query_timeouts = random.choice((0.0, 0.0, 0.005))
        org.habits.lockouts_move_login = random.random() < 0.5
        _draw_connections(org.habits, random)
    for tenant in world.tenants.values():
        tenant.habits.skew = timedelta(minutes=random.choice((0, 0, 2)))
        _draw_connections(tenant.habits, random)
    for connection in world.connections.values():
        habits = connection.habits
        habits.long_session = random.random() < 0.3
        habits.quiet_in_permission_errors = random.random() < 0.2
        habits.late_events = random.random() < 0.15
        habits.replays_events = random.random() < 0.4
        habits.slow_console = random.random() < 0.1
        if random.random() < 0.3:
            world.make_nameless(connection)


def _draw_connections(habits: OrgHabits | TenantHabits, random: Random) -> None:
    """Perhaps a firewall in front of the vendor that forgets idle connections, by dropping or by resetting."""
    habits.forgets_idle_after = timedelta(seconds=random.choice((0, 0, 60, 240, 350)))
    habits.resets_idle = random.random() < 0.5


class Day:
    """Breaks and repairs the connections of one world; `deeds` is what was done so far."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.deeds: list[Deed] = []
        self._random = Random(f"day:{seed}")
        self._order = count()
        self._plan: list[tuple[datetime, int, Mapping[str, Any]]] = []

    async def run(self, hours: float = 24.0) -> None:
        """Return after so many simulated hours, with every breakage of this day repaired or due later."""
        clock = self.world.clock
        start = clock.now()
        end = start + timedelta(hours=hours)
        for connection in self.world.connections.values():
            for repair in self._faults(connection):
                self._later(start, repair)
            self._break_later(start, connection)
            self._disturb_later(start, connection)
        while self._plan and self._plan[0][0] <= end:
            when, _, order = heapq.heappop(self._plan)
            await clock.sleep_until(when)
            self._do(order)
        await clock.sleep_until(end)

    def _faults(self, connection: Connection) -> list[dict[str, Any]]:
        """The orders that would repair what is broken now."""
        org, user = self.world.account(connection)
        orders: list[dict[str, Any]] = []
        if org.is_frozen(user["Id"]):
            orders.append({"action": "unfreeze"})
        if not user["IsActive"]:
            orders.append({"action": "reactivate"})
        if missing := [name for name in NEEDED if name not in org.effective_permissions(user["Id"])]:
            orders.append({"action": "give_permission", "permission": missing})
        return [order | {"connection": connection.name, "repairs": True} for order in orders]

    def _do(self, order: Mapping[str, Any]) -> None:
        connection, action = self.world.connections[order["connection"]], str(order["action"])
        now = self.world.clock.now()
        possible = self._can(connection, action)
        if possible:
            act(self.world, order)
            self.deeds.append(Deed(now, connection.name, action))
        if "repairs" in order:
            return
        if action in DISTURBS:
            self._disturb_later(now, connection)
            return
        repair = BREAKS[action][1]
        if possible and repair:
            self._later(now, {**order, **_REPAIRED.get(action, {}), "action": repair, "repairs": True})
        self._break_later(now, connection)

    def _can(self, connection: Connection, action: str) -> bool:
        """Whether the world still is as it was when this was planned."""
        if action == "burn_quota":
            return self._can_burn(connection)
        return action != "remove_group_component" or self._fullest_member(connection) is not None

    def _can_burn(self, connection: Connection) -> bool:
        org, user = self.world.account(connection)
        stopped = not user["IsActive"] or org.is_frozen(user["Id"])
        return not stopped and used_this_hour(org, user["Id"]) < SIGN_INS_AN_HOUR

    def _later(self, now: datetime, order: Mapping[str, Any]) -> None:
        self._at(now + timedelta(minutes=self._random.uniform(3, 110)), order)

    def _break_later(self, now: datetime, connection: Connection) -> None:
        """Plan the next breakage of a connection; now and then it comes before the last one is repaired."""
        when = now + timedelta(minutes=30 + self._random.expovariate(1 / 240))
        groups = self._fullest_member(connection) is not None
        actions = [name for name in BREAKS if groups or name not in _OF_GROUPS]
        [action] = self._random.choices(actions, [BREAKS[name][0] for name in actions])
        order: dict[str, Any] = {"connection": connection.name, "action": action}
        if action == "take_permission":
            order["permission"] = self._takeable(connection)
        elif action == "change_expiration":
            order["seconds"] = -1
        elif action == "remove_group_component":
            order["set"] = self._fullest_member(connection)
        self._at(when, order)

    def _disturb_later(self, now: datetime, connection: Connection) -> None:
        """Plan the next thing that happens beside."""
        when = now + timedelta(minutes=20 + self._random.expovariate(1 / 300))
        [action] = self._random.choices(list(DISTURBS), list(DISTURBS.values()))
        order: dict[str, Any] = {"connection": connection.name, "action": action}
        if action == "spray_passwords":
            order["attempts"] = self._random.randint(1, 40)
            order["addresses"] = self._random.randint(1, 12)
            order["client"] = self._random.choice(("soap", "browser"))
        elif action == "foreign_assignments":
            order["count"] = self._random.choice((1, 5, 40))
        self._at(when, order)

    def _fullest_member(self, connection: Connection) -> str | None:
        """The permission set from which a group of the account has what Incydr needs."""
        org, user = self.world.account(connection)
        groups = {row["PermissionSetGroupId"] for row in org.assignments_of(user["Id"])}
        sets = org.tables["PermissionSet"]
        for component in org.tables["PermissionSetGroupComponent"].values():
            member = sets.get(component["PermissionSetId"])
            if (
                component["PermissionSetGroupId"] in groups
                and member
                and permissions.held(member) & set(NEEDED)
            ):
                return str(member["Label"])
        return None

    def _takeable(self, connection: Connection) -> str:
        """A needed permission that no standard profile gives: such a profile cannot be changed."""
        org, user = self.world.account(connection)
        profile = org.tables["Profile"][user["ProfileId"]]
        fixed = set() if profile["IsCustom"] else permissions.held(profile)
        return self._random.choice([name for name in NEEDED if name not in fixed])

    def _at(self, when: datetime, order: Mapping[str, Any]) -> None:
        heapq.heappush(self._plan, (when, next(self._order), order))
