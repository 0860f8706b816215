"""Every order of the stand-in administrator: the cause that it breaks is found, and who did it is named or not known.

Each order stands in one of the tables; a new one needs an entry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import run
from tests.demo_world import Scene, scene
from tui.connections.state import State, Status
from tui.demo import actions_on_apps, actions_on_orgs, actions_on_permission_sets
from tui.demo.administrator import ACTIONS, BREAKS

US = "Acme US"
JANE, EXPIRY = "Jane Doe", "expiry"
NOBODY = ""
READERS = "Report Readers"
"""A member of the tour's group without anything that Incydr needs."""
FOUND_WITHIN = timedelta(minutes=30)
"""A slow fact is read every 15 minutes, and a refused sign-in waits for Incydr's next round."""
Order = tuple[str, Mapping[str, Any]]
BY_A_SET: tuple[Order, ...] = (("assign_set", {}), ("change_profile", {}))
BY_AN_EXPIRING_SET: tuple[Order, ...] = (("assign_set_until", {"seconds": 9_000_000}), ("change_profile", {}))


@dataclass(frozen=True)
class Deed:
    """An order, the cause that it brings about, and whom the program names for it (NOBODY: not known)."""

    action: str
    cause: str
    by: str = JANE
    order: Mapping[str, Any] = field(default_factory=dict)
    first: Sequence[Order] = ()
    scenario: str = "healthy"


DEEDS = (
    Deed("lose_account", "service_account_missing", NOBODY),
    Deed("suspend_org", "organization_unavailable", NOBODY),
    Deed("deactivate", "user_deactivated"),
    Deed("freeze", "user_frozen"),
    Deed("burn_quota", "login_rate_exceeded", NOBODY),
    Deed("drop_licence", "event_monitoring_unlicensed", NOBODY),
    Deed("disable_streaming", "event_streaming_disabled"),
    Deed("revoke_access", "access_revoked", NOBODY),
    Deed("uninstall_app", "access_revoked"),
    Deed("delete_app", "access_revoked"),
    Deed("block", "sign_in_blocked", NOBODY),
    Deed("block_app", "sign_in_blocked"),
    Deed("restrict_app", "sign_in_blocked"),
    Deed("require_approved_apps", "sign_in_blocked"),
    Deed("add_login_range", "sign_in_blocked"),
    Deed("set_login_hours", "sign_in_blocked"),
    Deed("forbid_app", "sign_in_blocked", first=(("restrict_app", {}), ("allow_app", {}))),
    Deed("enforce_ip", "sign_in_blocked", first=(("relax_ip", {}), ("add_login_range", {}))),
    Deed("take_permission", "permissions_missing"),
    Deed("change_profile", "permissions_missing"),
    Deed("take_permission", "permissions_missing", scenario="tour"),
    Deed("unassign_set", "permissions_missing", scenario="tour"),
    Deed(
        "remove_group_component", "permissions_missing", order={"set": "Incydr Access"}, scenario="tour"
    ),
    Deed("delete_group", "permissions_missing", scenario="tour"),
    Deed("expire_assignments", "permissions_missing", EXPIRY, scenario="tour"),
    Deed("change_expiration", "permissions_missing", EXPIRY, {"seconds": -1}, scenario="tour"),
    Deed("unassign_set", "permissions_missing", first=BY_A_SET),
    Deed("delete_set", "permissions_missing", first=BY_A_SET),
    Deed("require_activation", "permissions_missing", first=BY_A_SET),
    Deed("unassign_expiring_set", "permissions_missing", first=BY_AN_EXPIRING_SET),
    Deed("change_expiration", "permissions_missing", EXPIRY, {"seconds": -1}, BY_AN_EXPIRING_SET),
)  # fmt: skip

# What ends a cause, or changes nothing that Incydr needs: orders that must come before, if any.
HARMLESS: Mapping[str, Sequence[Order]] = {
    "add_audit_row": (),
    "add_event": (),
    "add_group_component": (("remove_group_component", {"set": READERS}),),
    "add_sign_in": (),
    "allow_app": (),
    "assign_licence": (),
    "assign_set": (),
    "assign_set_until": (),
    "authorize_again": (),
    "change_app_scope": (),
    "clear_login_hours": (),
    "delete_login_range": (("relax_ip", {}), ("add_login_range", {})),
    "delete_trusted_range": (),
    "deploy_profile": (),
    "edit_account": (),
    "enable_streaming": (),
    "expire_sessions": (),
    "foreign_assignments": (),
    "give_permission": (),
    "install_app": (),
    "open_app": (),
    "reactivate": (),
    "relax_ip": (),
    "rename_account": (),
    "renew_licence": (),
    "require_session_level": (),
    "restore_app": (),
    "resume_org": (),
    "return_account": (),
    "rotate_refresh_tokens": (),
    "spray_passwords": (),
    "unassign_licence": (),
    "unblock": (),
    "unblock_app": (),
    "waive_activation": (("assign_set", {}),),
    "waive_approved_apps": (),
}
DOUBTFUL = ("unfreeze", "unlock")
"""Nothing to end: the freeze record moves and no row of the trail says why."""
# It changes the console or the org itself.
ELSEWHERE = {"deauthorize", "refresh_sandbox"}


async def passes(stage: Scene, span: timedelta) -> None:
    await stage.clock.sleep_until(stage.clock.now() + span)


async def prepared(stage: Scene, first: Sequence[Order]) -> None:
    for action, order in first:
        await stage.admin(action, US, **order)
    if first:
        await passes(stage, timedelta(minutes=20))
    assert stage.state(US).status is Status.MONITORING


def named(deed: Deed) -> str:
    return f"{deed.action} {'after ' + deed.first[0][0] if deed.first else ''} {deed.scenario}"


@pytest.mark.parametrize("deed", DEEDS, ids=named)
def test_the_cause_is_found_and_the_right_person_is_named(deed: Deed, tmp_path: Path) -> None:
    async def story() -> tuple[State, datetime]:
        async with scene(tmp_path, scenario=deed.scenario) as stage:
            await prepared(stage, deed.first)
            done = stage.clock.now()
            await stage.admin(deed.action, US, **deed.order)
            while stage.state(US).status is not Status.ERROR and stage.clock.now() - done < FOUND_WITHIN:
                await passes(stage, timedelta(seconds=30))
            return stage.state(US), done

    state, done = run(story())
    assert state.diagnosis.causes == (deed.cause,)
    (finding,) = state.diagnosis.findings
    if deed.by == NOBODY:
        assert finding.by is None
        assert finding.by_unknown, "it is not said why nobody is named"
        return
    assert finding.by is not None, finding.by_unknown
    assert finding.by.name == deed.by
    if deed.by == JANE:
        assert finding.by.at is not None
        assert abs(finding.by.at - done) < timedelta(seconds=2)


@pytest.mark.parametrize("action", HARMLESS)
def test_what_breaks_nothing_is_no_error_and_nobody_is_named(action: str, tmp_path: Path) -> None:
    async def story() -> list[State]:
        async with scene(tmp_path, scenario="tour" if "group" in action else "healthy") as stage:
            await prepared(stage, HARMLESS[action])
            await stage.admin(action, US, **({"set": READERS} if "component" in action else {}))
            seen = []
            for _ in range(12):
                await passes(stage, timedelta(minutes=5))
                seen.append(stage.state(US))
            return seen

    seen = run(story())
    assert {state.status for state in seen} == {Status.MONITORING}
    assert {state.diagnosis.causes for state in seen} == {()}


@pytest.mark.parametrize("action", DOUBTFUL)
def test_a_record_that_moves_without_a_row_is_a_doubt_until_incydr_signs_in(
    action: str, tmp_path: Path
) -> None:
    async def story() -> list[State]:
        async with scene(tmp_path, scenario="healthy") as stage:
            await stage.admin(action, US)
            seen = []
            for _ in range(10):
                await passes(stage, timedelta(minutes=3))
                seen.append(stage.state(US))
            return seen

    seen = run(story())
    doubted = [state.why.code for state in seen if state.status is Status.UNKNOWN and state.why is not None]
    assert set(doubted) == {"changed"}
    assert {state.status for state in seen} == {Status.MONITORING, Status.UNKNOWN}
    assert seen[-1].status is Status.MONITORING


def test_every_order_and_every_cause_stands_in_a_table() -> None:
    broken = {deed.action for deed in DEEDS}
    assert broken | HARMLESS.keys() | {*DOUBTFUL} | ELSEWHERE == ACTIONS.keys()
    assert {deed.cause for deed in DEEDS} == BREAKS.keys()
    assert {action for action, _ in BREAKS.values()} <= broken
    halves = (actions_on_apps.ACTIONS, actions_on_orgs.ACTIONS, actions_on_permission_sets.ACTIONS)
    assert sum(len(half) for half in halves) == len(ACTIONS)
