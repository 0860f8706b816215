"""TOML to Config: strict, with an error that says what is wrong, where, and what is expected."""

import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from msgspec import structs

from tui.base.problem import ConfigProblem
from tui.config.catalogue import CLIENT_ID_DEFAULT, CLIENT_SECRET_DEFAULT, NONE, REGIONS, URL_PATH, WAYS, Kind
from tui.config.files import Document, documents, merged, read
from tui.config.model import CLIPBOARDS, AppSettings, Config, Intervals, RequirementOverride
from tui.config.secrets import withhold_secrets
from tui.config.tables import (
    Reference,
    Table,
    bare_host,
    checked_url,
    file,
    file_reference,
    kept,
    nearest,
    reference,
    url,
)
from tui.connections.connection import Connection, Experience, Need, Org, SignIn, Tenant

MOST_NAMED = 20
"""Names that an error lists."""


def load(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read the configuration file; `environment` may name the tenant (INCYDR_URL). Raises ConfigProblem."""
    config = parse(existing(path), str(path), os.environ if environment is None else environment)
    withhold_secrets(config)
    return config


def existing(path: Path) -> str:
    """The text of the main file. Raises ConfigProblem, also where there is none."""
    text = read(path)
    if text is None:
        raise ConfigProblem(
            "Configuration",
            f"{path}: there is no such file.",
            "Begin one with remonitor add, name another with --config, or look around: remonitor demo.",
        )
    return text


def parse(text: str, source: str, environment: Mapping[str, str] = MappingProxyType({})) -> Config:
    """Turn the text of the file `source`, and the files that it includes, into a Config. Raises ConfigProblem."""
    return assembled(documents(text, source), environment)


def assembled(parts: Sequence[Document], environment: Mapping[str, str]) -> Config:
    """The Config that these files are together, the main one first. Raises ConfigProblem."""
    root, places = merged(parts)
    root.raw("include")
    defaults = root.table("defaults")
    of_orgs, of_connections = defaults.table("org"), defaults.table("connection")
    _check_org_defaults(of_orgs)
    orgs = {name: _org(name, table) for name, table in root.table("orgs").tables(of_orgs).items()}
    tenants = {
        name: _tenant(name, table, environment) for name, table in root.table("tenants").tables().items()
    }
    _check_connection_defaults(of_connections, orgs, tenants)
    defaults.finish()
    connections = tuple(
        _connection(name, table, orgs, tenants)
        for name, table in root.table("connections").tables(of_connections).items()
    )
    _refuse_company(root.table("connections"), connections, tenants)
    app = _app(root.table("app"))
    overrides = {name: _override(table) for name, table in root.table("requirements").tables().items()}
    root.finish()
    # Salesforce compares usernames without regard to case.
    users = Counter((c.org, c.service_account.casefold()) for c in connections)
    accounts = Counter(org for org, _ in users)
    return Config(
        root.source,
        {name: structs.replace(org, accounts=accounts[name]) for name, org in orgs.items()},
        tenants,
        tuple(structs.replace(c, shared=users[c.org, c.service_account.casefold()] > 1) for c in connections),
        app,
        overrides,
        files=tuple(part.source for part in parts),
        places=places,
        connection_defaults=tuple(of_connections),
    )


def _check_org_defaults(table: Table) -> None:
    _experience(table)
    sign_in = table.table("sign_in")
    if "sign_in" in table:
        for name, key in WAYS[sign_in.choice("way", None, WAYS)].items():
            if key.common and sign_in.raw(name) is not None:
                setting(sign_in, name, key.kind)
        sign_in.finish()
    table.finish()


def _check_connection_defaults(table: Table, orgs: Mapping[str, Org], tenants: Mapping[str, Tenant]) -> None:
    if "org" in table:
        _known(table, "org", table.text("org"), orgs)
    _tenant_of(table, tenants)
    _app_of(table)
    table.texts("status_command")
    table.raw("org")
    table.finish()


def _org(name: str, table: Table) -> Org:
    org = Org(
        id=name,
        api_url=url(table, "api_url"),
        my_domain=bare_host(table, "my_domain"),
        sign_in=_sign_in(table.table("sign_in")),
        experience=_experience(table),
        allow_repairs=table.flag("allow_repairs", False),
        org_id=table.optional("org_id"),
    )
    table.finish()
    return org


def _experience(table: Table) -> Experience:
    return Experience(table.choice("experience", Experience.LIGHTNING.value, list(Experience)))


def _sign_in(table: Table) -> SignIn:
    way = table.choice("way", None, WAYS)
    if table.fallback is not None and table.fallback.raw("way") != way:
        # The keys of another way are none of this one, though some have the same name.
        table.fallback = None
    settings: dict[str, Reference] = {}
    for name, key in WAYS[way].items():
        if table.raw(name) is not None or key.required:
            settings[name] = setting(table, name, key.kind)
    table.finish()
    return SignIn(way, settings)


def setting(table: Table, name: str, kind: Kind) -> Reference:
    """One key of `sign_in`. Raises ConfigProblem."""
    match kind:
        case Kind.SECRET:
            return reference(table, name)
        case Kind.KEPT:
            return kept(table, name)
        case Kind.PATH:
            return file(table, name) or table.text(name)
        case Kind.PORT:
            return str(table.number(name, None, 0, 65_535))
        case Kind.URL_PATH:
            value = table.text(name)
            if not re.fullmatch(URL_PATH, value):
                raise table.problem(name, f'"{value}"', "a path such as /callback")
            return value
        case Kind.TEXT:
            value = table.text(name)
            if value.startswith("-"):
                # It may stand in a helper's argv, where it would be taken for an option.
                raise table.problem(name, f'"{value}"', "a text that does not begin with -")
            return value


def _tenant(name: str, table: Table, environment: Mapping[str, str]) -> Tenant:
    # The names of the vendor's SDK stand in for keys that are left out.
    client_id = table.optional("client_id") or CLIENT_ID_DEFAULT
    tenant = Tenant(
        id=name,
        base_url=_tenant_url(table, environment),
        client_id=file_reference(table, "client_id", client_id)
        if client_id.startswith("file:")
        else client_id,
        client_secret=reference(table, "client_secret")
        if "client_secret" in table
        else CLIENT_SECRET_DEFAULT,
    )
    table.raw("client_secret")
    table.finish()
    return tenant


def _tenant_url(table: Table, environment: Mapping[str, str]) -> str:
    region = table.choice("region", "", REGIONS)
    table.raw("base_url")
    if "base_url" in table:
        if region:
            raise table.problem("region", "a region beside base_url", "one of the two")
        return url(table, "base_url")
    if region:
        return f"https://api.{region}.code42.com"
    if named := environment.get("INCYDR_URL", "").strip():
        # The vendor's SDK takes it with and without the scheme.
        return checked_url(table, "INCYDR_URL", named if "://" in named else f"https://{named}")
    raise table.problem("base_url", "nothing", "base_url, region or the environment variable INCYDR_URL")


def _connection(
    name: str, table: Table, orgs: Mapping[str, Org], tenants: Mapping[str, Tenant]
) -> Connection:
    org = _known(table, "org", table.text("org"), orgs)
    connection = Connection(
        name=name,
        org=org,
        service_account=table.text("service_account"),
        detector_name=table.optional("detector_name") or name,
        tenant=_tenant_of(table, tenants),
        incydr_app=_app_of(table),
        user_id=table.optional("user_id"),
        org_id=table.optional("org_id") or orgs[org].org_id,
        status_command=table.texts("status_command"),
        only_connection=table.flag("only_connection", False),
    )
    if connection.only_connection and connection.tenant is None:
        raise table.problem(
            "only_connection", "true without a tenant", "the tenant whose events it speaks of"
        )
    table.finish()
    return connection


def _tenant_of(table: Table, tenants: Mapping[str, Tenant]) -> str | None:
    name = table.optional("tenant")
    if name is None or (name == NONE and NONE not in tenants):
        return None
    return _known(table, "tenant", name, tenants)


def _app_of(table: Table) -> str | None:
    name = table.optional("incydr_app")
    return None if name == NONE else name


def _app(table: Table) -> AppSettings:
    hours = table.number("window_hours", None, 1, 7 * 24)
    app = AppSettings(
        theme=table.optional("theme"),
        keys=table.table("keys").words(),
        notifications=table.flag("notifications", True),
        clipboard=table.choice("clipboard", "auto", CLIPBOARDS),
        links=table.flag("links", True),
        ca_bundle=file(table, "ca_bundle"),
        intervals=_intervals(table.table("intervals")),
        on_change=table.texts("on_change"),
        window=None if hours is None else timedelta(hours=hours),
    )
    table.finish()
    return app


def _intervals(table: Table) -> Intervals:
    floors = {"monitoring": 60, "error": 10, "step": 5, "recovering": 10}
    values = {key: table.number(key, None, floor, 86_400) for key, floor in floors.items()}
    values |= {key: table.number(key, None, 1, 100) for key in ("share_watching", "share_error")}
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


def _refuse_company(table: Table, connections: tuple[Connection, ...], tenants: Mapping[str, Tenant]) -> None:
    """`only_connection` holds for one connection of a tenant, also where two tables name the same API client."""

    def place(connection: Connection) -> tuple[str, str] | None:
        tenant = tenants.get(connection.tenant or "")
        return (tenant.base_url.casefold(), tenant.client_id) if tenant else None

    company: dict[tuple[str, str] | None, list[Connection]] = {}
    for connection in connections:
        company.setdefault(place(connection), []).append(connection)
    for only in (c for c in connections if c.only_connection):
        for other in company[place(only)]:
            if other is not only:
                raise table.table(only.name).problem(
                    "only_connection",
                    f'true, and "{other.name}" is a connection of the same tenant',
                    "false: events that name no connection may be those of either",
                )


def _known(table: Table, key: str, value: str, names: Mapping[str, object]) -> str:
    if value not in names:
        known = ", ".join(list(names)[:MOST_NAMED]) or f"a table [{key}s.{value}]"
        known += " …" if len(names) > MOST_NAMED else ""
        raise table.problem(
            key, f'"{value}"{nearest(value, names)}', f"one of the {key}s in the configuration: {known}"
        )
    return value
