"""`check` as engines and scripts call it: streams, exit codes, files, and every failure in the asked-for format."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics

from tests.states import FROZEN, row
from tui.cli import invoke
from tui.commands import check
from tui.console import watcher
from tui.reports import documents
from tui.reports.checked import Checked

CONFIG = """
[orgs.acme]
api_url = "http://127.0.0.1:9"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "access_token", token = "file:token" }

[orgs.other]
api_url = "http://127.0.0.1:9"
my_domain = "other.my.salesforce.com"
sign_in = { way = "access_token", token = "file:token" }

[connections."Acme EMEA"]
org = "acme"
service_account = "svc@acme.example"

[connections."Other"]
org = "other"
service_account = "svc@other.example"
"""
Streams = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def config(config: Path) -> Path:
    config.write_text(CONFIG)
    return config


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Checked]:
    """What a check finds, in the place of a reading; the names that were asked for decide."""
    rows = [row("Acme EMEA"), row("Other", org="other")]

    async def read(config: Any, names: list[str], clock: Any, **_: Any) -> tuple[Checked, ...]:
        return tuple(each for each in rows if each.name in names)

    monkeypatch.setattr(watcher, "read_rows", read)
    return rows


WRONG = [
    (["--bogus"], 64),
    (["--timeout", "soon"], 64),
    (["--brief", "--quiet", "nobody"], 64),
    (["nobody"], 64),
    (["--org", "acm"], 64),
    (["Other", "--org", "acme"], 64),
]


@pytest.mark.parametrize(("options", "code"), WRONG)
def test_a_plugin_tells_wrong_usage_in_line_one_with_code_3_and_nothing_on_stderr(
    options: list[str], code: int, capsys: Streams
) -> None:
    assert invoke(["check", "--format", "nagios", *options]) == 3
    out, err = capsys.readouterr()
    assert out.startswith("REMONITOR UNKNOWN - U")
    assert err == ""


@pytest.mark.parametrize(("options", "code"), WRONG)
def test_a_script_gets_wrong_usage_as_json(options: list[str], code: int, capsys: Streams) -> None:
    assert invoke(["check", "--format=json", *options]) == code
    out, err = capsys.readouterr()
    jsonschema.validate(json.loads(out), documents.schema("check"))
    assert json.loads(out)["error"]["title"]
    assert err == ""


@pytest.mark.parametrize("spelling", [["--format", "nagios"], ["--format=nagios"], ["--form", "nagios"]])
def test_a_broken_configuration_is_told_in_the_format_asked_for(
    spelling: list[str], config: Path, capsys: Streams
) -> None:
    config.write_text("[orgs")
    assert invoke(["check", *spelling]) == 3
    out, err = capsys.readouterr()
    assert out.startswith(f"REMONITOR UNKNOWN - Configuration: {config}: not valid TOML")
    assert err == ""


@pytest.mark.parametrize(("form", "code"), [("nagios", 3), ("json", 70), ("prometheus", 70)])
def test_a_fault_is_told_in_the_format_asked_for(
    form: str, code: int, capsys: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Bearer hunter2")

    monkeypatch.setattr(check, "load_config", broken)
    assert invoke(["check", "--format", form]) == code
    out, err = capsys.readouterr()
    assert "internal fault (RuntimeError)" in out
    assert "hunter2" not in out
    assert err == ""


def test_without_connections_a_plugin_is_unknown(config: Path, capsys: Streams) -> None:
    config.write_text("")
    assert invoke(["check", "--format", "nagios"]) == 3
    assert capsys.readouterr().out.startswith("REMONITOR UNKNOWN - No connections")


@pytest.mark.parametrize(
    "argv", [["wait", "nobody", "--format", "json"], ["report", "nobody", "--format", "json"]]
)
def test_other_commands_with_a_json_format_fail_in_json_too(argv: list[str], capsys: Streams) -> None:
    assert invoke(argv) == 64
    out, err = capsys.readouterr()
    assert json.loads(out)["error"]["title"] == "Unknown connection"
    assert err == ""


def test_an_unreachable_org_is_unknown_with_nothing_on_stderr(capsys: Streams) -> None:
    assert invoke(["check", "--format", "nagios"]) == 3
    out, err = capsys.readouterr()
    assert out.startswith(
        "REMONITOR UNKNOWN - 2 Unknown of 2: Acme EMEA: Cannot read the user: No connection"
    )
    assert err == ""


def test_a_signal_ends_a_plugin_with_code_3_and_a_sentence(config: Path, tmp_path: Path) -> None:
    config.write_text(CONFIG.replace('"file:token"', '["command", "sleep", "60"]'))
    process = subprocess.Popen(
        [sys.executable, "-m", "tui", "check", "--format", "nagios", "--timeout", "50s"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    journal = tmp_path / "state" / "journal.db"
    killer = threading.Thread(target=_kill_once_there, args=(process, journal))
    killer.start()
    out, err = process.communicate(timeout=30)
    killer.join()
    assert (process.returncode, err) == (3, b"")
    assert out.startswith(b"REMONITOR UNKNOWN - Ended: ")


def _kill_once_there(process: "subprocess.Popen[bytes]", path: Path) -> None:
    """The journal is opened on the loop, with the signals caught."""
    while process.poll() is None and not path.exists():
        os.sched_yield()
    process.send_signal(signal.SIGTERM)


def test_one_org_is_asked_for_by_its_id(found: list[Checked], capsys: Streams) -> None:
    assert invoke(["check", "--org", "other", "--format", "json", "--brief"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [c["name"] for c in document["connections"]] == ["Other"]
    jsonschema.validate(document, documents.schema("brief"))


def test_quiet_says_nothing_where_all_is_well(found: list[Checked], capsys: Streams) -> None:
    assert invoke(["check", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    found[1] = row("Other", FROZEN, org="other")
    assert invoke(["check", "--quiet"]) == 2
    assert "✖ Other: Error" in capsys.readouterr().out


def test_changed_speaks_at_news_alone_and_for_each_selection_by_itself(
    found: list[Checked], capsys: Streams
) -> None:
    def said(*argv: str) -> bool:
        invoke(["check", "--changed", *argv])
        return capsys.readouterr().out != ""

    assert [said(), said(), said("Other"), said("Other"), said("--format", "json")] == [
        True,
        False,
        True,
        False,
        False,
    ]
    found[1] = row("Other", FROZEN, org="other")
    assert [said("Acme EMEA"), said("Other"), said("Other"), said(), said()] == [
        True,
        True,
        False,
        True,
        False,
    ]
    found[1] = row("Other", org="other")
    assert [said(), said()] == [True, False]


def test_the_exit_code_is_the_same_where_nothing_is_said(found: list[Checked]) -> None:
    found[1] = row("Other", FROZEN, org="other")
    assert [invoke(["check", "--changed"]) for _ in range(2)] == [2, 2]


@pytest.mark.parametrize("form", ["nagios", "prometheus"])
@pytest.mark.parametrize("option", ["--quiet", "--changed"])
def test_an_engine_is_never_left_without_an_answer(form: str, option: str, found: list[Checked]) -> None:
    assert invoke(["check", "--format", form, option]) in (3, 64)


def test_a_file_is_replaced_in_one_step_and_readable_for_all(
    found: list[Checked], tmp_path: Path, capsys: Streams
) -> None:
    target = tmp_path / "metrics" / "remonitor.prom"
    target.parent.mkdir()
    target.write_text("old\n")
    before = target.stat().st_ino
    mask = os.umask(0o077)
    try:
        assert invoke(["check", "--format", "prometheus", "-o", str(target)]) == 0
    finally:
        os.umask(mask)
    assert capsys.readouterr() == ("", "")
    assert target.stat().st_mode & 0o777 == 0o644
    assert target.stat().st_ino != before
    assert list(target.parent.iterdir()) == [target]
    first = next(family.name for family in open_metrics(target.read_text()))
    assert first == "remonitor_connection_status"


def test_a_device_is_written_to_and_stays_one(found: list[Checked]) -> None:
    assert invoke(["check", "--format", "prometheus", "-o", "/dev/null"]) == 0
    assert not Path("/dev/null").is_file()


def test_a_file_that_cannot_be_written_is_said(found: list[Checked], tmp_path: Path, capsys: Streams) -> None:
    assert invoke(["check", "-o", str(tmp_path / "nowhere" / "answer")]) == 70
    assert f"{tmp_path}/nowhere/answer: No such file or directory." in capsys.readouterr().err


@pytest.mark.parametrize("name", ["check", "brief", "contract", "config", "hook"])
def test_every_schema_is_one(name: str, capsys: Streams) -> None:
    assert invoke(["schema", name]) == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(capsys.readouterr().out))


def test_the_list_for_scripts_and_for_zabbix(capsys: Streams) -> None:
    assert invoke(["list", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["connections"][0]["service_account"] == "svc@acme.example"
    assert invoke(["list", "--format", "lld"]) == 0
    assert json.loads(capsys.readouterr().out)["data"][1]["{#CONNECTION}"] == "Other"
