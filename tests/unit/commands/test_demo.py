"""The demo: its configuration, its child process, and a demo that is not there."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tui.base import paths
from tui.base.clock import ScaledClock, SystemClock
from tui.base.problem import Problem, UsageProblem
from tui.config import check_references, load
from tui.console import demo_world as demo

pytestmark = pytest.mark.usefixtures("_own_temp")


@pytest.fixture
def _own_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "state"))


async def test_a_started_demo_can_be_attached_to_and_leaves_nothing_behind() -> None:
    async with demo.started(speed=60.0, keep=False) as world:
        check_references(world.config)
        assert isinstance(world.clock, ScaledClock)
        assert all(org.allow_repairs for org in world.config.orgs.values())
        async with demo.attached(world.control_url) as again:
            assert again.config.connections == world.config.connections
            assert again.config_file != world.config_file
            assert again.state_folder == world.state_folder
    assert not any(w.config_file.parent.exists() for w in (world, again))


async def test_what_happened_in_a_demo_is_known_to_no_other_and_forgotten_with_it() -> None:
    async with demo.started(speed=60.0, keep=False) as one, demo.started(speed=60.0, keep=False) as other:
        assert one.state_folder != other.state_folder
        assert one.state_folder.is_relative_to(paths.state_folder())
        one.state_folder.mkdir(parents=True)
    assert not one.state_folder.exists()


async def test_its_files_are_private() -> None:
    async with demo.started(speed=60.0, keep=False) as world:
        files = [p for p in world.config_file.parent.rglob("*") if p.is_file()]
        assert {p.stat().st_mode & 0o777 for p in files} == {0o600}
        assert world.config_file.parent.stat().st_mode & 0o777 == 0o700


async def opening() -> Problem:
    with pytest.raises(Problem) as caught:
        async with demo.started(speed=1.0, keep=False):
            pass
    return caught.value


async def test_the_configuration_of_a_demo_that_runs_on_outlives_the_app() -> None:
    async with demo.started(speed=60.0, keep=False) as world:
        async with demo.attached(world.control_url) as app:
            pass
        # What the app said at its start is true after it: other commands read the demo by this very file.
        config = load(app.config_file)
        check_references(config)
        assert config.connections == world.config.connections
    assert not app.config_file.exists()


async def test_without_the_extra_the_command_that_mends_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    problem = await opening()
    assert problem.message == "It needs starlette and uvicorn."
    assert "pip install 'remonitor[demo]'" in problem.next_step


def script(folder: Path, text: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


async def test_a_demo_that_ends_at_once_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", script(tmp_path, "exit 1"))
    assert (await opening()).title == "The demo did not start"


async def test_a_demo_that_answers_something_else_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys, "executable", script(tmp_path, f"echo '{json.dumps({'orgs': 3})}'; cat >/dev/null")
    )
    assert (await opening()).title == "The demo answered something else"


async def test_a_demo_without_a_clock_of_its_own_follows_this_machines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = json.dumps({"orgs": {}, "tenants": {}, "control_url": "http://127.0.0.1:1", "connections": []})
    monkeypatch.setattr(sys, "executable", script(tmp_path, f"echo '{ready}'; cat >/dev/null"))
    async with demo.started(speed=1.0, keep=False) as world:
        assert isinstance(world.clock, SystemClock)


READY: dict[str, Any] = {
    "orgs": {
        "acme": {
            "api_url": "http://127.0.0.1:1",
            "my_domain": "acme.my.salesforce.com",
            "client_id": "id",
            "client_secret": "secret",
            "operator": "ops@acme.example",
        }
    },
    "tenants": {"t": {"base_url": "http://127.0.0.1:2", "client_id": "key-1", "client_secret": "secret"}},
    "control_url": "http://127.0.0.1:3",
    "connections": [{"name": "A", "org": "acme", "service_account": "a@b", "tenant": "t"}],
    "clock": {"origin": "2026-11-22T13:00:00Z", "epoch": 1.7e9, "speed": 60},
}


def answer(**changes: Any) -> bytes:
    return json.dumps(READY | changes).encode()


def org(**changes: Any) -> dict[str, Any]:
    return {"orgs": {"acme": READY["orgs"]["acme"] | changes}}


def tenant(**changes: Any) -> dict[str, Any]:
    return {"tenants": {"t": READY["tenants"]["t"] | changes}}


def below(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


async def opened(body: bytes) -> list[Path]:
    """The files that this answer of a demo leads to."""
    async with demo._written(demo._decoded(body), goes_with_it=False) as world:
        folder = world.config_file.parent
        return sorted(p.relative_to(folder) for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "a/../../../b", "..", "x" * 300])
async def test_no_name_from_outside_becomes_a_path(name: str, tmp_path: Path) -> None:
    before = below(tmp_path)
    body = answer(
        orgs={name: READY["orgs"]["acme"]},
        tenants={name: READY["tenants"]["t"]},
        connections=[{"name": name, "org": name, "service_account": "a@b", "tenant": name}],
    )
    files = await opened(body)
    assert [str(f) for f in files] == ["config.toml", "secrets/org-1", "secrets/tenant-1"]
    assert {p.relative_to(tmp_path).parts[0] for p in below(tmp_path) - before} == {"state"}
    assert len(list((tmp_path / "state" / "demos").iterdir())) == 1


@pytest.mark.parametrize(
    "changes",
    [
        org(api_url="https://evil.example"),
        org(api_url="http://127.0.0.1.evil.example"),
        org(api_url="http://user@127.0.0.1"),
        org(api_url="http://["),
        tenant(base_url="http://10.0.0.1:80"),
        {"control_url": "http://evil.example"},
        tenant(client_id="file:/etc/passwd"),
        tenant(client_id="env:HOME"),
        org(client_secret="two\nlines"),
        org(client_secret=""),
        org(my_domain="not a host"),
        {"orgs": {"a\nb": READY["orgs"]["acme"]}},
        {"connections": [{"name": "A", "org": "nowhere", "service_account": "a@b"}]},
        {"connections": [{"name": " ", "org": "acme", "service_account": "a@b"}]},
        {"clock": {"origin": "2026-11-22T13:00:00", "epoch": 1.7e9, "speed": 60}},
        {"clock": {"origin": "0001-01-01T00:00:00Z", "epoch": 1.7e9, "speed": 60}},
        {"clock": {"origin": "2026-11-22T13:00:00Z", "epoch": 1.7e9, "speed": 0}},
        {"clock": {"origin": "2026-11-22T13:00:00Z", "epoch": 1e300, "speed": 60}},
    ],
)
async def test_the_whole_answer_is_looked_at_before_anything_is_used(changes: dict[str, Any]) -> None:
    with pytest.raises(Problem) as caught:
        await opened(answer(**changes))
    assert caught.value.title == "The demo answered something else"


async def test_a_sound_answer_is_taken() -> None:
    assert Path("config.toml") in await opened(answer())


@pytest.mark.parametrize(
    "url",
    ["http://evil.example:8123", "https://127.0.0.1:1", "http://[", "127.0.0.1:1", "http://127.0.0.1:1/x?y"],
)
async def test_only_a_demo_on_this_machine_can_be_attached_to(url: str) -> None:
    with pytest.raises(UsageProblem):
        async with demo.attached(url):
            pass


KILLED = """
import asyncio, os, signal
from tui.console import demo_world as demo
async def main():
    async with demo.started(speed=60.0, keep=False) as world:
        world.state_folder.mkdir(parents=True)
        print(world.config_file.parent, world.state_folder, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""


def left_by_a_killed_demo(folder: Path) -> list[Path]:
    env = os.environ | {"TMPDIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED], env=env, capture_output=True, text=True, check=False
    )
    return [Path(name) for name in done.stdout.split()]


async def test_what_a_killed_demo_left_is_cleared_by_the_next_start_and_what_lives_stays(
    tmp_path: Path,
) -> None:
    left = left_by_a_killed_demo(tmp_path)
    assert [path.exists() for path in left] == [True, True]
    async with demo.started(speed=60.0, keep=False) as living:
        assert not any(path.exists() for path in left)
        demo._clear_up()
        assert living.config_file.exists()
