"""References to secrets: checked before the start, followed when they are needed."""

import asyncio
import os
import stat
import sys
from pathlib import Path

from tui.base import process
from tui.base.problem import ConfigProblem, Problem
from tui.base.secret import Secret
from tui.base.text import clean
from tui.config.model import Config
from tui.config.sign_in_ways import WAYS, Kind

TIMEOUT = 30.0
"""Real seconds that a helper program may take."""
MAX_FILE = 65_536
"""Bytes of a secret's file."""

Reference = str | tuple[str, ...]


async def resolve(reference: Reference) -> Secret:
    """The secret behind `env:NAME`, `file:PATH`, `keyring:SERVICE/NAME`, `stdin:` or `("command", program, …)`.

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
    if kind == "stdin":
        return await _from_stdin()
    return _at_hand(kind, rest)


def check_references(config: Config) -> None:
    """Refuse a configuration whose environment variables or secret files are not there (ConfigProblem)."""
    for name, org in config.orgs.items():
        for key, value in org.sign_in.settings.items():
            if WAYS[org.sign_in.way][key].kind is Kind.SECRET:
                _check(config, f"orgs.{name}.sign_in.{key}", value)
    for name, tenant in config.tenants.items():
        _check(config, f"tenants.{name}.client_id", tenant.client_id)
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
        raise unavailable(
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
        raise unavailable(f"the file {shown} cannot be read: {error.strerror}.", "Check the path.") from None
    if mode & 0o077:
        raise unavailable(
            f"the file {shown} has mode {mode:04o}, expected that only its owner can read it.",
            f"Run: chmod 600 {shown}",
        )
    return decoded(data, f"the file {shown}")


async def _from_stdin() -> Secret:
    """Standard input to its end: it can be read once in the life of a process."""
    if sys.stdin is None or sys.stdin.isatty():
        raise unavailable(
            "the standard input is a terminal, expected a secret piped into it.",
            "Pipe it in (pass show sf | remonitor check), or name another place: env:, file: or command.",
        )
    try:
        async with asyncio.timeout(TIMEOUT):
            data = await _read_to_end(sys.stdin.fileno())
    except TimeoutError:
        raise unavailable(
            f"the standard input did not end within {TIMEOUT:.0f} s.", "Close it after the secret."
        ) from None
    if not data:
        raise unavailable(
            "the standard input has ended, and a secret on it can be read once.",
            "Start again with a fresh one on standard input.",
        )
    return decoded(data, "the standard input")


async def _read_to_end(handle: int) -> bytes:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(handle, ready.set)
    except PermissionError:
        # A plain file cannot be waited for, and reading it never blocks.
        return os.read(handle, MAX_FILE + 1)
    data = b""
    try:
        while len(data) <= MAX_FILE:
            ready.clear()
            await ready.wait()
            if not (chunk := os.read(handle, MAX_FILE)):
                break
            data += chunk
    finally:
        loop.remove_reader(handle)
    return data


async def _from_program(argv: tuple[str, ...], name: str, hint: str = "") -> Secret:
    shown = clean(name, 120)
    try:
        finished = await process.run(argv, TIMEOUT)
    except TimeoutError:
        raise unavailable(
            f"{shown} gave no answer within {TIMEOUT:.0f} s.", f"Run it by hand. {hint}"
        ) from None
    except OSError as error:
        raise unavailable(
            f"{shown} cannot be started: {error.strerror}.", f"Check its path. {hint}"
        ) from None
    if finished.code != 0:
        raise unavailable(f"{shown} ended with code {finished.code}.", f"Run it by hand. {hint}")
    return decoded(finished.stdout, shown)


def decoded(data: bytes, name: str) -> Secret:
    """The one line that a secret's source holds. Raises Problem."""
    try:
        value = data.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        value = ""
    if not value or len(data) > MAX_FILE or any(c in value for c in "\r\n\0"):
        raise unavailable(
            f"{name} holds something else than one line of text.", "It must hold the secret alone."
        )
    return Secret(value)


def unavailable(message: str, next_step: str) -> Problem:
    """The problem with a secret that cannot be had."""
    return Problem("Secret not available", message, next_step.strip())
