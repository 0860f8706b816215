"""What every way of signing in to an org offers."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from tui.base.secret import Secret

Reference = str | tuple[str, ...]
"""`env:NAME`, `file:PATH`, `command:…` or the argv of a command: where a secret is, never the secret."""
Resolve = Callable[[Reference], Awaitable[Secret]]


class Operator(Struct, frozen=True):
    """Who is signed in: the operator's username and user Id, both empty where the org does not say.

    `hidden`: why it does not.
    """

    username: str
    user_id: str
    hidden: str = ""


class SignInWay(Protocol):
    """Gives access tokens and says whose they are."""

    @property
    def next_step(self) -> str:
        """What the operator does when the org refuses even a fresh token: one sentence with the command."""

    async def token(self, *, renew: bool = False) -> Secret:
        """The access token; `renew` after the org refused the one before. Raises Problem."""

    async def who(self) -> Operator:
        """Whose token it is, or unknown with the reason. Asked once a token, then remembered. Raises Problem."""
