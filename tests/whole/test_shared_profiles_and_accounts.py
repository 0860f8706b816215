"""A profile that a whole department has, and an account that two connections use, in the demo's org."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests import demo_world
from tests.clocks import run
from tests.demo_world import ORIGIN, config_of, net_of, scene
from tui import wording
from tui.base.clock import LoopClock
from tui.config import Config
from tui.connections.evidence import Token, value_of
from tui.connections.finding import ProofKind
from tui.connections.repair import Repair, Update
from tui.connections.state import Status
from tui.demo import serve
from tui.demo.build import Builder
from tui.demo.world import World
from tui.rules.required_permissions import REQUIREMENTS
from tui.salesforce.reading import OrgReader
from tui.salesforce.sign_in import way

SOLD = 40


def department(world: World) -> None:
    """People who have the service account's profile."""
    for connection in world.connections.values():
        org = world.orgs[connection.org]
        builder = Builder(org, org.now() - timedelta(days=90))
        profile = org.tables["Profile"][connection.user["ProfileId"]]
        for number in range(SOLD):
            builder.user(f"sales{number}@acme.example", f"Sales {number}", profile)


@pytest.mark.parametrize("shared", [False, True])
def test_a_departments_profile_is_offered_second_with_whom_it_reaches(shared: bool, tmp_path: Path) -> None:
    async def story() -> None:
        async with scene(tmp_path, scenario="healthy:1", prepare=department if shared else None) as stage:
            (known,) = stage.watcher.connections
            await stage.admin("take_permission", known.name)
            await stage.passes(6)
            (offer,) = stage.state(known.name).diagnosis.offers
            first, other = offer.repair, offer.alternative
            assert isinstance(first, Repair)
            assert other is not None
            on_profile, by_set = (other, first) if shared else (first, other)
            (change,) = on_profile.changes
            assert isinstance(change, Update)
            assert change.object == "Profile"
            users = f"{SOLD + 1} users get" if shared else "1 user gets"
            lines = wording.preview(on_profile, known, stage.watcher.org(known.name), None)
            assert any(users in line for line in lines)
            assert on_profile.confirm_what == ("profile name" if shared else "username")
            assert not by_set.notes
            outcomes = await stage.watcher.repair(known.name, first)
            assert [outcome.result for outcome in outcomes] == ["applied"] * len(first.changes)
            await stage.passes(1)
            assert stage.state(known.name).status is Status.RECOVERING

    run(story())


@pytest.mark.parametrize("pinned", ["one user", "one user by two tables of the org", "two users"])
def test_what_a_renamed_account_of_two_connections_signs_in_proves_neither(
    pinned: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second connection's table still has the name that the account had before."""
    ids: list[str] = []

    def config_of(*given: Any, whole: Any = demo_world.config_of, **more: Any) -> Config:
        config: Config = whole(*given, **more)
        first, second = config.connections
        old = replace(second, service_account="before@acme.example", user_id=ids[pinned == "two users"])
        if pinned != "one user by two tables of the org":
            return replace(config, connections=(first, old))
        orgs = {**config.orgs, "again": replace(config.orgs[first.org], id="again")}
        return replace(config, orgs=orgs, connections=(first, replace(old, org="again")))

    monkeypatch.setattr(demo_world, "config_of", config_of)

    def prepare(world: World) -> None:
        ids.extend(each.user["Id"] for each in world.connections.values())

    async def story() -> None:
        async with scene(tmp_path, scenario="healthy:2", prepare=prepare) as stage:
            await stage.passes(11)
            for known in stage.watcher.connections:
                state = stage.state(known.name)
                assert state.connection.shared is (pinned != "two users")
                signed_in = ProofKind.SIGN_IN in {proof.kind for proof in state.proofs}
                assert signed_in is (pinned == "two users")

    run(story())


def test_a_freeze_by_somebody_else_after_the_preview_is_not_lifted(tmp_path: Path) -> None:
    """The same value, by another person at another moment: nothing is sent, and it is said who."""

    async def story() -> None:
        async with scene(tmp_path, scenario="healthy:1") as stage:
            (known,) = stage.watcher.connections
            await stage.admin("freeze", known.name)
            await stage.passes(6)
            (offer,) = stage.state(known.name).diagnosis.offers
            assert isinstance(offer.repair, Repair)
            await stage.admin("unfreeze", known.name)
            await stage.admin("freeze", known.name, **{"as": "hr.sync@acme.example"})
            found = await stage.watcher.repair(known.name, offer.repair)
            assert [each.result for each in found] == ["changed_before"]
            assert "changed again by HR Sync" in wording.outcomes(offer.repair, found)
            assert stage.demo.world.orgs[known.org].is_frozen(
                stage.demo.world.connections[known.name].user["Id"]
            )

    run(story())


def test_a_deep_reading_of_one_account_keeps_the_tokens_of_the_others(tmp_path: Path) -> None:
    async def story() -> list[int]:
        demo = serve.build("healthy:2", clock := LoopClock(ORIGIN))
        config, net = config_of(demo.ready(), tmp_path), net_of(demo)
        [org] = config.orgs.values()
        one, other = config.connections
        names = tuple(required.name for required in REQUIREMENTS)
        reader = OrgReader(org, net, way(org, net), clock, permissions=names)
        seen = list[int]()
        await reader.read(
            (one, other), deep=dict.fromkeys((one.name, other.name), ORIGIN - timedelta(days=1))
        )
        for connection in (other, one, other):
            await clock.sleep_until(clock.now() + timedelta(minutes=1))
            deep = {one.name: ORIGIN - timedelta(hours=1)} if connection is one else {}
            found = await reader.read((connection,), deep=deep)
            tokens: tuple[Token, ...] | None = value_of(found[connection.name].tokens)
            seen.append(len(tokens or ()))
        await net.aclose()
        return seen

    assert run(story()) == [1, 1, 1]
