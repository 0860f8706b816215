"""Object collections (composite/sobjects): up to 200 records at once, all or each for itself."""

from collections.abc import Callable, Mapping
from typing import Any

from tui.demo import records
from tui.demo.composite import ROLLED_BACK
from tui.demo.org import Org
from tui.demo.refusal import Refusal
from tui.demo.reply import Caller, Reply
from tui.demo.soql import SoqlError

MOST = 200
_MOST_READ = 2_000

Result = dict[str, Any]


def create(org: Org, caller: Caller, _query: Mapping[str, str], body: Any) -> Reply:
    """POST of {"allOrNone", "records": [{"attributes": {"type"}, …}]}."""

    def one(record: dict[str, Any]) -> str:
        name, fields = _typed(record)
        if not records.creatable(name):
            raise Refusal(
                400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {name}"
            )
        return records.create(org, caller.user, name, fields)

    return _each(org, _records(body), one, all_or_none=body.get("allOrNone") is True)


def update(org: Org, caller: Caller, _query: Mapping[str, str], body: Any) -> Reply:
    """PATCH of the same; each record with its `id`."""

    def one(record: dict[str, Any]) -> str:
        name, fields = _typed(record)
        row_id = str(fields.pop("id", None) or fields.pop("Id", ""))
        if not row_id:
            raise Refusal(400, "MISSING_ARGUMENT", "Id not specified in an update call", fields=[])
        if not records.updatable(name):
            raise Refusal(
                400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be updated: {name}"
            )
        records.update(org, caller.user, name, row_id, fields)
        return row_id

    return _each(org, _records(body), one, all_or_none=body.get("allOrNone") is True)


def delete(org: Org, caller: Caller, query: Mapping[str, str], _body: Any) -> Reply:
    """DELETE of ?ids=a,b&allOrNone=true."""
    ids = [each for each in query.get("ids", "").split(",") if each]

    def one(row_id: str) -> str:
        name = org.object_of(row_id)
        if name is None:
            raise Refusal(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])
        if not records.deletable(name):
            raise Refusal(400, "DELETE_FAILED", f"entity type cannot be deleted: {name}", fields=[])
        records.delete(org, caller.user, name, row_id)
        return row_id

    return _each(org, _limited(ids), one, all_or_none=query.get("allOrNone", "").lower() == "true")


def read(query: Mapping[str, str], body: Any, one: Callable[[str, str], Result]) -> Reply:
    """GET with ?ids=…&fields=…, or POST of {"ids", "fields"}; null for a record that is not there."""
    if body is not None:
        if not isinstance(body, dict):
            raise Refusal(400, "JSON_PARSER_ERROR", "Unexpected input; expected a JSON object")
        ids, fields = [str(each) for each in body.get("ids") or []], ",".join(body.get("fields") or [])
    else:
        ids = [each for each in query.get("ids", "").split(",") if each]
        fields = query.get("fields", "")
    if not ids or not fields:
        raise Refusal(400, "MALFORMED_ID", "ids and fields are required")

    def found(row_id: str) -> Result | None:
        try:
            return one(row_id, fields)
        except Refusal:
            return None

    return Reply(200, [found(row_id) for row_id in _limited(ids, _MOST_READ)])


def _each(org: Org, sent: list[Any], one: Callable[[Any], str], *, all_or_none: bool) -> Reply:
    before = org.snapshot() if all_or_none else None
    results: list[Result] = []
    for each in sent:
        try:
            results.append({"id": one(each), "success": True, "errors": []})
        except Refusal as refusal:
            error = {"statusCode": refusal.code, "message": refusal.message, "fields": refusal.fields or []}
            results.append({"success": False, "errors": [error]})
        except SoqlError as error:
            results.append(
                {
                    "success": False,
                    "errors": [{"statusCode": error.code, "message": error.message, "fields": []}],
                }
            )
    if before and not all(result["success"] for result in results):
        org.restore(before)
        halted = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": ROLLED_BACK, "fields": []}
        results = [
            {"success": False, "errors": [halted]} if result["success"] else result for result in results
        ]
    return Reply(200, results)


def _records(body: Any) -> list[dict[str, Any]]:
    sent = body.get("records") if isinstance(body, dict) else None
    if not isinstance(sent, list) or not all(isinstance(each, dict) for each in sent):
        raise Refusal(400, "JSON_PARSER_ERROR", "records is required")
    return _limited(sent)


def _limited(sent: list[Any], most: int = MOST) -> list[Any]:
    if len(sent) > most:
        message = f"record limit reached. cannot submit more than {most} records in this call"
        raise Refusal(400, "EXCEEDED_ID_LIMIT", message)
    return sent


def _typed(record: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The object that a record's attributes name, and the record without them."""
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not name:
        raise Refusal(400, "INVALID_INPUT", "attributes.type is required")
    return str(name), {key: value for key, value in record.items() if key != "attributes"}
