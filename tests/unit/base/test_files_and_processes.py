"""Private files and helper processes."""

import stat
import sys
from pathlib import Path

import pytest

from tui.base import paths
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
