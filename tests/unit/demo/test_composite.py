"""Many records at once, pages of a size, whole descriptions, and what an address refuses."""

# ruff: noqa: S608 (SOQL)

import pytest

from tests.unit.demo.conftest import Org, People
from tui.demo.serve import Demo

V = "/services/data/v66.0"
SETS = f"{V}/composite/sobjects"


def a_set(name: str, **fields: object) -> dict[str, object]:
    return {"attributes": {"type": "PermissionSet"}, "Name": name, "Label": name, **fields}


async def names(acme: Org) -> set[str]:
    rows = await acme.records("SELECT Name FROM PermissionSet WHERE Name LIKE 'Coll%'")
    return {row["Name"] for row in rows}


async def test_records_are_created_changed_read_and_deleted_together(acme: Org) -> None:
    made = (await acme.client.post(SETS, json={"records": [a_set("Coll1"), a_set("Coll2")]})).json()
    assert [(each["success"], each["errors"]) for each in made] == [(True, [])] * 2
    ids = [each["id"] for each in made]
    changed = [{"attributes": {"type": "PermissionSet"}, "id": each, "Description": "x"} for each in ids]
    answer = await acme.client.patch(SETS, json={"allOrNone": True, "records": changed})
    assert [each["id"] for each in answer.json()] == ids
    read = await acme.client.post(
        f"{SETS}/PermissionSet", json={"ids": [*ids, ids[0][:-1]], "fields": ["Description"]}
    )
    assert [each and each["Description"] for each in read.json()] == ["x", "x", None]
    gone = await acme.client.delete(SETS, params={"ids": ",".join(ids), "allOrNone": "true"})
    assert [each["success"] for each in gone.json()] == [True, True]
    assert await names(acme) == set()


@pytest.mark.parametrize(("all_or_none", "left"), [(True, set()), (False, {"Coll1"})])
async def test_one_bad_record_undoes_all_or_only_itself(acme: Org, all_or_none: bool, left: set[str]) -> None:
    bad = a_set("Coll2", PermissionsCustomizeApplication=True)
    body = {"allOrNone": all_or_none, "records": [a_set("Coll1"), bad]}
    first, second = (await acme.client.post(SETS, json=body)).json()
    assert second["success"] is False
    assert second["errors"][0]["statusCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert first["success"] is not all_or_none
    assert await names(acme) == left


async def test_a_composite_that_must_be_whole_is_undone(acme: Org) -> None:
    fields = {"Name": "Coll1", "Label": "x"}
    requests = [
        {"method": "POST", "referenceId": name, "url": f"{V}/sobjects/PermissionSet", "body": fields}
        for name in "ab"
    ]
    body = {"allOrNone": True, "compositeRequest": requests}
    one, two = (await acme.client.post(f"{V}/composite", json=body)).json()["compositeResponse"]
    assert one["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert two["body"][0]["errorCode"] == "DUPLICATE_VALUE"
    assert await names(acme) == set()


async def test_more_than_200_records_are_refused(acme: Org) -> None:
    answer = await acme.client.post(SETS, json={"records": [a_set(f"Coll{n}") for n in range(201)]})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


async def test_a_batch_answers_each_of_its_requests(acme: Org) -> None:
    requests = [
        {"method": "GET", "url": "v66.0/query/?q=SELECT+Id+FROM+Organization"},
        {"method": "GET", "url": "v66.0/nothing"},
        {"method": "GET", "url": "v66.0/limits"},
    ]
    found = (await acme.client.post(f"{V}/composite/batch", json={"batchRequests": requests})).json()
    assert found["hasErrors"] is True
    assert [each["statusCode"] for each in found["results"]] == [200, 404, 200]
    body = {"batchRequests": requests, "haltOnError": True}
    halted = (await acme.client.post(f"{V}/composite/batch", json=body)).json()
    assert [each["statusCode"] for each in halted["results"]] == [200, 404, 412]


@pytest.mark.parametrize(
    ("asked", "rows"), [("batchSize=200", 200), ("batchSize=10", 200), ("batchSize=9000", 2_000)]
)
async def test_pages_are_as_long_as_the_caller_wants(acme: Org, asked: str, rows: int) -> None:
    headers = {"Sforce-Query-Options": asked}
    page = (
        await acme.client.get(f"{V}/query", params={"q": "SELECT Id FROM LoginHistory"}, headers=headers)
    ).json()
    assert len(page["records"]) == rows
    seen = {row["Id"] for row in page["records"]}
    following = (await acme.client.get(page["nextRecordsUrl"])).json()
    assert len(following["records"]) == rows
    assert not seen & {row["Id"] for row in following["records"]}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path",
    ["", "query?q=SELECT+Id+FROM+User", "limits", "sobjects", "sobjects/LoginHistory", "sobjects/PermissionSet",
     "sobjects/User/{user}", "sobjects/LoginHistory/{user}", "composite", "composite/sobjects", "tooling/query"],
)  # fmt: skip
async def test_a_refused_method_is_never_among_those_that_are_allowed(
    acme: Org, path: str, method: str
) -> None:
    [user] = await acme.records("SELECT Id FROM User LIMIT 1")
    answer = await acme.client.request(method, f"{V}/{path.format(user=user['Id'])}")
    if answer.status_code == 405:
        allowed = answer.headers["allow"].split(", ")
        assert method not in allowed
        if method != "HEAD":
            [said] = answer.json()
            assert said["errorCode"] == "METHOD_NOT_ALLOWED"
            assert said["message"] == f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}"
        for other in allowed:
            again = await acme.client.request(other, f"{V}/{path.format(user=user['Id'])}")
            assert again.status_code != 405, other


@pytest.mark.parametrize(
    ("name", "tooling"),
    [
        ("LoginHistory", ""),
        ("SetupAuditTrail", ""),
        ("User", ""),
        ("OauthToken", ""),
        ("PermissionDependency", "tooling/"),
    ],
)
async def test_a_description_says_what_a_query_may_do(acme: Org, name: str, tooling: str) -> None:
    described = (await acme.client.get(f"{V}/{tooling}sobjects/{name}/describe")).json()
    kind = f"{tooling}query"
    for field in described["fields"]:
        of = field["name"]
        assert (await acme.query(f"SELECT {of} FROM {name} LIMIT 1", kind)).status_code == 200
        may = {
            "filterable": f"SELECT {of} FROM {name} WHERE {of} = null LIMIT 1",
            "sortable": f"SELECT {of} FROM {name} ORDER BY {of} LIMIT 1",
            "groupable": f"SELECT {of} FROM {name} GROUP BY {of} LIMIT 1",
            "aggregatable": f"SELECT COUNT_DISTINCT({of}) FROM {name}",
        }
        for flag, query in may.items():
            assert ((await acme.query(query, kind)).status_code == 200) is field[flag], query


async def test_children_that_are_described_can_be_selected(acme: Org) -> None:
    described = (await acme.client.get(f"{V}/sobjects/User/describe")).json()
    relations = [each for each in described["childRelationships"] if each["relationshipName"]]
    assert {each["relationshipName"] for each in relations} == {"PermissionSetAssignments"}
    for each in relations:
        query = f"SELECT Id, (SELECT Id FROM {each['relationshipName']}) FROM User LIMIT 1"
        [row] = await acme.records(query)
        assert each["relationshipName"] in row


async def test_an_address_of_an_object_describes_it(acme: Org) -> None:
    found = (await acme.client.get(f"{V}/sobjects/User")).json()
    assert (found["objectDescribe"]["name"], found["recentItems"]) == ("User", [])


async def test_an_identity_is_told_whole(acme: Org, demo: Demo) -> None:
    resources = (await acme.client.get(f"{V}/")).json()
    found = (await acme.client.get(resources["identity"], params={"format": "json"})).json()
    assert found["id"] == f"https://acme.my.salesforce.com/id/{demo.world.orgs['acme'].id}/{found['user_id']}"
    assert found["username"] == found["email"] == "ops@acme.example"
    assert (found["first_name"], found["last_name"], found["display_name"]) == ("Alex", "Kim", "Alex Kim")
    assert {"picture", "thumbnail"} == set(found["photos"])


async def test_a_token_knows_the_menu_item_of_its_app_while_it_is_installed(
    acme: Org, people: People
) -> None:
    query = "SELECT AppMenuItemId FROM OauthToken WHERE AppName = 'Incydr' LIMIT 1"
    assert (await acme.records(query))[0]["AppMenuItemId"].startswith("0DS")
    await people.order("/admin", action="uninstall_app", connection="Acme US")
    assert (await acme.records(query))[0]["AppMenuItemId"] is None


async def test_a_profile_s_own_set_says_whether_the_profile_is_custom(acme: Org) -> None:
    rows = await acme.records(
        "SELECT Profile.Name, IsCustom FROM PermissionSet WHERE IsOwnedByProfile = true"
    )
    custom = {row["Profile"]["Name"]: row["IsCustom"] for row in rows}
    assert custom["Incydr Integration"] is True
    assert custom["System Administrator"] is False
