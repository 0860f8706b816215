"""The keys of the configuration: all are told; the ways to sign in; what may be left out, and what holds then."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tui.base.problem import ConfigProblem
from tui.config import Config, check_references, parse
from tui.config.catalogue import (
    APP,
    CONNECTION,
    CONNECTION_DEFAULTS,
    ENTRIES,
    INTERVALS,
    ORG,
    ORG_DEFAULTS,
    REQUIREMENT,
    SIGN_IN,
    TENANT,
    WAYS,
)

HOME = "/etc/remonitor/config.toml"


WHOLE = """
[orgs.acme]
api_url = "https://acme.my.salesforce.com"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "sf_cli", target_org = "acme" }
{ORG}
[tenants.acme]
region = "us"
{TENANT}
[connections."Acme EMEA"]
org = "acme"
service_account = "svc@acme.example"
{CONNECTION}
[app]
{APP}
[app.intervals]
{INTERVALS}
[requirements.ApiEnabled]
need = "warns"
{REQUIREMENT}
[defaults.org]
{ORG_DEFAULTS}
[defaults.connection]
{CONNECTION_DEFAULTS}
"""
PLACES = {
    ORG: "{ORG}",
    TENANT: "{TENANT}",
    CONNECTION: "{CONNECTION}",
    APP: "{APP}",
    INTERVALS: "{INTERVALS}",
    REQUIREMENT: "{REQUIREMENT}",
    ORG_DEFAULTS: "{ORG_DEFAULTS}",
    CONNECTION_DEFAULTS: "{CONNECTION_DEFAULTS}",
}


def known_to_the_parser(place: str) -> set[str]:
    """The keys that the parser names when it finds one that it does not know."""
    text = WHOLE
    for each in PLACES.values():
        text = text.replace(each, "no_such_key = 1" if each == place else "")
    with pytest.raises(ConfigProblem) as caught:
        parse(text, "config.toml")
    listed = re.search(r"one of: (.*)\.$", caught.value.message)
    assert listed, caught.value.message
    return set(listed[1].split(", "))


@pytest.mark.parametrize("where", PLACES)
def test_every_key_that_is_taken_is_told_and_no_other(where: str) -> None:
    told = defaultdict(set)
    for entry in ENTRIES:
        told[entry.table].add(entry.key)
    assert told[where] == known_to_the_parser(PLACES[where])


def test_every_key_of_every_way_to_sign_in_is_told() -> None:
    told = {entry.key for entry in ENTRIES if entry.table == SIGN_IN}
    assert told == {"way", *(key for keys in WAYS.values() for key in keys)}


def org(sign_in: str) -> dict[str, str | tuple[str, ...]]:
    text = '[orgs.acme]\napi_url = "https://a.my.salesforce.com"\nmy_domain = "a.my.salesforce.com"\n'
    return parse(f"{text}sign_in = {{ {sign_in} }}", HOME).orgs["acme"].sign_in.settings


def tenant(lines: str, **environment: str) -> Config:
    return parse(f"[tenants.acme]\n{lines}", HOME, environment)


@pytest.mark.parametrize(
    ("sign_in", "settings"),
    [
        ('way = "sf_cli", target_org = "prod"', {"target_org": "prod"}),
        (
            'way = "jwt", client_id = "3M", username = "ops@acme.example", key_file = "ops.pem"',
            {"client_id": "3M", "username": "ops@acme.example", "key_file": "/etc/remonitor/ops.pem"},
        ),
        (
            'way = "web", client_id = "3M", refresh_token = "file:acme.token", callback_port = 0',
            {"client_id": "3M", "refresh_token": "file:/etc/remonitor/acme.token", "callback_port": "0"},
        ),
        (
            'way = "web", client_id = "3M", refresh_token = "keyring:remonitor/acme"',
            {"client_id": "3M", "refresh_token": "keyring:remonitor/acme"},
        ),
        ('way = "access_token", token = "stdin:"', {"token": "stdin:"}),
    ],
)
def test_each_way_takes_its_own_keys(sign_in: str, settings: dict[str, str]) -> None:
    assert org(sign_in) == settings


@pytest.mark.parametrize(
    ("sign_in", "words"),
    [
        ('way = "sf_cli"', "sign_in.target_org: found nothing"),
        ('way = "sf_cli", target_org = "--help"', "does not begin with -"),
        ('way = "jwt", client_id = "3M", username = "x", key = "y"', "sign_in.key_file: found nothing"),
        ('way = "web", client_id = "3M", refresh_token = "env:TOKEN"', "cannot be written to"),
        ('way = "web", client_id = "3M", refresh_token = "keyring:remonitor"', "cannot be written to"),
        ('way = "web", client_id = "3M", refresh_token = "file:x", callback_port = 70000', "0 to 65535"),
        ('way = "web", client_id = "3M", refresh_token = "file:x", token = "env:X"', "an unknown key"),
        ('way = "access_token", token = "stdin:hunter2"', "what looks like the secret itself"),
        ('way = "carrier_pigeon"', "one of: sf_cli, jwt"),
    ],
)
def test_a_wrong_way_names_the_key_and_what_is_expected(sign_in: str, words: str) -> None:
    with pytest.raises(ConfigProblem) as caught:
        org(sign_in)
    assert words in caught.value.message
    assert "hunter2" not in str(caught.value)


def test_every_key_says_what_it_is_for() -> None:
    assert all(key.about for keys in WAYS.values() for key in keys.values())


def test_a_private_key_is_not_looked_for_before_it_is_needed() -> None:
    text = (
        '[orgs.acme]\napi_url = "https://a.my.salesforce.com"\nmy_domain = "a.my.salesforce.com"\n'
        'sign_in = { way = "jwt", client_id = "3M", username = "x", key_file = "none.pem" }'
    )
    check_references(parse(text, HOME))


def test_a_region_is_an_address() -> None:
    assert tenant('region = "us2"').tenants["acme"].base_url == "https://api.us2.code42.com"


def test_the_vendors_environment_names_stand_in_for_what_is_left_out() -> None:
    found = tenant("", INCYDR_URL="api.ie.code42.com").tenants["acme"]
    assert found.base_url == "https://api.ie.code42.com"
    assert (found.client_id, found.client_secret) == (
        "env:INCYDR_API_CLIENT_ID",
        "env:INCYDR_API_CLIENT_SECRET",
    )


def test_the_file_goes_before_the_environment() -> None:
    lines = 'base_url = "https://api.us.code42.com"\nclient_id = "key-1"\nclient_secret = "file:x"'
    found = tenant(lines, INCYDR_URL="https://api.ie.code42.com").tenants["acme"]
    assert (found.base_url, found.client_id) == ("https://api.us.code42.com", "key-1")


@pytest.mark.parametrize(
    ("lines", "environment", "words"),
    [
        ("", {}, "INCYDR_URL"),
        ("", {"INCYDR_URL": "http://api.us.code42.com"}, "INCYDR_URL"),
        ('region = "mars"', {}, "one of: us, us2"),
        ('region = "us"\nbase_url = "https://api.us.code42.com"', {}, "a region beside base_url"),
    ],
)
def test_a_tenant_without_a_usable_address_is_refused(
    lines: str, environment: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigProblem) as caught:
        tenant(lines, **environment)
    assert words in caught.value.message


def test_a_missing_variable_of_the_vendor_is_found_before_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("INCYDR_API_CLIENT_ID", raising=False)
    with pytest.raises(ConfigProblem, match="Configuration") as caught:
        check_references(tenant('region = "us"'))
    assert "tenants.acme.client_id: the environment variable INCYDR_API_CLIENT_ID" in caught.value.message


def test_a_bundle_of_authorities_is_looked_for_beside_the_configuration() -> None:
    bundle = parse('[app]\nca_bundle = "corporate.pem"', HOME).app.ca_bundle
    assert bundle == str(Path(HOME).parent / "corporate.pem")


def orgs(defaults: str, *tables: str) -> Config:
    """A configuration with these lines of [defaults.org], and one org for each of the others."""
    host = 'api_url = "https://a.my.salesforce.com"\nmy_domain = "a.my.salesforce.com"\n'
    each = "".join(f"[orgs.o{n}]\n{host}{lines}\n" for n, lines in enumerate(tables))
    return parse(f"[defaults.org]\n{defaults}\n{each}", HOME)


def connections(defaults: str, *tables: str) -> Config:
    """The same of [defaults.connection]; the org is `a`, the tenants `t` and `u`."""
    tenant = '[tenants.{0}]\nregion = "us"\n'
    each = "".join(
        f"[connections.c{n}]\nservice_account = 'x{n}@acme.example'\n{lines}\n"
        for n, lines in enumerate(tables)
    )
    host = 'api_url = "https://a.my.salesforce.com"\nmy_domain = "a.my.salesforce.com"\n'
    org = f"[orgs.a]\n{host}sign_in = {{ way = 'sf_cli', target_org = 'a' }}\n"
    text = f"[defaults.connection]\n{defaults}\n{org}{tenant.format('t')}{tenant.format('u')}{each}"
    return parse(text, HOME)


def test_a_default_holds_for_orgs_that_do_not_say_it() -> None:
    sign_in = "sign_in = { way = 'sf_cli', target_org = 'x' }\n"
    found = orgs("experience = 'classic'", sign_in, f"{sign_in}experience = 'lightning'").orgs
    assert [org.experience.value for org in found.values()] == ["classic", "lightning"]


def test_a_default_sign_in_holds_key_by_key_for_orgs_of_its_way() -> None:
    found = orgs(
        "sign_in = { way = 'jwt', client_id = '3M', key_file = 'ops.pem' }",
        "sign_in = { username = 'ops@acme.example' }",
        "sign_in = { way = 'jwt', client_id = '3N', username = 'me@acme.example' }",
        "sign_in = { way = 'web', client_id = '3W', refresh_token = 'file:x' }",
    ).orgs
    key = {"key_file": "/etc/remonitor/ops.pem"}
    assert [(org.sign_in.way, org.sign_in.settings) for org in found.values()] == [
        ("jwt", {"client_id": "3M", "username": "ops@acme.example", **key}),
        ("jwt", {"client_id": "3N", "username": "me@acme.example", **key}),
        ("web", {"client_id": "3W", "refresh_token": "file:/etc/remonitor/x"}),
    ]


def test_a_default_holds_for_connections_and_can_be_undone() -> None:
    found = connections(
        "org = 'a'\ntenant = 't'\nincydr_app = 'Incydr'\nstatus_command = ['probe']",
        "",
        "tenant = 'u'\nincydr_app = 'Other'\nstatus_command = ['other']",
        "tenant = 'none'\nincydr_app = 'none'\nstatus_command = []",
    )
    assert [(c.org, c.tenant, c.incydr_app, c.status_command) for c in found.connections] == [
        ("a", "t", "Incydr", ("probe",)),
        ("a", "u", "Other", ("other",)),
        ("a", None, None, ()),
    ]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("experience = 'modern'", 'defaults.org.experience: found "modern"'),
        ("allow_repairs = true", "defaults.org.allow_repairs: found an unknown key"),
        ("api_url = 'https://a.my.salesforce.com'", "defaults.org.api_url: found an unknown key"),
        ("sign_in = { client_id = '3M' }", "defaults.org.sign_in.way: found nothing"),
        (
            "sign_in = { way = 'sf_cli', target_org = 'x' }",
            "defaults.org.sign_in.target_org: found an unknown key",
        ),
        (
            "sign_in = { way = 'web', refresh_token = 'file:x' }",
            "sign_in.refresh_token: found an unknown key",
        ),
        ("sign_in = { way = 'access_token', token = 'env:X' }", "sign_in.token: found an unknown key"),
        (
            "sign_in = { way = 'client_credentials', client_secret = 'hunter2' }",
            "looks like the secret itself",
        ),
        ("sign_in = 3", "defaults.org.sign_in: found a whole number 3"),
    ],
)
def test_a_default_of_orgs_is_checked_where_no_org_uses_it(lines: str, words: str) -> None:
    with pytest.raises(ConfigProblem) as caught:
        orgs(lines)
    assert words in caught.value.message
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("org = 'b'", 'defaults.connection.org: found "b"'),
        ("tenant = 'v'", 'defaults.connection.tenant: found "v"'),
        ("status_command = 'probe'", "defaults.connection.status_command: found a text"),
        ("only_connection = true", "defaults.connection.only_connection: found an unknown key"),
        ("user_id = '005'", "expected one of: incydr_app, org, status_command, tenant"),
    ],
)
def test_a_default_of_connections_is_checked_where_none_uses_it(lines: str, words: str) -> None:
    with pytest.raises(ConfigProblem) as caught:
        connections(lines)
    assert words in caught.value.message


def test_what_nobody_gives_is_missed_in_the_orgs_own_table() -> None:
    with pytest.raises(ConfigProblem) as caught:
        orgs("sign_in = { way = 'jwt', client_id = '3M', key_file = 'x' }", "")
    assert "orgs.o0.sign_in.username: found nothing" in caught.value.message
    with pytest.raises(ConfigProblem) as caught:
        parse("[defaults.organisation]\n", HOME)
    assert "defaults.organisation: found an unknown key" in caught.value.message
