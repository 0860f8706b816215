"""The demo: its configuration, its child process, and a demo that is not there."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from tui.base import paths
from tui.base.clock import ScaledClock, SystemClock
from tui.base.problem import Problem
from tui.config import check_references
from tui.headless import demo

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
