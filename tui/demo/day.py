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
from tui.demo.sign_in import SIGN_INS_AN_HOUR, used_this_hour
from tui.demo.world import Connection, World

NEEDED = ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents")

_REPAIRS = {
    "freeze": "unfreeze",
    "deactivate": "reactivate",
    "take_permission": "give_permission",
    "disable_streaming": "enable_streaming",
}


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
    for tenant in world.tenants.values():
        tenant.habits.skew = timedelta(minutes=random.choice((0, 0, 2)))
    for connection in world.connections.values():
        habits = connection.habits
        habits.long_session = random.random() < 0.3
        habits.quiet_in_permission_errors = random.random() < 0.2
        habits.late_events = random.random() < 0.15
        habits.replays_events = random.random() < 0.4
        habits.slow_console = random.random() < 0.1


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
        if missing := [name for name in NEEDED if name not in permissions.effective(org, user["Id"])]:
            orders.append({"action": "give_permission", "permission": missing})
        return [order | {"connection": connection.name} for order in orders]

    def _do(self, order: Mapping[str, Any]) -> None:
        connection = self.world.connections[order["connection"]]
        breaks = order["action"] in _REPAIRS or order["action"] == "burn_quota"
        if order["action"] != "burn_quota" or self._can_burn(connection):
            act(self.world, order)
            self.deeds.append(Deed(self.world.clock.now(), connection.name, order["action"]))
        if breaks:
            now = self.world.clock.now()
            if repair := _REPAIRS.get(order["action"]):
                self._later(now, {**order, "action": repair})
            self._break_later(now, connection)

    def _can_burn(self, connection: Connection) -> bool:
        org, user = self.world.account(connection)
        stopped = not user["IsActive"] or org.is_frozen(user["Id"])
        return not stopped and used_this_hour(org, user["Id"]) < SIGN_INS_AN_HOUR

    def _later(self, now: datetime, order: Mapping[str, Any]) -> None:
        self._at(now + timedelta(minutes=self._random.uniform(3, 110)), order)

    def _break_later(self, now: datetime, connection: Connection) -> None:
        """Plan the next breakage of a connection; now and then it comes before the last one is repaired."""
        when = now + timedelta(minutes=30 + self._random.expovariate(1 / 240))
        order: dict[str, Any] = {"connection": connection.name}
        match self._random.choices(
            ("freeze", "deactivate", "take_permission", "burn_quota", "disable_streaming"), (4, 3, 4, 2, 1)
        ):
            case ["take_permission"]:
                order |= {"action": "take_permission", "permission": self._takeable(connection)}
            case [action]:
                order["action"] = action
        self._at(when, order)

    def _takeable(self, connection: Connection) -> str:
        """A needed permission that no standard profile gives: such a profile cannot be changed."""
        org, user = self.world.account(connection)
        profile = org.tables["Profile"][user["ProfileId"]]
        fixed = set() if profile["IsCustom"] else permissions.held(profile)
        return self._random.choice([name for name in NEEDED if name not in fixed])

    def _at(self, when: datetime, order: Mapping[str, Any]) -> None:
        heapq.heappush(self._plan, (when, next(self._order), order))
