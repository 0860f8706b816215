"""`check` says what this program may repair, and how."""

from datetime import UTC
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.unit.watching.fakes import Scene
from tui.headless import check
from tui.headless.session import read_by
from tui.wording import Times


async def told(scene: Scene, monkeypatch: pytest.MonkeyPatch, *, allowed: bool) -> str:
    config = scene.config()
    config = replace(config, orgs={k: replace(o, allow_repairs=allowed) for k, o in config.orgs.items()})
    monkeypatch.setattr(scene, "config", lambda: config)
    async with scene.watcher() as watcher:
        states = await read_by(watcher, [c.name for c in watcher.connections], lambda text: None)
    return check.as_text(states, Times(UTC, scene.clock.now()), offers=check.offers_of(states))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path / "state")
    made.world.freeze()
    return made


async def test_a_repair_that_may_be_applied_is_offered_with_its_command(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await told(scene, monkeypatch, allowed=True)
    assert "repair: Unfreeze · you may do it" in said
    assert "remonitor fix 'Acme EMEA'" in said


async def test_where_repairs_are_off_the_reason_is_said_and_no_command(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await told(scene, monkeypatch, allowed=False)
    assert "by hand: Repairs are off for this org" in said
    assert "remonitor fix" not in said
