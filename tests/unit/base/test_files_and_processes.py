"""Private files and helper processes."""

import contextlib
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.base import paths, process
from tui.base.installation import command_adding, how_to_update
from tui.base.problem import ConfigProblem
from tui.base.process import run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_for_its_owner_alone_and_so_is_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    paths.write_private(path, "a = 1\n")
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert path.read_text() == "a = 1\n"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    paths.write_private(path, "old")
    with pytest.raises(UnicodeEncodeError):
        paths.write_private(path, "new \ud800")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["config.toml"]


def test_the_environment_names_configuration_and_state(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REMONITOR_CONFIG", str(tmp_path / "c.toml"))
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "s"))
    assert paths.config_file() == tmp_path / "c.toml"
    assert paths.state_folder() == tmp_path / "s"


async def test_a_helper_gives_its_output_and_its_code() -> None:
    done = await run([sys.executable, "-c", "import sys; print('out'); sys.exit(3)"], timeout=30)
    assert (done.code, done.stdout.strip()) == (3, b"out")


async def test_no_shell_reads_the_arguments() -> None:
    done = await run([sys.executable, "-c", "import sys; print(sys.argv[1])", "$HOME; echo x"], timeout=30)
    assert done.stdout.strip() == b"$HOME; echo x"


async def test_a_helper_that_hangs_is_ended_with_all_its_children() -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import signal; signal.pause()'])"
    with pytest.raises(TimeoutError):
        await run([sys.executable, "-c", child], timeout=0.5)


async def test_a_missing_program_is_an_oserror() -> None:
    with pytest.raises(OSError, match="no-such-program"):
        await run(["no-such-program"], timeout=5)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
async def test_a_helper_that_talks_without_end_is_ended_while_it_talks(stream: str) -> None:
    endless = f"import sys\nwhile True: sys.{stream}.write('x' * 65536)"
    with pytest.raises(process.TooMuch) as caught:
        await run([sys.executable, "-c", endless], timeout=30)
    assert "says more than 1,000,000 bytes" in str(caught.value.strerror)


async def test_a_grandchild_that_keeps_the_pipes_does_not_hold_the_end_up() -> None:
    apart = (
        "import subprocess, sys; subprocess.Popen(['sleep', '600'], start_new_session=True); sys.stdin.read()"
    )
    with pytest.raises(TimeoutError):
        await run([sys.executable, "-c", apart + "; import signal; signal.pause()"], timeout=0.5)


async def test_a_helper_inherits_neither_secrets_of_the_configuration_nor_the_services_socket(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("CANARY_TOKEN", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "ORDINARY"):
        monkeypatch.setenv(name, "1")
    process.withhold(["CANARY_TOKEN"])
    done = await run([sys.executable, "-c", "import os; print(*sorted(os.environ))"], timeout=30)
    seen = done.stdout.decode().split()
    assert "ORDINARY" in seen
    assert not {"CANARY_TOKEN", "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"} & set(seen)


async def test_an_argument_that_no_program_can_have_is_an_oserror() -> None:
    with pytest.raises(OSError, match="null byte"):
        await run([sys.executable, "a\0b"], timeout=5)


def read(path: Path, most: int = 1000, seconds: float = 30) -> bytes:
    handle, _ = paths.open_input(path)
    try:
        return paths.read_input(handle, most, seconds)
    finally:
        os.close(handle)


@contextlib.contextmanager
def writing(pipe: Path, count: int) -> Iterator[None]:
    with subprocess.Popen(["sh", "-c", 'head -c "$1" /dev/zero >"$2"', "sh", str(count), str(pipe)]):
        yield


def test_a_pipe_is_read_to_its_end_also_when_its_writer_comes_later(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with writing(tmp_path / "pipe", 200_000):
        assert len(read(tmp_path / "pipe", 1_000_000)) == 200_000


def test_a_pipe_that_ended_before_it_was_opened_is_read_too() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"a = 1\n")
    os.close(theirs)
    assert read(Path(f"/dev/fd/{ours}")) == b"a = 1\n"
    os.close(ours)


def test_a_pipe_without_a_writer_is_not_waited_for_long(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TimeoutError, match="did not end within"):
        read(tmp_path / "pipe", seconds=0.1)


def test_more_than_is_wanted_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with writing(tmp_path / "pipe", 5000), pytest.raises(OSError, match="more than 1,000 bytes"):
        read(tmp_path / "pipe")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev"])
def test_devices_and_folders_are_refused(device: str) -> None:
    with pytest.raises(OSError, match="expected a file"):
        read(Path(device))


def test_without_a_home_a_sentence_says_what_to_name(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "REMONITOR_STATE", "REMONITOR_CONFIG"):
        monkeypatch.delenv(name, raising=False)

    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.setattr("pwd.getpwuid", nobody)
    for ask, instead in (
        (paths.config_file, "--config FILE"),
        (paths.state_folder, "REMONITOR_STATE=FOLDER"),
    ):
        with pytest.raises(ConfigProblem) as caught:
            ask()
        assert instead in caught.value.next_step


PIP = "-m pip install 'remonitor[keyring]'"


@pytest.mark.parametrize(
    ("kept_by", "text", "command"),
    [
        ("pipx_metadata.json", "{}", "pipx inject remonitor keyring"),
        ("uv-receipt.toml", "", "uv tool install 'remonitor[keyring]'"),
        (
            "uv-receipt.toml",
            '[tool]\nrequirements = [{ name = "remonitor", extras = ["jwt"], directory = "/src/re monitor" }]\n',
            "uv tool install '/src/re monitor[jwt,keyring]'",
        ),
        (
            "pyvenv.cfg",
            "home = /usr/bin\nuv = 0.9.1\n",
            "uv pip install --python {python} 'remonitor[keyring]'",
        ),
        ("pyvenv.cfg", "home = /usr/bin\n", "{python} " + PIP),
        ("nothing", "", "{python} " + PIP),
    ],
)
def test_an_extra_is_added_by_what_keeps_this_installation(
    kept_by: str, text: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = tmp_path / "remonitor"
    prefix.mkdir()
    (prefix / kept_by).write_text(text)
    monkeypatch.setattr(sys, "prefix", str(prefix))
    assert command_adding("keyring") == command.format(python=sys.executable)


@pytest.mark.parametrize(
    ("kept_by", "sentence"),
    [
        ("pipx_metadata.json", "Update remonitor: pipx upgrade remonitor"),
        ("uv-receipt.toml", "Update remonitor: uv tool upgrade remonitor"),
        ("pyvenv.cfg", "Install a newer version of remonitor."),
    ],
)
def test_a_newer_version_comes_by_what_keeps_this_installation(
    kept_by: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = tmp_path / "remonitor"
    prefix.mkdir()
    (prefix / kept_by).touch()
    monkeypatch.setattr(sys, "prefix", str(prefix))
    assert how_to_update() == sentence


def test_a_python_of_the_distribution_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    for name in ("prefix", "base_prefix"):
        monkeypatch.setattr(sys, name, str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    assert command_adding("keyring") == "pipx install 'remonitor[keyring]'"
