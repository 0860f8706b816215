"""A network that only reads: it counts, stops at its number, and sends nothing that could change something."""

import httpx
import pytest

from tui.net import NetProblem, ReadingNet

ORG, TENANT = "https://acme.my.salesforce.com", "https://api.us.code42.com"
VERSION = f"{ORG}/services/data/v66.0"


@pytest.fixture
def sent() -> list[str]:
    return []


@pytest.fixture
def net(sent: list[str]) -> ReadingNet:
    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.method} {request.url.path}")
        return httpx.Response(200, json={})

    transport = httpx.MockTransport(answer)
    return ReadingNet({f"{ORG}/": 2, TENANT: 1}, transports={ORG: transport, TENANT: transport})


async def test_it_stops_at_the_number_that_was_announced(net: ReadingNet, sent: list[str]) -> None:
    for _ in range(2):
        await net.request("GET", f"{VERSION}/query/?q=x")
    with pytest.raises(NetProblem, match="Not asked"):
        await net.request("GET", f"{VERSION}/query/?q=x")
    await net.request("POST", f"{TENANT}/v1/oauth")
    with pytest.raises(NetProblem, match="Not asked"):
        await net.request("POST", f"{TENANT}/v2/file-events", json={})
    with pytest.raises(NetProblem, match="Not asked"):
        await net.request("GET", "https://elsewhere.example/")
    assert len(sent) == 3
    assert (net.sent_to(ORG), net.sent_to(f"{TENANT}/")) == (2, 1)


async def test_signing_in_and_the_list_of_versions_are_no_calls(net: ReadingNet) -> None:
    for path in ("/services/oauth2/token", "/services/oauth2/userinfo", "/services/data", "/services/data/"):
        await net.request("POST" if path.endswith("token") else "GET", ORG + path)
    assert net.sent_to(ORG) == 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/sobjects/User/005", {"IsActive": True}),
        ("DELETE", "/sobjects/PermissionSet/0PS", None),
        ("POST", "/sobjects/PermissionSet", {"Name": "x"}),
        ("POST", "/composite/sobjects", {"records": []}),
        ("POST", "/composite", {"compositeRequest": [{"method": "GET"}, {"method": "PATCH"}]}),
        ("POST", "/composite", {"compositeRequest": []}),
        ("POST", "/composite", None),
    ],
)
async def test_what_could_change_something_is_not_sent(
    net: ReadingNet, sent: list[str], method: str, path: str, body: object
) -> None:
    with pytest.raises(NetProblem, match="Not sent"):
        await net.request(method, VERSION + path, json=body)
    assert sent == []
    assert net.sent_to(ORG) == 0


async def test_a_composite_of_questions_is_sent(net: ReadingNet, sent: list[str]) -> None:
    await net.request("POST", f"{VERSION}/composite", json={"compositeRequest": [{"method": "GET"}]})
    assert sent == ["POST /services/data/v66.0/composite"]
