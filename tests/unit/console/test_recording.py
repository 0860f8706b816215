"""`record` on the demo: what is written names nobody, and is written only where its replay says the same."""

import asyncio
import gzip
import json
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from msgspec import structs

from tests.clocks import run
from tests.demo_world import ORIGIN, config_of
from tui.base.clock import LoopClock, ManualClock
from tui.base.problem import Problem, UsageProblem
from tui.cli import invoke
from tui.commands.record import Person
from tui.console.playing import Played
from tui.console.recording import Noted, Taken, Words, disguised, narrowed, proven, requests_made, take
from tui.demo import serve
from tui.demo.administrator import act
from tui.demo.world import World
from tui.recordings import format
from tui.recordings.recorder import Recorder
from tui.reports.recorded import shown
from tui.watching.entry import Entry, EntryKind
from tui.watching.journal import Journal

US = "Acme US"


async def nobody(played: Played) -> Words:
    return {}


async def nothing_noted() -> Words:
    return {}


async def recorded(
    folder: Path, scenario: str = "tour", span: timedelta = timedelta(0), **order: str
) -> Taken:
    """What was heard on the demo; its administrator acts after two minutes."""
    clock = LoopClock(ORIGIN)
    demo = serve.build(scenario, clock)
    config = narrowed(config_of(demo.ready(), folder), ())
    net = Recorder(
        config, clock, transports={url: httpx.ASGITransport(app) for url, app in demo.apps.items()}
    )
    async with demo.running():
        if order:
            asyncio.get_running_loop().call_later(120, lambda: act(demo.world, order))
        return await take(config, clock, net, folder / "live", span, nobody, nothing_noted)


def test_one_reading_is_written_with_nobody_in_it(tmp_path: Path) -> None:
    taken = run(recorded(tmp_path))
    made = disguised(taken)
    data = asyncio.run(proven(taken, made, tmp_path / "replayed"))
    assert not re.search(rb"\b(?:acme|jane|emea|canada|2026|secret)\b", data, re.IGNORECASE)
    assert len(gzip.compress(data)) < 300_000
    again = format.decode(data, "it")
    assert again.origin == "org"
    assert len(again.readings) == 1
    assert all(verdict.status is None for verdict in again.expected.connections.values())
    assert requests_made(taken.recording)[0] > 10


def test_all_readings_of_a_while_are_told_apart_and_what_the_console_showed_is_expected(
    tmp_path: Path,
) -> None:
    span = timedelta(minutes=8)
    taken = run(recorded(tmp_path, "healthy", span, action="freeze", connection=US))
    statuses = [played.states[0].status.value for played in taken.played]
    assert statuses[0] == "Monitoring"
    assert statuses[-1] == "Error"
    told: list[Words] = [{US: status} for status in statuses]
    made = disguised(Taken(taken.recording, taken.played, told))
    again = format.decode(asyncio.run(proven(taken, made, tmp_path / "replayed")), "it")
    expected = [*(reading.expected for reading in again.readings[:-1]), again.expected]
    assert len(expected) == len(statuses) >= 3
    assert [next(iter(e.connections.values())).status for e in expected if e is not None] == statuses


def test_who_ends_a_while_sooner_keeps_what_was_read(tmp_path: Path) -> None:
    async def interrupted() -> Taken:
        task = asyncio.ensure_future(recorded(tmp_path, "healthy", timedelta(hours=1)))
        asyncio.get_running_loop().call_later(8 * 60, task.cancel)
        return await task

    taken = run(interrupted())
    assert len(taken.played) == 2
    assert asyncio.run(proven(taken, disguised(taken), tmp_path / "replayed"))


def test_a_file_whose_replay_says_something_else_is_not_made(tmp_path: Path) -> None:
    taken = run(recorded(tmp_path, "healthy"))
    made = disguised(taken)
    (reading,) = made.recording.readings
    emptied = structs.replace(reading, exchanges=reading.exchanges[:4])
    broken = type(made)(structs.replace(made.recording, readings=(emptied,)), made.names, made.unknown)
    with pytest.raises(Problem, match="does not say the same: reading 1: "):
        asyncio.run(proven(taken, broken, tmp_path / "replayed"))


def test_a_value_that_no_vocabulary_has_is_replaced_unless_it_may_stay(tmp_path: Path) -> None:
    taken = run(recorded(tmp_path, "healthy"))
    data = format.encode(taken.recording).replace(b'"UserType": "Standard"', b'"UserType": "Secret Project"')
    taken = Taken(format.decode(data, "it"), taken.played, taken.shown)
    made = disguised(taken)
    assert ("a kind of user", "Secret Project") in made.unknown
    assert b"Secret Project" not in format.encode(made.recording)
    kept = disguised(taken, ["Secret Project"])
    assert b"Secret Project" in format.encode(kept.recording)
    assert "a kind of user  Secret Project" in shown(kept.recording)


def canaries() -> str:
    """A plan in which every string is a canary of its own."""
    number = iter(range(1, 1_000))

    def canary() -> str:
        return f"Canary{next(number)}x"

    org = {"key": canary().lower(), "my_domain": f"{canary().lower()}.my.salesforce.com", "sandbox": False}
    causes = (
        "user_frozen",
        "user_deactivated",
        "permissions_missing",
        "event_streaming_disabled",
        "access_revoked",
    )
    connections = [
        {
            "name": canary(), "org": org["key"], "tenant": "acme", "account": f"{canary()}@{canary()}.com",
            "detector": canary(), "app": f"{canary()} Incydr", "user": f"{canary()} Incydr", "profile": canary(),
            "causes": [
                {"cause": cause, "seconds_ago": 4_000, "permissions": ["ViewDataLeakageEvents"],
                 "by": {"name": f"{canary()} {canary()}", "username": f"{canary()}@{canary()}.com"}}
            ],
        }
        for cause in causes
    ]  # fmt: skip
    return json.dumps({"orgs": [org], "connections": connections})


def test_nothing_of_a_world_of_canaries_is_in_the_file(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(canaries())
    worlds: list[World] = []

    async def look() -> Taken:
        clock = LoopClock(ORIGIN)
        demo = serve.build(f"plan:{plan}", clock)
        worlds.append(demo.world)
        config = narrowed(config_of(demo.ready(), tmp_path), ())
        net = Recorder(
            config, clock, transports={url: httpx.ASGITransport(app) for url, app in demo.apps.items()}
        )
        async with demo.running():
            return await take(config, clock, net, tmp_path / "live", timedelta(0), nobody, nothing_noted)

    taken = run(look())
    assert {cause for state in taken.played[0].states for cause in state.diagnosis.causes} >= {
        "user_frozen", "user_deactivated", "permissions_missing", "event_streaming_disabled", "access_revoked",
    }  # fmt: skip
    raw = format.encode(taken.recording)
    data = asyncio.run(proven(taken, disguised(taken), tmp_path / "replayed"))
    assert len(re.findall(rb"canary\d+x", raw, re.IGNORECASE)) > 100
    assert not re.findall(rb"canar", data, re.IGNORECASE)
    (org,) = worlds[0].orgs.values()
    ids = {str(row["Id"])[:15] for table in org.tables.values() for row in table.values() if row.get("Id")}
    assert len({each for each in ids if each.encode() in raw}) > 20
    assert not {each for each in ids if each.encode() in data and each.strip("0")}
    assert not set(re.findall(rb"20\d\d-\d\d-\d\d", raw)) & set(re.findall(rb"20\d\d-\d\d-\d\d", data))


class Typed:
    terminal = True

    def __init__(self, *lines: str) -> None:
        self._lines = list(lines)

    async def next(self) -> str | None:
        return self._lines.pop(0) if self._lines else None


async def test_a_person_is_asked_what_the_console_shows_and_what_may_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = await asyncio.to_thread(lambda: run(recorded(tmp_path, "healthy:2")))
    (played,) = taken.played
    assert await Person(Typed("e", "")).console(played) == {played.states[0].connection.name: "Error"}
    assert await Person(None).console(played) == {}
    made = disguised(taken)
    made.unknown[("a status", "Refused by \x1bZ")] = "Besizo"
    assert await Person(Typed("y")).consent(made) == ["Refused by \x1bZ"]
    assert await Person(Typed("")).consent(made) == []
    assert await Person(None).consent(made) == []
    assert "\x1b" not in capsys.readouterr().err


def test_only_the_named_connections_org_and_tenant_are_in_it(tmp_path: Path) -> None:
    config = config_of(serve.build("tour", ManualClock(ORIGIN)).ready(), tmp_path)
    narrow = narrowed(config, ["Acme Sandbox"])
    assert set(narrow.orgs) == {"sandbox"}
    assert [each.name for each in narrow.connections] == ["Acme Sandbox"]
    with pytest.raises(UsageProblem):
        narrowed(config, ["Acme Moon"])


def test_show_tells_every_text_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = run(recorded(tmp_path))
    path = tmp_path / "it.json.gz"
    path.write_bytes(gzip.compress(format.encode(disguised(taken).recording)))
    assert invoke(["record", "--show", str(path)]) == 0
    told = capsys.readouterr().out
    assert "Values that this program does not know\n  There are none." in told
    texts = json.loads(gzip.decompress(path.read_bytes()))
    assert texts["configuration"]["connections"].keys() <= {
        name for name in texts["configuration"]["connections"] if name in told
    }
    assert re.search(r"Display +Froze user account for Incydr \w{6}", told)


@pytest.mark.parametrize("more", [["Acme US"], ["-o", "x.json"], ["--for", "5m"], ["--keep", "x"]])
def test_show_goes_with_nothing_else(more: list[str]) -> None:
    assert invoke(["record", "--show", "it.json", *more]) == 64


def test_a_file_that_is_there_is_not_overwritten_unasked(
    own_folders: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recording.json.gz").write_text("mine")
    assert invoke(["record"]) != 0
    assert "is there already" in capsys.readouterr().err
    assert (tmp_path / "recording.json.gz").read_text() == "mine"


ODD: tuple[object, ...] = (
    "a\x1b[31m",
    5,
    None,
    True,
    [[]],
    {"records": 7, "compositeResponse": [3, {"referenceId": []}]},
    [{"Id": {}}],
)


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_a_hostile_file_is_shown_without_a_fall_and_cleaned(
    odd: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    requests = [
        {
            "place": "org:\x1b[31ma",
            "path": "/services/data/v66.0/composite",
            "parts": {"a": "SELECT '\x1b[2J' FROM"},
        },
        {"place": "tenant:", "path": "/v2/file-events", "search": {"groups": [{"filters": [odd]}]}},
        {"place": "org:a", "path": "//", "query": "FROM FROM '\\"},
    ]
    exchanges = [{"request": request, "answer": {"body": odd}} for request in requests]
    readings = [{"at": "2026-11-22T13:00:00Z", "exchanges": exchanges}]
    path = tmp_path / "hostile.json"
    tree = {
        "schema": 1,
        "origin": "org",
        "about": "\x1b[31m",
        "configuration": {"orgs": odd},
        "readings": readings,
    }
    path.write_text(json.dumps(tree))
    assert invoke(["record", "--show", str(path)]) == 0
    streams = capsys.readouterr()
    assert "\x1b" not in streams.out + streams.err
    assert "What was asked" in streams.out


async def test_what_an_app_beside_it_writes_down_is_what_the_console_showed(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    noted = Noted(path, [US])
    assert await noted.new() == {}

    async def says(number: int, word: str, name: str = US, kind: EntryKind = EntryKind.WORD) -> None:
        journal = Journal(path)
        await journal.open()
        await journal.note(Entry(ORIGIN + timedelta(minutes=number), name, kind, f"key {number}", text=word))
        await journal.close()

    await says(1, "Error")
    await says(2, "Initializing")
    await says(3, "Monitoring", name="Another")
    await says(4, "a step", kind=EntryKind.STEP)
    # Said by a step of a walkthrough: what it means is in the state already.
    await says(5, "")
    assert await noted.new() == {US: "Initializing"}
    assert await noted.new() == {}
    await says(6, "Monitoring")
    assert await noted.new() == {US: "Monitoring"}
