"""JSON Schema of the configuration file, for editors: made of the catalogue that the README's table is made of."""

from collections.abc import Mapping
from typing import Any

from tui.config import catalogue
from tui.config.catalogue import APP, CONNECTION, INTERVALS, ORG, REQUIREMENT, SIGN_IN, TENANT, Entry
from tui.config.model import CLIPBOARDS
from tui.config.parsing import REGIONS
from tui.config.sign_in_ways import WAYS, Key, Kind
from tui.connections.connection import Experience
from tui.connections.requirements import Need

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
REFERENCE: dict[str, Any] = {
    "anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 2}],
    "$comment": 'env:NAME, file:PATH, keyring:SERVICE/NAME, stdin:, or ["command", "program", "argument"]',
}
SECONDS: dict[str, Any] = {"type": "integer", "minimum": 5, "maximum": 86_400}

_TYPES: dict[tuple[str, str], dict[str, Any]] = {
    (ORG, "experience"): {"enum": list(Experience)},
    (ORG, "allow_repairs"): {"type": "boolean"},
    (TENANT, "region"): {"enum": list(REGIONS)},
    (TENANT, "client_secret"): REFERENCE,
    (CONNECTION, "status_command"): {"type": "array", "items": TEXT, "minItems": 1},
    (APP, "keys"): {"type": "object", "additionalProperties": TEXT},
    (APP, "notifications"): {"type": "boolean"},
    (APP, "clipboard"): {"enum": list(CLIPBOARDS)},
    (APP, "window_hours"): {"type": "integer", "minimum": 1, "maximum": 168},
    (INTERVALS, "monitoring"): SECONDS | {"minimum": 60},
    (INTERVALS, "error"): SECONDS | {"minimum": 10},
    (INTERVALS, "step"): SECONDS,
    (INTERVALS, "recovering"): SECONDS | {"minimum": 10},
    (REQUIREMENT, "need"): {"enum": list(Need)},
}
"""What is no plain text."""
_SIGN_IN_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.SECRET: REFERENCE,
    Kind.PORT: {"type": "integer", "minimum": 0, "maximum": 65_535},
}


def schema() -> dict[str, Any]:
    """The whole file. Names of tables and what belongs together are checked by the program alone."""
    org, app = _table(ORG), _table(APP)
    org["properties"]["sign_in"] = {"oneOf": [_way(way, keys) for way, keys in WAYS.items()]}
    app["properties"]["intervals"] = _table(INTERVALS)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "the configuration of remonitor (TOML)",
        "type": "object",
        "properties": {
            "orgs": _tables(org),
            "tenants": _tables(_table(TENANT)),
            "connections": _tables(_table(CONNECTION)),
            "app": app,
            "requirements": _tables(_table(REQUIREMENT)),
        },
        "additionalProperties": False,
    }


def _tables(each: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": each}


def _table(name: str) -> dict[str, Any]:
    entries = [entry for entry in catalogue.entries() if entry.table == name]
    return _object(
        {entry.key: _described(_TYPES.get((name, entry.key), TEXT), entry) for entry in entries},
        [entry.key for entry in entries if entry.default == "needed"],
    )


def _described(kind: dict[str, Any], entry: Entry) -> dict[str, Any]:
    return kind | {"description": entry.about}


def _way(way: str, keys: Mapping[str, Key]) -> dict[str, Any]:
    about = next(e.about for e in catalogue.entries() if (e.table, e.key) == (SIGN_IN, "way"))
    properties: dict[str, Any] = {"way": {"const": way, "description": about}}
    for name, key in keys.items():
        properties[name] = _SIGN_IN_TYPES.get(key.kind, TEXT) | {"description": key.about}
    return _object(properties, ["way", *(name for name, key in keys.items() if key.required)])


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": required} if required else {})
