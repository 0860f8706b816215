"""Salesforce's own CLI and jsforce take the demo for an org, and this program takes the CLI's login."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.contract.conftest import World, as_written
from tui.connections.connection import SignIn
from tui.net import Net
from tui.salesforce.sign_in.sf_cli import SfCli, list_orgs

QUIET = {
    "SF_DISABLE_TELEMETRY": "true",
    "SF_AUTOUPDATE_DISABLE": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
}
JSFORCE = """
const jsforce = require("jsforce");
const [instanceUrl, accessToken] = process.argv.slice(1);
const org = new jsforce.Connection({ instanceUrl, accessToken, version: "60.0" });
(async () => {
  const user = (await org.query("SELECT Id, IsActive FROM User WHERE Username = 'ops@acme.example'")).records[0];
  const described = await org.sobject("PermissionSet").describe();
  console.log(JSON.stringify({ active: user.IsActive, fields: described.fields.length }));
})().catch((error) => { console.error(error); process.exit(1); });
"""


def has_jsforce() -> bool:
    argv = ["node", "-e", "require.resolve('jsforce')"]
    return (
        shutil.which("node") is not None
        and subprocess.run(argv, capture_output=True, check=False).returncode == 0
    )


needs_sf = pytest.mark.skipif(
    shutil.which("sf") is None,
    reason="the sf CLI is not on PATH (npm install --global @salesforce/cli, with Node 22 or later)",
)
needs_jsforce = pytest.mark.skipif(
    not has_jsforce(), reason="Node finds no jsforce (npm install --global jsforce, and NODE_PATH)"
)


@pytest.fixture
async def logged_in(plain: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A home folder in which the CLI is logged in to the demo as `demo`."""
    environment = {**QUIET, "HOME": str(tmp_path), "SF_ACCESS_TOKEN": await plain.token()}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    sf("org", "login", "access-token", "--instance-url", plain.api_url, "--no-prompt", "--alias", "demo")
    return plain


def sf(*words: str) -> Any:
    finished = subprocess.run(
        ["sf", *words, "--json"], capture_output=True, text=True, timeout=120, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return json.loads(finished.stdout)["result"]


@needs_sf
def test_the_cli_shows_the_org_as_connected(logged_in: World) -> None:
    assert sf("org", "display", "--target-org", "demo")["connectedStatus"] == "Connected"


@needs_sf
def test_the_cli_queries_and_changes_a_record(logged_in: World) -> None:
    query = "SELECT Id, IsFrozen FROM UserLogin WHERE IsFrozen = true LIMIT 1"
    login = sf("data", "query", "--target-org", "demo", "--query", query)["records"][0]
    sf(
        "data", "update", "record", "--target-org", "demo", "--sobject", "UserLogin",
        "--record-id", login["Id"], "--values", "IsFrozen=false",
    )  # fmt: skip
    query = f"SELECT IsFrozen FROM UserLogin WHERE Id = '{login['Id']}'"  # noqa: S608
    assert sf("data", "query", "--target-org", "demo", "--query", query)["records"][0]["IsFrozen"] is False


@needs_sf
async def test_this_program_signs_in_with_the_clis_login(logged_in: World) -> None:
    org = replace(logged_in.org(), sign_in=SignIn("sf_cli", {"target_org": "demo"}))
    net = Net()
    assert (await SfCli(org, net, as_written).who()).username == "ops@acme.example"
    await net.aclose()


@needs_sf
async def test_this_program_lists_the_orgs_that_the_cli_knows(logged_in: World) -> None:
    (known,) = await list_orgs()
    assert (known.name, known.username) == ("demo", "ops@acme.example")


@needs_jsforce
async def test_jsforce_queries_and_describes(plain: World) -> None:
    argv = ["node", "-e", JSFORCE, plain.api_url, await plain.token()]
    finished = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)  # noqa: ASYNC221
    assert finished.returncode == 0, finished.stderr
    told = json.loads(finished.stdout)
    assert told["active"] is True
    assert told["fields"] > 10
