"""Whatever the network or an org does: one connection's trouble is told as Unknown, the others go on."""

from pathlib import Path
from typing import Any

import pytest

from tests.clocks import run
from tests.demo_world import scene
from tui.connections.state import Status

SICK, HEALTHY, ELSEWHERE = "Acme EMEA", "Acme US", "Acme Sandbox"

FAULTS: list[dict[str, Any]] = [
    {"kind": "unauthorized"},
    {"kind": "request_limit"},
    {"kind": "overload", "status": 503},
    {"kind": "overload", "status": 503, "retry_after": 120},
    {"kind": "overload", "status": 429, "retry_after": 60},
    {"kind": "html", "status": 200},
    {"kind": "html", "status": 503},
    {"kind": "cut_body"},
    {"kind": "hang"},
    {"kind": "redirect"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: "-".join(str(v) for v in f.values()))
def test_a_fault_of_one_org_is_unknown_with_reason_and_next_step(
    fault: dict[str, Any], tmp_path: Path
) -> None:
    async def story() -> None:
        async with scene(tmp_path) as stage:
            before = stage.state(SICK)
            assert before.status is Status.ERROR
            await stage.ask("/knobs", org="acme", **fault)
            await stage.passes(8)

            blind = stage.state(SICK)
            assert (blind.status, blind.was) == (Status.UNKNOWN, Status.ERROR)
            assert blind.why is not None
            assert blind.why.text
            assert blind.why.next_step
            assert blind.diagnosis.causes == before.diagnosis.causes
            assert blind.diagnosis.findings[0].seen_at == before.diagnosis.findings[0].seen_at
            assert stage.state(HEALTHY).status is Status.UNKNOWN
            assert stage.state(ELSEWHERE).status is Status.ERROR

            await stage.ask("/knobs", org="acme", kind=fault["kind"], clear=True)
            await stage.passes(40)
            assert stage.state(SICK).status is Status.ERROR
            assert stage.state(SICK).since == before.since
            assert stage.state(HEALTHY).status is Status.MONITORING

    run(story())


def test_an_expired_token_is_renewed_without_a_word(tmp_path: Path) -> None:
    async def story() -> None:
        async with scene(tmp_path) as stage:
            await stage.ask("/knobs", org="acme", kind="expire_tokens")
            stage.watcher.check_now(SICK)
            await stage.passes(0.1)
            assert stage.state(SICK).status is Status.ERROR
            assert stage.state(SICK).failures == 0

    run(story())


def test_a_tenant_that_fails_takes_nothing_from_salesforces_evidence(tmp_path: Path) -> None:
    async def story() -> None:
        async with scene(tmp_path) as stage:
            await stage.ask("/knobs", tenant="acme", kind="overload", status=503)
            await stage.passes(10)
            assert stage.state(SICK).status is Status.ERROR
            assert stage.state(HEALTHY).status is Status.MONITORING

    run(story())
