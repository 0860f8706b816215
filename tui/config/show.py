"""The configuration as one file again: every value that holds, and as a comment where it comes from."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import tomli_w
from msgspec import Struct

from tui.base.text import clean, unseen
from tui.config.catalogue import WAYS, Kind
from tui.config.files import documents, merged
from tui.config.model import Config
from tui.config.parsing import assembled, existing
from tui.config.tables import Table
from tui.connections.connection import Org, SignIn, Tenant

_TITLE = (
    "# A value holds as its table says it, else as [defaults.*] says it, else the environment, else the program.",
    "# Secrets are references: what is behind them is not read here.",
)
_OF_DEFAULTS = {"orgs": "org", "connections": "connection"}

Keys = tuple[str, ...]
Values = Mapping[str, object]


def shown(path: Path, environment: Mapping[str, str]) -> str:
    """The configuration of the main file `path` as TOML, which parses to an equal one. Raises ConfigProblem."""
    parts = documents(existing(path), str(path))
    config = assembled(parts, environment)
    return _Shown(config, merged(parts)[0]).text()


class _Shown:
    """One configuration; `root` is what its files say, without any default."""

    def __init__(self, config: Config, root: Table) -> None:
        self._config = config
        self._root = root
        self._names = {file: _short(Path(file), Path(config.files[0]).parent) for file in config.files}
        self._orgs = {connection.name: connection.org for connection in config.connections}

    def text(self) -> str:
        lines = [*_TITLE, *(f"# {name}" for name in self._names.values())]
        for keys, values in self._tables():
            rows = [(key, value) for key, value in values.items() if value not in (None, ())]
            if rows or keys[0] != "app":
                lines += ["", _header(keys)]
                lines += [f"{_pair(key, value)}  # {self._origin(*keys, key)}" for key, value in rows]
        return "\n".join(lines)

    def _tables(self) -> Iterator[tuple[Keys, Values]]:
        config = self._config
        for name, org in config.orgs.items():
            yield ("orgs", name), _org(org)
            yield ("orgs", name, "sign_in"), _sign_in(org.sign_in)
        for name, tenant in config.tenants.items():
            yield ("tenants", name), self._tenant(name, tenant)
        for connection in config.connections:
            yield ("connections", connection.name), _fields(connection, "name", "shared")
        app = _fields(config.app, "keys", "intervals", "window")
        hours = None if config.app.window is None else int(config.app.window.total_seconds()) // (60 * 60)
        yield ("app",), app | {"window_hours": hours}
        yield ("app", "keys"), config.app.keys
        yield ("app", "intervals"), _fields(config.app.intervals)
        for name, override in config.overrides.items():
            yield ("requirements", name), _fields(override) | {"need": override.need.value}

    def _tenant(self, name: str, tenant: Tenant) -> Values:
        region = self._said("tenants", name, "region")
        address = {"base_url": tenant.base_url} if region is None else {"region": region}
        return address | {"client_id": tenant.client_id, "client_secret": tenant.client_secret}

    def _origin(self, *keys: str) -> str:
        """Where the value that these keys lead to comes from."""
        if self._said(*keys) is not None:
            return self._names[self._config.source(*keys)]
        defaults = ("defaults", _OF_DEFAULTS.get(keys[0], ""), *keys[2:])
        if self._said(*defaults) is not None:
            return f"[defaults.{defaults[1]}] of {self._names[self._config.source(*defaults)]}"
        match keys:
            case ("tenants", _, "base_url"):
                return "environment: INCYDR_URL"
            case ("connections", name, "org_id"):
                return f"[orgs.{clean(self._orgs[name], 80)}]"
        return "default"

    def _said(self, *keys: str) -> object:
        """What the files say there, None for nothing."""
        value = self._root.raw(keys[0])
        for key in keys[1:]:
            value = value.get(key) if isinstance(value, dict) else None
        return value


def _short(path: Path, folder: Path) -> str:
    """A file's name, seen from the folder of the main one."""
    return clean(str(path.relative_to(folder) if path.is_relative_to(folder) else path), 200)


def _org(org: Org) -> Values:
    return {
        "api_url": org.api_url,
        "my_domain": org.my_domain,
        "experience": org.experience.value,
        "allow_repairs": org.allow_repairs,
        "org_id": org.org_id,
    }


def _sign_in(sign_in: SignIn) -> Values:
    kinds = {name: key.kind for name, key in WAYS[sign_in.way].items()}
    numbers = {name: int(str(v)) for name, v in sign_in.settings.items() if kinds[name] is Kind.PORT}
    return {"way": sign_in.way} | sign_in.settings | numbers


def _fields(values: Struct, *left_out: str) -> dict[str, object]:
    return {name: getattr(values, name) for name in values.__struct_fields__ if name not in left_out}


def _header(keys: Keys) -> str:
    tree: dict[str, object] = {}
    for key in reversed(keys):
        tree = {key: tree}
    return tomli_w.dumps(tree).strip()


def _pair(key: str, value: object) -> str:
    if isinstance(value, tuple):
        # tomli-w would give each of them a line of its own.
        texts = ", ".join(_pair("x", each).removeprefix("x = ") for each in value)
        return _pair(key, 0).removesuffix("0") + f"[{texts}]"
    text = tomli_w.dumps({key: value}).strip()
    if text.isprintable():
        return text
    # What would steer or fool a terminal is written as TOML's escape of it.
    return "".join(f"\\U{ord(c):08x}" if unseen(c) else c for c in text)
