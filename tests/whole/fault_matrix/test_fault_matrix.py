"""Every fault × org and tenant, by check: true words, nobody else's, and the right exit code; then app and steps.

A new fault is one entry in ways.py (org and tenant alike), of_org.py or of_tenant.py.
"""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.app.stage import stage
from tests.whole.fault_matrix.faults import Fault, Seen, look, zeros
from tests.whole.fault_matrix.of_org import OF_ORG
from tests.whole.fault_matrix.of_tenant import OF_TENANT
from tests.whole.fault_matrix.ways import HARMLESS, OF_THE_WAY
from tests.whole.in_the_app import config_of, shown
from tui.connections.connection import Experience
from tui.connections.state import State, Status
from tui.console import Exit
from tui.lines.steps import of_watched
from tui.net import MAX_BODY
from tui.rules.required_permissions import REQUIREMENTS

FAULTS = (*OF_THE_WAY, *OF_ORG, *OF_TENANT, *HARMLESS)


@pytest.fixture(autouse=True)
def state_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "state"))


def read(seen: Seen) -> State:
    assert seen.state is not None
    return seen.state


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_check_says_what_it_is_and_ends_with_its_code(fault: Fault, tmp_path: Path) -> None:
    seen = look(fault, tmp_path)
    assert seen.requests, "the fault was never met"
    assert (read(seen).status, seen.code) == (fault.status, fault.code), seen.text
    assert [word for word in fault.words if word not in seen.text] == [], seen.text
    assert [word for word in fault.never if word in seen.text] == [], seen.text
    if fault.where == "tenant" and fault.words:
        assert "could not be read from tenant acme" in seen.text
        assert "The strongest proof is missing" in seen.text
    if fault.code is Exit.UNKNOWN:
        why = read(seen).why
        assert why is not None
        assert why.next_step, "no next step"


def test_no_two_entries_are_the_same() -> None:
    assert len({fault.id for fault in FAULTS}) == len(FAULTS)


TOO_LARGE = [fault for fault in FAULTS if "zeros" in fault.name or "MB" in fault.name]


@pytest.mark.parametrize("fault", TOO_LARGE, ids=lambda fault: fault.id)
def test_what_is_too_large_costs_little_memory(fault: Fault, tmp_path: Path) -> None:
    zeros()
    tracemalloc.start()
    try:
        look(fault, tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 4 * MAX_BODY
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("fault", HARMLESS, ids=lambda fault: fault.id)
def test_cookies_are_not_sent_back(fault: Fault, tmp_path: Path) -> None:
    seen = look(fault, tmp_path)
    assert len(seen.requests) > 1
    assert not [request.url for request in seen.requests if "cookie" in request.headers]


def test_a_redirect_takes_no_token_along(tmp_path: Path) -> None:
    for fault in OF_THE_WAY:
        if fault.name == "redirect to another host":
            (tmp_path / fault.where).mkdir()
            seen = look(fault, tmp_path / fault.where)
            assert [r.url for r in seen.requests if not (r.url.host or "").endswith("demo.invalid")] == []


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, State]]:
    """What a check of each fault brought, as connections of these names."""
    found: dict[str, State] = {}
    with pytest.MonkeyPatch.context() as patch:
        for fault in FAULTS:
            folder = tmp_path_factory.mktemp("fault")
            patch.setenv("REMONITOR_STATE", str(folder / "state"))
            state = look(fault, folder).state
            assert state is not None
            found[fault.id] = replace(state, connection=replace(state.connection, name=fault.id))
    yield found


def wrong(fault: Fault, text: str) -> list[str]:
    words = fault.words
    missing = [f"{fault.id}: {word!r} is missing in {text}" for word in words if word not in text]
    return missing + [f"{fault.id}: {word!r} is said in {text}" for word in fault.never if word in text]


async def test_the_app_says_the_same(states: dict[str, State]) -> None:
    found: list[str] = []
    async with stage(size=(220, 70), setting=config_of(states), states=[*states.values()]) as s:
        for fault in FAULTS:
            s.app.main.connections.go_to(fault.id)
            await s.settle()
            assert s.app.main.selected == fault.id
            text = shown(s)
            assert str(fault.status) in text
            found += wrong(fault, text)
    assert found == [], "\n".join(found)


async def test_plain_steps_say_the_same(states: dict[str, State]) -> None:
    found: list[str] = []
    async with stage(setting=config_of(states), states=[*states.values()]) as s:
        for fault in FAULTS:
            told: list[str] = []
            code = of_watched(
                s.watcher, fault.id, Experience.LIGHTNING, REQUIREMENTS, s.clock, told.append, told.append
            )
            unknown = fault.status is Status.UNKNOWN
            assert code is (Exit.UNKNOWN if unknown else Exit.NO), fault.id
            if unknown:
                found += wrong(fault, "\n".join(told))
    assert found == [], "\n".join(found)
