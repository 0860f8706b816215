"""The report of a look: counted, within its numbers, told in lines and as JSON, remembered, and used by the doctor."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest

from tests.contract_world import ContractWorld, wrong
from tests.unit.contract.deviations import DEVIATIONS, Deviation
from tui.base.paths import state_folder
from tui.connections.state import Status
from tui.console import Exit
from tui.console.contract import announcement, exit_of, keep, known_steps, lend, subjects
from tui.console.recording import Words, disguised, narrowed, proven, take
from tui.console.watcher import JOURNAL
from tui.contract.asking import ORG_CALLS, TENANT_REQUESTS
from tui.contract.model import Group, Verdict
from tui.demo import changes
from tui.recordings.recorder import Recorder
from tui.reports import contract
from tui.reports.documents import schema

OF_ACME = ("Acme US", "Acme EMEA", "Acme LATAM", "Acme APAC", "Acme Canada")


def deviation(id: str) -> Deviation:
    return next(each for each in DEVIATIONS if each.id == id)


@pytest.fixture
def world(tmp_path: Path, own_folders: None) -> ContractWorld:
    return ContractWorld(tmp_path)


async def test_its_calls_are_counted_and_within_the_numbers_that_were_said(world: ContractWorld) -> None:
    world.names = OF_ACME
    used, asked = world.org.api_used, world.demo.world.tenants["acme"].calls
    report = await world.look()
    assert world.org.api_used - used == report.calls <= ORG_CALLS == 12
    assert world.demo.world.tenants["acme"].calls - asked == report.tenant_requests <= TENANT_REQUESTS == 3
    said = [announcement(each) for each in subjects(world.config, ["Acme US"])]
    assert said == [
        "Asking org acme: at most 12 API calls, and 3 requests to tenant acme. "
        "Nothing is written in the org, nor in a tenant."
    ]


async def test_a_tenant_of_several_orgs_is_asked_once(world: ContractWorld) -> None:
    await world.look()
    world.key, world.names = "sandbox", ("Acme Sandbox",)
    report = await world.look()
    assert (report.calls, report.tenant_requests) == (10, 0)
    (subject,) = subjects(world.config, ["Acme Sandbox"])
    assert announcement(subject, world.asked).startswith("Asking org sandbox: at most 12 API calls. ")


async def test_nothing_is_written_in_the_org(world: ContractWorld) -> None:
    def records() -> dict[str, Any]:
        # Signing in is the only thing that leaves a trace.
        kept = ("LoginHistory", "OauthToken")
        return {
            name: [{**row, "LastLoginDate": None} for row in rows.values()]
            for name, rows in world.org.tables.items()
            if name not in kept
        }

    before = records()
    await world.look()
    assert records() == before


async def test_an_object_has_one_line_and_a_refused_field_its_own(world: ContractWorld) -> None:
    deviation("LoginHistory.SourceIp is not groupable").prepare(world.demo)
    report = await world.look()
    lines = contract.as_text(report).splitlines()
    assert "  ✓ User                         there, every use of its fields allowed" in lines
    at = lines.index("  ! LoginHistory                 there, but 1 use of its fields refused")
    assert lines[at + 1 : at + 3] == [
        "      LoginHistory.SourceIp: not groupable",
        "        Readings go on without it.",
    ]
    assert lines[-1] == f"{report.calls} API calls and 3 requests to tenants. Nothing was written in the org."
    assert "  Every cause can be seen, and every proof can be had." in lines
    assert exit_of([report]) is Exit.NO


async def test_what_follows_names_each_cause_and_proof_with_the_one_thing_to_do(world: ContractWorld) -> None:
    deviation("without ManageUsers").prepare(world.demo)
    deviation("no events").prepare(world.demo)
    report = await world.look()
    told = {each.what: each for each in report.follows}
    assert "Cannot be seen: The service account is frozen" in told
    assert told["No proof by a file event"].why == "no Salesforce event in 7 days"
    assert all(each.next_step.endswith((".", ")")) for each in report.follows)
    text = contract.as_text(report)
    assert all(each.what in text and each.next_step in text for each in report.follows)


async def test_what_you_may_not_see_is_not_called_as_expected(world: ContractWorld) -> None:
    deviation("without ManageUsers").prepare(world.demo)
    deviation("without ViewSetup").prepare(world.demo)
    deviation("unknown audit action").prepare(world.demo)
    own = changes.own_set(world.org, _profile_of_operator(world))
    own["PermissionsMonitorLoginHistory"] = False
    facts = [f for f in (await world.look()).facts if f.group in (Group.SIGN_INS, Group.AUDIT)]
    assert facts
    assert {fact.verdict for fact in facts} == {Verdict.UNREAD}


def _profile_of_operator(world: ContractWorld) -> Any:
    operator = world.org.user(world.demo.world.operators["acme"])
    return world.org.tables["Profile"][operator["ProfileId"]]


async def test_json_has_every_fact_with_what_was_expected_and_found(world: ContractWorld) -> None:
    report = await world.look()
    document = json.loads(contract.as_json([report], report.at))
    jsonschema.validate(document, schema("contract"))
    (org,) = document["orgs"]
    assert document["schema"] == 1
    assert org["holds"] is True
    assert (org["api_calls"], org["tenant_requests"]) == (report.calls, 3)
    assert len(org["facts"]) == len(report.facts) > 150
    assert {"group", "name", "expected", "found", "verdict", "effect"} == set(org["facts"][0])


async def test_a_text_that_steers_terminals_stays_a_text(world: ContractWorld) -> None:
    row = next(iter(world.org.tables["LoginHistory"].values()))
    when = world.org.now() - timedelta(hours=1)
    world.org.add("LoginHistory", **{**row, "LoginTime": when, "Status": "Failed: \x1b]0;x\x07[red]weird"})
    report = await world.look()
    assert "\x1b" not in contract.as_text(report)
    assert "[red]weird" in contract.as_text(report)


async def test_what_was_unknown_is_listed_by_the_doctor_until_it_is_known(
    world: ContractWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    org = world.config.orgs["acme"]
    connections = [each for each in world.config.connections if each.org == "acme"]
    (step,) = await known_steps(org, connections, world.clock.now())
    assert step.next_step == "Run: remonitor doctor 'Acme EMEA' --contract"
    for id in ("unknown text", "unknown login type", "unknown audit action"):
        deviation(id).prepare(world.demo)
    assert await keep(await world.look()) == ""
    (step,) = await known_steps(org, connections, world.clock.now() + timedelta(days=3))
    assert step.good is None
    for value in ("checked 3 days ago", "Quantum signature", "Quantum Access", "quantumPolicyChanged"):
        assert value in step.detail
    monkeypatch.setattr("tui.contract.unknown.meaning", lambda text: type("Known", (), {"known": True}))
    monkeypatch.setattr("tui.contract.unknown.is_known", lambda login_type: True)
    (step,) = await known_steps(org, connections, world.clock.now())
    assert "quantumPolicyChanged" in step.detail
    assert "Quantum Access" not in step.detail


async def test_a_recording_leaves_out_what_the_org_lacks_and_its_replay_says_the_same(
    world: ContractWorld, tmp_path: Path
) -> None:
    for id in ("User.Email is not there", "LoginHistory.LoginSubType is not groupable"):
        deviation(id).prepare(world.demo)
    assert await keep(await world.look()) == ""
    config = narrowed(world.config, ["Acme US"])
    transports = {url: httpx.ASGITransport(app) for url, app in world.demo.apps.items()}
    net = Recorder(config, world.clock, transports=transports)

    async def nothing(*_: object) -> Words:
        return {}

    await lend(config, state_folder() / JOURNAL, tmp_path / "live")
    taken = await take(config, world.clock, net, tmp_path / "live", timedelta(0), nothing, nothing)
    statuses = {state.connection.name: state.status for state in taken.played[0].states}
    assert statuses["Acme US"] is Status.MONITORING
    assert await proven(taken, disguised(taken), tmp_path / "replayed")


async def test_no_more_is_asked_where_the_numbers_are_used_up(world: ContractWorld) -> None:
    """A token that the tenant refuses costs one request more, which is not sent."""
    world.demo.by_part["tenant:acme"].knobs.append(_refusing())
    report = await world.look()
    assert report.tenant_requests == 3
    assert [f.verdict for f in wrong(report) if f.name == "tenant acme: events"] == [Verdict.UNREAD]


def _refusing() -> Any:
    from tui.demo.middleware import Knob, KnobKind

    return Knob(KnobKind.UNAUTHORIZED, path="/v2/")
