"""An access token given by hand: read from its reference, and read again when the org refuses it."""

from tui.base.secret import Secret
from tui.salesforce.sign_in.way import CachedToken, named


class AccessToken(CachedToken):
    """`sign_in = { way = "access_token", token = "env:NAME" }`."""

    @property
    def next_step(self) -> str:
        return f"Put a fresh access token into {named(self._org.sign_in.settings['token'])}."

    async def fetch(self) -> Secret:
        return await self._resolve(self._org.sign_in.settings["token"])
