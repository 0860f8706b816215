"""A recording holds what vendors answered, and nothing that signs in."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.recordings.playing import HERE
from tui.base.clock import ManualClock
from tui.base.secret import Secret
from tui.config import parse
from tui.recordings import format
from tui.recordings.recorder import Recorder

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
API = "https://acme.my.salesforce.com"
TENANT = "https://api.us.code42.com"
CANARY = "CANARY-7f3a"
TOML = f"""
[orgs.acme]
api_url = "{API}"
my_domain = "acme.my.salesforce.com"
sign_in = {{ way = "client_credentials", client_id = "id-{CANARY}", client_secret = "file:/home/{CANARY}" }}
[tenants.us]
base_url = "{TENANT}"
client_id = "key-{CANARY}"
client_secret = "env:{CANARY}"
[connections."Acme EMEA"]
org = "acme"
service_account = "svc@acme.example"
tenant = "us"
status_command = ["/home/{CANARY}/status"]
"""


class Place:
    """Something that answers every request with the same, and a capture of it."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.clock = ManualClock(NOW)
        left = list(answers)
        transport = httpx.MockTransport(lambda request: left.pop(0))
        transports = dict.fromkeys((API, TENANT, "https://other.example"), transport)
        self.net = self.capture = Recorder(parse(TOML, "config.toml"), self.clock, transports=transports)

    @property
    def kept(self) -> str:
        return format.encode(self.capture.recording("org")).decode()


async def test_tokens_secrets_cookies_and_headers_of_requests_are_never_kept() -> None:
    secrets = {
        "access_token": CANARY,
        "refresh_token": CANARY,
        "id": CANARY,
        "signature": CANARY,
        "scope": "api",
    }
    place = Place(
        httpx.Response(200, json=secrets, headers={"Set-Cookie": CANARY, "X-Request": CANARY}),
        httpx.Response(200, json={**secrets, "expires_in": 900}),
        httpx.Response(200, json={"records": [{"Id": "1", "AccessToken": CANARY, "DeleteToken": CANARY}]}),
    )
    basic = ("id", Secret(CANARY))
    await place.net.request(
        "POST", f"{API}/services/oauth2/token", form={"client_secret": CANARY}, basic=basic
    )
    await place.net.request("POST", f"{TENANT}/v1/oauth", params={"secret": CANARY}, basic=basic)
    await place.net.request(
        "GET",
        f"{API}/services/data/v66.0/query/",
        params={"q": "SELECT Id FROM OauthToken"},
        headers={"Cookie": CANARY},
        bearer=Secret(CANARY),
    )
    assert CANARY not in place.kept
    assert "OauthToken" in place.kept


async def test_a_refused_sign_in_keeps_its_reason() -> None:
    place = Place(httpx.Response(400, json={"error": "invalid_grant", "error_description": "inactive user"}))
    await place.net.request("POST", f"{API}/services/oauth2/token", form={"assertion": CANARY})
    assert "inactive user" in place.kept


async def test_what_went_to_other_hosts_is_not_kept() -> None:
    place = Place(httpx.Response(200, json={"name": CANARY}))
    await place.net.request("GET", "https://other.example/x")
    assert place.capture.recording("org").readings == ()


async def test_a_pause_begins_another_reading_and_each_answer_has_its_moment() -> None:
    place = Place(*(httpx.Response(200, json=[]) for _ in range(3)))
    for seconds in (0, 2, 60):
        place.clock.advance(timedelta(seconds=seconds))
        await place.net.request("GET", f"{API}/services/data")
    readings = place.capture.recording("org").readings
    assert [[exchange.after for exchange in reading.exchanges] for reading in readings] == [[0.0, 2.0], [0.0]]
    assert readings[1].at == NOW + timedelta(seconds=62)


async def test_of_a_describe_only_permissions_and_their_flags_are_kept() -> None:
    fields = [
        {"name": "PermissionsApiEnabled", "groupable": True, "label": CANARY},
        {"name": f"{CANARY}__c", "groupable": True},
    ]
    place = Place(
        httpx.Response(200, json={"name": "PermissionSet", "fields": fields, "urls": {"x": CANARY}})
    )
    await place.net.request("GET", f"{API}/services/data/v66.0/sobjects/PermissionSet/describe")
    (exchange,) = place.capture.recording("org").readings[0].exchanges
    described = [{"name": "PermissionsApiEnabled", "groupable": True}]
    assert exchange.answer.body == {"name": "PermissionSet", "fields": described}


async def test_an_answer_that_is_no_json_is_kept_as_text() -> None:
    place = Place(httpx.Response(503, text="<html>Down</html>", headers={"Content-Type": "text/html"}))
    await place.net.request("GET", f"{API}/services/data")
    answer = place.capture.recording("org").readings[0].exchanges[0].answer
    assert (answer.status, answer.text, answer.headers["content-type"]) == (
        503,
        "<html>Down</html>",
        "text/html",
    )


@pytest.mark.parametrize("path", sorted((HERE / "demo").iterdir()), ids=lambda path: path.stem)
def test_no_recording_of_the_demo_holds_a_token(path: Path) -> None:
    tree = json.loads(gzip.decompress(path.read_bytes()))
    tokens = list(_values(tree, ("access_token", "refresh_token", "client_secret", "signature", "cookie")))
    assert set(tokens) <= {"recorded"}


def _values(tree: object, keys: tuple[str, ...]) -> "list[object]":
    if isinstance(tree, dict):
        own = [value for key, value in tree.items() if key.casefold() in keys]
        return own + [found for value in tree.values() for found in _values(value, keys)]
    return [found for each in tree for found in _values(each, keys)] if isinstance(tree, list) else []
