"""What the vendors really do, and what the whole program makes of it, in check and in the app."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.clocks import run
from tests.demo_world import ORIGIN, Scene, config_of, net_of, scene
from tests.unit.watching.fakes import Person
from tests.whole.in_the_app import shown_of
from tui import wording
from tui.base.clock import LoopClock
from tui.commands.fix import Fix, FixOptions
from tui.config import Config
from tui.connections.connection import Experience
from tui.connections.evidence import value_of
from tui.connections.state import State, Status
from tui.console import Exit, exit_of
from tui.console.watcher import read_rows, rows_of
from tui.demo import serve
from tui.demo.administrator import act
from tui.demo.serve import Demo
from tui.demo.world import World
from tui.lines.steps import of_watched
from tui.reports.checked import worst
from tui.reports.text import as_text
from tui.rules.required_permissions import REQUIREMENTS
from tui.watching.entry import EntryKind

US = "Acme US"
SPRAYED = re.compile(r"somebody tries passwords on this account: 84 refused since .* from 7 addresses")


def text_of(state: State, stage: Scene) -> str:
    """As `check` says it."""
    return as_text(rows_of([state]), wording.Times(None, stage.clock.now()))


def pinned(config: Config, demo: Demo) -> Config:
    """As onboarding leaves it: the Ids of org and user are in the configuration."""
    orgs = {
        key: replace(org, org_id=next(iter(demo.world.orgs[key].tables["Organization"])))
        for key, org in config.orgs.items()
    }
    connections = tuple(
        replace(c, org_id=orgs[c.org].org_id, user_id=demo.world.connections[c.name].user["Id"])
        for c in config.connections
    )
    return replace(config, orgs=orgs, connections=connections)


def unpinned_app(config: Config, demo: Demo) -> Config:
    return replace(config, connections=tuple(replace(c, incydr_app=None) for c in config.connections))


@pytest.mark.parametrize("client", ["soap", "browser"])
def test_a_stranger_who_tries_passwords_is_a_warning_and_never_an_error(client: str, tmp_path: Path) -> None:
    async def story() -> tuple[State, str]:
        async with scene(tmp_path, scenario="healthy") as stage:
            seen = set()
            for _ in range(6):
                await stage.admin("spray_passwords", US, attempts=14, addresses=7, client=client)
                await stage.passes(8)
                seen.add(stage.state(US).status)
            assert seen == {Status.MONITORING}
            state = stage.state(US)
            return state, text_of(state, stage)

    state, text = run(story())
    assert exit_of(state) is Exit.OK
    assert state.diagnosis.causes == ()
    assert SPRAYED.search(text), text
    assert SPRAYED.search(shown_of(state)), shown_of(state)


@pytest.mark.parametrize("client", ["soap", "browser"])
def test_it_is_no_error_either_where_no_app_is_pinned(client: str, tmp_path: Path) -> None:
    async def story() -> set[tuple[str, ...]]:
        async with scene(tmp_path, scenario="healthy", configured=unpinned_app) as stage:
            seen = set()
            for _ in range(4):
                await stage.admin("spray_passwords", US, attempts=14, addresses=3, client=client)
                await stage.passes(8)
                assert stage.state(US).status is not Status.ERROR
                seen.add(stage.state(US).diagnosis.causes)
            return seen

    assert run(story()) == {()}


@pytest.mark.parametrize("only", [False, True])
def test_events_without_a_name_that_come_an_hour_late(only: bool, tmp_path: Path) -> None:
    def configured(config: Config, demo: Demo) -> Config:
        connections = tuple(replace(c, only_connection=only) for c in config.connections)
        return replace(config, connections=connections)

    async def story() -> State:
        async with scene(tmp_path, scenario="healthy", configured=configured) as stage:
            await stage.ask("/habits", connection=US, nameless_events=True, late_events=True)
            seen = set()
            for _ in range(30):
                await stage.passes(10)
                seen.add(stage.state(US).status)
            assert seen == {Status.MONITORING}
            return stage.state(US)

    state = run(story())
    events = value_of(state.evidence.events)
    assert events is not None
    assert events.unnamed is not None
    assert events.counts_unnamed is only
    assert (events.newest is not None and events.newest >= events.unnamed) is only


def test_too_many_requests_at_once_are_asked_again_within_a_minute(tmp_path: Path) -> None:
    async def story() -> list[Status]:
        async with scene(tmp_path, scenario="healthy") as stage:
            await stage.ask("/knobs", org="acme", kind="concurrent_limit", requests=1)
            stage.watcher.check_now(US)
            await stage.passes(0.1)
            before = stage.state(US).status
            await stage.passes(1.5)
            return [before, stage.state(US).status]

    assert run(story()) == [Status.UNKNOWN, Status.MONITORING]


def test_too_many_requests_at_once_never_cost_a_quarter_of_an_hour(tmp_path: Path) -> None:
    async def story() -> list[Status]:
        async with scene(tmp_path, scenario="healthy") as stage:
            await stage.ask("/habits", org="acme", concurrent_refusals=1.0)
            await stage.passes(6)
            before = stage.state(US).status
            await stage.ask("/habits", org="acme", concurrent_refusals=0.0)
            await stage.passes(12)
            return [before, stage.state(US).status]

    assert run(story()) == [Status.UNKNOWN, Status.MONITORING]


@pytest.mark.parametrize(
    "absent", [("MonitorLoginHistory",), ("MonitorLoginHistory", "ViewAllUsers", "AssignPermissionSets")]
)
def test_check_works_where_the_org_lacks_fields_of_rights_and_remembers_them(
    absent: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "state"))

    async def story(lacking: tuple[str, ...]) -> tuple[list[int], list[int]]:
        demo = serve.build("healthy", clock := LoopClock(ORIGIN))
        demo.world.orgs["acme"].habits.absent_permissions = frozenset(lacking)
        config, codes, calls = config_of(demo.ready(), tmp_path), [], []
        async with demo.running():
            for _ in range(3):
                demo.world.orgs["acme"].calls.clear()
                codes.append(int(worst(await read_rows(config, [US], clock, net=net_of(demo)))))
                calls.append(sum(n for user, n in demo.world.orgs["acme"].calls.items() if "ops" in user))
                await clock.sleep_until(clock.now() + timedelta(minutes=5))
        return codes, calls

    codes, calls = run(story(absent))
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "whole"))
    _, whole = run(story(()))
    assert codes == [0, 0, 0]
    assert calls[0] <= whole[0] + 1, "at most one repeat"
    assert calls[1:] == whole[1:], "known from then on"


async def restored(stage: Scene, rows: dict[str, dict[str, object]]) -> None:
    """The org that was there before answers again."""
    table = stage.demo.world.orgs["acme"].tables["Organization"]
    [(right, _)] = rows.items()
    [row] = table.values()
    row["Id"] = right
    table.clear()
    table[right] = row


def test_a_refreshed_sandbox_counts_for_nothing_and_nothing_is_offered(tmp_path: Path) -> None:
    async def story() -> tuple[State, State]:
        async with scene(tmp_path, scenario="healthy", configured=pinned) as stage:
            right = dict(stage.demo.world.orgs["acme"].tables["Organization"])
            await stage.admin("freeze", US)
            await stage.passes(6)
            before = stage.state(US)
            assert before.status is Status.ERROR
            assert stage.watcher.repair_offers(US)
            await stage.admin("refresh_sandbox", US)
            await stage.passes(3)
            other = stage.state(US)
            assert other.why is not None
            assert (other.status, other.was, other.why.code) == (Status.UNKNOWN, Status.ERROR, "other_org")
            assert exit_of(other) is Exit.UNKNOWN
            assert "Another org answered" in text_of(other, stage)
            await nothing_is_offered(stage)
            await restored(stage, right)
            await stage.passes(20)
            after = stage.state(US)
            assert (after.status, after.since) == (Status.ERROR, before.since)
            assert after.diagnosis.causes == before.diagnosis.causes
            return before, other

    _, other = run(story())
    text = shown_of(other)
    assert "Another org answered" in text
    assert "Unfreeze" not in text
    assert "frozen" not in text.partition("Evidence")[2].partition("History")[0]


async def nothing_is_offered(stage: Scene) -> None:
    """By fix, by the steps, or by the watcher that the app asks."""
    assert stage.watcher.repair_offers(US) == ()
    person, told = Person(), list[str]()
    person.type(None)
    options = FixOptions(yes=True, confirm=stage.demo.world.connections[US].service_account)
    code = await Fix(stage.watcher, US, options, stage.clock, person, person.hear, told.append).run()
    assert (code, person.heard()) == (Exit.UNKNOWN, "")
    assert "Another org answered" in "\n".join(told)
    lines: list[str] = []
    code = of_watched(
        stage.watcher, US, Experience.CLASSIC, REQUIREMENTS, stage.clock, lines.append, told.append
    )
    assert code is Exit.UNKNOWN
    assert lines == []
    assert stage.demo.world.orgs["acme"].is_frozen(stage.demo.world.connections[US].user["Id"])


def test_the_right_org_that_answers_again_is_no_outage(tmp_path: Path) -> None:
    async def story() -> list[EntryKind]:
        async with scene(tmp_path, scenario="healthy", configured=pinned) as stage:
            right = dict(stage.demo.world.orgs["acme"].tables["Organization"])
            await stage.admin("refresh_sandbox", US)
            await stage.passes(6)
            assert stage.state(US).status is Status.UNKNOWN
            await restored(stage, right)
            await stage.passes(20)
            assert stage.state(US).status is Status.MONITORING
            assert stage.state(US).recovery is None
            return [entry.kind for entry in await stage.watcher.history(US)]

    assert not {EntryKind.ERROR, EntryKind.RETURNED} & set(run(story()))


@pytest.mark.parametrize("first", [True, False])
def test_2500_assignments_of_other_people_hide_nothing(first: bool, tmp_path: Path) -> None:
    async def story() -> tuple[State, int]:
        async with scene(tmp_path, scenario="healthy") as stage:
            for action in ("foreign_assignments", "freeze") if first else ("freeze", "foreign_assignments"):
                more = {"count": 2_500} if action == "foreign_assignments" else {}
                await stage.admin(action, US, **more)
            await stage.passes(6)
            return stage.state(US), stage.state(US).evidence.api_calls

    state, calls = run(story())
    (finding,) = state.diagnosis.findings
    assert finding.by is not None
    assert (finding.cause, finding.by.name) == ("user_frozen", "Jane Doe")
    assert calls <= 5


def test_a_healthy_account_among_2500_assignments_of_other_people_stays_monitoring(tmp_path: Path) -> None:
    def crowd(world: World) -> None:
        act(world, {"action": "foreign_assignments", "connection": US, "count": 2_500})

    async def story() -> State:
        async with scene(tmp_path, scenario="healthy", prepare=crowd) as stage:
            await stage.passes(20)
            return stage.state(US)

    assert run(story()).status is Status.MONITORING


@pytest.mark.parametrize("days", [10, -10])
def test_a_vendors_clock_that_jumps_and_comes_back_is_no_outage(days: int, tmp_path: Path) -> None:
    async def story() -> set[Status]:
        async with scene(tmp_path, scenario="healthy") as stage:
            seen = set()
            await stage.ask("/habits", org="acme", skew=days * 86_400)
            await stage.passes(5.6)
            await stage.ask("/habits", org="acme", skew=0)
            for _ in range(20):
                await stage.passes(3)
                seen.add(stage.state(US).status)
                assert not stage.state(US).overdue
            assert stage.state(US).status is Status.MONITORING
            return seen

    assert not {Status.ERROR, Status.RECOVERING} & run(story())
