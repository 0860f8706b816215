"""Ways in which an org or tenant differs from what the program expects: each switched, and how the look names it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as changed
from datetime import timedelta

from tui.base.assumptions import ASSUMPTIONS
from tui.contract.model import Group
from tui.demo import changes, permissions
from tui.demo.middleware import Knob, KnobKind
from tui.demo.serve import Demo

ORG = "acme"


@dataclass(frozen=True)
class Deviation:
    """`name` and `found` are the fact's own and a part of what it found.

    `same`: readings afterwards say the same as without it; else what they cannot tell is Unknown.
    """

    id: str
    prepare: Callable[[Demo], None]
    group: Group
    name: str
    found: str
    same: bool = True


def _habit(name: str, value: object) -> Callable[[Demo], None]:
    return lambda demo: setattr(demo.world.orgs[ORG].habits, name, value)


def _absent(field: str, *, same: bool = True) -> Deviation:
    prepare = _habit("absent_fields", frozenset({field}))
    return Deviation(f"{field} is not there", prepare, Group.OBJECTS, field, "not there", same)


def _refused(field: str, use: str, *, same: bool = True) -> Deviation:
    prepare = _habit("refused_uses", frozenset({f"{field} {use}"}))
    return Deviation(f"{field} is not {use}", prepare, Group.OBJECTS, field, f"not {use}", same)


def _invisible(name: str, *, same: bool = True) -> Deviation:
    prepare = _habit("absent_objects", frozenset({name}))
    return Deviation(f"{name} is invisible", prepare, Group.OBJECTS, name, "not there, or not for you", same)


def _no_permission(name: str, place: str, *, same: bool = True) -> Deviation:
    prepare = _habit("absent_permissions", frozenset({name}))
    field = f"{place}.Permissions{name}"
    return Deviation(f"no permission {name}", prepare, Group.OBJECTS, field, "not there", same)


def _without_right(label: str, *names: str) -> Deviation:
    def prepare(demo: Demo) -> None:
        org = demo.world.orgs[ORG]
        operator = org.user(demo.world.operators[ORG])
        own = changes.own_set(org, org.tables["Profile"][operator["ProfileId"]])
        for name in permissions.with_dependants(names):
            own[permissions.field(name)] = False

    return Deviation(f"without {names[0]}", prepare, Group.RIGHTS, label, "not yours", same=False)


def _sign_in(**columns: object) -> Callable[[Demo], None]:
    """A sign-in of somebody else in the org."""

    def prepare(demo: Demo) -> None:
        org = demo.world.orgs[ORG]
        row = {
            "UserId": org.user("mia@acme.example")["Id"], "LoginTime": org.now() - timedelta(hours=1),
            "Status": "Success", "LoginType": "Application", "LoginSubType": None, "Application": "Browser",
            "SourceIp": "198.51.100.9", "LoginUrl": "login.salesforce.com", "ClientVersion": "N/A",
            "Browser": "Chrome", "Platform": "Linux", "ApiType": "N/A", "ApiVersion": "N/A",
        }  # fmt: skip
        org.add("LoginHistory", **(row | columns))

    return prepare


def _audit(action: str, display: str, *, german: bool = False) -> Callable[[Demo], None]:
    def prepare(demo: Demo) -> None:
        org = demo.world.orgs[ORG]
        if german:
            for row in org.tables["SetupAuditTrail"].values():
                row["Display"] = f"Geändert: {row['Display'].split()[-1]}"
        org.audit(action, "Sicherheit", display, org.user("jane@acme.example"), org.now() - timedelta(days=3))

    return prepare


def _nameless(demo: Demo) -> None:
    for connection in demo.world.connections.values():
        demo.world.make_nameless(connection)


def _called_otherwise(demo: Demo) -> None:
    tenant = demo.world.tenants["acme"]
    tenant.events = [changed(e, detector="Acme Old") if e.detector == "Acme US" else e for e in tenant.events]
    demo.world.connections["Acme US"].detector_name = "Acme Old"


def _no_events(demo: Demo) -> None:
    demo.world.tenants["acme"].events.clear()


def _late(demo: Demo) -> None:
    tenant = demo.world.tenants["acme"]
    tenant.events = [changed(e, inserted=e.happened + timedelta(hours=2, minutes=5)) for e in tenant.events]


def _tenant_refuses(path: str) -> Callable[[Demo], None]:
    body = {"problems": [{"badFilter": None, "description": "Unknown search term", "type": "UNKNOWN_TERM"}]}

    def prepare(demo: Demo) -> None:
        demo.by_part["tenant:acme"].knobs.append(Knob(KnobKind.ANSWER, status=400, path=path, body=body))

    return prepare


def _tenant_clock(demo: Demo) -> None:
    demo.world.tenants["acme"].habits.skew = timedelta(minutes=5)


def _fields() -> Iterator[Deviation]:
    yield _absent("LoginHistory.LoginSubType")
    yield _absent("LoginHistory.LoginType", same=False)
    yield _refused("LoginHistory.LoginSubType", "groupable")
    yield _refused("LoginHistory.SourceIp", "groupable")
    yield _absent("User.Email")
    yield _absent("User.LastModifiedById")
    yield _absent("UserLogin.LastModifiedById")
    yield _absent("UserLicense.Status")
    yield _absent("SetupAuditTrail.DelegateUser")
    yield _absent("SetupAuditTrail.CreatedById")
    yield _absent("OauthToken.UseCount")
    yield _absent("PermissionSet.IsCustom")
    yield _absent("PermissionSet.Type")
    yield _absent("Organization.InstanceName")
    yield _absent("PermissionSetGroup.Status", same=False)
    yield _absent("UserLogin.IsPasswordLocked", same=False)
    yield _absent("PermissionSetAssignment.ExpirationDate", same=False)
    yield _absent("PermissionSet.HasActivationRequired", same=False)
    yield _absent("User.IsActive", same=False)
    yield _refused("UserLogin.UserId", "filterable", same=False)
    yield _refused("LoginHistory.Status", "groupable", same=False)
    yield _refused("SetupAuditTrail.Action", "filterable", same=False)
    yield _refused("SetupAuditTrail.CreatedDate", "sortable", same=False)
    yield _refused("OauthToken.UserId", "filterable", same=False)
    for name in ("UserLogin", "LoginHistory", "SetupAuditTrail", "OauthToken", "PermissionSetAssignment"):
        yield _invisible(name, same=False)
    for name in (
        "RealTimeEventSettings",
        "PermissionDependency",
        "PermissionSetGroupComponent",
        "UserLicense",
    ):
        yield _invisible(name, same=False)
    yield _no_permission("MonitorLoginHistory", "UserPermissionAccess")
    yield _no_permission("ManagePvtRptsAndDashbds", "PermissionSet", same=False)
    yield _no_permission("ViewDataLeakageEvents", "PermissionSet", same=False)


DEVIATIONS: Sequence[Deviation] = (
    *_fields(),
    _without_right("Manage Users", "ManageUsers"),
    _without_right("Customize Application", "CustomizeApplication"),
    _without_right("View Setup and Configuration", "ViewSetup"),
    Deviation("older version", _habit("newest_version", 60), Group.VERSION, "API version", "60.0 is used"),
    Deviation(
        "no limit header", _habit("limit_header", "none"), Group.VERSION, "Sforce-Limit-Info", "no such header"
    ),
    Deviation("odd limit header", _habit("limit_header", "odd"), Group.VERSION, "Sforce-Limit-Info", "calls "),
    Deviation(
        "org's clock off", _habit("skew", timedelta(seconds=90)), Group.VERSION, "clock of the org", "+90 s"
    ),
    Deviation("tenant's clock off", _tenant_clock, Group.VERSION, "clock of tenant acme", "+300 s"),
    Deviation(
        "unknown text", _sign_in(Status="Failed: Quantum signature mismatched"), Group.SIGN_INS, "texts",
        "1 unknown: “Failed: Quantum signature mismatched”",
    ),
    Deviation(
        "other language", _sign_in(Status="Ungültiges Kennwort"), Group.SIGN_INS, "language of the texts",
        "“Ungültiges Kennwort”",
    ),
    Deviation(
        "unknown login type", _sign_in(LoginType="Quantum Access"), Group.SIGN_INS, "login types",
        "1 unknown: “Quantum Access”",
    ),
    Deviation(
        "another app of Incydr's", _sign_in(Application="Mimecast Incydr"), Group.SIGN_INS, "applications",
        "“Mimecast Incydr”",
    ),
    Deviation(
        "unknown audit action", _audit("quantumPolicyChanged", "Changed it"), Group.AUDIT, "actions",
        "1 unknown action in 1 row, the oldest 3 days old: “quantumPolicyChanged”",
    ),
    Deviation(
        "displays in German", _audit("frozeuser", "Benutzer eingefroren", german=True), Group.AUDIT,
        "language of the displays", "in another language or form: ",
    ),
    Deviation(
        "events without names", _nameless, Group.EVENTS, "tenant acme: events without a name", "100 of the newest 100",
        same=False,
    ),
    Deviation(
        "another detector", _called_otherwise, Group.EVENTS, "tenant acme: detector of Acme US", "“Acme Old”",
        same=False,
    ),
    Deviation("no events", _no_events, Group.EVENTS, "tenant acme: events", "none; nor of any", same=False),
    Deviation("late events", _late, Group.EVENTS, "tenant acme: lateness", "median 125 min"),
    Deviation(
        "the search is refused", _tenant_refuses("/v2/file-events"), Group.EVENTS, "tenant acme: events",
        "Unknown search term", same=False,
    ),
    Deviation(
        "grouping is refused", _tenant_refuses("/grouping"), Group.ASSUMED,
        ASSUMPTIONS["detector_grouping"].what, "Unknown search term",
    ),
)  # fmt: skip
