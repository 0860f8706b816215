"""jsforce takes the demo for an org: its own live tests for identity, limits and describe, and its include()."""

import json
import subprocess
from typing import Any

import pytest

from tests.contract.conftest import World, environment, has_module, program

_AROUND = """
const assert = require("assert");
const jsforce = require("jsforce");
const [instanceUrl, accessToken] = process.argv.slice(1);
const conn = new jsforce.Connection({ instanceUrl, accessToken, version: "60.0" });
(async () => {%s})()
  .then((found) => console.log(JSON.stringify(found ?? null)))
  .catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.fixture(scope="module", autouse=True)
def _with_jsforce() -> None:
    if not has_module("jsforce"):
        pytest.skip("Node (22 or later) finds no jsforce (npm install --global jsforce, and NODE_PATH)")


async def run(world: World, script: str, **more: str) -> Any:
    """What `script` returns, run with a connection `conn` of the operator."""
    argv = [str(program("node")), "-e", _AROUND % script, world.api_url, await world.token()]
    finished = subprocess.run(  # noqa: ASYNC221
        argv, capture_output=True, text=True, timeout=60, check=False, env=environment() | more
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


async def test_it_queries_and_describes(plain: World) -> None:
    found = await run(
        plain,
        """
        const user = (await conn.query("SELECT Id, IsActive FROM User WHERE Username = 'ops@acme.example'")).records[0];
        const described = await conn.sobject("PermissionSet").describe();
        return { active: user.IsActive, fields: described.fields.length };
        """,
    )
    assert found["active"] is True
    assert found["fields"] > 10


_IDENTITY = """
    const res = await conn.identity();
    assert.ok(typeof res.id === "string" && res.id.startsWith("https://"));
    for (const key of ["user_id", "organization_id", "email"]) assert.ok(typeof res[key] === "string", key);
    for (const key of ["photos", "urls"]) assert.ok(typeof res[key] === "object" && res[key] !== null, key);
    return res.username;
"""


async def test_its_live_test_of_identity(plain: World) -> None:
    assert await run(plain, _IDENTITY) == "ops@acme.example"


async def test_its_live_test_of_identity_under_tls(secure: World) -> None:
    assert await run(secure, _IDENTITY, NODE_EXTRA_CA_CERTS=str(secure.bundle)) == "ops@acme.example"


async def test_its_live_tests_of_limits(plain: World) -> None:
    found = await run(
        plain,
        """
        const limits = await conn.limits();
        for (const key of ["DataStorageMB", "FileStorageMB", "DailyApiRequests"]) {
          assert.ok(limits[key].Remaining >= 0, key);
          assert.ok(limits[key].Max > 0, key);
        }
        return conn.limitInfo.apiUsage;
        """,
    )
    assert 0 < found["used"] <= found["limit"]


async def test_its_live_tests_of_describe(plain: World) -> None:
    names = await run(
        plain,
        """
        const so = await conn.sobject("User").describe();
        assert.ok(so.name === "User" && Array.isArray(so.fields));
        assert.ok(so === await conn.sobject("User").describe$());
        assert.ok(so === conn.sobject("User").describe$$());
        const all = await conn.describeGlobal();
        assert.ok(Array.isArray(all.sobjects));
        for (const each of all.sobjects) {
          assert.ok(typeof each.name === "string" && typeof each.label === "string");
          assert.ok(each.fields === undefined);
        }
        assert.ok(all === await conn.describeGlobal$());
        return all.sobjects.map((each) => each.name);
        """,
    )
    assert {"User", "UserLogin", "LoginHistory", "SetupAuditTrail"} <= set(names)


async def test_it_includes_child_rows(plain: World) -> None:
    found = await run(
        plain,
        """
        const users = await conn.sobject("User").find({ Username: "incydr.us@acme.example" }, "Id")
          .include("PermissionSetAssignments").select("*").limit(2).end()
          .limit(10).exec();
        const sets = await conn.sobject("PermissionSet").find(null, "Id, Name")
          .include("Assignments", null, "Id", { limit: 1 }).end().limit(50).exec();
        return { users, sets };
        """,
    )
    [user] = found["users"]
    rows = user["PermissionSetAssignments"]["records"]
    assert 0 < len(rows) < 3
    assert all(row["IsActive"] for row in rows)
    below = [row["Assignments"]["records"] for row in found["sets"] if row["Assignments"]]
    assert below
    assert all(len(records) == 1 for records in below)


async def test_it_fetches_short_pages_and_all_of_them(plain: World) -> None:
    found = await run(
        plain,
        """
        const headers = { "Sforce-Query-Options": "batchSize=500" };
        const first = await conn.query("SELECT Id FROM LoginHistory", { headers });
        const all = await conn.query("SELECT Id FROM LoginHistory", { headers, autoFetch: true, maxFetch: 50000 });
        return { first: first.records.length, total: first.totalSize, all: all.records.length };
        """,
    )
    assert found["first"] == 500
    assert found["all"] == found["total"] > 2_000


async def test_it_works_on_many_records_at_once(plain: World) -> None:
    found = await run(
        plain,
        """
        const PS = conn.sobject("PermissionSet");
        const made = await PS.create([{ Name: "Js1", Label: "x" }, { Name: "Js2", Label: "x" }]);
        const ids = made.map((each) => each.id);
        const changed = await PS.update(ids.map((Id) => ({ Id, Description: "y" })));
        const read = await PS.retrieve(ids);
        const gone = await PS.destroy(ids);
        return [made, changed, gone].map((some) => some.every((each) => each.success))
          .concat(read.map((each) => each.Description));
        """,
    )
    assert found == [True, True, True, "y", "y"]


async def test_it_is_told_which_methods_are_allowed(plain: World) -> None:
    found = await run(
        plain,
        """
        try { await conn.sobject("LoginHistory").destroy("0Ya000000000000AAA"); }
        catch (error) { return [error.errorCode, error.message]; }
        """,
    )
    assert found == ["METHOD_NOT_ALLOWED", "HTTP Method 'DELETE' not allowed. Allowed are GET,HEAD"]
