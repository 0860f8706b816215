"""The causes that the article does not name, found in the demo's world by the real program, over HTTP."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import run
from tests.demo_world import Scene, scene
from tui.connections.evidence import value_of
from tui.connections.state import State, Status
from tui.demo.administrator import BREAKS

US = "Acme US"


def play(folder: Path, story: Callable[[Scene], Awaitable[None]], scenario: str = "healthy") -> None:
    async def whole() -> None:
        async with scene(folder, scenario=scenario) as stage:
            await story(stage)

    run(whole())


async def until(stage: Scene, status: Status, minutes: int) -> State:
    """The state as soon as it shows `status`, at the latest after so many minutes."""
    for _ in range(minutes * 2):
        if stage.state(US).status is status:
            break
        await stage.clock.sleep_until(stage.clock.now() + timedelta(seconds=30))
    state = stage.state(US)
    assert state.status is status
    return state


def test_streaming_switched_off_is_found_with_who_did_it_and_seen_to_be_mended_within_two_minutes(
    tmp_path: Path,
) -> None:
    async def story(stage: Scene) -> None:
        await stage.admin("disable_streaming", US)
        sick = await until(stage, Status.ERROR, 16)
        (finding,) = sick.diagnosis.findings
        assert finding.by is not None
        assert (finding.cause, finding.by.name) == ("event_streaming_disabled", "Jane Doe")
        await stage.admin("enable_streaming", US)
        mended = await until(stage, Status.RECOVERING, 2)
        assert mended.recovery is not None
        assert mended.recovery.repaired is not None
        assert mended.recovery.repaired.how == "audit"

    play(tmp_path, story)


def test_revoked_access_is_found_by_the_refused_token(tmp_path: Path) -> None:
    async def story(stage: Scene) -> None:
        await stage.admin("revoke_access", US)
        assert (await until(stage, Status.ERROR, 16)).diagnosis.causes == ("access_revoked",)

    play(tmp_path, story)


def test_a_blocked_sign_in_is_found_and_gone_when_incydr_gets_through(tmp_path: Path) -> None:
    async def story(stage: Scene) -> None:
        await stage.admin("block", US, text="Restricted IP")
        assert (await until(stage, Status.ERROR, 16)).diagnosis.causes == ("sign_in_blocked",)
        await stage.admin("unblock", US)
        await until(stage, Status.MONITORING, 25)

    play(tmp_path, story)


def test_an_ended_licence_is_found_and_nothing_else_with_it(tmp_path: Path) -> None:
    async def story(stage: Scene) -> None:
        await stage.admin("drop_licence", US)
        sick = await until(stage, Status.ERROR, 6)
        assert sick.diagnosis.causes == ("event_monitoring_unlicensed",)

    play(tmp_path, story)


def test_what_a_group_consists_of_is_read_with_its_muting_set(tmp_path: Path) -> None:
    async def story(stage: Scene) -> None:
        found = value_of(stage.state(US).evidence.components) or ()
        assert {(each.name, each.muting) for each in found} == {
            ("Incydr Access", False),
            ("Report Readers", False),
            ("", True),
        }

    play(tmp_path, story, "tour")


@pytest.mark.parametrize("cause", BREAKS)
def test_every_cause_that_the_demo_brings_about_is_found_and_gone_when_it_is_ended(
    cause: str, tmp_path: Path
) -> None:
    begins, ends = BREAKS[cause]

    async def story(stage: Scene) -> None:
        await stage.admin(begins, US)
        sick = await until(stage, Status.ERROR, 16)
        assert cause in sick.diagnosis.causes
        if ends is not None:
            await stage.admin(ends, US)
        await until(stage, Status.MONITORING, 90)

    play(tmp_path, story)
