"""TOML to Config: strict, with an error that says what is wrong, where, and what is expected."""

import shlex
import tomllib
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import structs

from tui.base.problem import ConfigProblem
from tui.base.text import clean
from tui.config.model import AppSettings, Config, Intervals, RequirementOverride
from tui.config.tables import Table, nearest
from tui.connections.connection import Connection, Experience, Org, SignIn, Tenant
from tui.connections.requirements import Need

REFERENCES = ("env:", "file:", "command:", "keyring:")
"""How a reference to a secret begins."""

WAYS: Mapping[str, Mapping[str, bool]] = {
    "access_token": {"token": True},
    "client_credentials": {"client_id": False, "client_secret": True},
}
"""The ways to sign in to an org: their keys, and which of them are secrets."""

Reference = str | tuple[str, ...]


def load(path: Path) -> Config:
    """Read the configuration file. Raises ConfigProblem."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigProblem(
            "Configuration",
            f"{path}: there is no such file.",
            "Write one (see the README), name another with --config, or look around: remonitor demo.",
        ) from None
    except UnicodeDecodeError as error:
        raise ConfigProblem(
            "Configuration",
            f"{path}: byte {error.start} is not UTF-8, expected a TOML file in UTF-8.",
            "Save it as UTF-8.",
        ) from None
    except OSError as error:
        raise ConfigProblem(
            "Configuration",
            f"{path}: cannot be read: {error.strerror}.",
            "Check the path and its permissions.",
        ) from None
    return parse(text, str(path))


def parse(text: str, source: str) -> Config:
    """Turn the text of the file `source` into a Config. Raises ConfigProblem."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigProblem(
            "Configuration",
            f"{source}: not valid TOML: {clean(str(error), 200)}.",
            f"Correct it in {source}.",
        ) from None
    root = Table(source, "", data)
    orgs = {name: _org(name, table) for name, table in root.table("orgs").tables().items()}
    tenants = {name: _tenant(name, table) for name, table in root.table("tenants").tables().items()}
    connections = tuple(
        _connection(name, table, orgs, tenants) for name, table in root.table("connections").tables().items()
    )
    app = _app(root.table("app"))
    overrides = {name: _override(table) for name, table in root.table("requirements").tables().items()}
    root.finish()
    return Config(source, orgs, tenants, _mark_shared(connections), app, overrides)


def _org(name: str, table: Table) -> Org:
    org = Org(
        id=name,
        api_url=_url(table, "api_url"),
        my_domain=_bare_host(table, "my_domain"),
        sign_in=_sign_in(table.table("sign_in")),
        experience=Experience(table.choice("experience", Experience.LIGHTNING.value, list(Experience))),
        allow_repairs=table.flag("allow_repairs", False),
        org_id=table.optional("org_id"),
    )
    table.finish()
    return org


def _sign_in(table: Table) -> SignIn:
    way = table.choice("way", None, WAYS)
    settings: dict[str, Reference] = {
        key: _reference(table, key) if secret else table.text(key) for key, secret in WAYS[way].items()
    }
    table.finish()
    return SignIn(way, settings)


def _tenant(name: str, table: Table) -> Tenant:
    tenant = Tenant(
        id=name,
        base_url=_url(table, "base_url"),
        client_id=table.text("client_id"),
        client_secret=_reference(table, "client_secret"),
    )
    table.finish()
    return tenant


def _connection(
    name: str, table: Table, orgs: Mapping[str, Org], tenants: Mapping[str, Tenant]
) -> Connection:
    if not name.strip() or clean(name) != name:
        raise table.problem(
            "name", f'"{name}"', "the Display name as one plain line without surrounding blanks"
        )
    connection = Connection(
        name=name,
        org=_known(table, "org", table.text("org"), orgs),
        service_account=table.text("service_account"),
        detector_name=table.optional("detector_name") or name,
        tenant=_known(table, "tenant", table.text("tenant"), tenants) if "tenant" in table else None,
        incydr_app=table.optional("incydr_app"),
        user_id=table.optional("user_id"),
        status_command=table.texts("status_command"),
    )
    # Asked for even where absent, so that the list of known keys is whole.
    table.raw("tenant")
    table.finish()
    return connection


def _app(table: Table) -> AppSettings:
    hours = table.number("window_hours", None, 1, 7 * 24)
    app = AppSettings(
        theme=table.optional("theme"),
        keys=table.table("keys").words(),
        notifications=table.flag("notifications", True),
        intervals=_intervals(table.table("intervals")),
        window=None if hours is None else timedelta(hours=hours),
    )
    table.finish()
    return app


def _intervals(table: Table) -> Intervals:
    floors = {"monitoring": 60, "error": 10, "step": 5, "recovering": 10}
    values = {key: table.number(key, None, floor, 86_400) for key, floor in floors.items()}
    table.finish()
    return Intervals(**{key: value for key, value in values.items() if value is not None})


def _override(table: Table) -> RequirementOverride:
    override = RequirementOverride(
        need=Need(table.choice("need", None, list(Need))),
        label=table.optional("label"),
        group=table.optional("group"),
        purpose=table.optional("purpose"),
    )
    table.finish()
    return override


def _mark_shared(connections: tuple[Connection, ...]) -> tuple[Connection, ...]:
    """Salesforce compares usernames without regard to case."""
    users = Counter((c.org, c.service_account.casefold()) for c in connections)
    return tuple(
        structs.replace(c, shared=users[c.org, c.service_account.casefold()] > 1) for c in connections
    )


def _known(table: Table, key: str, value: str, names: Mapping[str, object]) -> str:
    if value not in names:
        known = ", ".join(names) or f"a table [{key}s.{value}]"
        raise table.problem(
            key, f'"{value}"{nearest(value, names)}', f"one of the {key}s in this file: {known}"
        )
    return value


def _reference(table: Table, key: str) -> Reference:
    """A reference to a secret; a literal one is refused and never shown."""
    found = table.raw(key)
    expected = (
        'a reference: "env:NAME", "file:PATH", "keyring:SERVICE/NAME" or ["command", "program", "argument"]'
    )
    if found is None:
        raise table.problem(key, "nothing", expected)
    if isinstance(found, list):
        words = table.texts(key)
        if words[0] != "command" or len(words) < 2:
            raise table.problem(key, 'a list that does not begin with "command"', expected)
        return words
    value = table.text(key)
    kind, _, rest = value.partition(":")
    if f"{kind}:" not in REFERENCES or not rest.strip():
        raise table.problem(
            key,
            "what looks like the secret itself",
            expected,
            "Put the secret into an environment variable or a file that only you can read, and refer to it.",
        )
    if kind == "command":
        try:
            return ("command", *shlex.split(rest))
        except ValueError as error:
            raise table.problem(key, f"a command that cannot be split ({error})", expected) from None
    if kind == "file":
        return f"file:{Path(table.source).parent / Path(rest).expanduser()}"
    return value


def _url(table: Table, key: str) -> str:
    value = table.text(key)
    expected = "an https address without a path, such as https://acme.my.salesforce.com"
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise table.problem(key, f'"{value}"', expected) from None
    loopback = host in ("127.0.0.1", "::1", "localhost")
    if not host or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not loopback):
        raise table.problem(key, f'"{value}"', expected)
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username or parts.password:
        raise table.problem(key, f'more than a host in "{parts.scheme}://{host}…"', expected)
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


def _bare_host(table: Table, key: str) -> str:
    value = table.text(key)
    if "." not in value or not all(part.replace("-", "").isalnum() for part in value.split(".")):
        raise table.problem(key, f'"{value}"', "a bare host name, such as acme.my.salesforce.com")
    return value.lower()
