"""Writing and describing single records over the API: rights first, then the rules of `changes`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tui.demo import changes, permissions, schema, visibility
from tui.demo.answers import Refusal, no_access, not_found
from tui.demo.ids import PREFIXES
from tui.demo.org import Org, Row
from tui.demo.soql import Field

_PREFIX = "Permissions"


def updatable(name: str) -> bool:
    """Whether PATCH takes records of this object."""
    return name in schema.UPDATEABLE


def creatable(name: str) -> bool:
    """Whether POST takes records of this object."""
    return name in schema.CREATABLE


def deletable(name: str) -> bool:
    """Whether DELETE takes records of this object."""
    return name in schema.DELETABLE


def update(org: Org, caller: Row, name: str, row_id: str, body: Any) -> None:
    """PATCH of one record. Raises Refusal."""
    row = _find(org, name, row_id)
    _check_fields(org, name, body, schema.UPDATEABLE[name])
    rights = org.effective_permissions(caller["Id"])
    match name:
        case "User":
            _need(rights, "ManageUsers")
            _update_user(org, row, body, caller)
        case "UserLogin":
            _need(rights, "ManageUsers")
            _update_login(org, row, body, caller)
        case "Profile" | "PermissionSet":
            _need(rights, "ManageProfilesPermissionsets")
            wanted = {key.removeprefix(_PREFIX): on for key, on in body.items() if key.startswith(_PREFIX)}
            changes.set_permissions(org, row, wanted, caller)
            row.update({key: value for key, value in body.items() if not key.startswith(_PREFIX)})
        case "PermissionSetAssignment":
            _need(rights, "AssignPermissionSets", "ManageUsers")
            row["ExpirationDate"] = _time(body.get("ExpirationDate"))


def _time(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(str(value)).astimezone(UTC)
    except ValueError:
        message = f"Cannot deserialize instance of datetime from VALUE_STRING value {value}"
        raise Refusal(400, "JSON_PARSER_ERROR", message) from None


def create(org: Org, caller: Row, name: str, body: Any) -> str:
    """POST of one record; returns its Id. Raises Refusal."""
    _check_fields(org, name, body, schema.CREATABLE[name])
    rights = org.effective_permissions(caller["Id"])
    if name == "PermissionSet":
        _need(rights, "ManageProfilesPermissionsets")
        return str(changes.create_permission_set(org, body, caller)["Id"])
    _need(rights, "AssignPermissionSets", "ManageUsers")
    user = _cross_reference(org, "User", body.get("AssigneeId"), "AssigneeId")
    if group_id := body.get("PermissionSetGroupId"):
        group = _cross_reference(org, "PermissionSetGroup", group_id, "PermissionSetGroupId")
        sets = org.tables["PermissionSet"].values()
        aggregate = next(row for row in sets if row["PermissionSetGroupId"] == group["Id"])
        return str(changes.assign(org, user, aggregate, caller, group=group)["Id"])
    permission_set = _cross_reference(org, "PermissionSet", body.get("PermissionSetId"), "PermissionSetId")
    return str(changes.assign(org, user, permission_set, caller)["Id"])


def delete(org: Org, caller: Row, name: str, row_id: str) -> None:
    """DELETE of an assignment or a permission set, the only records that may go. Raises Refusal."""
    row = _find(org, name, row_id)
    rights = org.effective_permissions(caller["Id"])
    if name == "PermissionSet":
        _need(rights, "ManageProfilesPermissionsets")
        changes.delete_permission_set(org, row, caller)
    else:
        _need(rights, "AssignPermissionSets", "ManageUsers")
        changes.unassign(org, row, caller)


def _update_user(org: Org, user: Row, body: dict[str, Any], caller: Row) -> None:
    if "ProfileId" in body:
        changes.set_profile(
            org, user, _cross_reference(org, "Profile", body["ProfileId"], "ProfileId"), caller
        )
    if "Username" in body and any(
        row["Username"] == body["Username"] and row is not user for row in org.tables["User"].values()
    ):
        raise Refusal(
            400, "DUPLICATE_USERNAME", "Duplicate Username. The username already exists.", ["Username"]
        )
    if "IsActive" in body:
        changes.set_active(org, user, body["IsActive"], caller)
    user.update({key: body[key] for key in ("Email", "Username") if key in body})


def _update_login(org: Org, login: Row, body: dict[str, Any], caller: Row) -> None:
    if body.get("IsPasswordLocked") is True:
        message = "IsPasswordLocked can only be set to false"
        raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", message, ["IsPasswordLocked"])
    if "IsFrozen" in body:
        if login["UserId"] == caller["Id"] and body["IsFrozen"]:
            raise Refusal(400, "FIELD_INTEGRITY_EXCEPTION", "You cannot freeze yourself", ["IsFrozen"])
        changes.set_frozen(org, login, body["IsFrozen"], caller)
    if "IsPasswordLocked" in body:
        changes.unlock(org, login, caller)


def _find(org: Org, name: str, row_id: str) -> Row:
    rows = org.tables.get(name)
    if rows is None or visibility.fields_of(org, name) is None:
        raise not_found()
    for key, row in rows.items():
        if key == row_id or (len(row_id) == 15 and key[:15] == row_id):
            return row
    raise not_found()


def _cross_reference(org: Org, name: str, row_id: object, field: str) -> Row:
    try:
        return _find(org, name, str(row_id))
    except Refusal:
        raise Refusal(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[]) from None


def _need(rights: frozenset[str], *any_of: str) -> None:
    if not rights & set(any_of):
        raise no_access()


def _check_fields(org: Org, name: str, body: Any, allowed: frozenset[str]) -> None:
    if not isinstance(body, dict):
        raise Refusal(400, "JSON_PARSER_ERROR", "Unexpected input; expected a JSON object")
    known = visibility.fields_of(org, name) or {}
    for field, value in body.items():
        if field not in known:
            raise Refusal(400, "INVALID_FIELD", f"No such column '{field}' on sobject of type {name}")
        if field not in allowed:
            message = (
                f"Unable to create/update fields: {field}. Please check the security settings of this field and "
                "verify that it is read/write for your profile or permission set."
            )
            raise Refusal(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, [field])
        if known[field].type == "boolean" and not isinstance(value, bool):
            message = f"{field}: value not of required type: {value}"
            raise Refusal(400, "INVALID_TYPE_ON_FIELD_IN_RECORD", message, [field])


_SOAP = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "datetime": "xsd:dateTime", "int": "xsd:int",
}  # fmt: skip
_LENGTHS = {"id": 18, "reference": 18, "string": 255}


def describe(org: Org, name: str, version: str, *, tooling: bool = False) -> dict[str, Any]:
    """One object with its fields and the rows below it. Raises Refusal."""
    fields = _fields(org, tooling).get(name)
    if fields is None:
        raise not_found()
    return summary(org, name, version, tooling=tooling) | {
        "fields": [_field(name, each, field) for each, field in fields.items()],
        "childRelationships": _children(org, name),
        "recordTypeInfos": [],
        "supportedScopes": [{"label": f"All {name}", "name": "everything"}],
    }


def describe_all(org: Org, version: str, *, tooling: bool = False) -> dict[str, Any]:
    """The list of objects."""
    return {
        "encoding": "UTF-8",
        "maxBatchSize": 200,
        "sobjects": [summary(org, name, version, tooling=tooling) for name in _fields(org, tooling)],
    }


def summary(org: Org, name: str, version: str, *, tooling: bool = False) -> dict[str, Any]:
    """One object without its fields. Raises Refusal."""
    if name not in _fields(org, tooling):
        raise not_found()
    base = f"/services/data/v{version}/{'tooling/' if tooling else ''}sobjects/{name}"
    return {
        "name": name,
        "label": name,
        "labelPlural": name,
        "keyPrefix": PREFIXES.get(name),
        "custom": False,
        "customSetting": False,
        "createable": creatable(name),
        "updateable": updatable(name),
        "deletable": deletable(name),
        "queryable": True,
        "retrieveable": True,
        "searchable": False,
        "layoutable": False,
        "mergeable": False,
        "triggerable": False,
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }


def _fields(org: Org, tooling: bool) -> Mapping[str, Mapping[str, Field]]:
    known = visibility.objects_of(org)
    return {**known, **visibility.tooling_of(org)} if tooling else known


def _field(name: str, each: str, field: Field) -> dict[str, Any]:
    is_permission = each.startswith("Permissions")
    label = permissions.LABELS.get(each.removeprefix("Permissions")) if is_permission else None
    return {
        "name": each,
        "label": label or each,
        "type": "complexvalue" if field.type == "object" else field.type,
        "soapType": _SOAP.get(field.type, "xsd:string"),
        "length": _LENGTHS.get(field.type, 0),
        "byteLength": 3 * _LENGTHS.get(field.type, 0),
        "precision": 0,
        "scale": 0,
        "digits": 9 if field.type == "int" else 0,
        "custom": False,
        "calculated": False,
        "unique": False,
        "idLookup": each == "Id",
        "nillable": field.type not in ("id", "boolean"),
        "defaultedOnCreate": field.type in ("id", "boolean"),
        "filterable": field.filterable and field.type != "object",
        "groupable": field.groupable and field.type != "object",
        "sortable": field.sortable and field.type != "object",
        "aggregatable": field.type not in ("boolean", "object") and name != "SetupAuditTrail",
        "updateable": each in schema.UPDATEABLE.get(name, ()),
        "createable": each in schema.CREATABLE.get(name, ()),
        "permissionable": False,
        "picklistValues": [],
        "relationshipName": field.relation,
        "referenceTo": [field.target] if field.target else [],
    }


def _children(org: Org, name: str) -> list[dict[str, Any]]:
    return [
        {
            "childSObject": child,
            "field": each,
            "relationshipName": field.children,
            "cascadeDelete": False,
            "deprecatedAndHidden": False,
        }
        for child, fields in visibility.objects_of(org).items()
        for each, field in fields.items()
        if field.target == name
    ]
