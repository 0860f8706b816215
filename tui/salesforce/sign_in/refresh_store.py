"""Where the refresh token of a browser sign-in is kept: a file of mode 0600, or the keyring."""

import importlib.util
import sys
from pathlib import Path

from tui.base import process
from tui.base.paths import write_private
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.base.text import clean
from tui.config.secrets import decoded
from tui.salesforce.sign_in.way import Resolve

TIMEOUT = 30.0
"""Real seconds for the keyring, which may ask to be unlocked."""


class RefreshStore:
    """One place, `file:PATH` or `keyring:SERVICE/NAME`; `resolve` reads it, and refuses a file open to others."""

    def __init__(self, reference: str, resolve: Resolve) -> None:
        self._reference = reference
        self._kind, _, self._place = reference.partition(":")
        self._resolve = resolve

    async def load(self) -> Secret | None:
        """The kept token, None where there is none. Raises Problem."""
        if self._kind == "file":
            return await self._resolve(self._reference) if _exists(self._place) else None
        finished = await self._keyring("get")
        # The keyring's command ends with 1 and without a word where it has no such entry.
        if finished.code == 1 and not finished.stderr.strip():
            return None
        if finished.code != 0:
            raise Problem(
                "The keyring cannot be read",
                f"Its command ended with code {finished.code}.",
                f"Run it by hand: keyring get {clean(self._place.replace('/', ' ', 1), 200)}",
            )
        return decoded(finished.stdout, "the keyring")

    async def keep(self, token: Secret) -> None:
        """Keep it instead of the one before. Raises Problem."""
        if self._kind == "file":
            try:
                write_private(Path(self._place), token.reveal() + "\n")
            except OSError as error:
                reason = clean(error.strerror or str(error), 200)
                raise _not_kept(
                    f"{clean(self._place, 200)}: {reason}.", "Name another file in refresh_token."
                ) from None
            return
        # By standard input: an argv can be read by everybody on the machine.
        finished = await self._keyring("set", token.reveal().encode())
        if finished.code != 0:
            raise _not_kept(
                f"The keyring's command ended with code {finished.code}.",
                'Unlock the keyring, or keep it in a file: refresh_token = "file:PATH".',
            )

    async def _keyring(self, verb: str, data: bytes | None = None) -> process.Finished:
        if importlib.util.find_spec("keyring") is None:
            raise Problem(
                "The keyring is not installed",
                "refresh_token of the sign-in names the keyring.",
                "Run: pip install 'remonitor[keyring]', or keep it in a file: refresh_token = \"file:PATH\".",
            )
        service, _, name = self._place.partition("/")
        argv = (sys.executable, "-m", "keyring", verb, service, name)
        try:
            return await process.run(argv, TIMEOUT, data)
        except TimeoutError:
            raise _not_kept(
                f"The keyring gave no answer within {TIMEOUT:g} s.",
                'Unlock it, or keep the sign-in in a file: refresh_token = "file:PATH".',
            ) from None
        except OSError as error:
            raise _not_kept(
                f"{clean(error.strerror or str(error), 200)}.", "Install remonitor again."
            ) from None


def _exists(path: str) -> bool:
    return Path(path).exists()


def _not_kept(message: str, next_step: str) -> Problem:
    return Problem("The sign-in cannot be kept", message, next_step)
