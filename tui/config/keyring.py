"""The keyring of the desktop, by a child process that says why it has nothing: it may wait for a person."""

import shlex
import sys

from tui.base import process
from tui.base.installation import command_adding
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.base.text import clean

TIMEOUT = 30.0
"""Real seconds for the keyring, which may ask to be unlocked."""

NO_ENTRY, LOCKED, NO_BACKEND, NOT_INSTALLED = 10, 11, 12, 13
"""Exit codes of the child; 1: the keyring failed in another way."""

# The names of the exceptions of keyring and of its backend SecretStorage (documented).
_CHILD = f"""
import sys
verb, service, name = sys.argv[1:]
codes = {{
    "KeyringLocked": {LOCKED},
    "LockedException": {LOCKED},
    "PromptDismissedException": {LOCKED},
    "NoKeyringError": {NO_BACKEND},
    "InitError": {NO_BACKEND},
    "SecretServiceNotAvailableException": {NO_BACKEND},
}}
try:
    import keyring
except ModuleNotFoundError:
    sys.exit({NOT_INSTALLED})
try:
    if verb == "set":
        keyring.set_password(service, name, sys.stdin.read())
        sys.exit()
    found = keyring.get_password(service, name)
except Exception as error:
    sys.exit(codes.get(type(error).__name__, 1))
if found is None:
    sys.exit({NO_ENTRY})
sys.stdout.write(found)
"""


class Keyring:
    """One entry, `SERVICE/NAME`; `instead` says where else the secret may be kept."""

    def __init__(self, place: str, instead: str) -> None:
        self._service, _, self._name = place.partition("/")
        self._instead = instead

    async def get(self) -> bytes | None:
        """What is kept, None where there is no such entry. Raises Problem."""
        finished = await self._run("get")
        return None if finished.code == NO_ENTRY else finished.stdout

    async def set(self, secret: Secret) -> None:
        """Keep it instead of the one before, and see that it is kept. Raises Problem."""
        # By standard input: an argv can be read by everybody on the machine.
        await self._run("set", secret.reveal().encode())
        if await self.get() != secret.reveal().encode():
            raise Problem(
                "The keyring did not keep it",
                f"{self._shown} does not give back what was put there.",
                f"Look which keyring is in use: {self._by_hand('diagnose')}. Or {self._instead}.",
            )

    def missing(self) -> Problem:
        """The problem where there is no such entry."""
        return Problem(
            "Secret not available",
            f"{self._shown} is not there.",
            f"Put it in: {self._by_hand('set', self._service, self._name)}",
        )

    async def _run(self, verb: str, data: bytes | None = None) -> process.Finished:
        # -P: a keyring.py in the current folder is nobody's keyring.
        argv = (sys.executable, "-P", "-c", _CHILD, verb, self._service, self._name)
        try:
            finished = await process.run(argv, TIMEOUT, data)
        except TimeoutError:
            raise self._problem(
                "The keyring does not answer",
                f"It gave no answer within {TIMEOUT:g} s: it may wait for somebody to unlock it.",
                f"Unlock it: {self._by_hand('get', self._service, self._name)}",
            ) from None
        except OSError as error:
            reason = clean(error.strerror or str(error), 200)
            raise self._problem(
                "The keyring cannot be asked", f"{reason}.", f"Run: {command_adding('keyring')}"
            ) from None
        if finished.code in (0, NO_ENTRY):
            return finished
        raise self._failed(finished.code)

    def _failed(self, code: int) -> Problem:
        by_hand = self._by_hand("get", self._service, self._name)
        problems = {
            NOT_INSTALLED: (
                "The keyring is not installed",
                "The configuration names it, and its package is not there.",
                f"Run: {command_adding('keyring')}",
            ),
            NO_BACKEND: (
                "There is no keyring",
                "No keyring can be opened in this session: over SSH and in services there mostly is none.",
                f"See which there could be: {self._by_hand('--list-backends')}",
            ),
            LOCKED: (
                "The keyring is locked",
                "Nobody unlocked it: over SSH and in services nobody is asked to.",
                f"Unlock it in the session of your desktop: {by_hand}",
            ),
        }
        otherwise = "The keyring failed", f"It ended with code {code}.", f"Run it by hand: {by_hand}"
        return self._problem(*problems.get(code, otherwise))

    @property
    def _shown(self) -> str:
        return f"The keyring's entry {clean(f'{self._service}/{self._name}', 120)}"

    def _by_hand(self, *words: str) -> str:
        """The command of this installation's own keyring."""
        return " ".join(shlex.quote(clean(word, 120)) for word in (sys.executable, "-m", "keyring", *words))

    def _problem(self, title: str, message: str, next_step: str) -> Problem:
        return Problem(title, message, f"{next_step}. Or {self._instead}.")
