"""Puts people, profiles, permission sets and groups into an org before its story begins."""

from collections.abc import Iterable
from datetime import datetime

from tui.demo import changes, permissions
from tui.demo.org import Client, Org, Row

ADMINISTRATOR = permissions.NAMES
INTEGRATION = (
    "ApiEnabled", "ChatterInternalUser", "CustomizeApplication", "LightningConsoleAllowedForUser",
    "ManageCustomPermissions", "ManagePvtRptsAndDashbds", "ViewDataLeakageEvents", "ViewRoles", "ViewSetup",
)  # fmt: skip
STANDARD = ("ApiEnabled", "ChatterInternalUser", "LightningConsoleAllowedForUser", "LightningExperienceUser",
            "EditTask", "ExportReport", "RunReports")  # fmt: skip
API_ONLY = ("ApiEnabled", "ChatterInternalUser")


class Builder:
    """Adds to one org, everything dated `since`."""

    def __init__(self, org: Org, since: datetime) -> None:
        self.org = org
        self.since = since
        self._system: Row = {"Id": None}

    def licence(self, name: str, total: int) -> Row:
        return self.org.add("UserLicense", Name=name, MasterLabel=name, TotalLicenses=total, UsedLicenses=0,
                            Status="Active")  # fmt: skip

    def profile(self, name: str, licence: Row, names: Iterable[str], *, custom: bool = True) -> Row:
        given = list(names)
        profile = self.org.add(
            "Profile", Name=name, UserLicenseId=licence["Id"], UserType="Standard", IsCustom=custom,
            LastModifiedDate=self.since, LastModifiedById=self._system["Id"],
            **{permissions.field(each): each in given for each in permissions.NAMES},
        )  # fmt: skip
        changes.new_set(self.org, f"X{profile['Id']}", profile["Id"], given, self._system, self.since,
                        kind="Profile", profile=profile)  # fmt: skip
        return profile

    def user(self, username: str, name: str, profile: Row, *, signed_in: bool = True) -> Row:
        user = self.org.add(
            "User", Username=username, Name=name, Email=username, IsActive=True, UserType="Standard",
            ProfileId=profile["Id"], LastLoginDate=None, CreatedDate=self.since,
            LastModifiedDate=self.since, LastModifiedById=None,
        )  # fmt: skip
        self._system = self._system if self._system["Id"] else user
        user["LastModifiedById"] = self._system["Id"]
        self.org.tables["UserLicense"][profile["UserLicenseId"]]["UsedLicenses"] += 1
        changes.new_assignment(self.org, user, changes.own_set(self.org, profile), self.since)
        if signed_in:
            self.org.add("UserLogin", UserId=user["Id"], IsFrozen=False, IsPasswordLocked=False,
                         LastModifiedDate=self.since, LastModifiedById=self._system["Id"])  # fmt: skip
        return user

    def permission_set(self, name: str, label: str, names: Iterable[str]) -> Row:
        return changes.new_set(self.org, name, label, list(names), self._system, self.since)

    def muting_set(self, name: str, names: Iterable[str]) -> Row:
        given = list(names)
        return self.org.add(
            "MutingPermissionSet", DeveloperName=name, MasterLabel=name,
            **{permissions.field(each): each in given for each in permissions.NAMES},
        )  # fmt: skip

    def group(self, name: str, label: str, members: Iterable[Row]) -> Row:
        """A permission set group with its aggregate set, already calculated."""
        group = self.org.add("PermissionSetGroup", DeveloperName=name, MasterLabel=label, Status="Updated",
                             LastModifiedDate=self.since, LastModifiedById=self._system["Id"])  # fmt: skip
        changes.new_set(self.org, name, label, [], self._system, self.since, kind="Group", group=group)
        for member in members:
            self.org.add("PermissionSetGroupComponent", PermissionSetGroupId=group["Id"],
                         PermissionSetId=member["Id"])  # fmt: skip
        self.org.recalculate(group)
        return group

    def assign(self, user: Row, permission_set: Row) -> Row:
        return changes.new_assignment(self.org, user, permission_set, self.since)

    def assign_group(self, user: Row, group: Row) -> Row:
        sets = self.org.tables["PermissionSet"].values()
        aggregate = next(row for row in sets if row["PermissionSetGroupId"] == group["Id"])
        return changes.new_assignment(self.org, user, aggregate, self.since, group)

    def client(self, client_id: str, app: str, run_as: Row | None = None) -> Client:
        """A connected app; its secret is made from its id."""
        client = Client(client_id, f"{client_id}-secret", app, run_as["Id"] if run_as else None)
        self.org.clients[client_id] = client
        return client

    def approve(self, user: Row, client: Client) -> str:
        """Let `user` approve an app for good; returns the refresh token."""
        row = self.org.add("OauthToken", AppName=client.app, UserId=user["Id"], CreatedDate=self.since,
                           AppMenuItemId=self.org.menu_item(client.app),
                           LastUsedDate=self.since, UseCount=1)  # fmt: skip
        token = f"5Aep{self.org.random.getrandbits(160):040x}"
        self.org.refresh_tokens[token] = row["Id"]
        return token
