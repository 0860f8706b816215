"""Salesforce's own CLI takes the demo for an org, and this program takes the CLI's login."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.contract.conftest import World, as_written, environment, has_program, program
from tui.connections.connection import SignIn
from tui.net import Net
from tui.salesforce.sign_in.sf_cli import SfCli, list_orgs

QUIET = {
    "SF_DISABLE_TELEMETRY": "true",
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
}


@pytest.fixture(scope="module", autouse=True)
def _with_the_cli() -> None:
    if not has_program("sf"):
        pytest.skip("the sf CLI is not on PATH (npm install --global @salesforce/cli, with Node 22 or later)")


@pytest.fixture
async def logged_in(plain: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A home folder in which the CLI is logged in to the demo as `demo`."""
    settings = {**QUIET, "HOME": str(tmp_path), "SF_ACCESS_TOKEN": await plain.token()}
    # This program looks for `sf` on PATH too.
    for name, value in (environment() | settings).items():
        monkeypatch.setenv(name, value)
    sf("org", "login", "access-token", "--instance-url", plain.api_url, "--no-prompt", "--alias", "demo")
    return plain


def sf(*words: str) -> Any:
    finished = subprocess.run(
        [str(program("sf")), *words, "--json"], capture_output=True, text=True, timeout=120, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return json.loads(finished.stdout)["result"]


def test_the_cli_shows_the_org_as_connected(logged_in: World) -> None:
    assert sf("org", "display", "--target-org", "demo")["connectedStatus"] == "Connected"


def test_the_cli_queries_and_changes_a_record(logged_in: World) -> None:
    query = "SELECT Id, IsFrozen FROM UserLogin WHERE IsFrozen = true LIMIT 1"
    login = sf("data", "query", "--target-org", "demo", "--query", query)["records"][0]
    sf(
        "data", "update", "record", "--target-org", "demo", "--sobject", "UserLogin",
        "--record-id", login["Id"], "--values", "IsFrozen=false",
    )  # fmt: skip
    query = f"SELECT IsFrozen FROM UserLogin WHERE Id = '{login['Id']}'"  # noqa: S608
    assert sf("data", "query", "--target-org", "demo", "--query", query)["records"][0]["IsFrozen"] is False


async def test_this_program_signs_in_with_the_clis_login(logged_in: World) -> None:
    org = replace(logged_in.org(), sign_in=SignIn("sf_cli", {"target_org": "demo"}))
    net = Net()
    assert (await SfCli(org, net, as_written).who()).username == "ops@acme.example"
    await net.aclose()


async def test_this_program_lists_the_orgs_that_the_cli_knows(logged_in: World) -> None:
    (known,) = await list_orgs()
    assert (known.name, known.username) == ("demo", "ops@acme.example")


async def test_the_cli_signs_in_by_jwt(
    plain: World, key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (environment() | QUIET | {"HOME": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    found = sf(
        "org", "login", "jwt", "--client-id", "remonitor-acme", "--jwt-key-file", str(key_file),
        "--username", "ops@acme.example", "--instance-url", plain.api_url, "--alias", "jwt",
    )  # fmt: skip
    assert found["username"] == "ops@acme.example"
    assert sf("org", "display", "--target-org", "jwt")["connectedStatus"] == "Connected"
