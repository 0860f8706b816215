"""What every way of signing in to an org offers, and the token that most of them fetch once and keep."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from tui.base.secret import Secret
from tui.connections.connection import Org
from tui.net import Net
from tui.salesforce.sign_in.oauth_endpoints import IdentityRefused, Operator, ask_who

Reference = str | tuple[str, ...]
"""`env:NAME`, `file:PATH`, `command:…` or the argv of a command: where a secret is, never the secret."""
Resolve = Callable[[Reference], Awaitable[Secret]]


class SignInWay(Protocol):
    """Gives access tokens and says whose they are."""

    @property
    def next_step(self) -> str:
        """What the operator does when the org refuses even a fresh token: one sentence with the command."""

    async def token(self, *, renew: bool = False) -> Secret:
        """The access token; `renew` after the org refused the one before. Raises Problem."""

    async def who(self) -> Operator:
        """Whose token it is, or unknown with the reason. Asked once a token, then remembered. Raises Problem."""


class CachedToken(ABC):
    """Holds the org's token; whoever asks while it is being fetched gets the same one."""

    def __init__(self, org: Org, net: Net, resolve: Resolve) -> None:
        self._org = org
        self._net = net
        self._resolve = resolve
        self._token: Secret | None = None
        self._who: Operator | None = None
        self._fetching = asyncio.Lock()

    @property
    @abstractmethod
    def next_step(self) -> str:
        """What the operator does when the org refuses even a fresh token."""

    @abstractmethod
    async def fetch(self) -> Secret:
        """Get a fresh token. Raises Problem."""

    async def token(self, *, renew: bool = False) -> Secret:
        refused = self._token
        async with self._fetching:
            # Somebody else may have renewed it meanwhile.
            if self._token is None or (renew and self._token is refused):
                self._token = await self.fetch()
                self._who = None
            return self._token

    async def who(self) -> Operator:
        if self._who is None:
            try:
                who = await self._asked(await self.token())
            except IdentityRefused as refused:
                # The token may be good for all else: whether it is, the next request shows.
                who = Operator("", "", f"{refused.title}: {refused.message} {refused.next_step}")
            self._who = who
        return self._who

    async def _asked(self, token: Secret) -> Operator:
        try:
            return await ask_who(self._org, self._net, token)
        except IdentityRefused as refused:
            if not refused.stale:
                raise
        return await ask_who(self._org, self._net, await self.token(renew=True))

    def setting(self, name: str) -> str:
        """A plain setting of this way, empty where it is left out."""
        value = self._org.sign_in.settings.get(name, "")
        return value if isinstance(value, str) else ""


def named(reference: str | Sequence[str]) -> str:
    """A reference to a secret in words: it says where the secret is, never what it is."""
    if not isinstance(reference, str):
        return f"the command {reference[1]}" if len(reference) > 1 else "the command"
    kind, _, rest = reference.partition(":")
    names = {
        "env": "the environment variable ",
        "file": "the file ",
        "keyring": "the keyring's entry ",
        "credential": "the credential ",
    }
    return f"{names[kind]}{rest}" if kind in names else "standard input"
