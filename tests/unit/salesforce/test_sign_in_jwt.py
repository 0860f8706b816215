"""JWT bearer: what is signed, for whom, until when, and with which keys it refuses to."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from tui.base.clock import ManualClock
from tui.base.installation import command_adding
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.connections.connection import Org, SignIn
from tui.demo import serve
from tui.net import Net
from tui.salesforce.sign_in import SignInWay, way
from tui.salesforce.sign_in.jwt_bearer import audience

API = "https://acme.my.salesforce.com"
DOMAIN = "acme.my.salesforce.com"
NOW = "Sun, 22 Nov 2026 14:00:00 GMT"
EXPIRES = int(datetime(2026, 11, 22, 14, 3, tzinfo=UTC).timestamp())


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: Any, encryption: KeySerializationEncryption | None = None) -> bytes:
    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()))


@pytest.fixture
def key_file(key: rsa.RSAPrivateKey, tmp_path: Path) -> Path:
    path = tmp_path / "ops.pem"
    path.write_bytes(pem(key))
    path.chmod(0o600)
    return path


def fill(path: Path, contents: bytes) -> None:
    path.write_bytes(contents)


def open_to_others(path: Path, mode: int) -> None:
    path.chmod(mode)


async def no_secrets(reference: str | tuple[str, ...]) -> Secret:
    raise AssertionError


def sign_in(path: Path, handler: Callable[[httpx.Request], httpx.Response]) -> SignInWay:
    settings: dict[str, str | tuple[str, ...]] = {
        "client_id": "3MVG",
        "username": "ops@acme.example",
        "key_file": str(path),
    }
    net = Net(transports={API: httpx.MockTransport(handler)})
    return way(Org("acme", API, DOMAIN, SignIn("jwt", settings)), net, resolve=no_secrets)


def good(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/services/data/":
        return httpx.Response(200, json=[], headers={"Date": NOW})
    return httpx.Response(200, json={"access_token": "00D!token"})


async def test_the_request_is_signed_for_the_user_until_three_minutes_by_the_orgs_clock(
    key: rsa.RSAPrivateKey, key_file: Path
) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return good(request)

    assert await sign_in(key_file, answer).token() == Secret("00D!token")
    form = parse_qs(seen[1].content.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    claims = jwt.decode(
        form["assertion"][0],
        key.public_key(),
        algorithms=["RS256"],
        audience="https://login.salesforce.com",
        options={"verify_exp": False},
    )
    assert claims == {
        "iss": "3MVG",
        "sub": "ops@acme.example",
        "aud": "https://login.salesforce.com",
        "exp": EXPIRES,
    }


@pytest.mark.parametrize(
    ("setting", "host", "expected"),
    [
        ("", DOMAIN, "https://login.salesforce.com"),
        ("", "acme--box.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("", "acme.develop.my.salesforce.com", "https://login.salesforce.com"),
        ("", "acme.my.salesforce.mil", "https://acme.example"),
        ("", "127.0.0.1:8080", "https://acme.example"),
        ("sandbox", DOMAIN, "https://test.salesforce.com"),
        ("my_domain", DOMAIN, "https://acme.example"),
        ("https://login.salesforce.mil", DOMAIN, "https://login.salesforce.mil"),
    ],
)
def test_the_audience_is_as_set_or_by_the_host(setting: str, host: str, expected: str) -> None:
    assert audience(setting, f"https://{host}", "acme.example") == expected


def test_an_audience_that_is_none_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        audience("prod", API, DOMAIN)
    assert "production, sandbox, my_domain" in caught.value.next_step


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o660])
async def test_a_key_that_others_can_read_is_refused_before_anything_is_sent(
    key_file: Path, mode: int
) -> None:
    open_to_others(key_file, mode)

    def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError

    with pytest.raises(Problem) as caught:
        await sign_in(key_file, never).token()
    assert f"has mode {mode:04o}" in caught.value.message
    assert caught.value.next_step.startswith(f"Run: chmod 600 {key_file}")


async def test_a_key_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read") as caught:
        await sign_in(tmp_path / "none.pem", good).token()
    assert "none.pem: No such file" in caught.value.message


@pytest.mark.parametrize("kind", ["passphrase", "elliptic", "text", "certificate"])
async def test_another_thing_than_an_rsa_key_is_refused_without_quoting_it(
    key: rsa.RSAPrivateKey, key_file: Path, kind: str
) -> None:
    contents = {
        "passphrase": pem(key, BestAvailableEncryption(b"open sesame")),
        "elliptic": pem(ec.generate_private_key(ec.SECP256R1())),
        "text": b"canary",
        "certificate": b"-----BEGIN CERTIFICATE-----\nY2FuYXJ5\n-----END CERTIFICATE-----\n",
    }
    fill(key_file, contents[kind])
    with pytest.raises(Problem, match="private key cannot be used") as caught:
        await sign_in(key_file, good).token()
    assert "canary" not in str(caught.value)


async def test_without_the_extra_the_command_that_installs_it_is_named(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(Problem) as caught:
        await sign_in(key_file, good).token()
    assert caught.value.next_step == f"Run: {command_adding('jwt')}"


async def test_an_org_without_a_clock_is_a_problem(key_file: Path) -> None:
    with pytest.raises(Problem, match="no Date"):
        await sign_in(key_file, lambda r: httpx.Response(200, json=[])).token()


async def test_the_demo_takes_it(key_file: Path) -> None:
    clock = ManualClock(datetime(2026, 11, 22, 14, 0, tzinfo=UTC))
    demo = serve.build("healthy", clock)
    told = demo.ready()["orgs"]["acme"]
    net = Net(transports={url: httpx.ASGITransport(app) for url, app in demo.apps.items()})
    settings: dict[str, str | tuple[str, ...]] = {
        "client_id": told["client_id"],
        "username": told["operator"],
        "key_file": str(key_file),
    }
    org = Org("acme", told["api_url"], told["my_domain"], SignIn("jwt", settings))
    assert (await way(org, net, resolve=no_secrets).who()).username == told["operator"]
