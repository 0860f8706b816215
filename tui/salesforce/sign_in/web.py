"""Browser sign-in with PKCE, made for SSH: the browser may be on another machine than this program."""

import asyncio
import base64
import contextlib
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlencode

from tui.base.paths import write_private
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.base.text import clean
from tui.config.keyring import Keyring
from tui.config.secrets import decoded
from tui.connections.connection import Org
from tui.net import Net, host_of
from tui.salesforce.sign_in import callback, refusals
from tui.salesforce.sign_in.callback import Foreign, Returned
from tui.salesforce.sign_in.oauth_endpoints import Tokens, ask_token
from tui.salesforce.sign_in.way import CachedToken, Resolve

PORT = 1717
"""The callback's port where the configuration names none: the sf CLI's own."""
PATH = "/callback"
"""The callback's path where the configuration names none."""
BROWSER = "Your browser was asked to open it."
NO_BROWSER = "No browser could be opened here."
TIMEOUT = 600.0
"""Real seconds that a person may take."""
SCOPE = "api refresh_token"
INSTEAD = 'keep the sign-in in a file: refresh_token = "file:PATH"'


class RefreshStore:
    """Where the refresh token is kept, `file:PATH` or `keyring:SERVICE/NAME`; `resolve` reads the file."""

    def __init__(self, reference: str, resolve: Resolve) -> None:
        self._reference = reference
        kind, _, self._place = reference.partition(":")
        self._keyring = Keyring(self._place, INSTEAD) if kind == "keyring" else None
        self._resolve = resolve

    async def load(self) -> Secret | None:
        """The kept token, None where there is none. Raises Problem, also where others can read the file."""
        if self._keyring is None:
            return await self._resolve(self._reference) if _exists(self._place) else None
        found = await self._keyring.get()
        return None if found is None else decoded(found, "the keyring")

    async def keep(self, token: Secret) -> None:
        """Keep it instead of the one before. Raises Problem."""
        if self._keyring is not None:
            await self._keyring.set(token)
            return
        try:
            write_private(Path(self._place), token.reveal() + "\n")
        except OSError as error:
            reason = clean(error.strerror or str(error), 200)
            raise Problem(
                "The sign-in cannot be kept",
                f"{clean(self._place, 200)}: {reason}.",
                "Name another file in refresh_token.",
            ) from None


class Web(CachedToken):
    """`sign_in = { way = "web", client_id = "…", refresh_token = "file:…", callback_port = 1717 }`."""

    def __init__(self, org: Org, net: Net, resolve: Resolve) -> None:
        super().__init__(org, net, resolve)
        self._store = RefreshStore(self.setting("refresh_token"), resolve)

    @property
    def next_step(self) -> str:
        return f"Sign in again: remonitor login {self._org.id}"

    async def fetch(self) -> Secret:
        kept = await self._store.load()
        if kept is None:
            raise Problem(
                "Not signed in",
                f"No sign-in is kept for the org {self._org.id}.",
                f"Sign in by browser: remonitor login {self._org.id}",
            )
        return await self._redeem({"grant_type": "refresh_token", "refresh_token": kept.reveal()})

    async def sign_in(
        self,
        show: Callable[[str], None],
        pasted: Callable[[], Awaitable[str]] | None = None,
        *,
        browse: Callable[[str], Awaitable[bool]] | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        """Have a person sign in, and keep what comes back.

        `show` gets the lines to print; `pasted` gives a line that the person typed, as often as it is asked,
        and raises EOFError at the end; `browse` has a browser open an address, and says whether it could.
        `timeout` is in real seconds. Raises Problem.
        """
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        port, path = int(self.setting("callback_port") or PORT), self.setting("callback_path") or PATH
        async with callback.listening(state, port, path) as waiting:
            address = self._address(waiting.address, state, verifier)
            for line in _lines(address, waiting.address, waiting.port):
                show(line)
            if browse is not None:
                show(BROWSER if await browse(address) else NO_BROWSER)
            returned = await _first(waiting.returned, pasted, state, show, timeout)
            back = waiting.address
        if returned.refused is not None or returned.code is None:
            refusal = returned.refused or refusals.OAuthError("no code")
            raise refusals.of_error(refusal, host_of(self._org.api_url), self.next_step)
        form = {
            "grant_type": "authorization_code",
            "code": returned.code.reveal(),
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        async with self._fetching:
            self._token, self._who = await self._redeem(form, first=True), None

    def _address(self, back: str, state: str, verifier: str) -> str:
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.setting("client_id"),
            "redirect_uri": back,
            "scope": SCOPE,
            "state": state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self._org.api_url.rstrip('/')}/services/oauth2/authorize?{urlencode(query)}"

    async def _redeem(self, form: dict[str, str], *, first: bool = False) -> Secret:
        form["client_id"] = self.setting("client_id")
        if "client_secret" in self._org.sign_in.settings:
            secret = await self._resolve(self._org.sign_in.settings["client_secret"])
            form["client_secret"] = secret.reveal()
        tokens: Tokens = await ask_token(self._org, self._net, form, next_step=self.next_step, safe=False)
        if tokens.refresh_token is not None:
            # An org may give a new one each time: then the one before is dead.
            await self._store.keep(tokens.refresh_token)
        elif first:
            raise Problem(
                "The sign-in cannot be kept",
                f"{host_of(self._org.api_url)} gave no refresh token.",
                "An administrator must give the app the scope refresh_token.",
            )
        return tokens.access_token


def _lines(address: str, back: str, port: int) -> tuple[str, ...]:
    return (
        "Open this address in a browser and sign in to Salesforce:",
        address,
        f"The app needs the callback {back}",
        f"Is the browser on another machine? Run there: ssh -L {port}:127.0.0.1:{port} THIS-HOST",
        "or sign in and paste the address of the page that cannot be shown.",
    )


def _exists(path: str) -> bool:
    return Path(path).exists()


async def _first(
    browser: "asyncio.Future[Returned]",
    pasted: Callable[[], Awaitable[str]] | None,
    state: str,
    show: Callable[[str], None],
    timeout: float,
) -> Returned:
    """What comes first: the browser at the callback, or its address pasted."""
    typing = asyncio.ensure_future(_typed(pasted, state, show)) if pasted is not None else None
    try:
        async with asyncio.timeout(timeout):
            waiting = {browser} if typing is None else {browser, typing}
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            return done.pop().result()
    except TimeoutError:
        raise Problem(
            "Nobody signed in",
            f"The browser did not come back within {timeout / 60:g} minutes.",
            "Begin again; over SSH paste the address of the page that cannot be shown.",
        ) from None
    finally:
        if typing is not None:
            typing.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await typing


async def _typed(pasted: Callable[[], Awaitable[str]], state: str, show: Callable[[str], None]) -> Returned:
    while True:
        try:
            line = await pasted()
        except EOFError:
            # Nobody types any more; the browser may still come.
            await asyncio.get_running_loop().create_future()
        if not line.strip():
            continue
        try:
            return callback.read(line, state)
        except Foreign as reason:
            show(f"{reason} Paste the whole address, from http://localhost on.")
