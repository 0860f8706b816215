"""What one user sees of the org: Salesforce answers with fewer rows, or none, where he lacks a right."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from tui.base.limits import STREAMS
from tui.demo import permissions, schema
from tui.demo.org import Org, Row
from tui.demo.soql import Field, Table

Rows = Callable[[], Iterable[Row]]


def tables(org: Org, user_id: str) -> dict[str, Table]:
    """The objects that the user may query; an object is absent where the org's habit is to refuse it."""
    rights = org.effective_permissions(user_id)
    found: dict[str, Table] = {}
    for name, fields in objects_of(org).items():
        rows = _rows(org, name, user_id, rights)
        if rows is not None:
            found[name] = Table(name, fields, rows, countable=name != "SetupAuditTrail")
    return found


def tooling_tables(org: Org, user_id: str) -> dict[str, Table]:
    """The objects of the tooling API that the user may query."""
    rights = org.effective_permissions(user_id)
    found: dict[str, Table] = {}
    for name, fields in tooling_of(org).items():
        needed = {"RealTimeEventSettings": "CustomizeApplication", "PermissionDependency": "ViewSetup"}[name]
        allowed = needed in rights
        if allowed or not org.habits.refuses_missing_rights:
            maker = _event_settings if name == "RealTimeEventSettings" else _dependencies
            found[name] = Table(name, fields, _lazily(maker, org) if allowed else tuple)
    return found


def fields_of(org: Org, name: str) -> Mapping[str, Field] | None:
    return objects_of(org).get(name)


def objects_of(org: Org) -> Mapping[str, Mapping[str, Field]]:
    """The objects of this org with the fields that it has."""
    return _habitual(org, schema.objects(org.absent_permissions()))


def tooling_of(org: Org) -> Mapping[str, Mapping[str, Field]]:
    """The same of the tooling API."""
    return _habitual(org, schema.TOOLING)


def _habitual(org: Org, objects: Mapping[str, Mapping[str, Field]]) -> Mapping[str, Mapping[str, Field]]:
    """What the habits of the org leave of these objects."""
    habits = org.habits
    if not (habits.absent_objects or habits.absent_fields or habits.refused_uses):
        return objects

    def narrowed(place: str, field: Field) -> Field:
        return replace(
            field,
            filterable=field.filterable and f"{place} filterable" not in habits.refused_uses,
            groupable=field.groupable and f"{place} groupable" not in habits.refused_uses,
            sortable=field.sortable and f"{place} sortable" not in habits.refused_uses,
        )

    return {
        name: {
            key: narrowed(f"{name}.{key}", field)
            for key, field in fields.items()
            if f"{name}.{key}" not in habits.absent_fields
        }
        for name, fields in objects.items()
        if name not in habits.absent_objects
    }


def _rows(org: Org, name: str, user_id: str, rights: frozenset[str]) -> Rows | None:
    """The rows of one object for one user; None where it is refused."""
    everything = org.tables.get(name)
    match name:
        case "UserPermissionAccess":
            return lambda: [_own_access(org, rights)]
        case "User" if not rights & {"ManageUsers", "ViewAllUsers", "ViewAllData"}:
            return lambda: [org.tables["User"][user_id]]
        case "LoginHistory" if not rights & {"ManageUsers", "MonitorLoginHistory"}:
            return lambda: [row for row in org.tables[name].values() if row["UserId"] == user_id]
        case "OauthToken" if "CustomizeApplication" not in rights:
            return lambda: [row for row in org.tables[name].values() if row["UserId"] == user_id]
        case "UserLogin" if "ManageUsers" not in rights:
            return None if org.habits.refuses_missing_rights else tuple
        case "SetupAuditTrail" if "ViewSetup" not in rights:
            return None if org.habits.refuses_missing_rights else tuple
    return everything.values if everything is not None else None


def _own_access(org: Org, rights: frozenset[str]) -> Row:
    row: Row = {"Id": "000000000000000AAA", "LastCacheUpdate": org.now()}
    return row | {permissions.field(name): name in rights for name in permissions.NAMES}


def _lazily(maker: Callable[[Org], list[Row]], org: Org) -> Rows:
    return lambda: maker(org)


def _event_settings(org: Org) -> list[Row]:
    events = [
        {"entityName": name, "isEnabled": on}
        for name, on in org.streaming.items()
        if org.event_monitoring or name not in STREAMS
    ]
    return [
        {
            "Id": "000000000000000AAA",
            "DurableId": "RealTimeEvent",
            "FullName": "RealTimeEvent",
            "Metadata": {"realTimeEvents": events, "urls": None},
        }
    ]


def _dependencies(org: Org) -> list[Row]:
    return [
        {
            "Id": None,
            "Permission": name,
            "PermissionType": "User Permission",
            "RequiredPermission": needed,
            "RequiredPermissionType": "User Permission",
        }
        for name, required in permissions.REQUIRES.items()
        for needed in required
    ]
