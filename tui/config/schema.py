"""The JSON Schema of the configuration file, for editors: made of the catalogue of its keys."""

from collections.abc import Mapping, Sequence

from tui.config.catalogue import (
    APP,
    CONNECTION,
    CONNECTION_DEFAULTS,
    ENTRIES,
    INTERVALS,
    MAIN,
    NEEDED,
    OF_KIND,
    ORG,
    ORG_DEFAULTS,
    REQUIREMENT,
    TENANT,
    TEXT,
    WAYS,
    Key,
    Schema,
)

NAME = r"^\S(.*\S)?$"
"""Names of tables: one line without surrounding blanks."""


def schema(commands: Mapping[str, str], permissions: Mapping[str, str]) -> Schema:
    """JSON Schema of the whole file: what each table may hold, and in what form.

    `commands`: what each command of `app.keys` does, by its id; `permissions`: the label of each known permission.
    Names that tables have of one another, and clashing keys, are checked by the program alone.
    """
    org, of_orgs, app = _table(ORG, ORG_DEFAULTS), _table(ORG_DEFAULTS), _table(APP)
    org["properties"]["sign_in"] |= {"anyOf": [_way(way, keys) for way, keys in WAYS.items()]}
    of_orgs["properties"]["sign_in"] |= {
        "oneOf": [
            _way(way, {name: key for name, key in keys.items() if key.common}, ["way"])
            for way, keys in WAYS.items()
        ]
    }
    app["properties"]["intervals"] |= _table(INTERVALS)
    app["properties"]["keys"] |= _object({id: TEXT | {"description": told} for id, told in commands.items()})
    tenant = _table(TENANT) | {"not": {"required": ["region", "base_url"]}}
    known = _table(REQUIREMENT)
    new = known | {"required": ["need", "label"]}
    defaults = {
        "org": of_orgs | {"description": "for orgs"},
        "connection": _table(CONNECTION_DEFAULTS) | {"description": "for connections"},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "the configuration of remonitor (TOML)",
        "type": "object",
        "properties": {
            **_table(MAIN)["properties"],
            "defaults": _object(defaults) | {"description": "what holds where a table does not say it"},
            "orgs": _tables("Salesforce orgs, each by an ID of your own", org),
            "tenants": _tables("Incydr tenants, each by an ID of your own", tenant),
            "connections": _tables(
                "data connections, each by its Display name", _table(CONNECTION, CONNECTION_DEFAULTS)
            ),
            "app": app | {"description": "how the program behaves on this machine"},
            "requirements": _tables("permissions, each by Salesforce's name of it", new)
            | {"properties": {name: known | {"description": label} for name, label in permissions.items()}},
        },
        "additionalProperties": False,
    }


def _tables(about: str, each: Schema) -> Schema:
    return {
        "description": about,
        "type": "object",
        "propertyNames": {"pattern": NAME},
        "additionalProperties": each,
    }


def _table(name: str, defaults: str = "") -> Schema:
    """What the table `defaults` may give is not needed in this one: it may stand in another file."""
    entries = [entry for entry in ENTRIES if entry.table == name]
    given = [entry.key for entry in ENTRIES if entry.table == defaults]
    return _object(
        {entry.key: entry.schema | {"description": entry.about} for entry in entries},
        [entry.key for entry in entries if entry.default == NEEDED and entry.key not in given],
    )


def _way(way: str, keys: Mapping[str, Key], required: Sequence[str] | None = None) -> Schema:
    """Where nothing else is `required`, only what no default may give is."""
    properties: Schema = {"way": {"const": way, "description": f"one of {', '.join(WAYS)}"}}
    for name, key in keys.items():
        properties[name] = OF_KIND[key.kind] | {"description": key.about}
    own = [name for name, key in keys.items() if key.required and not key.common]
    return _object(properties, own if required is None else required)


def _object(properties: Schema, required: Sequence[str] = ()) -> Schema:
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | ({"required": list(required)} if required else {})
