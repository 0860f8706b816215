"""References to secrets: checked before the start, followed when they are needed."""

import os
import stat
import sys
from pathlib import Path

from tui.base import process
from tui.base.problem import ConfigProblem, Problem
from tui.base.secret import Secret
from tui.base.text import clean
from tui.config.model import Config

TIMEOUT = 30.0
"""Real seconds that a helper program may take."""
MAX_FILE = 65_536
"""Bytes of a secret's file."""

Reference = str | tuple[str, ...]


async def resolve(reference: Reference) -> Secret:
    """The secret behind `env:NAME`, `file:PATH`, `keyring:SERVICE/NAME` or `("command", program, …)`.

    Raises Problem; no message carries any of the secret or of a helper's output.
    """
    if not isinstance(reference, str):
        return await _from_program(reference[1:], f"the command {reference[1]}")
    kind, _, rest = reference.partition(":")
    if kind == "keyring":
        service, _, name = rest.partition("/")
        argv = (sys.executable, "-m", "keyring", "get", service, name)
        return await _from_program(
            argv, "the keyring", "Is the extra installed (pip install 'remonitor[keyring]')?"
        )
    return _at_hand(kind, rest)


def check_references(config: Config) -> None:
    """Refuse a configuration whose environment variables or secret files are not there (ConfigProblem)."""
    for name, org in config.orgs.items():
        for key, value in org.sign_in.settings.items():
            if key != "client_id":
                _check(config, f"orgs.{name}.sign_in.{key}", value)
    for name, tenant in config.tenants.items():
        _check(config, f"tenants.{name}.client_secret", tenant.client_secret)


def _check(config: Config, key: str, reference: Reference) -> None:
    if isinstance(reference, str) and reference.startswith(("env:", "file:")):
        kind, _, rest = reference.partition(":")
        try:
            _at_hand(kind, rest)
        except Problem as problem:
            raise ConfigProblem(
                "Configuration", f"{config.path}: {key}: {problem.message}", problem.next_step
            ) from None


def _at_hand(kind: str, rest: str) -> Secret:
    return _from_environment(rest) if kind == "env" else _from_file(Path(rest).expanduser())


def _from_environment(name: str) -> Secret:
    value = os.environ.get(name, "").strip()
    if not value:
        found = "is empty" if name in os.environ else "is not set"
        raise _problem(
            f"the environment variable {clean(name, 80)} {found}, expected a secret in it.",
            f"Set {clean(name, 80)} before the start.",
        )
    return Secret(value)


def _from_file(path: Path) -> Secret:
    shown = clean(str(path), 200)
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise _problem(f"the file {shown} cannot be read: {error.strerror}.", "Check the path.") from None
    if mode & 0o077:
        raise _problem(
            f"the file {shown} has mode {mode:04o}, expected that only its owner can read it.",
            f"Run: chmod 600 {shown}",
        )
    return _decoded(data, f"the file {shown}")


async def _from_program(argv: tuple[str, ...], name: str, hint: str = "") -> Secret:
    shown = clean(name, 120)
    try:
        finished = await process.run(argv, TIMEOUT)
    except TimeoutError:
        raise _problem(f"{shown} gave no answer within {TIMEOUT:.0f} s.", f"Run it by hand. {hint}") from None
    except OSError as error:
        raise _problem(f"{shown} cannot be started: {error.strerror}.", f"Check its path. {hint}") from None
    if finished.code != 0:
        raise _problem(f"{shown} ended with code {finished.code}.", f"Run it by hand. {hint}")
    return _decoded(finished.stdout, shown)


def _decoded(data: bytes, name: str) -> Secret:
    try:
        value = data.decode("utf-8").strip()
    except UnicodeDecodeError:
        value = ""
    if not value or len(data) > MAX_FILE or any(c in value for c in "\r\n\0"):
        raise _problem(
            f"{name} holds something else than one line of text.", "It must hold the secret alone."
        )
    return Secret(value)


def _problem(message: str, next_step: str) -> Problem:
    return Problem("Secret not available", message, next_step.strip())
