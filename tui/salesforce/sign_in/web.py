"""Browser sign-in with PKCE, made for SSH: the browser may be on another machine than this program."""

import asyncio
import base64
import contextlib
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.connections.connection import Org
from tui.net import Net, host_of
from tui.salesforce.sign_in import callback, refusals
from tui.salesforce.sign_in.callback import Foreign, Returned
from tui.salesforce.sign_in.oauth_endpoints import Tokens, ask_token
from tui.salesforce.sign_in.refresh_store import RefreshStore
from tui.salesforce.sign_in.way import CachedToken, Resolve

PORT = 1717
"""The callback's port where the configuration names none: the sf CLI's own."""
TIMEOUT = 600.0
"""Real seconds that a person may take."""
SCOPE = "api refresh_token"


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
        timeout: float = TIMEOUT,
    ) -> None:
        """Have a person sign in, and keep what comes back.

        `show` gets the lines to print; `pasted` gives a line that the person typed, as often as it is asked,
        and raises EOFError at the end. `timeout` is in real seconds. Raises Problem.
        """
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        async with callback.listening(state, int(self.setting("callback_port") or PORT)) as waiting:
            for line in self._lines(waiting.address, waiting.port, state, verifier):
                show(line)
            returned = await _first(waiting.returned, pasted, state, show, timeout)
            back = waiting.address
        if returned.refused is not None or returned.code is None:
            told = returned.refused or refusals.OAuthError("no code")
            raise refusals.of_error(told, host_of(self._org.api_url), self.next_step)
        form = {
            "grant_type": "authorization_code",
            "code": returned.code.reveal(),
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        async with self._fetching:
            self._token, self._who = await self._redeem(form, first=True), None

    def _lines(self, back: str, port: int, state: str, verifier: str) -> tuple[str, ...]:
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
        return (
            "Open this address in a browser and sign in to Salesforce:",
            f"{self._org.api_url.rstrip('/')}/services/oauth2/authorize?{urlencode(query)}",
            f"The app needs the callback {back}",
            f"Is the browser on another machine? Run there: ssh -L {port}:127.0.0.1:{port} THIS-HOST",
            "or sign in and paste the address of the page that cannot be shown.",
        )

    async def _redeem(self, form: dict[str, str], *, first: bool = False) -> Secret:
        form["client_id"] = self.setting("client_id")
        if "client_secret" in self._org.sign_in.settings:
            secret = await self._resolve(self._org.sign_in.settings["client_secret"])
            form["client_secret"] = secret.reveal()
        told: Tokens = await ask_token(self._org, self._net, form, next_step=self.next_step, safe=False)
        if told.refresh_token is not None:
            # An org may give a new one each time: then the one before is dead.
            await self._store.keep(told.refresh_token)
        elif first:
            raise Problem(
                "The sign-in cannot be kept",
                f"{host_of(self._org.api_url)} gave no refresh token.",
                "An administrator must give the app the scope refresh_token.",
            )
        return told.access_token


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
