"""The commands around the configuration, which may be of several files: `add`, `remove`, `list`, `config`, `login`."""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.evidence import NOW, evidence, login
from tui.base.clock import ManualClock
from tui.base.problem import Problem, UsageProblem
from tui.base.secret import Secret
from tui.cli import invoke
from tui.cli.parser import parser
from tui.commands import remove
from tui.commands.login import sign_in
from tui.config import load, parse
from tui.connections.connection import Connection, Org, SignIn
from tui.connections.recovery import advance
from tui.demo import serve
from tui.diagnosis.diagnose import diagnose
from tui.net import Net
from tui.salesforce.sign_in import Operator

MAIN = """# fleet
include = ["conf.d/*.toml"]

[defaults.org]
sign_in = { way = "web", client_id = "3M", callback_port = 0 }
"""
ACME = """[orgs.acme]
api_url = "https://acme.my.salesforce.com"
my_domain = "acme.my.salesforce.com"
sign_in = { refresh_token = "file:token" }

# the big one
[connections."Acme EMEA"]
org = "acme"
service_account = "svc@acme.example"
"""
Streams = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("own_folders")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(MAIN)
    (tmp_path / "conf.d").mkdir(mode=0o700)
    (tmp_path / "conf.d" / "acme.toml").write_text(ACME)
    return tmp_path


def test_every_file_is_named_the_main_one_first(folder: Path, capsys: Streams) -> None:
    assert invoke(["config", "path"]) == 0
    assert capsys.readouterr() == (f"{folder}/config.toml\n{folder}/conf.d/acme.toml\n", "")


def test_the_main_file_is_named_also_where_it_is_broken(folder: Path, capsys: Streams) -> None:
    (folder / "conf.d" / "acme.toml").write_text("[")
    assert invoke(["config", "path"]) == 0
    out, err = capsys.readouterr()
    assert out == f"{folder}/config.toml\n"
    assert f"{folder}/conf.d/acme.toml: not valid TOML" in err


def test_all_files_are_checked(folder: Path, capsys: Streams) -> None:
    assert invoke(["config", "check", "--offline"]) == 0
    assert (
        capsys.readouterr().out == f"{folder}/config.toml and 1 included file: sound, 1 connection, 1 org\n"
    )
    (folder / "conf.d" / "b.toml").write_text("[orgs.b]\n")
    assert invoke(["config", "check", "--offline"]) == 78
    assert f"{folder}/conf.d/b.toml: orgs.b.api_url: found nothing" in capsys.readouterr().err


def test_what_is_shown_is_a_configuration_of_one_file(folder: Path, capsys: Streams) -> None:
    assert invoke(["config", "show"]) == 0
    out = capsys.readouterr().out
    shown, config = parse(out, str(folder / "config.toml")), load(folder / "config.toml", {})
    assert (shown.orgs, shown.connections, shown.app) == (config.orgs, config.connections, config.app)
    assert out.startswith(f"# configuration: {folder}/config.toml\n# state: {folder}/state\n")
    assert 'client_id = "3M"  # [defaults.org] of config.toml' in out.splitlines()
    assert f'refresh_token = "file:{folder}/token"  # conf.d/acme.toml' in out.splitlines()


def test_a_connection_is_removed_from_the_file_that_is_named(folder: Path, capsys: Streams) -> None:
    assert invoke(["remove", "Acme EMEA", "--yes"]) == 0
    told = f"{folder}/conf.d/acme.toml: Acme EMEA is removed; its org and its tenant stay.\n"
    assert capsys.readouterr().out == told
    assert (folder / "config.toml").read_text() == MAIN
    assert (folder / "conf.d" / "acme.toml").read_text() == ACME.partition("[connections")[0]


DENYING = """#!{python}
import sys, urllib.parse, urllib.request
asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(sys.argv[1]).query))
query = urllib.parse.urlencode({{"error": "access_denied", "state": asked["state"]}})
page = urllib.request.urlopen(asked["redirect_uri"].replace("localhost", "127.0.0.1") + "?" + query).read()
open({page!r}, "wb").write(page)
"""


@pytest.fixture
def denying(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A browser whose operator presses Deny; the page that he sees then."""
    browser, page = folder / "browser", folder / "page"
    browser.write_text(DENYING.format(python=sys.executable, page=str(page)))
    browser.chmod(0o755)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    return page


def test_who_presses_deny_in_his_browser_is_told_refused(denying: Path, capsys: Streams) -> None:
    assert invoke(["login", "acme"]) not in (0, 70)
    err = capsys.readouterr().err
    assert "https://acme.my.salesforce.com/services/oauth2/authorize?" in err
    assert "The sign-in was refused" in err
    assert "The sign-in was refused" in denying.read_text()


@pytest.mark.parametrize(
    ("options", "environment", "opens"),
    [([], {}, True), (["--no-browser"], {}, False), ([], {"SSH_TTY": "/dev/pts/0"}, False)],
)
def test_a_browser_is_opened_where_there_is_one_unless_told_not_to(
    options: list[str],
    environment: dict[str, str],
    opens: bool,
    denying: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[bool] = []

    async def signed_in(*arguments: object, browse: object) -> Operator:
        asked.append(browse is not None)
        return Operator("ops@acme.example", "005")

    monkeypatch.setattr("tui.commands.login.sign_in", signed_in)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert invoke(["login", "acme", *options]) == 0
    assert asked == [opens]


@pytest.mark.parametrize(
    "options",
    [
        ["--org", "acme", "--allow-repairs", "yes"],
        ["--org", "http://127.0.0.1:9/", "--way", "bogus"],
        ["--org", "acme", "--sign-in", "client_secret=plain"],
        ["--org", "acme", "--my-domain", "acme.my.salesforce.com"],
    ],
)
def test_what_the_table_of_a_configured_org_says_is_no_option(
    options: list[str], config: Path, capsys: Streams
) -> None:
    before = config.read_text()
    assert invoke(["add", *options]) == 64
    err = capsys.readouterr().err
    assert f"{options[2]} would change nothing: [orgs.acme] already has it." in err
    assert config.read_text() == before


def test_a_name_that_is_taken_is_refused_at_once(config: Path, capsys: Streams) -> None:
    assert invoke(["add", "--org", "acme", "--name", "Acme EMEA"]) == 64
    assert (
        "remonitor: Configured already: There already is a connection 'Acme EMEA'." in capsys.readouterr().err
    )


def test_the_path_of_the_configuration_is_data(capsys: Streams, tmp_path: Path) -> None:
    assert invoke(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'config.toml'}\n"


@pytest.mark.parametrize("argv", [["--config", "C", "config", "path"], ["config", "path", "--config", "C"]])
def test_config_is_understood_before_and_after_the_command(argv: list[str], capsys: Streams) -> None:
    assert invoke(argv) == 0
    assert capsys.readouterr().out == "C\n"


def test_a_sound_configuration_is_said_to_be_sound(config: Path, capsys: Streams) -> None:
    assert invoke(["config", "check", "--offline"]) == 0
    assert capsys.readouterr().out == f"{config}: sound, 1 connection, 1 org\n"


def test_a_sound_configuration_of_an_org_that_nobody_reaches_exits_3(config: Path, capsys: Streams) -> None:
    assert invoke(["config", "check"]) == 3
    out, err = capsys.readouterr()
    assert "sound" in out
    assert "orgs.acme: No connection" in err


def test_the_shown_configuration_holds_references_and_defaults_but_no_secret(
    config: Path, capsys: Streams
) -> None:
    assert invoke(["config", "show"]) == 0
    out = capsys.readouterr().out
    assert f'token = "file:{config.parent}/token"' in out
    assert "monitoring = 300" in out
    assert "hunter2" not in out


def test_list_shows_every_connection(config: Path, capsys: Streams) -> None:
    assert invoke(["list"]) == 0
    assert capsys.readouterr().out == "Acme EMEA\tacme\tsvc@acme.example\t\t\n"


def test_list_tells_the_last_known_status_and_how_old_it_is(
    config: Path, capsys: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Connection("Acme EMEA", "acme", "svc@acme.example", "Acme EMEA")
    read = evidence(freeze=login(frozen=True))
    state = advance(known, None, read, diagnose(known, read), None)
    monkeypatch.setattr("tui.watching.journal_records.last_states", lambda path: {"Acme EMEA": state})
    monkeypatch.setattr("tui.commands.list.system_clock", lambda: ManualClock(NOW + timedelta(minutes=21)))
    assert invoke(["list"]) == 0
    assert capsys.readouterr().out.split("\t")[3:] == ["Error", f"{NOW.isoformat()}\n"]
    assert invoke(["list", "--format", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["connections"]
    assert (told["status"], told["read_at"]) == ("Error", "2026-11-22T14:00:00Z")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert invoke(["list"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "NAME       STATUS  READ        ORG   SERVICE ACCOUNT",
        "Acme EMEA  Error   21 min ago  acme  svc@acme.example",
    ]


def test_list_tells_what_was_never_read(
    config: Path, capsys: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert invoke(["list"]) == 0
    assert capsys.readouterr().out.splitlines()[1].split("  ")[:3] == ["Acme EMEA", "not read yet", "never"]


def test_remove_asks_and_a_script_has_to_say_yes(
    config: Path, capsys: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = os.openpty()
    monkeypatch.setattr(remove, "STDIN", theirs)
    before = config.read_text()
    for typed, code in (("n", 1), ("", 1), ("yes", 0)):
        os.write(ours, f"{typed}\n".encode())
        assert invoke(["remove", "Acme EMEA"]) == code
        assert "Remove Acme EMEA from" in capsys.readouterr().err
        assert ("Acme EMEA" in config.read_text()) == (code == 1)
    config.write_text(before)
    assert invoke(["remove", "Acme EMEA", "--yes"]) == 0
    assert capsys.readouterr().err == ""
    config.write_text(before)
    (script := config.parent / "no-terminal").write_text("yes\n")
    with script.open() as pipe:
        monkeypatch.setattr(remove, "STDIN", pipe.fileno())
        assert invoke(["remove", "Acme EMEA"]) == 64
    assert "Give --yes." in capsys.readouterr().err
    assert config.read_text() == before
    os.close(ours)
    os.close(theirs)


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


WEB = """
[orgs.acme]
api_url = "https://acme.my.salesforce.com"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "web", client_id = "3M", refresh_token = "file:token" }
"""


def test_an_org_that_is_not_configured_names_the_nearest(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(WEB)
    arguments = parser().parse_args(["--config", str(path), "login", "acne"])
    with pytest.raises(UsageProblem) as caught:
        arguments.run(arguments)
    assert "did you mean acme?" in caught.value.message
