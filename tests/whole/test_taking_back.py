"""Taking back a repair in the demo's org: the value is as before, what was created is gone, monitoring has stopped."""

from pathlib import Path
from typing import Any

import pytest

from tests.clocks import run
from tests.demo_world import scene
from tests.whole.test_shared_profiles_and_accounts import department
from tui import wording
from tui.connections.repair import NoRepair, Repair
from tui.connections.state import Status

NAME = "Acme US"


async def repaired(stage: Any, action: str) -> Repair:
    """Do this as another administrator, and apply the repair that is offered."""
    await stage.admin(action, NAME)
    await stage.passes(6)
    (offer,) = stage.state(NAME).diagnosis.offers
    assert isinstance(offer.repair, Repair)
    await stage.watcher.repair(NAME, offer.repair)
    assert stage.state(NAME).status is Status.RECOVERING
    return offer.repair


def rows(stage: Any) -> dict[str, Any]:
    """What the repairs change: the account's own fields, its profile's and sets' permissions, its assignments."""
    org = stage.demo.world.orgs["acme"]
    user = stage.demo.world.connections[NAME].user
    tables = org.tables
    assigned = [
        row["PermissionSetId"]
        for row in tables["PermissionSetAssignment"].values()
        if row["AssigneeId"] == user["Id"]
    ]
    return {
        "frozen": org.is_frozen(user["Id"]),
        "active": user["IsActive"],
        "assigned": sorted(assigned),
        "sets": sorted(tables["PermissionSet"]),
        "held": sorted(org.effective_permissions(user["Id"])),
    }


@pytest.mark.parametrize(
    ("action", "people", "deletes"),
    [
        ("freeze", None, 0),
        ("deactivate", None, 0),
        ("take_permission", None, 0),
        ("take_permission", department, 2),
    ],
)
def test_all_that_the_repair_changed_is_as_it_was_before(
    action: str, people: Any, deletes: int, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scene(tmp_path, scenario="healthy:1", prepare=people) as stage:
            await stage.admin(action, NAME)
            before = rows(stage)
            repair = await repaired(stage, action)
            assert rows(stage) != before
            undo = await stage.watcher.undo_offer(NAME)
            assert isinstance(undo, Repair)
            assert undo.confirm
            assert any(note.startswith("This stops monitoring.") for note in undo.notes)
            preview = wording.preview(undo, stage.state(NAME).connection, stage.watcher.org(NAME), None)
            assert sum(line.startswith("delete ") for line in preview) == deletes
            outcomes = await stage.watcher.repair(NAME, undo)
            assert [outcome.result for outcome in outcomes] == ["applied"] * len(repair.changes)
            assert rows(stage) == before
            assert stage.state(NAME).status is Status.ERROR
            again = await stage.watcher.undo_offer(NAME)
            assert isinstance(again, NoRepair)
            assert again.reason == "The last repair is already undone."

    run(story())


@pytest.mark.parametrize(
    ("action", "people", "meanwhile"),
    [
        ("freeze", None, ("freeze", "unfreeze")),
        ("deactivate", None, ("deactivate", "reactivate")),
        ("take_permission", None, ("take_permission", "give_permission")),
    ],
)
def test_what_somebody_has_changed_since_the_repair_is_left_alone(
    action: str, people: Any, meanwhile: tuple[str, ...], tmp_path: Path
) -> None:
    async def story() -> None:
        async with scene(tmp_path, scenario="healthy:1", prepare=people) as stage:
            await repaired(stage, action)
            undo = await stage.watcher.undo_offer(NAME)
            assert isinstance(undo, Repair)
            for each in meanwhile:
                await stage.passes(1)
                await stage.admin(each, NAME)
            before = rows(stage)
            (outcome,) = await stage.watcher.repair(NAME, undo)
            assert outcome.result == "changed_before"
            assert rows(stage) == before

    run(story())
