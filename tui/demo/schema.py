"""The objects of the stand-in org: their fields, and what Salesforce lets a query do with each."""

from collections.abc import Mapping
from functools import lru_cache

from tui.demo import permissions
from tui.demo.soql import Field

_ID = Field("id", groupable=True)
_TEXT = Field("string", groupable=True)
_FLAG = Field("boolean", groupable=True)
_TIME = Field("datetime")
_NUMBER = Field("int", groupable=True)
_OBJECT = Field("object", filterable=False, sortable=False)
# Of a sign-in: to be grouped by, never to be filtered by (documented).
_UNFILTERED = Field("string", filterable=False, groupable=True)
_HIDDEN_TEXT = Field("string", filterable=False, sortable=False)


def _to(target: str, relation: str | None = None, *, children: str | None = None) -> Field:
    return Field("reference", groupable=True, relation=relation or target, target=target, children=children)


_MODIFIED = {"LastModifiedDate": _TIME, "LastModifiedById": _to("User", "LastModifiedBy")}


@lru_cache
def objects(absent: frozenset[str] = frozenset()) -> Mapping[str, Mapping[str, Field]]:
    """Fields by object name, without those of the permissions that an org does not have."""
    granted = {permissions.field(name): _FLAG for name in permissions.NAMES if name not in absent}
    return {
        "Organization": {
            "Id": _ID, "Name": _TEXT, "InstanceName": _TEXT, "IsSandbox": _FLAG, "OrganizationType": _TEXT,
            "NamespacePrefix": _TEXT, "TrialExpirationDate": _TIME,
        },
        "User": {
            "Id": _ID, "Username": _TEXT, "Name": _TEXT, "Email": _TEXT, "IsActive": _FLAG, "UserType": _TEXT,
            "ProfileId": _to("Profile", children="Users"), "LastLoginDate": _TIME, "CreatedDate": _TIME,
            **_MODIFIED,
        },
        "UserLogin": {
            "Id": _ID, "UserId": Field("reference", groupable=True), "IsFrozen": _FLAG,
            "IsPasswordLocked": _FLAG, **_MODIFIED,
        },
        "Profile": {
            "Id": _ID, "Name": _TEXT, "UserType": _TEXT, "UserLicenseId": _to("UserLicense"), **_MODIFIED,
            **granted,
        },
        "UserLicense": {
            "Id": _ID, "Name": _TEXT, "MasterLabel": _TEXT, "TotalLicenses": _NUMBER, "UsedLicenses": _NUMBER,
            "Status": _TEXT,
        },
        "PermissionSet": {
            "Id": _ID, "Name": _TEXT, "Label": _TEXT, "Type": _TEXT, "Description": _TEXT, "IsCustom": _FLAG,
            "IsOwnedByProfile": _FLAG, "ProfileId": _to("Profile"), "HasActivationRequired": _FLAG,
            "LicenseId": Field("reference", groupable=True), "NamespacePrefix": _TEXT, "CreatedDate": _TIME,
            "PermissionSetGroupId": _to("PermissionSetGroup"), **_MODIFIED, **granted,
        },
        "PermissionSetGroup": {
            "Id": _ID, "DeveloperName": _TEXT, "MasterLabel": _TEXT, "Status": _TEXT, **_MODIFIED,
        },
        "PermissionSetGroupComponent": {
            "Id": _ID,
            "PermissionSetGroupId": _to("PermissionSetGroup", children="PermissionSetGroupComponents"),
            "PermissionSetId": _to("PermissionSet", children="PermissionSetGroupComponents"),
        },
        "MutingPermissionSet": {"Id": _ID, "DeveloperName": _TEXT, "MasterLabel": _TEXT, **granted},
        "PermissionSetAssignment": {
            "Id": _ID, "AssigneeId": _to("User", "Assignee", children="PermissionSetAssignments"),
            "PermissionSetId": _to("PermissionSet", children="Assignments"),
            "PermissionSetGroupId": _to("PermissionSetGroup", children="Assignments"),
            "IsActive": _FLAG, "ExpirationDate": _TIME,
            "IsRevoked": _FLAG, "LastModifiedDate": _TIME, "SystemModstamp": _TIME,
        },
        "LoginHistory": {
            "Id": _ID, "UserId": Field("reference", groupable=True), "LoginTime": _TIME, "Status": _UNFILTERED,
            "LoginType": _TEXT, "LoginSubType": _TEXT, "LoginUrl": _TEXT, "Application": _UNFILTERED,
            "SourceIp": _UNFILTERED, "ClientVersion": _UNFILTERED, "Browser": _UNFILTERED,
            "Platform": _UNFILTERED, "ApiType": _UNFILTERED, "ApiVersion": _UNFILTERED,
        },
        "SetupAuditTrail": {
            "Id": _ID, "Action": Field("string"), "Section": _HIDDEN_TEXT, "Display": _HIDDEN_TEXT,
            "CreatedDate": _TIME, "CreatedById": _to("User", "CreatedBy"), "DelegateUser": Field("string"),
            "ResponsibleNamespacePrefix": Field("string"),
        },
        "OauthToken": {
            "Id": _ID, "AppName": _TEXT, "AppMenuItemId": Field("reference", groupable=True),
            "UserId": _to("User"), "LastUsedDate": _TIME, "UseCount": _NUMBER, "CreatedDate": _TIME,
        },
        "UserPermissionAccess": {"Id": _ID, "LastCacheUpdate": _TIME, **granted},
    }  # fmt: skip


TOOLING: Mapping[str, Mapping[str, Field]] = {
    "RealTimeEventSettings": {"Id": _ID, "DurableId": _TEXT, "FullName": _TEXT, "Metadata": _OBJECT},
    "PermissionDependency": {
        "Id": _ID, "Permission": _TEXT, "PermissionType": _TEXT, "RequiredPermission": _TEXT,
        "RequiredPermissionType": _TEXT,
    },
}  # fmt: skip

UPDATEABLE: Mapping[str, frozenset[str]] = {
    "User": frozenset({"IsActive", "ProfileId", "Email", "Username"}),
    "UserLogin": frozenset({"IsFrozen", "IsPasswordLocked"}),
    "Profile": frozenset(permissions.field(name) for name in permissions.NAMES),
    "PermissionSet": frozenset(
        {"Label", "Description", *(permissions.field(name) for name in permissions.NAMES)}
    ),
    "PermissionSetAssignment": frozenset({"ExpirationDate"}),
}
"""What PATCH takes; every other object refuses it."""

CREATABLE: Mapping[str, frozenset[str]] = {
    "PermissionSet": UPDATEABLE["PermissionSet"] | {"Name"},
    "PermissionSetAssignment": frozenset({"AssigneeId", "PermissionSetId", "PermissionSetGroupId"}),
}
"""What POST takes."""

DELETABLE = frozenset({"PermissionSet", "PermissionSetAssignment"})
"""What DELETE takes."""
