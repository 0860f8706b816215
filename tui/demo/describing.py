"""Describes the org's objects: which fields there are, and what a query or a change may do with each."""

from collections.abc import Mapping
from typing import Any

from tui.demo import permissions, records, schema, views
from tui.demo.ids import PREFIXES
from tui.demo.org import Org
from tui.demo.refusal import not_found
from tui.demo.soql import Field

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
        "createable": records.creatable(name),
        "updateable": records.updatable(name),
        "deletable": records.deletable(name),
        "queryable": True,
        "retrieveable": True,
        "searchable": False,
        "layoutable": False,
        "mergeable": False,
        "triggerable": False,
        "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
    }


def _fields(org: Org, tooling: bool) -> Mapping[str, Mapping[str, Field]]:
    known = views.objects_of(org)
    return {**known, **schema.TOOLING} if tooling else known


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
        for child, fields in views.objects_of(org).items()
        for each, field in fields.items()
        if field.target == name
    ]
