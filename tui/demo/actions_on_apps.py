"""What an administrator allows and forbids connected apps and sign-ins, with the recorded audit rows."""

from collections.abc import Mapping

from tui.demo.act import Act, Action, CannotAct
from tui.demo.org import AppPolicy

_APPS = "Connected Apps"
_ANYBODY = "All users may self-authorize"
_APPROVED = "Admin approved users are pre-authorized"


def _policy(act: Act) -> AppPolicy:
    return act.org.policies.apps[act.app]


def _out(act: Act) -> None:
    """End what the app has open."""
    for token in [token for token, session in act.org.sessions.items() if session.app == act.app]:
        del act.org.sessions[token]


def _block_app(act: Act) -> None:
    """Block the connected app (`app`)."""
    _policy(act).blocked = True
    _out(act)
    act.audit("blockConnectedApplication", f"Blocked Connected App {act.app} to {act.org.name}", _APPS)


def _unblock_app(act: Act) -> None:
    """Unblock the connected app."""
    _policy(act).blocked = False
    act.audit("unblockConnectedApplication", f"Unblocked Connected App {act.app} to {act.org.name}", _APPS)


def _uninstall_app(act: Act) -> None:
    """Uninstall the connected app: its tokens stay, without a menu item."""
    _policy(act).installed = False
    _out(act)
    _menu_items(act)
    act.audit("deleteConnectedApplication", f"Uninstalled Connected App {act.app}", _APPS)


def _install_app(act: Act) -> None:
    """Install the connected app."""
    _policy(act).installed = True
    _menu_items(act)
    act.audit("insertConnectedApplication", f"Installed Connected App {act.app} to {act.org.name}", _APPS)


def _menu_items(act: Act) -> None:
    for row in act.org.tables["OauthToken"].values():
        if row["AppName"] == act.app:
            row["AppMenuItemId"] = act.org.menu_item(act.app)


def _delete_app(act: Act) -> None:
    """Delete the connected app, and with it every approval."""
    _policy(act).deleted = True
    _out(act)
    for row in list(act.org.tables["OauthToken"].values()):
        if row["AppName"] == act.app:
            act.org.revoke(row)
    act.audit("deleteApplication", f"Deleted Connected App {act.app}", _APPS)


def _restore_app(act: Act) -> None:
    """Have the deleted app and the account's approval again, as after authorising anew."""
    _policy(act).deleted = False
    act.org.approve_again(act.user, act.app)


def _restrict_app(act: Act) -> None:
    """Permitted Users: admin approved users only, of whom the account is none."""
    policy = _policy(act)
    policy.admin_approved = True
    policy.allowed.clear()
    _permitted(act, _ANYBODY, _APPROVED)


def _open_app(act: Act) -> None:
    """Permitted Users: all users may self-authorize."""
    _policy(act).admin_approved = False
    _permitted(act, _APPROVED, _ANYBODY)


def _permitted(act: Act, before: str, after: str) -> None:
    display = f"Changed connected app {act.app} Permitted Users setting from {before} to {after}"
    act.audit("changeUserRuntimeAccessPolicy", display, _APPS)


def _allow_app(act: Act) -> None:
    """Let the account's profile (or its permission set, `to` "set") use an admin-approved app."""
    _access(act, True)


def _forbid_app(act: Act) -> None:
    """The opposite of allow_app."""
    _access(act, False)


def _access(act: Act, allowed: bool) -> None:
    policy, word = _policy(act), "Enabled" if allowed else "Disabled"
    if act.order.get("to") == "set":
        holder = act.set_of(act.assignment("Regular", "Group"))
        kind, shown, suffix = "PermissionSet", f"permission set {holder['Label']}", ""
    else:
        holder = act.profile
        kind, shown = "Profile", f"profile {holder['Name']}"
        suffix = "Custom" if holder["IsCustom"] else "Standard"
    if allowed:
        policy.allowed.add(holder["Id"])
    else:
        policy.allowed.discard(holder["Id"])
    act.audit(
        f"SetupEntityAccessAudit_{kind}_ConnectedApplication_{word}{suffix}",
        f"Changed {shown}: {act.app} connected app is {word.lower()}",
    )


def _require_approved_apps(act: Act) -> None:
    """API Access Control on: only apps that an administrator approved."""
    act.org.policies.approved_apps_only = True
    _control(act, "adminApprovedAppsOnlyOffOn")


def _waive_approved_apps(act: Act) -> None:
    """API Access Control off."""
    act.org.policies.approved_apps_only = False
    _control(act, "adminApprovedAppsOnlyOnOff")


def _control(act: Act, action: str) -> None:
    act.audit(action, f"Organization setup action: {action} has changed.", _APPS)


def _enforce_ip(act: Act) -> None:
    """The connected app no longer relaxes IP restrictions."""
    _policy(act).relaxes_ip = False
    _relaxation(act, "Relax IP restrictions", "Enforce IP restrictions")


def _relax_ip(act: Act) -> None:
    """The connected app relaxes IP restrictions."""
    _policy(act).relaxes_ip = True
    _relaxation(act, "Enforce IP restrictions", "Relax IP restrictions")


def _relaxation(act: Act, before: str, after: str) -> None:
    display = f"Changed connected app {act.app} IP relaxation setting from {before} to {after}"
    act.audit("changeIpRelaxationPolicy", display, _APPS)


def _ends(act: Act) -> tuple[str, str]:
    return str(act.order.get("first", "10.0.0.1")), str(act.order.get("last", "10.0.0.9"))


def _add_login_range(act: Act) -> None:
    """Have the account's profile sign in only from `first` to `last`."""
    first, last = _ends(act)
    act.org.policies.ranges[act.profile["Id"]].append((first, last))
    act.audit("loginIpRange", f"Added Login Ip Range to {act.profile['Name']} from {first} to {last}")


def _delete_login_range(act: Act) -> None:
    """Take such a range away; the row has no Section."""
    ranges = act.org.policies.ranges[act.profile["Id"]]
    if _ends(act) not in ranges:
        raise CannotAct("the profile has no such range")
    ranges.remove(_ends(act))
    first, last = _ends(act)
    display = f"Deleted Login Ip Range to {act.profile['Name']} from {first} to {last}"
    act.audit("deletedLoginIpRange_withProfile", display, None)


def _delete_trusted_range(act: Act) -> None:
    """Take a trusted range of the whole org away; only the trail shows it."""
    first, last = _ends(act)
    act.audit("deleteIpWhiteList", f"Deleted trusted IP range from {first} to {last}", "Security Controls")


def _set_login_hours(act: Act) -> None:
    """Let the account's profile sign in only in the hour that begins twelve hours from now."""
    start = (act.now.hour + 12) % 24
    _hours(act, (start * 60, start * 60 + 59), "anytime", f"{start:02d}:00 to {start:02d}:59")


def _clear_login_hours(act: Act) -> None:
    """Let the account's profile sign in at any time."""
    _hours(act, None, "restricted", "anytime")


def _hours(act: Act, hours: tuple[int, int] | None, before: str, after: str) -> None:
    if hours is None:
        act.org.policies.hours.pop(act.profile["Id"], None)
    else:
        act.org.policies.hours[act.profile["Id"]] = hours
    # No public list names the action.
    display = f"Changed profile {act.profile['Name']}: login hours were changed from {before} to {after}"
    act.audit("profileLoginHoursChangedCustom", display)


def _change_app_scope(act: Act) -> None:
    """Change the app's scopes; only the trail shows it."""
    act.audit("changeOauthDefaultScope", f"Changed connected app {act.app} OAuth scopes", _APPS)


def _rotate_refresh_tokens(act: Act) -> None:
    """Have the app's refresh tokens rotate; only the trail shows it."""
    display = f"Changed connected app {act.app} refresh token rotation from disabled to enabled"
    act.audit("changeApplicationRefreshTokenRotationEnabled", display, _APPS)


def _require_session_level(act: Act) -> None:
    """Want a high-assurance session of the account's profile; only the trail shows it."""
    display = (
        f"Changed profile {act.profile['Name']}: Session security level required at login: High Assurance"
    )
    act.audit("requiredSessionLevelForProfile", display)


def _revoke_access(act: Act) -> None:
    """Take the app's approval back: its refresh token is refused from now on. No row of the trail says so."""
    for row in list(act.org.tables["OauthToken"].values()):
        if row["UserId"] == act.user["Id"] and row["AppName"] == act.app:
            act.org.revoke(row)
    act.org.end_sessions(act.user["Id"])


def _authorize_again(act: Act) -> None:
    """Have the account approve the app anew."""
    act.org.approve_again(act.user, act.app)


def _block(act: Act) -> None:
    """Have every sign-in of the account fail with a LoginHistory.Status (`text`)."""
    act.org.blocked[act.user["Id"]] = str(act.order.get("text", "Restricted IP"))
    act.org.end_sessions(act.user["Id"])


def _unblock(act: Act) -> None:
    """End what block began."""
    act.org.blocked.pop(act.user["Id"], None)


ACTIONS: Mapping[str, Action] = {
    "add_login_range": _add_login_range,
    "allow_app": _allow_app,
    "authorize_again": _authorize_again,
    "block": _block,
    "block_app": _block_app,
    "change_app_scope": _change_app_scope,
    "clear_login_hours": _clear_login_hours,
    "delete_app": _delete_app,
    "delete_login_range": _delete_login_range,
    "delete_trusted_range": _delete_trusted_range,
    "enforce_ip": _enforce_ip,
    "forbid_app": _forbid_app,
    "install_app": _install_app,
    "open_app": _open_app,
    "relax_ip": _relax_ip,
    "require_approved_apps": _require_approved_apps,
    "require_session_level": _require_session_level,
    "restore_app": _restore_app,
    "restrict_app": _restrict_app,
    "revoke_access": _revoke_access,
    "rotate_refresh_tokens": _rotate_refresh_tokens,
    "set_login_hours": _set_login_hours,
    "unblock": _unblock,
    "unblock_app": _unblock_app,
    "uninstall_app": _uninstall_app,
    "waive_approved_apps": _waive_approved_apps,
}
