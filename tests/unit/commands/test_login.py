"""`login` signs in to an org by its way, and says as whom."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tui.base.clock import ManualClock
from tui.base.problem import Problem, UsageProblem
from tui.base.secret import Secret
from tui.cli.parser import parser
from tui.commands.login import sign_in
from tui.connections.connection import Org, SignIn
from tui.demo import serve
from tui.net import Net


class Person:
    """Signs in at the demo's org and pastes where the browser ended."""

    terminal = True

    def __init__(self) -> None:
        self.demo = serve.build("healthy", ManualClock(datetime(2026, 11, 22, 14, 0, tzinfo=UTC)))
        self.told = self.demo.ready()["orgs"]["acme"]
        door = httpx.ASGITransport(self.demo.apps[self.told["api_url"]])
        self.net = Net(transports={self.told["api_url"]: door})
        self.browser = httpx.AsyncClient(transport=door)
        self.shown: list[str] = []

    def org(self, name: str, **settings: str) -> Org:
        sign_in = SignIn(name, {"client_id": self.told["client_id"], **settings})
        return Org("acme", self.told["api_url"], self.told["my_domain"], sign_in)

    async def next(self) -> str | None:
        address = next(line for line in self.shown if "/authorize?" in line)
        page = await self.browser.post(address, data={"answer": "allow"})
        return str(page.headers["location"])


async def as_written(reference: str | tuple[str, ...]) -> Secret:
    return Secret(str(reference))


async def test_a_browser_sign_in_takes_the_pasted_address(tmp_path: Path) -> None:
    person = Person()
    org = person.org("web", refresh_token=f"file:{tmp_path}/token", callback_port="0")
    who = await sign_in(org, person.net, person.shown.append, person)
    assert who.username == "ops@acme.example"
    assert (tmp_path / "token").exists()


async def test_another_way_is_tried_as_it_is() -> None:
    person = Person()
    org = person.org("client_credentials", client_secret=person.told["client_secret"])
    who = await sign_in(org, person.net, person.shown.append, None, resolve=as_written)
    assert who.username == "ops@acme.example"
    assert person.shown == []


async def test_a_way_that_fails_says_why() -> None:
    person = Person()
    org = person.org("client_credentials", client_secret="wrong")
    with pytest.raises(Problem, match="secret is refused"):
        await sign_in(org, person.net, person.shown.append, None, resolve=as_written)


CONFIG = """
[orgs.acme]
api_url = "https://acme.my.salesforce.com"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "web", client_id = "3M", refresh_token = "file:token" }
"""


def test_an_org_that_is_not_configured_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    arguments = parser().parse_args(["--config", str(path), "login", "acne"])
    with pytest.raises(UsageProblem) as caught:
        arguments.run(arguments)
    assert "did you mean acme?" in caught.value.message
