"""The first screen as lines, where no app can be shown; and which report a command gathers."""

import json
from datetime import UTC
from pathlib import Path

import pytest

from tests.evidence import connection
from tests.unit.watching.fakes import EMEA, Person, Scene
from tui.commands import report
from tui.console import Exit
from tui.console.watcher import fresh_states
from tui.keys import bound
from tui.lines.app import choose, newest_left
from tui.lines.follow import LineIO
from tui.rules.required_permissions import REQUIREMENTS

US = connection(name="Acme US", service_account="us@acme.example")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path / "state", connections=(EMEA, US))
    made.world.freeze(EMEA.name)
    return made


async def chosen(scene: Scene, *lines: str | None) -> tuple[str | Exit, str]:
    person = Person()
    person.type(*lines)
    async with scene.watcher() as watcher:
        io = LineIO(person.hear, person, scene.clock, UTC, REQUIREMENTS, bound({}))
        return await choose(watcher, io, person.hear), person.heard()


async def test_every_connection_is_said_with_a_number_and_its_status(scene: Scene) -> None:
    _, said = await chosen(scene, "q")
    assert "2 connections · 1 Error" in said
    assert "1 Acme EMEA: Error since" in said
    assert "2 Acme US: Monitoring since" in said


async def test_the_worst_stands_first(tmp_path: Path) -> None:
    made = Scene(tmp_path / "state", connections=(US, EMEA))
    made.world.freeze(EMEA.name)
    _, said = await chosen(made, "q")
    assert "1 Acme EMEA: Error since" in said


@pytest.mark.parametrize(("line", "name"), [("1", "Acme EMEA"), ("2", "Acme US"), ("Acme US", "Acme US")])
async def test_a_number_or_a_name_chooses(scene: Scene, line: str, name: str) -> None:
    assert (await chosen(scene, line))[0] == name


async def test_a_walkthrough_that_was_left_can_be_closed_for_good(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
    _, said = await chosen(scene, "C", "c", "q")
    assert "C closes it for good" in said
    assert "Acme EMEA: the walkthrough is closed." in said
    assert "c is not a number of the list." in said
    _, said = await chosen(scene, "q")
    assert "Resume" not in said


async def test_anything_else_is_asked_again(scene: Scene) -> None:
    choice, said = await chosen(scene, "3", "", "2")
    assert choice == "Acme US"
    assert "3 is not a number of the list." in said


@pytest.mark.parametrize("line", ["q", None])
async def test_whoever_leaves_or_does_not_answer_gets_the_code_of_check(
    scene: Scene, line: str | None
) -> None:
    assert (await chosen(scene, line))[0] is Exit.ERROR


async def test_a_walkthrough_that_was_left_is_offered_first(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await watcher.walk(EMEA.name)
    answer = await chosen(scene, "c")
    assert answer[0] == EMEA.name
    assert 'c Resume "Acme EMEA" at step 1' in answer[1]


async def test_without_one_there_is_nothing_to_resume(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        assert newest_left(watcher) is None


async def test_the_report_as_json_is_data_with_a_schema(scene: Scene) -> None:
    async with scene.watcher() as watcher:
        await fresh_states(watcher, [c.name for c in watcher.connections], lambda text: None)
        document = json.loads(report.as_json(await report.gather(watcher, EMEA.name, scene.clock)))
    assert document["schema"] == 1
    assert document["state"]["status"] == "Error"
    assert [entry["kind"] for entry in document["history"]] == ["error"]
    assert document["summary"]["open"] == 1
