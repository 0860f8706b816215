"""Browser sign-in with PKCE: against the demo's own page, by callback and by pasting."""

import asyncio
import json
import re
import stat
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tui.base.clock import ManualClock
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.config import resolve
from tui.connections.connection import Org, SignIn
from tui.demo import serve
from tui.net import Net
from tui.salesforce.sign_in.callback import has_browser, open_browser
from tui.salesforce.sign_in.web import Web

Pasted = Callable[[], Awaitable[str]]


class Person:
    """Somebody with a browser, in front of the demo's org."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.demo = serve.build("healthy", ManualClock(datetime(2026, 11, 22, 14, 0, tzinfo=UTC)))
        self.world = self.demo.world.orgs["acme"]
        told = self.demo.ready()["orgs"]["acme"]
        self.kept = folder / "acme.token"
        self.settings: dict[str, str | tuple[str, ...]] = {
            "client_id": told["client_id"],
            "refresh_token": f"file:{self.kept}",
            "callback_port": "0",
            **settings,
        }
        self.org = Org("acme", told["api_url"], told["my_domain"], SignIn("web", self.settings))
        app = httpx.ASGITransport(self.demo.apps[told["api_url"]])
        self.net = Net(transports={told["api_url"]: app})
        self.browser = httpx.AsyncClient(transport=app)
        self.shown: list[str] = []
        self.address: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def way(self) -> Web:
        return Web(self.org, self.net, resolve)

    def show(self, line: str) -> None:
        self.shown.append(line)
        if "/authorize?" in line:
            self.address.set_result(line)

    async def allow(self, answer: str = "allow") -> str:
        """Where the browser is sent after the person's answer."""
        page = await self.browser.post(await self.address, data={"answer": answer})
        assert page.status_code == 302, page.text
        return page.headers["location"]

    async def sign_in(self, pasted: Pasted | None = None, timeout: float = 10.0) -> Web:
        way = self.way()
        await way.sign_in(self.show, pasted, timeout=timeout)
        return way


async def visit(address: str) -> int:
    """The status that the callback gives a browser."""
    return int((await page(address)).split()[1])


async def page(address: str) -> str:
    """All that the callback gives a browser."""
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection("127.0.0.1", parts.port)
    writer.write(f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    told = (await reader.read()).decode()
    writer.close()
    return told


@pytest.fixture
async def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


async def test_the_browser_comes_back_to_the_callback_and_the_operator_is_signed_in(person: Person) -> None:
    async with asyncio.TaskGroup() as group:
        signing_in = group.create_task(person.sign_in())
        assert await visit(await person.allow()) == 200
    assert (await signing_in.result().who()).username == "ops@acme.example"


async def test_the_final_address_can_be_pasted_instead(person: Person) -> None:
    way = await person.sign_in(person.allow)
    assert (await way.who()).username == "ops@acme.example"


async def test_the_address_says_what_it_must_and_nothing_secret(person: Person) -> None:
    await person.sign_in(person.allow)
    query = {key: values[0] for key, values in parse_qs(urlsplit(person.address.result()).query).items()}
    port = re.fullmatch(r"http://localhost:(\d+)/callback", query["redirect_uri"])
    assert port
    assert query["code_challenge_method"] == "S256"
    assert f"ssh -L {port[1]}:127.0.0.1:{port[1]}" in "\n".join(person.shown)
    assert person.kept.read_text().strip() not in "\n".join(person.shown)


async def test_the_refresh_token_is_kept_for_the_user_alone_and_signs_in_the_next_time(
    person: Person,
) -> None:
    await person.sign_in(person.allow)
    assert stat.S_IMODE(person.kept.stat().st_mode) == 0o600
    assert (await person.way().who()).username == "ops@acme.example"


async def test_a_renewal_uses_the_refresh_token(person: Person) -> None:
    way = await person.sign_in(person.allow)
    first = await way.token()
    assert await way.token(renew=True) != first


async def test_a_new_refresh_token_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    kept = tmp_path / "token"
    kept.write_text("old")
    kept.chmod(0o600)
    settings: dict[str, str | tuple[str, ...]] = {"client_id": "3M", "refresh_token": f"file:{kept}"}
    org = Org("acme", "https://a.my.salesforce.com", "a.my.salesforce.com", SignIn("web", settings))
    body = {"access_token": "00D!a", "refresh_token": "new"}
    transport = httpx.MockTransport(lambda request: httpx.Response(200, json=body))
    await Web(org, Net(transports={org.api_url: transport}), resolve).token()
    assert kept.read_text() == "new\n"


async def test_without_a_kept_sign_in_the_command_is_named(person: Person) -> None:
    with pytest.raises(Problem, match="Not signed in") as caught:
        await person.way().token()
    assert "remonitor login acme" in caught.value.next_step


async def test_a_kept_file_that_others_can_read_is_refused(person: Person) -> None:
    person.kept.write_text("token")
    person.kept.chmod(0o644)
    with pytest.raises(Problem) as caught:
        await person.way().token()
    assert f"chmod 600 {person.kept}" in caught.value.next_step


async def test_a_revoked_refresh_token_says_sign_in_again(person: Person) -> None:
    await person.sign_in(person.allow)
    person.world.refresh_tokens.clear()
    with pytest.raises(Problem) as caught:
        await person.way().token()
    assert (caught.value.title, caught.value.next_step) == (
        "The sign-in has ended",
        "Sign in again: remonitor login acme",
    )


async def test_another_sign_ins_state_is_refused_and_the_right_one_still_taken(person: Person) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(person.sign_in())
        address = await person.allow()
        assert await visit(re.sub("state=[^&]*", "state=other", address)) == 400
        assert await visit(re.sub("callback", "favicon.ico", address)) == 404
        assert await visit(address) == 200
    assert person.kept.exists()


async def test_a_wrong_paste_is_told_and_asked_again(person: Person) -> None:
    lines = iter(["", "nonsense", "http://localhost:1/callback?code=x&state=other"])

    async def one_by_one() -> str:
        for line in lines:
            return line
        return await person.allow()

    await person.sign_in(one_by_one)
    assert any("There is no code in it" in line for line in person.shown)
    assert any("belongs to another sign-in" in line for line in person.shown)


async def test_the_end_of_the_typing_does_not_end_the_waiting(person: Person) -> None:
    async def closed() -> str:
        raise EOFError

    async with asyncio.TaskGroup() as group:
        group.create_task(person.sign_in(closed))
        await visit(await person.allow())
    assert person.kept.exists()


async def test_somebody_who_declines_is_told_so(person: Person) -> None:
    async def declined() -> str:
        return await person.allow("deny")

    with pytest.raises(Problem, match="was refused"):
        await person.sign_in(declined)
    assert not person.kept.exists()


async def test_the_page_after_deny_says_refused(person: Person) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.TaskGroup() as group:
            group.create_task(person.sign_in())
            address = await person.allow("deny")
            assert "error=access_denied" in address
            assert "was refused" in await page(address)
    assert caught.group_contains(Problem, match="was refused")


async def test_the_callbacks_path_is_the_configurations(tmp_path: Path) -> None:
    person = Person(tmp_path, callback_path="/OauthRedirect")
    async with asyncio.TaskGroup() as group:
        group.create_task(person.sign_in())
        address = await person.allow()
        assert urlsplit(address).path == "/OauthRedirect"
        assert await visit(address.replace("/OauthRedirect", "/callback")) == 404
        assert await visit(address) == 200
    assert any(line.endswith("/OauthRedirect") for line in person.shown)
    assert person.kept.exists()


@pytest.mark.parametrize(
    ("opened", "told"), [(True, "Your browser was asked"), (False, "No browser could be")]
)
async def test_a_browser_is_asked_to_open_the_very_address(person: Person, opened: bool, told: str) -> None:
    asked: list[str] = []

    async def browse(address: str) -> bool:
        asked.append(address)
        return opened

    await person.way().sign_in(person.show, person.allow, browse=browse)
    assert asked == [person.address.result()]
    assert any(told in line for line in person.shown)


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"BROWSER": "firefox"}, "linux", True),
        ({}, "darwin", True),
        ({"SSH_CONNECTION": "1"}, "darwin", False),
        ({"SSH_TTY": "/dev/pts/1", "BROWSER": "firefox"}, "linux", False),
        ({"SSH_CONNECTION": "1", "DISPLAY": "localhost:10.0"}, "linux", True),
    ],
)
def test_a_browser_is_where_its_window_would_be_seen(
    environment: dict[str, str], platform: str, expected: bool
) -> None:
    assert has_browser(environment, platform) is expected


@pytest.mark.parametrize(("code", "expected"), [(0, True), (1, False)])
async def test_the_operators_own_browser_is_the_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, expected: bool
) -> None:
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/asked"\nexit {code}\n')
    script.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{script} %s")
    # No other browser of this machine is found.
    monkeypatch.setenv("PATH", "/nowhere")
    assert await open_browser("https://acme.my.salesforce.com/services/oauth2/authorize?x=1") is expected
    assert (
        tmp_path / "asked"
    ).read_text() == "https://acme.my.salesforce.com/services/oauth2/authorize?x=1\n"


async def test_a_browser_that_stays_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.salesforce.sign_in.callback.OPEN_SECONDS", 0.05)
    monkeypatch.setenv("BROWSER", "sleep 30")
    assert await open_browser("https://acme.my.salesforce.com")


async def test_a_code_that_was_asked_for_with_another_verifier_is_refused(person: Person) -> None:
    async def foreign() -> str:
        address = re.sub("code_challenge=[^&]*", f"code_challenge={'x' * 43}", await person.address)
        page = await person.browser.post(address, data={"answer": "allow"})
        return page.headers["location"]

    with pytest.raises(Problem, match="not the one begun here"):
        await person.sign_in(foreign)


async def test_nobody_who_comes_is_not_waited_for_forever(person: Person) -> None:
    with pytest.raises(Problem, match="Nobody signed in"):
        await person.sign_in(timeout=0.01)


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Problem, match="port is not free") as caught:
        await Person(tmp_path, callback_port=str(port)).sign_in()
    assert str(port) in caught.value.message
    server.close()


async def test_an_app_without_the_scope_is_told_of(person: Person, tmp_path: Path) -> None:
    app = person.demo.apps[person.org.api_url]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"access_token": "00D!a"})

    person.net = Net(transports={person.org.api_url: httpx.MockTransport(answer)})
    person.browser = httpx.AsyncClient(transport=httpx.ASGITransport(app))
    with pytest.raises(Problem) as caught:
        await person.sign_in(person.allow)
    assert "scope refresh_token" in caught.value.next_step


KEYRING = """
import json
from pathlib import Path
path = Path(__file__).parent.parent / "ring.json"

def kept():
    return json.loads(path.read_text()) if path.exists() else {}

def get_password(service, name):
    return kept().get(f"{service}/{name}")

def set_password(service, name, password):
    path.write_text(json.dumps({**kept(), f"{service}/{name}": password}))
"""


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in package named keyring; what it keeps."""
    package = tmp_path / "packages" / "keyring"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(KEYRING)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    return package.parent / "ring.json"


def entries(ring: Path) -> list[str]:
    return list(json.loads(ring.read_text()))


async def test_the_keyring_keeps_it_as_well(tmp_path: Path, keyring: Path) -> None:
    person = Person(tmp_path, refresh_token="keyring:remonitor/acme")
    with pytest.raises(Problem, match="Not signed in"):
        await person.way().token()
    await person.sign_in(person.allow)
    assert entries(keyring) == ["remonitor/acme"]
    assert (await person.way().who()).username == "ops@acme.example"


async def test_a_keyring_that_does_not_keep_it_is_told(tmp_path: Path, keyring: Path) -> None:
    forgetful = KEYRING.replace("path.write_text", "str")
    (tmp_path / "packages" / "keyring" / "__init__.py").write_text(forgetful)
    with pytest.raises(Problem, match="The keyring did not keep it") as caught:
        person = Person(tmp_path, refresh_token="keyring:remonitor/acme")
        await person.sign_in(person.allow)
    assert 'refresh_token = "file:PATH"' in caught.value.next_step


async def test_a_locked_keyring_is_no_missing_sign_in(tmp_path: Path, keyring: Path) -> None:
    locked = "class KeyringLocked(Exception): pass\ndef get_password(s, n): raise KeyringLocked('canary')\n"
    (tmp_path / "packages" / "keyring" / "__init__.py").write_text(locked)
    with pytest.raises(Problem, match="The keyring is locked") as caught:
        await Person(tmp_path, refresh_token="keyring:remonitor/acme").way().token()
    assert "canary" not in str(caught.value)
    assert f"{sys.executable} -m keyring get remonitor acme" in caught.value.next_step


async def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    person = Person(tmp_path, refresh_token=f"file:{tmp_path}/file/token")
    with pytest.raises(Problem, match="cannot be kept"):
        await person.sign_in(person.allow)


def test_a_secret_is_masked_in_what_came_back() -> None:
    from tui.salesforce.sign_in.callback import Returned

    assert "canary" not in repr(Returned(Secret("canary")))
