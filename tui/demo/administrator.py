"""What "the Salesforce administrator" does to a connection's service account, with all its traces."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from tui.demo import changes, permissions
from tui.demo.org import Org, Row
from tui.demo.refusal import Refusal
from tui.demo.sign_in import burn_quota
from tui.demo.world import World

OTHER_APP = "Acme Warehouse Sync"


class CannotAct(Exception):
    """The action, the connection or the person does not exist, or the org's rules forbid it."""


class _Act:
    """One action: on which user of which org, by whom, with what else was said."""

    def __init__(self, world: World, order: Mapping[str, Any]) -> None:
        self.world = world
        self.order = order
        self.connection = world.connections.get(str(order.get("connection", "")))
        if self.connection is not None:
            self.org, self.user = world.account(self.connection)
        else:
            self.org, self.user = self._by_username(str(order.get("username", "")))
        who = order.get("as") or world.administrators[self.org.key]
        try:
            self.by = self.org.user(str(who))
        except KeyError:
            raise CannotAct(f"nobody in {self.org.key} is called {who}") from None

    def _by_username(self, username: str) -> tuple[Org, Row]:
        for org in self.world.orgs.values():
            for user in org.tables["User"].values():
                if user["Username"] == username:
                    return org, user
        if (key := self.order.get("org")) in self.world.orgs:
            org = self.world.orgs[str(key)]
            return org, org.user(self.world.administrators[org.key])
        raise CannotAct("name a connection, a username or an org")

    def login(self) -> Row:
        login = self.org.user_login(self.user["Id"])
        if login is None:
            raise CannotAct(f"{self.user['Username']} never signed in")
        return login

    def names(self) -> list[str]:
        given = self.order.get("permission", "ViewDataLeakageEvents")
        names = [
            str(each).removeprefix("Permissions") for each in (given if isinstance(given, list) else [given])
        ]
        for name in names:
            if name not in permissions.LABELS:
                raise CannotAct(f"no permission is called {name}")
        return names

    def grants(self) -> list[Row]:
        """The profile, permission sets and members of groups that can carry the user's permissions."""
        found = [self.org.tables["Profile"][self.user["ProfileId"]]]
        sets = self.org.tables["PermissionSet"]
        for assignment in self.org.assignments_of(self.user["Id"]):
            permission_set = sets[assignment["PermissionSetId"]]
            if permission_set["Type"] == "Group":
                found += [
                    sets[component["PermissionSetId"]]
                    for component in self.org.tables["PermissionSetGroupComponent"].values()
                    if component["PermissionSetGroupId"] == permission_set["PermissionSetGroupId"]
                    and component["PermissionSetId"] in sets
                ]
            elif not permission_set["IsOwnedByProfile"]:
                found.append(permission_set)
        return found


def act(world: World, order: Mapping[str, Any]) -> None:
    """Do what `order` says: `action`, `connection` or `username`, and what the action needs besides.

    Raises CannotAct.
    """
    action = ACTIONS.get(str(order.get("action")))
    if action is None:
        raise CannotAct(f"the actions are {', '.join(sorted(ACTIONS))}")
    try:
        action(_Act(world, order))
    except Refusal as refusal:
        raise CannotAct(f"{refusal.code}: {refusal.message}") from refusal


def _freeze(act: _Act) -> None:
    changes.set_frozen(act.org, act.login(), True, act.by)


def _unfreeze(act: _Act) -> None:
    changes.set_frozen(act.org, act.login(), False, act.by)


def _deactivate(act: _Act) -> None:
    changes.set_active(act.org, act.user, False, act.by)


def _reactivate(act: _Act) -> None:
    changes.set_active(act.org, act.user, True, act.by)


def _take_permission(act: _Act) -> None:
    gone = permissions.with_dependants(act.names())
    for grant in act.grants():
        if taken := permissions.held(grant) & gone:
            changes.set_permissions(act.org, grant, dict.fromkeys(taken, False), act.by)


def _give_permission(act: _Act) -> None:
    wanted = permissions.with_required(act.names())
    grants = [row for row in act.grants() if row["IsCustom"]]
    # The fullest one: that is where the permissions of the account are kept.
    grant = max(grants, key=lambda row: len(permissions.held(row)), default=None)
    if grant is None:
        raise CannotAct("the account has neither a custom profile nor a custom permission set")
    if missing := wanted - permissions.held(grant):
        changes.set_permissions(act.org, grant, dict.fromkeys(missing, True), act.by)


def _burn_quota(act: _Act) -> None:
    """Let another integration that uses the same account use up its hour."""
    if not act.user["IsActive"] or act.org.is_frozen(act.user["Id"]):
        raise CannotAct("nobody can sign in with this account now")
    burn_quota(act.org, act.user, str(act.order.get("app", OTHER_APP)), "198.51.100.44")


def _disable_streaming(act: _Act) -> None:
    _stream(act, False)


def _enable_streaming(act: _Act) -> None:
    _stream(act, True)


def _stream(act: _Act, on: bool) -> None:
    name = str(act.order.get("entity", "ReportEventStream"))
    if name not in act.org.streaming:
        raise CannotAct(f"no stream is called {name}")
    if act.org.streaming[name] != on:
        act.org.streaming[name] = on
        # The action's name is inferred: no public list says how the trail names this change.
        display = f"{'Enabled' if on else 'Disabled'} streaming for {name}"
        act.org.audit("realTimeEventStreaming", "Event Manager", display, act.by)


def _revoke_access(act: _Act) -> None:
    """Take the app's approval back; its refresh token is refused from now on."""
    app = act.connection.incydr_app if act.connection else str(act.order.get("app", "Incydr"))
    for row in list(act.org.tables["OauthToken"].values()):
        if row["UserId"] == act.user["Id"] and row["AppName"] == app:
            act.org.revoked_tokens[row["Id"]] = row["UserId"]
            act.org.remove("OauthToken", row)
    act.org.end_sessions(act.user["Id"])


def _block(act: _Act) -> None:
    """Have every sign-in fail with a LoginHistory.Status."""
    act.org.blocked[act.user["Id"]] = str(act.order.get("text", "Restricted IP"))
    act.org.end_sessions(act.user["Id"])


def _unblock(act: _Act) -> None:
    act.org.blocked.pop(act.user["Id"], None)


def _expire_assignments(act: _Act) -> None:
    """Let everything but the profile run out a minute ago."""
    sets = act.org.tables["PermissionSet"]
    for assignment in act.org.assignments_of(act.user["Id"]):
        if not sets[assignment["PermissionSetId"]]["IsOwnedByProfile"]:
            assignment["ExpirationDate"] = act.org.now() - timedelta(minutes=1)


def _drop_licence(act: _Act) -> None:
    """Let the Event Monitoring licence end."""
    act.org.event_monitoring = False


def _deauthorize(act: _Act) -> None:
    """Deauthorise the connection in the Incydr console."""
    if act.connection is None:
        raise CannotAct("name a connection")
    act.connection.console.show("Deauthorized", None, act.world.clock.now())


ACTIONS: Mapping[str, Callable[[_Act], None]] = {
    "block": _block,
    "burn_quota": _burn_quota,
    "deactivate": _deactivate,
    "deauthorize": _deauthorize,
    "disable_streaming": _disable_streaming,
    "drop_licence": _drop_licence,
    "enable_streaming": _enable_streaming,
    "expire_assignments": _expire_assignments,
    "freeze": _freeze,
    "give_permission": _give_permission,
    "reactivate": _reactivate,
    "revoke_access": _revoke_access,
    "take_permission": _take_permission,
    "unblock": _unblock,
    "unfreeze": _unfreeze,
}
