"""The log: private, without secrets, never in the way."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.console import logs


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raising


def test_nothing_is_written_before_the_first_record(tmp_path: Path) -> None:
    logs.start(tmp_path / "state" / "log", "warning")
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "log"
    logs.start(path, "warning")
    logging.getLogger("test").warning("hello")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_what_is_below_the_level_is_left_out(tmp_path: Path) -> None:
    logs.start(tmp_path / "log", "error")
    logging.getLogger("test").warning("hello")
    assert not (tmp_path / "log").exists()


def test_a_folder_that_cannot_be_written_disturbs_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    logs.start(tmp_path / "file" / "log", "warning")
    logging.getLogger("test").warning("hello")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer hunter2",
        '{"access_token": "hunter2", "x": 1}',
        "client_secret=hunter2&grant_type=y",
        "sid 00D5g000001AbcDEAV!hunter2.hunter2_x in a text",
    ],
)
def test_secrets_are_masked(line: str) -> None:
    assert "hunter2" not in logs.masked(line)


def test_a_secret_in_a_traceback_is_masked(tmp_path: Path) -> None:
    logs.start(tmp_path / "log", "warning")
    try:
        raise ValueError("Bearer hunter2")
    except ValueError:
        logging.getLogger("test").exception("failed")
    text = (tmp_path / "log").read_text()
    assert "ValueError" in text
    assert "hunter2" not in text
