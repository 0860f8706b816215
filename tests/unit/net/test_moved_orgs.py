"""A My Domain that moved is followed within Salesforce; no token goes anywhere else."""

import httpx
import pytest

from tui.base.secret import Secret
from tui.net import Net, NetProblem

OLD = "https://old.my.salesforce.com"
NEW = "https://new.my.salesforce.com"
PATH = "/services/data/v66.0/composite"


def org(location: str, status: int = 302, old: str = OLD) -> tuple[Net, list[httpx.Request]]:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        if request.url.host == httpx.URL(old).host:
            return httpx.Response(status, headers={"Location": location})
        return httpx.Response(200, json={"moved": True})

    # Strangers answer too: a token that goes astray is seen.
    hosts = (
        old,
        NEW,
        "https://evil.example",
        "https://salesforce.com.evil.example",
        "http://new.my.salesforce.com",
    )
    net = Net(transports={host: httpx.MockTransport(answer) for host in hosts})
    return net, seen


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_moved_my_domain_is_followed_with_everything_that_was_sent(status: int) -> None:
    net, seen = org(f"{NEW}{PATH}", status)
    answer = await net.request("POST", f"{OLD}{PATH}", json={"a": 1}, bearer=Secret("tok"))
    assert answer.status == 200
    assert (seen[1].method, seen[1].content, seen[1].headers["authorization"]) == (
        "POST",
        seen[0].content,
        "Bearer tok",
    )


async def test_the_query_comes_from_the_redirect_alone() -> None:
    net, seen = org(f"{NEW}{PATH}?q=1")
    await net.request("GET", f"{OLD}{PATH}", params={"q": "1"})
    assert str(seen[1].url) == f"{NEW}{PATH}?q=1"


@pytest.mark.parametrize(
    "location",
    [
        f"https://evil.example{PATH}",
        f"https://salesforce.com.evil.example{PATH}",
        f"http://new.my.salesforce.com{PATH}",
        f"https://user:pw@new.my.salesforce.com{PATH}",
        f"https://new.my.salesforce.com:8443{PATH}",
        f"{NEW}/?ec=302&startURL={PATH}",
        f"//evil.example{PATH}",
        "https://[broken",
        "",
    ],
)
async def test_every_other_redirect_is_refused_before_a_token_goes_along(location: str) -> None:
    net, seen = org(location)
    with pytest.raises(NetProblem, match="Redirect refused") as problem:
        await net.request("GET", f"{OLD}{PATH}", bearer=Secret("tok"))
    assert {request.url.host for request in seen} == {"old.my.salesforce.com"}
    assert "pw" not in str(problem.value)


async def test_a_redirect_that_asks_for_another_method_is_refused() -> None:
    net, seen = org(f"{NEW}{PATH}", 303)
    with pytest.raises(NetProblem, match="Redirect refused"):
        await net.request("POST", f"{OLD}{PATH}", json={})
    assert len(seen) == 1


async def test_a_tenant_is_never_followed() -> None:
    net, _ = org(f"{NEW}/v1/oauth", old="https://api.us.code42.com")
    with pytest.raises(NetProblem, match="redirects to new"):
        await net.request("POST", "https://api.us.code42.com/v1/oauth")


async def test_going_round_in_circles_ends() -> None:
    net, seen = org(f"{OLD}{PATH}")
    with pytest.raises(NetProblem, match="Redirect refused"):
        await net.request("GET", f"{OLD}{PATH}")
    assert len(seen) <= 4
