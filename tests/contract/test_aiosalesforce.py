"""aiosalesforce, an asynchronous client that the demo knows nothing of, takes it for Salesforce."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from aiosalesforce import ClientCredentialsFlow, JwtBearerFlow, Salesforce
from aiosalesforce.auth.base import Auth
from aiosalesforce.exceptions import SalesforceError

from tests.contract.conftest import World

MY_DOMAIN = "https://acme.my.salesforce.com"
USER = "SELECT Id, Username FROM User WHERE Username = 'ops@acme.example'"


class ToDemo(httpx.AsyncHTTPTransport):
    """Takes what the client sends to the org's My Domain to the demo: it accepts no other address."""

    def __init__(self, api_url: str) -> None:
        super().__init__()
        self._demo = httpx.URL(api_url)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == urlsplit(MY_DOMAIN).hostname
        request.url = request.url.copy_with(
            scheme=self._demo.scheme, host=self._demo.host, port=self._demo.port
        )
        request.headers["Host"] = f"{self._demo.host}:{self._demo.port}"
        return await super().handle_async_request(request)


@pytest.fixture
async def http(plain: World) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=ToDemo(plain.api_url)) as client:
        yield client


def salesforce(http: httpx.AsyncClient, auth: Auth) -> Salesforce:
    return Salesforce(http, base_url=MY_DOMAIN, auth=auth, version="60.0")


@pytest.fixture
def client(http: httpx.AsyncClient, plain: World) -> Salesforce:
    settings = plain.org().sign_in.settings
    return salesforce(http, ClientCredentialsFlow(str(settings["client_id"]), str(settings["client_secret"])))


async def test_it_signs_in_by_jwt(http: httpx.AsyncClient, key_file: Path) -> None:
    client = salesforce(http, JwtBearerFlow("remonitor-acme", "ops@acme.example", key_file))
    [user] = [row async for row in client.query(USER)]
    assert user["Username"] == "ops@acme.example"


async def test_it_follows_the_pages_of_a_long_answer(client: Salesforce) -> None:
    ids = [row["Id"] async for row in client.query("SELECT Id FROM LoginHistory")]
    assert len(set(ids)) == len(ids) > 2_000


async def test_it_reads_the_limits(client: Salesforce) -> None:
    assert (await client.get_limits())["DailyApiRequests"]["Remaining"] > 0


async def test_it_creates_changes_and_deletes_a_record(client: Salesforce) -> None:
    made = await client.sobject.create("PermissionSet", {"Name": "Aio", "Label": "Aio"})
    await client.sobject.update("PermissionSet", made, {"Description": "changed"})
    assert (await client.sobject.get("PermissionSet", made))["Description"] == "changed"
    await client.sobject.delete("PermissionSet", made)
    assert [row async for row in client.query("SELECT Id FROM PermissionSet WHERE Name = 'Aio'")] == []


async def test_it_sends_composites_and_batches(client: Salesforce) -> None:
    async with client.composite() as composite:
        found = composite.query(USER)
    assert found.records[0]["Username"] == "ops@acme.example"
    async with client.composite.batch() as batch:
        again = batch.query(USER)
    assert again.records == found.records


async def test_it_understands_a_refusal(client: Salesforce) -> None:
    with pytest.raises(SalesforceError) as refused:
        [row async for row in client.query("SELECT Nonsense FROM User")]
    assert refused.value.error_code == "INVALID_FIELD"
