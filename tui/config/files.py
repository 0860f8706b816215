"""The configuration file as text: read without waiting for ever, and only where nobody else could have written it."""

import os
import stat
from pathlib import Path

from tui.base import permissions
from tui.base.paths import PIPE_BYTES, open_input, read_input
from tui.base.problem import ConfigProblem

MAX_FILE = 33_554_432
"""Bytes of a configuration file that are read; of a pipe PIPE_BYTES."""


def read(path: Path) -> str | None:
    """The text with its own line ends and its byte order mark, None where there is no file.

    Raises ConfigProblem, also where somebody else could write the file: its programs are run as the operator.
    """
    try:
        handle, facts = open_input(path)
        try:
            pipe = stat.S_ISFIFO(facts.st_mode)
            refused = _refused(path, facts)
            data = b"" if refused else read_input(handle, PIPE_BYTES if pipe else MAX_FILE)
        finally:
            os.close(handle)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigProblem(
            "Configuration",
            f"{path}: cannot be read: {error.strerror}.",
            "Check the path and its permissions.",
        ) from None
    if refused is not None:
        raise ConfigProblem(
            "Configuration",
            f"{path}: {refused.why}, and it names programs that are run as you.",
            f"Look what it says, then run: {refused.command}",
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigProblem(
            "Configuration",
            f"{path}: byte {error.start} is not UTF-8, expected a TOML file in UTF-8.",
            "Save it as UTF-8.",
        ) from None


def _refused(path: Path, facts: os.stat_result) -> permissions.Refusal | None:
    """The file itself as it is open, and the folder that it is in once links are resolved."""
    real = path.resolve()
    # A pipe of the shell (/dev/fd/63) is in no folder.
    folder = permissions.entry(real.parent, real.parent.stat()) if real.exists() else None
    return permissions.of_configuration(permissions.entry(real, facts), folder, permissions.me())
