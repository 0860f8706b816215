"""What "the Salesforce administrator" does to a connection's service account, with all its traces."""

from collections.abc import Mapping
from typing import Any

from tui.demo import actions_on_apps, actions_on_orgs, actions_on_permission_sets
from tui.demo.act import Act, Action, CannotAct
from tui.demo.answers import Refusal
from tui.demo.world import World

__all__ = ["ACTIONS", "BREAKS", "PASTS", "CannotAct", "act", "meanings"]

ACTIONS: Mapping[str, Action] = {
    **actions_on_apps.ACTIONS,
    **actions_on_orgs.ACTIONS,
    **actions_on_permission_sets.ACTIONS,
}

BREAKS: Mapping[str, tuple[str, str | None]] = {
    "service_account_missing": ("lose_account", "return_account"),
    "organization_unavailable": ("suspend_org", "resume_org"),
    "user_deactivated": ("deactivate", "reactivate"),
    "user_frozen": ("freeze", "unfreeze"),
    "login_rate_exceeded": ("burn_quota", None),
    "sign_in_blocked": ("block", "unblock"),
    "access_revoked": ("revoke_access", "authorize_again"),
    "permissions_missing": ("take_permission", "give_permission"),
    "event_monitoring_unlicensed": ("drop_licence", "renew_licence"),
    "event_streaming_disabled": ("disable_streaming", "enable_streaming"),
}
"""For each cause an action that brings it about, and the one that ends it; None where it ends by itself."""

PASTS: Mapping[str, str] = {
    "user_frozen": "freeze",
    "user_deactivated": "deactivation",
    "permissions_missing": "permissions",
    "login_rate_exceeded": "quota",
}
"""Causes that a past can tell, and what it tells of them; the others begin now."""


def meanings() -> dict[str, str]:
    """What each action does, by name."""
    return {name: " ".join((action.__doc__ or "").split()) for name, action in sorted(ACTIONS.items())}


def act(world: World, order: Mapping[str, Any]) -> None:
    """Do what `order` says: `action`, `connection` or `username`, and what the action needs besides.

    Raises CannotAct.
    """
    action = ACTIONS.get(str(order.get("action")))
    if action is None:
        raise CannotAct(f"the actions are {', '.join(sorted(ACTIONS))}")
    try:
        action(Act(world, order))
    except Refusal as refusal:
        raise CannotAct(f"{refusal.code}: {refusal.message}") from refusal
    except (TypeError, ValueError) as error:
        raise CannotAct(f"{order.get('action')} does not take this: {error}") from error
