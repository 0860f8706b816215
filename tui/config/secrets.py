"""References to secrets: checked before the start, followed when they are needed."""

import asyncio
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from tui.base import permissions, process
from tui.base.paths import PIPE_SECONDS, open_input, read_input
from tui.base.problem import ConfigProblem, Problem
from tui.base.secret import Secret
from tui.base.text import clean
from tui.config.catalogue import WAYS, Kind
from tui.config.keyring import Keyring
from tui.config.model import Config

TIMEOUT = 30.0
"""Real seconds that a helper program may take."""
MAX_FILE = 65_536
"""Bytes of a secret's file."""

Reference = str | tuple[str, ...]


async def resolve(reference: Reference) -> Secret:
    """The secret behind `env:`, `file:`, `keyring:`, `credential:`, `stdin:` or `("command", program, …)`.

    Raises Problem; no message carries any of the secret or of a helper's output.
    """
    if not isinstance(reference, str):
        return await _from_program(reference[1:], f"the command {reference[1]}")
    kind, _, rest = reference.partition(":")
    if kind == "keyring":
        return await _from_keyring(Keyring(rest, 'keep it in a file: "file:PATH"'))
    if kind == "stdin":
        return await _from_stdin()
    if kind == "file" and _is_pipe(rest):
        return await _from_pipe(Path(rest))
    return _at_hand(kind, rest)


def check_references(config: Config) -> None:
    """Refuse a configuration whose environment variables or secret files are not there (ConfigProblem)."""
    for keys, value in _references(config):
        kind, _, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
        if kind not in ("env", "file", "credential") or (kind == "file" and _is_pipe(rest)):
            # A pipe gives what it holds once, to the sign-in.
            continue
        try:
            _at_hand(kind, rest)
        except Problem as problem:
            raise ConfigProblem(
                "Configuration",
                f"{config.source(*keys)}: {'.'.join(keys)}: {problem.message}",
                problem.next_step,
            ) from None


def withhold_secrets(config: Config) -> None:
    """Keep the environment variables that this configuration refers to away from every helper program."""
    found = (value for _, value in _references(config) if isinstance(value, str))
    process.withhold(value.removeprefix("env:") for value in found if value.startswith("env:"))


def _references(config: Config) -> Iterator[tuple[tuple[str, ...], Reference]]:
    """Every reference to a secret with the keys that lead to it."""
    for name, org in config.orgs.items():
        for key, value in org.sign_in.settings.items():
            if WAYS[org.sign_in.way][key].kind is Kind.SECRET:
                yield ("orgs", name, "sign_in", key), value
    for name, tenant in config.tenants.items():
        yield ("tenants", name, "client_id"), tenant.client_id
        yield ("tenants", name, "client_secret"), tenant.client_secret


def _at_hand(kind: str, rest: str) -> Secret:
    match kind:
        case "env":
            return _from_environment(rest)
        case "credential":
            return _from_file(_credential(rest))
        case _:
            return _from_file(Path(rest))


def _credential(name: str) -> Path:
    """Where systemd put it (LoadCredential=, SetCredential=). Raises Problem."""
    shown = clean(name, 80)
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if not folder:
        why = "CREDENTIALS_DIRECTORY is not set, as it is for a service of systemd that is given some"
    elif not Path(folder).is_dir():
        why = f"CREDENTIALS_DIRECTORY names {clean(folder, 200)}, and there is no such folder"
    elif not (Path(folder) / name).exists():
        given = ", ".join(sorted(clean(path.name, 80) for path in Path(folder).iterdir()))
        why = f"the unit gives {given or 'none at all'}"
    else:
        return Path(folder) / name
    raise unavailable(
        f"the credential {shown} is not there: {why}.",
        f"Put LoadCredential={shown}:PATH into the unit, and start the program by it.",
    )


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
        data, refused = secret_file(path)
    except OSError as error:
        raise unavailable(f"the file {shown} cannot be read: {error.strerror}.", "Check the path.") from None
    if refused is not None:
        raise unavailable(f"{refused.why}.", f"Run: {refused.command}")
    return decoded(data, f"the file {shown}")


def secret_file(path: Path) -> tuple[bytes, permissions.Refusal | None]:
    """What a secret's file holds, or why it is not to be used: others can read it. Raises OSError."""
    handle, facts = open_input(path)
    try:
        refused = _refused(path, facts)
        return b"" if refused else read_input(handle, MAX_FILE), refused
    finally:
        os.close(handle)


def _refused(path: Path, facts: os.stat_result) -> permissions.Refusal | None:
    """systemd sees to its credentials itself: their modes differ from version to version."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder and path.resolve().is_relative_to(Path(folder).resolve()):
        return None
    return permissions.of_secret(permissions.entry(path, facts), permissions.me())


def _is_pipe(name: str) -> bool:
    try:
        return stat.S_ISFIFO(Path(name).stat().st_mode)
    except (OSError, ValueError):
        return False


async def _from_pipe(path: Path) -> Secret:
    """A pipe, such as the shell's <(sops -d …), awaited on the loop: the screen goes on meanwhile."""
    shown = f"the pipe {clean(str(path), 200)}"
    try:
        handle, _ = open_input(path)
    except OSError as error:
        raise unavailable(f"{shown} cannot be read: {error.strerror}.", "Check the path.") from None
    try:
        async with asyncio.timeout(PIPE_SECONDS):
            data = await _read_to_end(handle)
    except TimeoutError:
        raise unavailable(
            f"{shown} did not end within {PIPE_SECONDS:g} s: nobody writes to it, or it was read before.",
            "A pipe can be read once: start again with a fresh one, or name a file.",
        ) from None
    finally:
        os.close(handle)
    return decoded(data, shown)


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
    data, at_once = b"", False
    try:
        while len(data) <= MAX_FILE:
            if not at_once:
                ready.clear()
                await ready.wait()
            try:
                chunk = os.read(handle, MAX_FILE)
            except BlockingIOError:
                at_once = False
                continue
            if not chunk:
                break
            # The end of a pipe whose writer left before it was opened here announces itself to nobody.
            data, at_once = data + chunk, not os.get_blocking(handle)
    finally:
        loop.remove_reader(handle)
    return data


async def _from_keyring(entry: Keyring) -> Secret:
    found = await entry.get()
    if found is None:
        raise entry.missing()
    return decoded(found, "the keyring")


async def _from_program(argv: tuple[str, ...], name: str) -> Secret:
    shown = clean(name, 120)
    try:
        finished = await process.run(argv, TIMEOUT)
    except TimeoutError:
        raise unavailable(f"{shown} gave no answer within {TIMEOUT:.0f} s.", "Run it by hand.") from None
    except OSError as error:
        raise unavailable(
            f"{shown} cannot be started: {error.strerror}."
            if not isinstance(error, process.TooMuch)
            else f"{shown}: {error.strerror}.",
            "Check its path.",
        ) from None
    if finished.code != 0:
        raise unavailable(f"{shown} ended with code {finished.code}.", "Run it by hand.")
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
