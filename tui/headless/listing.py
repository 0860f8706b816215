"""`list` and `config show`: what is configured, without asking anybody."""

import msgspec
import tomli_w

from tui.base.paths import state_folder
from tui.config import Config
from tui.reports import documents


def connections(config: Config) -> str:
    """One line a connection: name, org, service account."""
    return "\n".join(f"{c.name}\t{c.org}\t{c.service_account}" for c in config.connections)


def as_json(config: Config, format: str) -> str:
    """The same for scripts (`json`), or as Zabbix discovers them (`lld`)."""
    document = {"json": documents.connections, "lld": documents.discovery}[format](config.connections)
    return documents.written(document)


def everything(config: Config) -> str:
    """The configuration as it was understood, defaults included, and the paths in use."""
    tree = {
        "paths": {"config": config.path or "", "state": str(state_folder())},
        "orgs": config.orgs,
        "tenants": config.tenants,
        "connections": {c.name: c for c in config.connections},
        "app": config.app,
        "requirements": config.overrides,
    }
    return tomli_w.dumps(_without_none(msgspec.to_builtins(tree))).rstrip()


def _without_none(value: object) -> dict[str, object]:
    """TOML has no null: an absent key says the same."""
    assert isinstance(value, dict)  # noqa: S101 - the tree above is one
    return {k: _without_none(v) if isinstance(v, dict) else v for k, v in value.items() if v is not None}
