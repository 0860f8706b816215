"""The command line: streams, exit codes, and errors that never show a traceback."""

import errno
import json
import os
import signal
import subprocess
import sys
import unicodedata
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tui import __version__
from tui.cli import invoke
from tui.commands import check
from tui.console.command import duration

pytestmark = pytest.mark.usefixtures("own_folders")
Streams = pytest.CaptureFixture[str]


def test_the_version_is_data(capsys: Streams) -> None:
    assert invoke(["--version"]) == 0
    assert capsys.readouterr() == (f"remonitor {__version__}\n", "")


@pytest.mark.parametrize(
    "argv",
    [
        ["bogus"],
        ["check", "--bogus"],
        ["check", "--format", "xml"],
        ["wait", "X", "--timeout", "soon"],
        ["demo", "--speed", "0"],
        ["demo", "--speed", "x"],
        ["config"],
        ["steps", "user_frozn"],
        ["resume", "Nobody"],
    ],
)
def test_a_wrong_command_line_exits_64_with_one_sentence_on_stderr(argv: list[str], capsys: Streams) -> None:
    assert invoke(argv) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("remonitor: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["Acme EMEE", "acme emea"])
def test_an_unknown_connection_exits_64_with_the_nearest_name(
    name: str, config: Path, capsys: Streams
) -> None:
    legacy = '\n[connections."Acme Legacy"]\norg = "acme"\nservice_account = "old@acme.example"\n'
    config.write_text(config.read_text() + legacy)
    assert invoke(["check", name]) == 64
    assert "did you mean Acme EMEA?" in capsys.readouterr().err


def test_a_wrong_option_points_to_the_page_of_its_command(capsys: Streams) -> None:
    assert invoke(["check", "--bogus"]) == 64
    assert capsys.readouterr().err.endswith("See: remonitor check --help\n")


@pytest.mark.parametrize("argv", [["check"], ["list"], ["--plain"]])
def test_without_a_configuration_the_way_in_is_named_first(argv: list[str], capsys: Streams) -> None:
    assert invoke(argv) == 78
    assert "Begin one with remonitor add" in capsys.readouterr().err


def test_plain_signs_are_plain_throughout(config: Path, capsys: Streams) -> None:
    assert invoke(["check", "--ascii"]) == 3
    told = capsys.readouterr()
    assert told.out.startswith("? Acme EMEA: Unknown since")
    assert (told.out + told.err).isascii()


def test_a_wait_whose_time_is_over_says_so_in_words_and_in_json(config: Path, capsys: Streams) -> None:
    assert invoke(["wait", "Acme EMEA", "--timeout", "0s", "--format", "json"]) == 124
    out, err = capsys.readouterr()
    assert json.loads(out)["exit_code"] == 124
    assert "The time is over: Acme EMEA " in err


def test_a_broken_configuration_exits_78_with_file_and_key(config: Path, capsys: Streams) -> None:
    config.write_text(config.read_text().replace("my_domain", "mydomain"))
    assert invoke(["check"]) == 78
    assert f"{config}: orgs.acme.my_domain: found nothing" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["check"], ["wait", "Acme EMEA"], ["config", "check"], []])
def test_a_missing_secret_exits_78_before_anything_starts(
    command: list[str], config: Path, capsys: Streams, tmp_path: Path
) -> None:
    (tmp_path / "token").unlink()
    assert invoke(command) == 78
    assert "orgs.acme.sign_in.token" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_a_named_configuration_must_exist_also_for_the_app(capsys: Streams) -> None:
    assert invoke(["--config", "/nowhere/config.toml"]) == 78
    assert "/nowhere/config.toml: there is no such file" in capsys.readouterr().err


def test_an_unknown_message_is_said_to_be_unknown_once(config: Path, capsys: Streams) -> None:
    assert invoke(["explain", "--connection", "Acme EMEA", "frozen"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("Acme EMEA\n  No known cause has this message.\n")
    assert "No known cause" not in err


def test_an_unreachable_org_exits_3_with_the_reason_in_json(config: Path, capsys: Streams) -> None:
    assert invoke(["check", "--format", "json"]) == 3
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert (document["exit_code"], document["connections"][0]["status"]) == (3, "Unknown")
    assert "hunter2" not in out + err


def test_steps_of_an_unreachable_connection_exit_3(config: Path, capsys: Streams) -> None:
    assert invoke(["steps", "Acme EMEA"]) == 3
    assert "Acme EMEA: Unknown" in capsys.readouterr().err


def test_without_connections_there_is_nothing_to_ask(config: Path, capsys: Streams) -> None:
    config.write_text("")
    assert invoke(["check"]) == 3
    assert capsys.readouterr().err == "No connections are configured.\n"


def test_too_many_open_files_are_told_as_what_they_are(
    config: Path, capsys: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(check, "load_config", broken)
    assert invoke(["check"]) == 3
    assert capsys.readouterr().err.startswith("remonitor: Too many open files: ")


def test_an_internal_fault_is_one_sentence_and_a_log(
    config: Path, capsys: Streams, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("Bearer hunter2")

    monkeypatch.setattr(check, "load_config", broken)
    assert invoke(["check"]) == 70
    err = capsys.readouterr().err
    log = tmp_path / "state" / "remonitor.log"
    assert err == f"remonitor: internal fault (RuntimeError): details are in {log}\n"
    assert "RuntimeError" in log.read_text()
    assert "hunter2" not in log.read_text()


def test_an_internal_fault_is_told_also_where_nothing_can_be_kept(
    config: Path, capsys: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(check, "load_config", broken)
    monkeypatch.setenv("REMONITOR_STATE", "/proc/nowhere/state")
    assert invoke(["check"]) == 70
    assert capsys.readouterr().err == "remonitor: internal fault (RuntimeError):\n"


STEERING = "\x1b]0;title\x07\x9b31m\u202e\u200b\r\nnext"


@pytest.mark.parametrize(
    "argv",
    [
        [STEERING],
        ["check", STEERING],
        ["check", "--format", STEERING],
        ["check", f"--{STEERING}"],
        ["--config", STEERING, "list"],
        ["--config", f"/nowhere/{STEERING}", "check"],
        ["config", "path", "--config", STEERING],
        ["remove", STEERING],
        ["login", STEERING],
        ["steps", STEERING],
        ["resume", STEERING],
        ["explain", STEERING],
        ["explain", "--connection", STEERING, "x"],
        ["wait", "X", "--timeout", STEERING],
        ["demo", "--attach", STEERING],
        ["demo", "--speed", STEERING],
        ["add", "--org", STEERING, "--yes"],
        ["add", "--sign-in", STEERING],
        ["add", "--name", STEERING, "--org", STEERING],
        ["completion", STEERING],
    ],
)
def test_nothing_that_is_echoed_steers_the_terminal(argv: list[str], config: Path, capsys: Streams) -> None:
    invoke(argv)
    said = "".join(capsys.readouterr())
    assert not {c for c in said if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") and c not in "\n\t"}
    assert "\nnext" not in said


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90s", timedelta(seconds=90)),
        ("25m", timedelta(minutes=25)),
        ("1h", timedelta(hours=1)),
        ("2d", timedelta(days=2)),
    ],
)
def test_a_span_has_a_unit(text: str, span: timedelta) -> None:
    assert duration(text) == span


@pytest.mark.parametrize(
    "argv",
    [
        ["mute", "Acme EMEA", "--for", "0s"],
        ["mute", "Acme EMEA", "--for", "31d"],
        ["check", "--timeout", "0m"],
    ],
)
def test_a_span_that_makes_no_sense_is_refused(argv: list[str], config: Path, capsys: Streams) -> None:
    assert invoke(argv) == 64
    assert "--" in capsys.readouterr().err


def remonitor(*argv: str, **more: Any) -> "subprocess.Popen[bytes]":
    process: subprocess.Popen[bytes] = subprocess.Popen(
        [sys.executable, "-m", "tui", *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )
    return process


@pytest.mark.parametrize("argv", [["--help"], ["check", "--help"], ["config", "path"]])
def test_help_imports_nothing_heavy(argv: list[str]) -> None:
    program = (
        "import sys; from tui.cli import invoke; code = invoke(sys.argv[1:]);"
        "heavy = {'textual', 'httpx', 'asyncio', 'msgspec', 'sqlite3', 'tomllib'} & set(sys.modules);"
        "sys.exit(f'{code} {sorted(heavy)}' if code or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


OF_OTHERS = (
    "textual",
    "rich",
    "click",
    "tui.app",
    "tui.demo",
    "tui.keys",
    "tui.lines",
    "tui.onboarding",
    "tui.pictures",
    "tui.recordings",
    "tui.walkthrough",
    "tui.commands.demo",
    "tui.commands.watch",
    "tui.console.examination",
    "tui.reports.nagios",
    "tui.reports.prometheus",
    "tui.salesforce.repairing",
    "tui.salesforce.sign_in.jwt_bearer",
    "tui.salesforce.sign_in.sf_cli",
    "tui.salesforce.sign_in.web",
    "tui.watching.hook",
)


def test_a_check_loads_nothing_that_only_others_need(config: Path) -> None:
    program = (
        "import sys; from tui.cli import invoke; invoke(['check', 'Acme EMEA']);"
        f"print(*sorted(set({OF_OTHERS}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "Acme EMEA" in done.stdout
    assert done.stderr == "\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_waiting_command_cleanly(
    number: signal.Signals, config: Path, tmp_path: Path
) -> None:
    with remonitor("wait", "Acme EMEA") as process:
        assert process.stderr is not None
        # Its first word says that the loop runs.
        first = process.stderr.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert first.startswith(b"Acme EMEA: Unknown")
    assert (process.returncode, out, err) == (128 + number, b"", b"")


def test_a_reader_that_goes_away_is_no_fault(config: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "tui", "explain"], stdout=write, stderr=subprocess.PIPE, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_an_ascii_terminal_gets_plain_signs_instead_of_an_error(config: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [sys.executable, "-m", "tui", "steps", "user_frozen"],
        capture_output=True,
        env=environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert "Setup > " in done.stdout.decode("ascii")


def shell(line: str, config: Path) -> "subprocess.CompletedProcess[str]":
    """A command line as a shell runs it, with its redirections; {} stands for the program."""
    program = f"exec {sys.executable} -m tui"
    return subprocess.run(
        ["sh", "-c", line.replace("{}", program)], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("{} list >&-", 0),
        ("{} --help >&-", 0),
        ("{} check >&-", 3),
        ("{} check >&- 2>&-", 3),
        ("{} explain - <&-", 1),
        ("{} add <&-", 64),
        ("{} <&- >&-", 3),
    ],
)
def test_a_stream_that_is_closed_leads_nowhere(line: str, code: int, config: Path) -> None:
    done = shell(line, config)
    assert (done.returncode, done.stdout) == (code, "")
    assert "fault" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["list", "check", "explain", "--help", "check --help", "--version"])
def test_an_output_without_room_is_said_with_the_reason(command: str, config: Path) -> None:
    done = shell(f"{{}} {command} >/dev/full", config)
    sentence = (
        "remonitor: Standard output cannot be written: No space left on device. "
        "Make room there, or send it somewhere else.\n"
    )
    assert (done.returncode, done.stderr) == (70, sentence)


def test_help_is_shown_on_an_ascii_terminal(config: Path) -> None:
    done = shell("PYTHONIOENCODING=ascii; export PYTHONIOENCODING; {} add --help", config)
    assert "env:NAME, ..." in done.stdout
