"""`config`, `remove` and `login` where the configuration is of several files."""

import sys
from pathlib import Path

import pytest

from tui.cli import invoke
from tui.config import load, parse
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


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REMONITOR_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "state"))
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
