"""Each deviation of an org or tenant is named by the look; readings afterwards never call a sick connection well."""

from pathlib import Path

import pytest

from tests.clocks import run
from tests.contract_world import ContractWorld, wrong
from tests.demo_world import scene
from tests.unit.contract.deviations import DEVIATIONS, ORG, Deviation
from tui.connections.state import Status
from tui.console import Exit
from tui.console.contract import exit_of, keep
from tui.contract.model import Group, Report, Verdict
from tui.reports.contract import as_text
from tui.salesforce.remembered_facts import remembered
from tui.watching.journal import Journal

WELL = "Acme US"
SICK = ("Acme EMEA", "Acme LATAM", "Acme APAC", "Acme Canada")
by_id = pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda each: each.id)


async def looked(folder: Path, deviation: Deviation) -> Report:
    world = ContractWorld(folder)
    deviation.prepare(world.demo)
    return await world.look()


async def keep_in(folder: Path, report: Report) -> None:
    """Remember the look in the journal of the world in `folder`, as `doctor --contract` does in its own."""
    assert report.learned is not None
    journal = Journal(folder / "state" / "journal.db")
    await journal.open()
    if report.subject is not None:
        await journal.facts.remember(ORG, remembered(report.learned, report.subject, report.at))
    await journal.close()


def test_there_are_more_than_thirty() -> None:
    assert len({each.id for each in DEVIATIONS}) == len(DEVIATIONS) > 30


async def test_where_nothing_deviates_everything_holds(tmp_path: Path) -> None:
    report = await ContractWorld(tmp_path).look()
    assert wrong(report) == []
    assert report.holds
    assert report.follows == ()


@by_id
async def test_it_is_named_with_its_effect(tmp_path: Path, deviation: Deviation) -> None:
    report = await looked(tmp_path, deviation)
    named = [f for f in wrong(report) if (f.group, f.name) == (deviation.group, deviation.name)]
    assert [fact for fact in named if deviation.found in fact.found and fact.effect], wrong(report)
    assert not report.holds


@by_id
async def test_readings_go_on_as_well_as_the_org_allows(tmp_path: Path, deviation: Deviation) -> None:
    report = await looked(tmp_path, deviation)
    await keep_in(tmp_path, report)
    async with scene(tmp_path, deviate=deviation.prepare) as running:
        statuses = {name: running.state(name).status for name in (WELL, *SICK)}
        truth = await running.truth()
    assert truth[WELL] == Status.MONITORING
    assert Status.MONITORING not in {statuses[name] for name in SICK}
    if deviation.same:
        assert statuses == {WELL: Status.MONITORING, **dict.fromkeys(SICK, Status.ERROR)}
    else:
        assert statuses[WELL] in (Status.MONITORING, Status.UNKNOWN)


async def test_a_group_whose_status_is_hidden_leaves_its_permissions_open(tmp_path: Path) -> None:
    """It may be stale: what it carries is neither held nor missing."""
    report = await looked(
        tmp_path, next(d for d in DEVIATIONS if d.id == "PermissionSetGroup.Status is not there")
    )
    (unseen,) = [each for each in report.follows if "permissions" in each.what]
    assert "Incydr Group is not calculated yet (status not shown)" in unseen.why


async def test_an_org_that_refuses_the_sign_in_is_not_called_well(tmp_path: Path) -> None:
    world = ContractWorld(tmp_path)
    world.config.orgs["acme"].sign_in.settings["client_secret"] = "env:NOT_THERE"
    report = await world.look()
    assert exit_of([report]) is Exit.UNKNOWN
    assert all(fact.verdict is Verdict.UNREAD for fact in report.facts if fact.group is Group.OBJECTS)
    assert {each.what.partition(":")[0] for each in report.follows} == {
        "Cannot be seen",
        "No proof by a sign-in by Incydr's app",
    }
    assert "nothing is saved" in await keep(report)
    lines = as_text(report).splitlines()
    assert [line[:3] for line in lines[lines.index(Group.OBJECTS.value) + 1 :][:2]] == ["  –", ""]
    assumed = [fact for fact in report.facts if fact.group is Group.ASSUMED]
    assert {fact.verdict for fact in assumed if "sign-in by client" in fact.name} == {Verdict.UNTRIED}
    assert len(lines) < 70


def test_an_open_watch_takes_what_a_look_finds_meanwhile(tmp_path: Path) -> None:
    async def story() -> tuple[Status, Status]:
        deviation = next(each for each in DEVIATIONS if each.id == "User.Email is not there")
        report = await looked(tmp_path, deviation)
        async with scene(tmp_path, deviate=deviation.prepare) as running:
            before = running.state(WELL).status
            await keep_in(tmp_path, report)
            await running.passes(60)
            return before, running.state(WELL).status

    assert run(story()) == (Status.UNKNOWN, Status.MONITORING)
