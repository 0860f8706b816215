"""Every fault × org and tenant, by check: true words, nobody else's, and the right exit code.

A new fault is one entry in ways.py (org and tenant alike), of_org.py or of_tenant.py.
"""

import tracemalloc
from pathlib import Path

import pytest

from tests.whole.fault_matrix.faults import zeros
from tests.whole.fault_matrix.looking import Fault, Seen, look
from tests.whole.fault_matrix.of_org import OF_ORG
from tests.whole.fault_matrix.of_tenant import OF_TENANT
from tests.whole.fault_matrix.ways import HARMLESS, OF_THE_WAY
from tui.connections.state import State
from tui.console import Exit
from tui.net import MAX_BODY

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
