"""The stand-in Incydr stops and returns by what the org answers it, within its documented times."""

from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.clocks import run
from tui.base.clock import LoopClock
from tui.demo import serve
from tui.demo.administrator import act
from tui.demo.tenant import FileEvent
from tui.demo.world import DEACTIVATED, FROZEN, PERMISSIONS, Connection

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
NAME = "Acme US"


class Story:
    """A demo in virtual time, and what a test does and sees in it."""

    def __init__(self, scenario: str = "healthy", seed: int = 1) -> None:
        self.clock = LoopClock(START)
        self.demo = serve.build(scenario, self.clock, seed)
        self.world = self.demo.world

    def at(self, name: str = NAME) -> Connection:
        return self.world.connections[name]

    def do(self, action: str, name: str = NAME, **more: Any) -> None:
        act(self.world, {"action": action, "connection": name, **more})

    async def pass_time(self, **time: Any) -> None:
        await self.clock.sleep_until(self.clock.now() + timedelta(**time))

    async def until(self, status: str, name: str = NAME, limit: timedelta = timedelta(hours=3)) -> timedelta:
        """Wait for the console to show `status`; how long it took."""
        begun = self.clock.now()
        while self.at(name).console.status != status:
            assert self.clock.now() - begun < limit, f"{name} never showed {status}"
            await self.pass_time(seconds=10)
        return self.clock.now() - begun

    def history(self, since: datetime, name: str = NAME) -> list[dict[str, Any]]:
        org, user = self.world.account(self.at(name))
        rows = org.tables["LoginHistory"].values()
        return [row for row in rows if row["UserId"] == user["Id"] and row["LoginTime"] > since]

    def events(self, since: datetime, name: str = NAME) -> list[FileEvent]:
        events = self.world.tenants["acme"].events
        return [event for event in events if event.detector == name and event.happened >= since]


def tell(
    story: Callable[[Story], Coroutine[Any, Any, None]], scenario: str = "healthy", seed: int = 1
) -> None:
    async def told() -> None:
        here = Story(scenario, seed)
        async with here.demo.running():
            await story(here)

    run(told())


FAULTS = [
    ({"action": "freeze"}, {"action": "unfreeze"}, FROZEN),
    ({"action": "deactivate"}, {"action": "reactivate"}, DEACTIVATED),
    ({"action": "take_permission"}, {"action": "give_permission"}, PERMISSIONS),
    (
        {"action": "take_permission", "permission": "ApiEnabled"},
        {"action": "give_permission", "permission": "ApiEnabled"},
        PERMISSIONS,
    ),
    ({"action": "disable_streaming"}, {"action": "enable_streaming"}, ""),
]


@pytest.mark.parametrize(("breakage", "repair", "message"), FAULTS)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_fault_shows_within_a_round_and_a_repair_within_20_minutes(
    breakage: dict[str, str], repair: dict[str, str], message: str, seed: int
) -> None:
    async def story(here: Story) -> None:
        await here.pass_time(minutes=15)
        here.do(**breakage)
        assert await here.until("Error") <= timedelta(minutes=11, seconds=10)
        assert here.at().console.message == message
        await here.pass_time(minutes=40)
        assert here.at().console.status == "Error"
        repaired = here.clock.now()
        here.do(**repair)
        assert await here.until("Monitoring") <= timedelta(minutes=20)
        await here.pass_time(minutes=2)
        assert here.events(repaired), "a return is followed by an event"

    tell(story, seed=seed)


@pytest.mark.parametrize("minutes", [1, 5])
def test_the_message_says_frozen_for_a_burnt_quota_which_heals_within_the_hour_and_20_minutes(
    minutes: int,
) -> None:
    async def story(here: Story) -> None:
        await here.pass_time(minutes=minutes)
        here.do("burn_quota")
        await here.until("Error")
        assert here.at().console.message == FROZEN
        org, user = here.world.account(here.at())
        assert not org.is_frozen(user["Id"])
        assert timedelta(minutes=30) < await here.until("Monitoring") < timedelta(minutes=80)

    tell(story)


def test_incydr_signs_in_each_round_all_through_a_permission_error() -> None:
    async def story(here: Story) -> None:
        here.do("take_permission")
        await here.until("Error")
        since = here.clock.now()
        await here.pass_time(hours=2)
        assert {row["Status"] for row in here.history(since)} == {"Success"}

    tell(story)


def test_by_habit_incydr_is_quiet_in_a_permission_error() -> None:
    async def story(here: Story) -> None:
        here.at().habits.quiet_in_permission_errors = True
        here.do("take_permission")
        await here.until("Error")
        since = here.clock.now()
        await here.pass_time(hours=2)
        assert here.history(since) == []
        here.do("give_permission")
        assert await here.until("Monitoring") <= timedelta(minutes=20)

    tell(story)


def test_by_habit_a_long_session_needs_no_sign_in_for_hours() -> None:
    async def story(here: Story) -> None:
        here.at().habits.long_session = True
        await here.pass_time(minutes=30)
        since = here.clock.now()
        await here.pass_time(hours=12)
        assert here.history(since) == []
        assert here.events(since)
        here.do("freeze")
        assert await here.until("Error") <= timedelta(minutes=12)

    tell(story)


def test_by_habit_events_are_stored_long_after_they_happened() -> None:
    async def story(here: Story) -> None:
        here.at().habits.late_events = True
        since = here.clock.now()
        await here.pass_time(hours=6)
        waits = [event.inserted - event.happened for event in here.events(since)]
        assert min(waits) >= timedelta(minutes=20)

    tell(story)


@pytest.mark.parametrize("replays", [True, False])
def test_events_of_the_gap_come_only_by_habit(replays: bool) -> None:
    async def story(here: Story) -> None:
        here.at().habits.replays_events = replays
        here.do("freeze")
        await here.until("Error")
        gap_began = here.clock.now()
        await here.pass_time(hours=2)
        here.do("unfreeze")
        repaired = here.clock.now()
        await here.until("Monitoring")
        in_gap = [event for event in here.events(gap_began) if event.happened < repaired]
        assert bool(in_gap) is replays
        assert all(event.inserted >= repaired for event in in_gap)

    tell(story)


def test_by_habit_the_console_is_slower_than_20_minutes() -> None:
    async def story(here: Story) -> None:
        here.at().habits.slow_console = True
        here.do("freeze")
        await here.until("Error")
        await here.pass_time(seconds=1)
        here.do("unfreeze")
        assert timedelta(minutes=20) < await here.until("Monitoring") <= timedelta(minutes=51)

    tell(story)


def test_no_event_happens_while_the_console_shows_error() -> None:
    async def story(here: Story) -> None:
        here.do("freeze")
        await here.until("Error")
        since = here.clock.now()
        await here.pass_time(hours=3)
        assert here.events(since) == []

    tell(story)


def test_two_causes_need_both_repairs() -> None:
    async def story(here: Story) -> None:
        await here.pass_time(minutes=30)
        here.do("unfreeze", "Acme Canada")
        await here.pass_time(minutes=30)
        assert here.at("Acme Canada").console.message == PERMISSIONS
        here.do("give_permission", "Acme Canada")
        assert await here.until("Monitoring", "Acme Canada") <= timedelta(minutes=20)

    tell(story, "tour")


def test_a_deauthorised_connection_rests() -> None:
    async def story(here: Story) -> None:
        here.do("deauthorize")
        since = here.clock.now()
        await here.pass_time(hours=3)
        assert here.at().console.status == "Deauthorized"
        assert len(here.history(since)) <= 1

    tell(story)


def test_the_tour_begins_as_it_is_told_and_the_rate_limit_heals_by_itself() -> None:
    async def story(here: Story) -> None:
        shown = {name: connection.console.message for name, connection in here.world.connections.items()}
        assert shown == {
            "Acme EMEA": FROZEN,
            "Acme LATAM": DEACTIVATED,
            "Acme Sandbox": PERMISSIONS,
            "Acme APAC": FROZEN,
            "Acme Canada": FROZEN,
            "Acme US": None,
            "Acme Legacy": None,
        }
        await here.until("Monitoring", "Acme APAC", limit=timedelta(minutes=80))
        await here.pass_time(hours=3)
        still = {name for name, each in here.world.connections.items() if each.console.status == "Error"}
        assert still == {"Acme EMEA", "Acme LATAM", "Acme Sandbox", "Acme Canada"}

    tell(story, "tour")
