"""`check` over a whole simulated org and tenant, in this process."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from tests.unit.watching.fakes import Scene
from tui.base.clock import ManualClock
from tui.base.problem import UsageProblem
from tui.config import Config, parse
from tui.connections.finding import ProofKind
from tui.connections.state import State, Status
from tui.console import Exit, exit_of
from tui.console.demo_world import Ready, toml_of
from tui.console.watcher import JOURNAL, fresh_states, read_once, read_rows, rows_of
from tui.demo import serve
from tui.net import Net
from tui.reports.checked import Checked, worst
from tui.reports.documents import whole, written
from tui.reports.text import as_text, calls_line, offers_of
from tui.watching.journal import Journal
from tui.wording import Times

NOW = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)


@dataclass
class World:
    config: Config
    clock: ManualClock
    net: Net
    transports: dict[str, httpx.AsyncBaseTransport]

    def net_with_tenant(self, answer: Callable[[httpx.Request], httpx.Response]) -> Net:
        """The orgs as they are, and a tenant that answers so."""
        tenants = [t.base_url for t in self.config.tenants.values()]
        return Net(transports=self.transports | dict.fromkeys(tenants, httpx.MockTransport(answer)))

    async def read(self, *names: str) -> list[State]:
        return await read_once(self.config, names, self.clock, net=self.net)

    async def rows(self, *names: str, timeout: timedelta | None = None) -> dict[str, Checked]:
        rows = await read_rows(self.config, names, self.clock, net=self.net, timeout=timeout)
        return {row.name: row for row in rows}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "state"))
    clock = ManualClock(NOW)
    demo = serve.build("tour", clock, 1)
    ready = msgspec.convert(demo.ready(), Ready)
    (tmp_path / "secrets").mkdir()
    secrets = {f"org-{n}": o.client_secret for n, o in enumerate(ready.orgs.values(), 1)}
    secrets |= {f"tenant-{n}": t.client_secret for n, t in enumerate(ready.tenants.values(), 1)}
    for name, secret in secrets.items():
        path = tmp_path / "secrets" / name
        path.write_text(secret)
        path.chmod(0o600)
    text = toml_of(ready).replace("http://", "https://")
    transports: dict[str, httpx.AsyncBaseTransport] = {
        url.replace("http://", "https://"): httpx.ASGITransport(app) for url, app in demo.apps.items()
    }
    return World(parse(text, str(tmp_path / "config.toml")), clock, Net(transports=transports), transports)


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
    assert (state.connection.name, exit_of(state)) == ("Acme US", Exit.OK)


async def test_an_unknown_name_is_a_usage_problem_that_names_the_nearest(world: World) -> None:
    with pytest.raises(UsageProblem) as caught:
        await world.read("Acme SU")
    assert "did you mean Acme US?" in caught.value.message


async def test_json_carries_schema_exit_codes_and_whole_states(world: World) -> None:
    document = json.loads(written(whole(rows_of(await world.read("Acme APAC", "Acme US")), NOW)))
    assert (document["schema"], document["exit_code"]) == (1, 1)
    assert [c["exit_code"] for c in document["connections"]] == [1, 0]
    assert document["connections"][0]["state"]["diagnosis"]["findings"][0]["cause"] == "login_rate_exceeded"


async def test_json_can_be_read_back_as_states(world: World) -> None:
    states = await world.read("Acme EMEA")
    document = json.loads(written(whole(rows_of(states), NOW)))
    assert msgspec.convert(document["connections"][0]["state"], State) == states[0]


async def test_text_names_finding_person_and_next_step(world: World) -> None:
    text = as_text(rows_of(await world.read("Acme EMEA")), Times(UTC, NOW))
    assert text.startswith("✖ Acme EMEA: Error since ")
    for part in (
        "The service account is frozen · You must act",
        "by Jane Doe",
        "remonitor steps 'Acme EMEA'",
    ):
        assert part in text


async def test_text_in_plain_signs_is_ascii_at_the_line_start(world: World) -> None:
    assert as_text(rows_of(await world.read("Acme EMEA")), Times(UTC, NOW)).startswith("✖ Acme EMEA")


async def test_text_of_an_unknown_status_says_what_is_missing(world: World) -> None:
    text = as_text(rows_of(await world.read("Acme Legacy")), Times(UTC, NOW))
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
    assert worst(rows_of(states)) == Exit.UNKNOWN


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


def signed_in(request: httpx.Request) -> httpx.Response | None:
    body = {"access_token": "t", "token_type": "bearer", "expires_in": 900}
    return httpx.Response(200, json=body) if request.url.path == "/v1/oauth" else None


def big(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b'{"fileEvents":[' + b" " * 9_000_000 + b"]}")


def hanging(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("no answer")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda r: httpx.Response(401), "The tenant refused the sign-in"),
        (lambda r: httpx.Response(429), "Too many requests"),
        (lambda r: httpx.Response(503, html="<html>Down for maintenance</html>"), "answered 503"),
        (lambda r: httpx.Response(200, html="<html>Welcome</html>"), "answered 200"),
        (lambda r: signed_in(r) or httpx.Response(403), "answered 403"),
        (
            lambda r: signed_in(r) or httpx.Response(200, json={"fileEvents": None}),
            "expected a list of events",
        ),
        (
            lambda r: signed_in(r) or httpx.Response(200, json={"fileEvents": [], "totalCount": 9}),
            "lists none",
        ),
        (lambda r: signed_in(r) or httpx.Response(200, content=b"{"), "truncated"),
        (lambda r: signed_in(r) or big(r), "more than 8 MB"),
        (hanging, "answer"),
    ],
)
async def test_a_tenant_that_refuses_hangs_or_lies_is_told_once(
    world: World, answer: Callable[[httpx.Request], httpx.Response], words: str
) -> None:
    world.net = world.net_with_tenant(answer)
    states = await world.read("Acme US", "Acme EMEA")
    assert [s.status for s in states] == [Status.ERROR, Status.MONITORING]
    lines = [
        line for line in as_text(rows_of(states), Times(UTC, NOW)).splitlines() if "strongest proof" in line
    ]
    (line,) = lines
    assert line.startswith("! Incydr's events could not be read from tenant acme: ")
    assert words in line
    assert "The strongest proof is missing for Acme EMEA, Acme US." in line


async def test_of_a_tenant_that_answers_nothing_is_told(world: World) -> None:
    assert "strongest proof" not in as_text(rows_of(await world.read("Acme US")), Times(UTC, NOW))


async def test_an_event_that_names_no_connection_is_told_and_proves_nothing(world: World) -> None:
    nameless = {
        "@timestamp": "2026-11-22T12:55:00Z",
        "event": {
            "inserted": "2026-11-22T12:56:00.816033973Z",
            "observer": "Salesforce",
            "detectorDisplayName": None,
        },
    }

    def answer(request: httpx.Request) -> httpx.Response:
        named = b"detectorDisplayName" in request.content
        return signed_in(request) or httpx.Response(
            200, json={"totalCount": 1 - named, "fileEvents": [] if named else [nameless], "problems": None}
        )

    world.net = world.net_with_tenant(answer)
    (state,) = await world.read("Acme US")
    assert state.life is not None
    assert state.life.kind is ProofKind.SIGN_IN
    text = as_text(rows_of([state]), Times(UTC, NOW))
    assert "file events: an event from 12:55:00 names no connection: it does not count" in text


class Hanging(httpx.AsyncBaseTransport):
    """A host that takes a request and never answers."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")


async def test_an_org_that_hangs_is_unknown_by_name_and_the_others_are_told(world: World) -> None:
    hanging = world.config.orgs["sandbox"].api_url
    world.net = Net(transports=world.transports | {hanging: Hanging()})
    rows = await world.rows(timeout=timedelta(seconds=1))
    assert list(rows) == [c.name for c in world.config.connections]
    late = rows["Acme Sandbox"]
    assert (late.state, late.code, late.org) == (None, 3, "sandbox")
    assert late.problem is not None
    assert late.problem.message == "Not read within 1 s."
    assert (rows["Acme EMEA"].code, rows["Acme US"].code) == (2, 0)
    assert (worst(list(rows.values())), worst([late, rows["Acme US"]])) == (2, 3)


async def test_text_has_the_worst_first_and_the_line_itself_names_cause_and_person(world: World) -> None:
    text = as_text(rows_of(await world.read()), Times(UTC, NOW))
    heads = [line for line in text.splitlines() if not line.startswith(" ")]
    assert [line.split(":")[0][2:] for line in heads[-3:]] == ["Acme Legacy", "Acme APAC", "Acme US"]
    assert heads[0].endswith("· frozen by jane@acme.example at 12:39")
    assert "permissions removed by jane.uat@acme.example at " in text


async def test_a_problem_that_connections_of_an_org_share_is_told_once(world: World) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    hosts = [o.api_url for o in world.config.orgs.values()]
    world.net = Net(transports=world.transports | {host: httpx.MockTransport(refuse) for host in hosts})
    states = await world.read("Acme US", "Acme EMEA", "Acme Sandbox")
    lines = as_text(rows_of(states), Times(UTC, NOW)).splitlines()
    assert len([line for line in lines if "cannot be reached: refused" in line]) == 2, lines
    assert lines.count("? Acme US: Unknown since 13:00 UTC · same reason as Acme EMEA") == 1
    assert len([line for line in lines if line.startswith("? ")]) == 3


async def test_what_the_readings_cost_each_org_is_said(world: World) -> None:
    rows = list((await world.rows("Acme US", "Acme EMEA", "Acme Sandbox")).values())
    line = calls_line(rows)
    assert line.startswith("API calls: acme ")
    assert ", sandbox " in line
    assert calls_line([]) == ""
    others = [replace(row, read_by="jump2:4711") if row.org == "acme" else row for row in rows]
    assert calls_line(others) == f"API calls: {line.rpartition(', ')[2]}"


async def offered(scene: Scene, monkeypatch: pytest.MonkeyPatch, *, allowed: bool) -> str:
    config = scene.config()
    config = replace(config, orgs={k: replace(o, allow_repairs=allowed) for k, o in config.orgs.items()})
    monkeypatch.setattr(scene, "config", lambda: config)
    async with scene.watcher() as watcher:
        states = await fresh_states(watcher, [c.name for c in watcher.connections], lambda text: None)
    return as_text(rows_of(states), Times(UTC, scene.clock.now()), offers=offers_of(states))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = Scene(tmp_path / "state")
    made.world.freeze()
    return made


async def test_a_repair_that_may_be_applied_is_offered_with_its_command(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await offered(scene, monkeypatch, allowed=True)
    assert "repair: Unfreeze · you have the right to do it" in said
    assert "remonitor fix 'Acme EMEA'" in said


async def test_where_repairs_are_off_the_reason_is_said_and_no_command(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = await offered(scene, monkeypatch, allowed=False)
    assert "by hand · Repairs are off for this org" in said
    assert "remonitor fix" not in said
