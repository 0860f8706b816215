"""`check` over a whole simulated org and tenant, in this process."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from tui.base.clock import ManualClock
from tui.base.problem import UsageProblem
from tui.config import Config, parse
from tui.connections.state import State
from tui.connections.status import Status
from tui.demo import serve
from tui.headless import check
from tui.headless.demo import Ready, toml_of
from tui.headless.exits import Exit
from tui.headless.session import JOURNAL
from tui.net import Net
from tui.watching.journal import Journal

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


@dataclass
class World:
    config: Config
    clock: ManualClock
    net: Net

    async def read(self, *names: str) -> list[State]:
        return await check.read_once(self.config, names, self.clock, net=self.net)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "state"))
    clock = ManualClock(NOW)
    demo = serve.build("tour", clock, 1)
    ready = msgspec.convert(demo.ready(), Ready)
    (tmp_path / "secrets").mkdir()
    secrets = {f"org-{k}": o.client_secret for k, o in ready.orgs.items()}
    secrets |= {f"tenant-{k}": t.client_secret for k, t in ready.tenants.items()}
    for name, secret in secrets.items():
        path = tmp_path / "secrets" / name
        path.write_text(secret)
        path.chmod(0o600)
    text = toml_of(ready).replace("http://", "https://")
    transports = {
        url.replace("http://", "https://"): httpx.ASGITransport(app) for url, app in demo.apps.items()
    }
    return World(parse(text, str(tmp_path / "config.toml")), clock, Net(transports=transports))


async def test_every_connection_of_the_tour_is_read_once_with_its_cause(world: World) -> None:
    states = await world.read()
    assert {s.connection.name: (s.status.value, *s.diagnosis.causes) for s in states} == {
        "Acme EMEA": ("Error", "user_frozen"),
        "Acme LATAM": ("Error", "user_deactivated"),
        "Acme Sandbox": ("Error", "permissions_missing"),
        "Acme APAC": ("Error", "login_rate_exceeded"),
        "Acme Canada": ("Error", "user_frozen", "permissions_missing"),
        "Acme US": ("Monitoring",),
        "Acme Legacy": ("Unknown",),
    }


async def test_a_named_connection_is_read_alone(world: World) -> None:
    (state,) = await world.read("Acme US")
    assert (state.connection.name, check.exit_code([state])) == ("Acme US", Exit.OK)


async def test_an_unknown_name_is_a_usage_problem_that_names_the_nearest(world: World) -> None:
    with pytest.raises(UsageProblem) as caught:
        await world.read("Acme SU")
    assert "did you mean Acme US?" in caught.value.message


async def test_json_carries_schema_exit_codes_and_whole_states(world: World) -> None:
    document = json.loads(check.as_json(await world.read("Acme APAC", "Acme US"), NOW))
    assert (document["schema"], document["exit_code"]) == (1, 1)
    assert [c["exit_code"] for c in document["connections"]] == [1, 0]
    assert document["connections"][0]["state"]["diagnosis"]["findings"][0]["cause"] == "login_rate_exceeded"


async def test_json_can_be_read_back_as_states(world: World) -> None:
    states = await world.read("Acme EMEA")
    document = json.loads(check.as_json(states, NOW))
    assert msgspec.convert(document["connections"][0]["state"], State) == states[0]


async def test_text_names_finding_person_and_next_step(world: World) -> None:
    text = check.as_text(await world.read("Acme EMEA"), UTC, NOW)
    assert text.startswith("✖ Acme EMEA: Error since ")
    for part in (
        "The service account is frozen · needs a person",
        "by Jane Doe",
        "remonitor steps 'Acme EMEA'",
    ):
        assert part in text


async def test_text_in_plain_signs_is_ascii_at_the_line_start(world: World) -> None:
    assert check.as_text(await world.read("Acme EMEA"), UTC, NOW).startswith("✖ Acme EMEA")


async def test_text_of_an_unknown_status_says_what_is_missing(world: World) -> None:
    text = check.as_text(await world.read("Acme Legacy"), UTC, NOW)
    assert "needs Manage Users" in text


async def test_an_unreachable_org_is_unknown_never_an_error(world: World) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    hosts = [o.api_url for o in world.config.orgs.values()] + [
        t.base_url for t in world.config.tenants.values()
    ]
    world.net = Net(transports={host: httpx.MockTransport(refuse) for host in hosts})
    states = await world.read("Acme US", "Acme EMEA")
    assert [s.status for s in states] == [Status.UNKNOWN, Status.UNKNOWN]
    assert check.exit_code(states) is Exit.UNKNOWN


async def test_beside_another_watcher_it_reads_by_itself(world: World, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "state" / JOURNAL)
    await journal.open()
    assert await journal.leases.take("acme", NOW, NOW + timedelta(hours=1))
    (state,) = await world.read("Acme EMEA")
    assert (state.status, state.evidence.read_at) == (Status.ERROR, world.clock.now())
    await journal.close()


async def test_the_journal_is_the_one_of_the_app(world: World, tmp_path: Path) -> None:
    await world.read("Acme US")
    assert (tmp_path / "state" / JOURNAL).stat().st_mode & 0o777 == 0o600
