"""simple-salesforce, a Python client that the demo knows nothing of, takes it for Salesforce."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce, SFType
from simple_salesforce.exceptions import SalesforceExpiredSession, SalesforceMalformedRequest
from simple_salesforce.format import format_soql

from tests.contract.conftest import World

FROZEN = "SELECT Id, IsFrozen FROM UserLogin WHERE UserId IN (SELECT Id FROM User WHERE Username = {})"
USER = "SELECT Id FROM User WHERE Username = {}"


@pytest.fixture
async def client(secure: World) -> Salesforce:
    return Salesforce(instance_url=secure.api_url, session_id=await secure.token())


def entity(client: Salesforce, name: str) -> SFType:
    """`client.NAME`, whose declared type is also that of the bulk interface."""
    found = getattr(client, name)
    assert isinstance(found, SFType)
    return found


def account(world: World, name: str) -> str:
    return next(str(c["service_account"]) for c in world.told["connections"] if c["name"] == name)


def test_it_queries(client: Salesforce) -> None:
    answer = client.query("SELECT Id, Name, IsSandbox FROM Organization")
    assert (answer["totalSize"], answer["done"], answer["records"][0]["IsSandbox"]) == (1, True, False)


def test_it_follows_the_pages_of_a_long_answer(client: Salesforce) -> None:
    rows = list(client.query_all_iter("SELECT Id FROM LoginHistory"))
    assert len(rows) > 2_000
    assert len({row["Id"] for row in rows}) == len(rows)


def test_it_describes(client: Salesforce) -> None:
    names = {field["name"] for field in entity(client, "PermissionSet").describe()["fields"]}
    assert {"Id", "PermissionsApiEnabled", "PermissionsCustomizeApplication"} <= names


def test_it_reads_one_record(client: Salesforce, secure: World) -> None:
    row = client.query(format_soql(USER, account(secure, "Acme US")))["records"][0]
    assert entity(client, "User").get(row["Id"])["Username"] == account(secure, "Acme US")


def test_it_unfreezes(client: Salesforce, secure: World) -> None:
    query = format_soql(FROZEN, account(secure, "Acme EMEA"))
    before = client.query(query)["records"][0]
    assert before["IsFrozen"] is True
    assert entity(client, "UserLogin").update(before["Id"], {"IsFrozen": False}) == 204
    assert client.query(query)["records"][0]["IsFrozen"] is False


def test_it_gives_a_permission_set(client: Salesforce, secure: World) -> None:
    made = entity(client, "PermissionSet").create(
        {"Name": "Contract", "Label": "Contract", "PermissionsApiEnabled": True}
    )
    assert isinstance(made, dict)
    assert made["success"] is True
    user = client.query(format_soql(USER, account(secure, "Acme US")))["records"][0]["Id"]
    given = entity(client, "PermissionSetAssignment").create(
        {"AssigneeId": user, "PermissionSetId": made["id"]}
    )
    assert given["errors"] == []


def test_it_understands_a_refusal(client: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        client.query("SELECT Nonsense FROM User")
    assert isinstance(refused.value.content, list)
    assert refused.value.content[0]["errorCode"] == "INVALID_FIELD"


def test_it_sees_that_its_session_is_over(secure: World) -> None:
    with pytest.raises(SalesforceExpiredSession):
        Salesforce(instance_url=secure.api_url, session_id="00D!over").query("SELECT Id FROM User")


def test_it_reads_the_limits(client: Salesforce) -> None:
    limits = client.limits()["DailyApiRequests"]
    assert 0 < limits["Remaining"] < limits["Max"]
    assert client.api_usage["api-usage"].total == limits["Max"]


class ToDemo(HTTPAdapter):
    """Takes what the client sends to the org's My Domain to the demo: its sign-in knows no other address."""

    def __init__(self, api_url: str) -> None:
        super().__init__()
        self._demo = urlsplit(api_url)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        asked = urlsplit(str(request.url))
        request.url = asked._replace(scheme=self._demo.scheme, netloc=self._demo.netloc).geturl()
        return super().send(request, *args, **kwargs)


def test_it_signs_in_by_jwt(secure: World, key_file: Path) -> None:
    with requests.Session() as session:
        session.mount("https://acme.my.salesforce.com", ToDemo(secure.api_url))
        client = Salesforce(
            username="ops@acme.example",
            consumer_key="remonitor-acme",
            privatekey_file=str(key_file),
            domain="acme.my",
            session=session,
        )
        assert client.sf_instance == urlsplit(secure.api_url).netloc
        assert client.query(format_soql(USER, "ops@acme.example"))["totalSize"] == 1


def test_it_asks_for_short_pages(client: Salesforce) -> None:
    client.headers["Sforce-Query-Options"] = "batchSize=200"
    try:
        page = client.query("SELECT Id FROM LoginHistory")
    finally:
        del client.headers["Sforce-Query-Options"]
    assert (len(page["records"]), page["done"]) == (200, False)
    assert len(client.query_more(page["nextRecordsUrl"], identifier_is_url=True)["records"]) == 200


def test_it_changes_many_records_at_once(client: Salesforce) -> None:
    records = [{"Name": f"Many{n}", "Label": f"Many {n}"} for n in range(3)]
    sent = {"records": [{"attributes": {"type": "PermissionSet"}, **record} for record in records]}
    made = client.restful("composite/sobjects", method="POST", json=sent)
    assert made is not None
    assert [each["success"] for each in made] == [True] * 3
    ids = ",".join(each["id"] for each in made)
    gone = client.restful("composite/sobjects", {"ids": ids}, method="DELETE")
    assert gone is not None
    assert [each["success"] for each in gone] == [True] * 3
