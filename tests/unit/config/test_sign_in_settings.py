"""The ways to sign in, and what a tenant may leave out: what is accepted, and what is refused."""

from pathlib import Path

import pytest

from tui.base.problem import ConfigProblem
from tui.config import Config, check_references, parse
from tui.config.catalogue import WAYS

HOME = "/etc/remonitor/config.toml"


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
