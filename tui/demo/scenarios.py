"""Worlds as data: what each connection has been through before the first reader looks."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tui.base.clock import Clock
from tui.demo import build, changes
from tui.demo.administrator import BREAKS, PASTS, act
from tui.demo.build import Builder
from tui.demo.org import Org, Row
from tui.demo.past import Past
from tui.demo.tenant import Tenant
from tui.demo.world import Connection, Console, World

APP = "Incydr"
OTHER_APP = "Acme Warehouse Sync"
_YEAR = timedelta(days=400)


@dataclass(frozen=True)
class _OrgPlan:
    key: str
    name: str
    my_domain: str
    pod: str
    suffix: str = ""
    is_sandbox: bool = False
    rights: tuple[str, ...] = build.ADMINISTRATOR


_ACME = _OrgPlan("acme", "Acme", "acme.my.salesforce.com", "5g")
_SANDBOX = _OrgPlan("sandbox", "Acme", "acme--uat.sandbox.my.salesforce.com", "7Z", ".uat", is_sandbox=True)
_LEGACY = _OrgPlan(
    "legacy", "Acme Legacy", "acme-legacy.my.salesforce.com", "1t", ".legacy", rights=build.STANDARD
)


class _Teller:
    """Sets up a world step by step."""

    def __init__(self, clock: Clock, seed: int) -> None:
        self.world = World(clock, seed)
        self.start = clock.now().replace(microsecond=0)
        self.builders: dict[str, Builder] = {}
        self.licences: dict[str, Row] = {}

    def tenant(self, key: str) -> None:
        self.world.tenants[key] = Tenant(key, self.world.clock)

    def org(self, plan: _OrgPlan) -> Builder:
        """An org with its administrator Jane Doe, its operator Alex Kim, an automation, and people who work there."""
        org = Org(
            plan.key, plan.name, plan.my_domain, self.world.clock, pod=plan.pod, is_sandbox=plan.is_sandbox
        )
        org.api_used = 1_240
        builder = Builder(org, self.start - _YEAR)
        licence = builder.licence("Salesforce", 25)
        self.licences[plan.key] = builder.licence("Salesforce Integration", 10)
        admins = builder.profile("System Administrator", licence, build.ADMINISTRATOR, custom=False)
        jane = builder.user(f"jane{plan.suffix}@acme.example", "Jane Doe", admins)
        working = builder.profile("Standard User", licence, build.STANDARD, custom=False)
        its = (
            admins if plan.rights == build.ADMINISTRATOR else builder.profile("Support", licence, plan.rights)
        )
        alex = builder.user(f"ops{plan.suffix}@acme.example", "Alex Kim", its)
        builder.user(f"hr.sync{plan.suffix}@acme.example", "HR Sync", admins)
        for person in self.world.people:
            name = person.partition("@")[0]
            builder.user(f"{name}{plan.suffix}@acme.example", f"{name.title()} Berg", working)
        builder.client(f"remonitor-{plan.key}", "remonitor", run_as=alex)
        builder.client(f"incydr-{plan.key}", APP)
        self.world.orgs[plan.key] = org
        self.world.administrators[plan.key] = jane["Username"]
        self.world.operators[plan.key] = alex["Username"]
        self.builders[plan.key] = builder
        return builder

    def connection(
        self,
        name: str,
        org_key: str,
        profile: Row,
        *,
        username: str = "",
        called: str = "",
        tenant: str = "acme",
        detector: str = "",
        app: str = APP,
    ) -> Past:
        """A connection with its service account, approved long ago; returns its past, still to be played."""
        builder = self.builders[org_key]
        org = builder.org
        place = name.removeprefix("Acme ")
        username = username or f"incydr.{place.lower()}@acme.example"
        user = builder.user(username, called or f"Incydr {place}", profile)
        client = org.clients[f"incydr-{org_key}"]
        if app != client.app:
            client = builder.client(f"incydr-{org_key}-{len(org.clients)}", app)
        number = len(self.world.connections)
        connection = Connection(
            name=name,
            org=org_key,
            service_account=username,
            tenant=tenant,
            detector_name=detector or name,
            incydr_app=client.app,
            client_id=client.client_id,
            client_secret=client.secret,
            refresh_token=builder.approve(user, client),
            source_ip=f"203.0.113.{10 + number % 200}",
            user=user,
            console=Console("Monitoring", self.start - timedelta(days=90)),
        )
        self.world.connections[name] = connection
        return Past(self.world, connection, self.start)

    def integration_profile(self, org_key: str, name: str) -> Row:
        return self.builders[org_key].profile(name, self.licences[org_key], build.INTEGRATION)


def tour(clock: Clock, seed: int) -> World:
    """One connection for each article cause, one with two at once, one healthy, one that cannot be judged."""
    teller = _Teller(clock, seed)
    teller.tenant("acme")
    for plan in (_ACME, _SANDBOX, _LEGACY):
        teller.org(plan)

    emea = teller.connection("Acme EMEA", "acme", teller.integration_profile("acme", "Incydr Integration"))
    emea.frozen(timedelta(minutes=21))

    latam = teller.connection(
        "Acme LATAM", "acme", teller.integration_profile("acme", "Incydr Integration LATAM")
    )
    latam.deactivated(timedelta(minutes=54))

    sandbox = teller.connection(
        "Acme Sandbox", "sandbox", teller.integration_profile("sandbox", "Incydr Integration")
    )
    sandbox.permissions_taken(
        timedelta(hours=3), ["CustomizeApplication", "ViewDataLeakageEvents"], timedelta(0)
    )

    apac = teller.connection(
        "Acme APAC", "acme", teller.integration_profile("acme", "Incydr Integration APAC")
    )
    apac.quota_burnt(timedelta(minutes=26), OTHER_APP)

    canada = teller.connection(
        "Acme Canada", "acme", teller.integration_profile("acme", "Incydr Integration Canada")
    )
    canada.permissions_taken(timedelta(hours=2, minutes=5), ["ViewDataLeakageEvents"], timedelta(hours=2))
    canada.frozen(timedelta(hours=2))

    us = teller.connection("Acme US", "acme", _low_profile(teller, "acme"))
    _grant_by_group(teller.builders["acme"], us.user)
    us.healthy()

    legacy = teller.connection(
        "Acme Legacy", "legacy", teller.integration_profile("legacy", "Incydr Integration")
    )
    legacy.healthy()

    _everyday_life(teller.builders["acme"].org, teller)
    return teller.world


def healthy(clock: Clock, seed: int, connections: int = 1) -> World:
    """One org with so many healthy connections and a short history: for benchmarks and quiet tests."""
    teller = _Teller(clock, seed)
    teller.tenant("acme")
    teller.org(_ACME)
    teller.licences["acme"]["TotalLicenses"] = connections + 10
    for number in range(1, connections + 1):
        name = "Acme US" if connections == 1 else f"Acme {number:04d}"
        profile = teller.integration_profile("acme", f"Incydr Integration {number}")
        teller.connection(name, "acme", profile).healthy(days=1, sparse=connections > 10)
    return teller.world


def planned(plan: Mapping[str, Any], clock: Clock, seed: int) -> World:
    """Connections with the causes that `plan` names (`tui/console/plan.py` writes it), by the people that it names."""
    teller = _Teller(clock, seed)
    for number, org in enumerate(plan["orgs"]):
        suffix = f".{org['key']}"
        name = org["my_domain"].partition(".")[0]
        pod = f"{number % 10}g"
        teller.org(_OrgPlan(org["key"], name, org["my_domain"], pod, suffix, is_sandbox=org["sandbox"]))
    pasts = []
    for each in plan["connections"]:
        if each["tenant"] not in teller.world.tenants:
            teller.tenant(each["tenant"])
        profile = teller.integration_profile(each["org"], each["profile"])
        past = teller.connection(
            each["name"], each["org"], profile, username=each["account"], called=each["user"],
            tenant=each["tenant"], detector=each["detector"], app=each["app"],
        )  # fmt: skip
        pasts.append((past, sorted(each["causes"], key=lambda cause: -cause["seconds_ago"])))
    for past, causes in pasts:
        known = [cause for cause in causes if cause["cause"] in PASTS]
        if not known:
            past.healthy()
        for cause in known:
            _as_its_author(teller, past, cause, partial(_tell, past, cause))
    for past, causes in pasts:
        for cause in causes:
            if cause["cause"] not in PASTS:
                order = {"action": BREAKS[cause["cause"]][0], "connection": past.connection.name}
                _as_its_author(teller, past, cause, partial(act, teller.world, order))
    return teller.world


def _tell(past: Past, cause: Mapping[str, Any]) -> None:
    ago = timedelta(seconds=cause["seconds_ago"])
    match PASTS[cause["cause"]]:
        case "freeze":
            past.frozen(ago)
        case "deactivation":
            past.deactivated(ago)
        case "permissions":
            past.permissions_taken(ago, cause["permissions"] or ["ViewDataLeakageEvents"], timedelta(0))
        case "quota":
            past.quota_burnt(ago, OTHER_APP)


def _as_its_author(teller: _Teller, past: Past, cause: Mapping[str, Any], work: Callable[[], None]) -> None:
    """Have the person whom the plan names do it."""
    org, by = past.org, cause["by"]
    usual = teller.world.administrators[org.key]
    if by is not None:
        if all(row["Username"] != by["username"] for row in org.tables["User"].values()):
            admins = next(
                row for row in org.tables["Profile"].values() if row["Name"] == "System Administrator"
            )
            teller.builders[org.key].user(by["username"], by["name"], admins)
        teller.world.administrators[org.key] = by["username"]
    work()
    teller.world.administrators[org.key] = usual


def _low_profile(teller: _Teller, org_key: str) -> Row:
    name = "Minimum Access - API Only Integrations"
    return teller.builders[org_key].profile(name, teller.licences[org_key], build.API_ONLY, custom=False)


def _grant_by_group(builder: Builder, user: Row) -> None:
    """What Incydr needs through a permission set group, one permission of which is muted."""
    members = [
        builder.permission_set("Incydr_Access", "Incydr Access", build.INTEGRATION),
        builder.permission_set("Report_Readers", "Report Readers", ["RunReports", "ExportReport"]),
        builder.muting_set("Incydr_Muted", ["ExportReport"]),
    ]
    builder.assign_group(user, builder.group("Incydr_Group", "Incydr Group", members))


def _everyday_life(org: Org, teller: _Teller) -> None:
    """A few changes of the last weeks that have nothing to do with Incydr."""
    jane = org.user(teller.world.administrators["acme"])
    leo, mia = org.user("leo@acme.example"), org.user("mia@acme.example")
    at = teller.start - timedelta(days=9, hours=3)
    changes.set_active(org, leo, False, jane, at)
    login = org.user_login(mia["Id"])
    if login is not None:
        changes.set_frozen(org, login, True, jane, at + timedelta(days=5))
        changes.set_frozen(org, login, False, jane, at + timedelta(days=5, minutes=40))


SCENARIOS: dict[str, Callable[[Clock, int], World]] = {"tour": tour, "healthy": healthy}


def world_of(name: str, clock: Clock, seed: int) -> World:
    """The world of that name; `healthy:12` has twelve connections, `plan:FILE` what that file says. Raises KeyError."""
    name, _, number = name.partition(":")
    if name == "plan":
        return planned(json.loads(Path(number).read_text(encoding="utf-8")), clock, seed)
    if number.isdigit() and name == "healthy":
        return healthy(clock, seed, int(number))
    return SCENARIOS[name](clock, seed)
