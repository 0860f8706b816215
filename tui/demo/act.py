"""One act of "the Salesforce administrator": on which account of which org, by whom, with what else was said."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tui.demo import permissions
from tui.demo.org import Org, Row
from tui.demo.world import World


class CannotAct(Exception):
    """The action, the connection or the person does not exist, or the org's rules forbid it."""


class Act:
    """What one order is about. Raises CannotAct where it names nobody."""

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

    @property
    def now(self) -> datetime:
        return self.org.now()

    @property
    def app(self) -> str:
        """The connected app that the order is about: by default the one that Incydr signs in with."""
        return str(self.order.get("app") or (self.connection.incydr_app if self.connection else "Incydr"))

    @property
    def profile(self) -> Row:
        """The account's profile."""
        return self.org.tables["Profile"][self.user["ProfileId"]]

    @property
    def user_shown(self) -> str:
        """The account as the audit trail names it where it gives an Id."""
        return f"user {self.user['Name']} (UserID: [{self.user['Id'][:15]}])"

    def audit(self, action: str, display: str, section: str | None = "Manage Users") -> None:
        """Leave a row in the audit trail."""
        self.org.audit(action, section, display, self.by)

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

    def assignment(self, *kinds: str) -> Row:
        """The account's assignment of a set (`Regular`) or a group (`Group`): the named one, else the newest."""
        sets = self.org.tables["PermissionSet"]
        # Where only groups will do, `set` names a member of one.
        wanted = self.order.get("set") if "Regular" in kinds else None
        found = [
            assignment
            for assignment in self.org.assignments_of(self.user["Id"])
            if sets[assignment["PermissionSetId"]]["Type"] in kinds
            and wanted in (None, *(sets[assignment["PermissionSetId"]][key] for key in ("Name", "Label")))
        ]
        if not found:
            raise CannotAct("the account has no such permission set")
        return found[-1]

    def set_of(self, assignment: Row) -> Row:
        return self.org.tables["PermissionSet"][assignment["PermissionSetId"]]

    def group(self) -> Row:
        """The permission set group of the account."""
        return self.org.tables["PermissionSetGroup"][self.assignment("Group")["PermissionSetGroupId"]]

    def grants(self) -> list[Row]:
        """The profile, permission sets and members of groups that can carry the user's permissions."""
        found = [self.profile]
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


Action = Callable[[Act], None]
