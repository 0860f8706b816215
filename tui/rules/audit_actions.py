"""Which rows of the Setup audit trail explain what: SetupAuditTrail.Action, once, with what its Display says.

Displays may be in a language of the org. A `display` here is the English form, with `{name}` where the record
stands that the row is about: where a row has that form, exactly that place must hold the name. Sources: public
catalogues of audit actions and recorded rows; each row has its mark.
"""

from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from tui.base.limits import Mark


class Names(StrEnum):
    """What kind of record a row names."""

    USER = "user"
    """By name and mostly by `(UserID: [15 characters])` too."""
    PROFILE = "profile"
    SET = "set"
    """A permission set, by its label or its API name."""
    GROUP = "group"
    APP = "app"
    ORG = "org"
    """None: it is about the whole org."""


class Topic(StrEnum):
    """What a row tells about the service account or Incydr's app."""

    FROZE = "froze"
    UNFROZE = "unfroze"
    DEACTIVATED = "deactivated"
    ACTIVATED = "activated"
    UNLOCKED = "unlocked"
    RENAMED = "renamed"
    OTHER_PROFILE = "other profile"
    PROFILE_PERMISSION = "profile permission"
    PERMISSION_TAKEN = "permission taken from a set"
    PERMISSION_GIVEN = "permission given to a set"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    EXPIRATION = "expiration changed"
    MEMBER_ADDED = "set added to a group"
    MEMBER_REMOVED = "set removed from a group"
    DELETED = "set or group deleted"
    ACTIVATION_REQUIRED = "session activation"
    LICENSE_GIVEN = "permission set license given"
    LICENSE_TAKEN = "permission set license taken"
    APP_STOPPED = "app stopped"
    APP_ALLOWED = "app allowed"
    APP_POLICY = "app policy"
    APP_ACCESS = "app access of a profile or set"
    IP_RANGE = "login IP range"
    LOGIN_HOURS = "login hours"
    STREAMING = "streaming"


class AuditAction(Struct, frozen=True):
    """One action, or with `prefix` every action that begins so. `assignment`: one of the many that are asked apart."""

    action: str
    topic: Topic
    names: Names
    displays: tuple[str, ...] = ()
    mark: Mark = Mark.RECORDED
    prefix: bool = False
    assignment: bool = False

    def matches(self, action: str) -> bool:
        mine, other = self.action.casefold(), action.casefold()
        return other.startswith(mine) if self.prefix else other == mine


_USER_ID = r"(?: \(UserID: \[[^\]]*\]\))?"
_SET = r"Permission set {name}(?: with expiration)?:? "
_GROUP = r"Permission set group {name}(?: with expiration)?:? "
_TO_USER = rf"assigned to user .+?{_USER_ID}.*"
_FROM_USER = rf"unassigned from user .+?{_USER_ID}.*"


def _user(action: str, topic: Topic, *displays: str, mark: Mark = Mark.RECORDED) -> AuditAction:
    return AuditAction(action, topic, Names.USER, displays, mark)


def _app(action: str, topic: Topic, *displays: str, mark: Mark = Mark.RECORDED) -> AuditAction:
    return AuditAction(action, topic, Names.APP, displays, mark)


def _assignment(action: str, topic: Topic, names: Names, display: str) -> AuditAction:
    return AuditAction(action, topic, names, (display,), assignment=True)


AUDIT_ACTIONS: tuple[AuditAction, ...] = (
    _user("frozeuser", Topic.FROZE, r"Froze user account for {name}", r"Froze user {name}"),
    _user("unfrozeuser", Topic.UNFROZE, r"Unfroze user account for {name}", r"Unfroze user {name}"),
    _user("deactivateduser", Topic.DEACTIVATED, rf"Deactivated user {{name}}{_USER_ID}"),
    _user("activateduser", Topic.ACTIVATED, rf"Activated user {{name}}{_USER_ID}"),
    _user("unlockeduser", Topic.UNLOCKED, rf"Unlocked user {{name}}{_USER_ID}"),
    _user("changedusername", Topic.RENAMED, r"Changed username for .+ from {name} to .+"),
    AuditAction(
        "changedprofileforuser", Topic.OTHER_PROFILE, Names.USER,
        (rf"Changed profile for user {{name}}{_USER_ID} from .+ to .+",), prefix=True,
    ),
    AuditAction(
        "profilePermChanged", Topic.PROFILE_PERMISSION, Names.PROFILE,
        (r"Changed profile {name}: (?:administrative|general user) permission .+ was changed from .+ to .+",),
        prefix=True,
    ),
    AuditAction(
        "PermSetDisableUserPerm", Topic.PERMISSION_TAKEN, Names.SET,
        (r"Changed permission set {name}: .+ was changed from .+ to .+",),
    ),
    AuditAction(
        "PermSetEnableUserPerm", Topic.PERMISSION_GIVEN, Names.SET,
        (r"Changed permission set {name}: .+ was changed from .+ to .+",),
    ),
    _assignment("PermSetAssign", Topic.ASSIGNED, Names.SET, _SET + _TO_USER),
    _assignment("PermSetAssign_HasExpiration", Topic.ASSIGNED, Names.SET, _SET + _TO_USER),
    _assignment("PermSetUnassign", Topic.UNASSIGNED, Names.SET, _SET + _FROM_USER),
    _assignment("PermSetUnassign_HasExpiration", Topic.UNASSIGNED, Names.SET, _SET + _FROM_USER),
    _assignment("PermSetAssignmentExpirationChange", Topic.EXPIRATION, Names.SET, _SET + _TO_USER),
    _assignment("PermSetGroupAssign", Topic.ASSIGNED, Names.GROUP, _GROUP + _TO_USER),
    _assignment("PermSetGroupAssign_HasExpiration", Topic.ASSIGNED, Names.GROUP, _GROUP + _TO_USER),
    _assignment("PermSetGroupUnassign", Topic.UNASSIGNED, Names.GROUP, _GROUP + _FROM_USER),
    _assignment("PermSetGroupUnassign_HasExpiration", Topic.UNASSIGNED, Names.GROUP, _GROUP + _FROM_USER),
    AuditAction(
        "PermissionSetGroupComponentAdd", Topic.MEMBER_ADDED, Names.GROUP,
        (r"Changed permission set group {name}: group member .+ was added",),
    ),
    AuditAction(
        "PermissionSetGroupComponentRemove", Topic.MEMBER_REMOVED, Names.GROUP,
        (r"Changed permission set group {name}: group member .+ was removed",), prefix=True,
    ),
    AuditAction(
        "PermissionSetGroupDelete", Topic.DELETED, Names.GROUP, (r"Deleted permission set group {name}",)
    ),
    AuditAction("PermSetDelete", Topic.DELETED, Names.SET, (r"Deleted permission set {name}",)),
    AuditAction(
        "PermSetHasActivationRequiredChange", Topic.ACTIVATION_REQUIRED, Names.SET,
        (r"Changed permission set {name}: session activation required has changed from .+ to .+",),
    ),
    _user("PermSetLicenseAssign", Topic.LICENSE_GIVEN),
    _user("PermSetLicenseUnassign", Topic.LICENSE_TAKEN),
    _app("blockConnectedApplication", Topic.APP_STOPPED, r"Blocked Connected App {name} to .+"),
    _app("unblockConnectedApplication", Topic.APP_ALLOWED, r"Unblocked Connected App {name} to .+"),
    _app("insertConnectedApplication", Topic.APP_ALLOWED, r"Installed Connected App {name}(?: to .+)?"),
    _app("deleteConnectedApplication", Topic.APP_STOPPED, r"Uninstalled Connected App {name}"),
    _app("deleteApplication", Topic.APP_STOPPED, r"Deleted Connected App {name}"),
    _app(
        "changeUserRuntimeAccessPolicy", Topic.APP_POLICY,
        r"Changed connected app {name} permitted users setting from .+ to .+",
    ),
    _app(
        "changeIpRelaxationPolicy", Topic.APP_POLICY,
        r"Changed connected app {name} ip relaxation setting from .+ to .+",
    ),
    _app("changeOauthDefaultScope", Topic.APP_POLICY, r"Changed connected app {name} scopes from .+ to .+"),
    _app("changeApplicationRefreshTokenRotationEnabled", Topic.APP_POLICY),
    AuditAction(
        "SetupEntityAccessAudit_Profile_ConnectedApplication_", Topic.APP_ACCESS, Names.PROFILE,
        (r"Changed profile {name}: .+ connected app is (?:en|dis)abled",), prefix=True,
    ),
    AuditAction(
        "SetupEntityAccessAudit_PermissionSet_ConnectedApplication_", Topic.APP_ACCESS, Names.SET,
        (r"Changed permission set {name}: .+ connected app is (?:en|dis)abled",), prefix=True,
    ),
    AuditAction("adminApprovedAppsOnly", Topic.APP_POLICY, Names.ORG, prefix=True),
    AuditAction(
        "requiredSessionLevelForProfile", Topic.APP_POLICY, Names.PROFILE, mark=Mark.RECORDED
    ),
    AuditAction(
        "loginIpRange", Topic.IP_RANGE, Names.PROFILE, (r"Added login ip range to {name} from \S+ to \S+",)
    ),
    AuditAction(
        "deletedLoginIpRange_withProfile", Topic.IP_RANGE, Names.PROFILE,
        (r"Deleted login ip range to {name} from \S+ to \S+",),
    ),
    AuditAction("deleteIpWhiteList", Topic.IP_RANGE, Names.ORG),
    AuditAction(
        "profileLoginHoursChanged", Topic.LOGIN_HOURS, Names.PROFILE,
        (r"Changed profile {name}: login hours were changed from .+ to .+",), prefix=True,
    ),
    # inferred: streaming_action - no public list names the action of a switched stream.
    AuditAction("realTimeEvent", Topic.STREAMING, Names.ORG, mark=Mark.INFERRED, prefix=True),
)  # fmt: skip


@lru_cache(maxsize=1_024)
def known(action: str) -> AuditAction | None:
    """What the table says of an action; None where it is not in it."""
    found = [each for each in AUDIT_ACTIONS if each.matches(action)]
    return max(found, key=lambda each: len(each.action), default=None)
