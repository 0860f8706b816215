"""OAuth JWT bearer: a short-lived request signed with a private key; no secret crosses the network."""

from datetime import datetime, timedelta
from pathlib import Path

from tui.base.installation import command_adding
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.base.text import clean
from tui.config.secrets import secret_file
from tui.net import host_of
from tui.salesforce import errors
from tui.salesforce.sign_in.oauth_endpoints import ask_token
from tui.salesforce.sign_in.way import CachedToken

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = timedelta(minutes=3)
"""How long the request is good for: the most that Salesforce accepts (documented)."""
PRODUCTION = "https://login.salesforce.com"
SANDBOX = "https://test.salesforce.com"


class JwtBearer(CachedToken):
    """`sign_in = { way = "jwt", client_id = "…", username = "…", key_file = "…", audience = "…" }`."""

    @property
    def next_step(self) -> str:
        return (
            f"Check client_id and username, that the app's certificate belongs to {self.setting('key_file')}, "
            "and that the app is pre-authorised for this user."
        )

    async def fetch(self) -> Secret:
        key = _key(self.setting("key_file"))
        form = {"grant_type": GRANT, "assertion": self._signed(key, await self._org_time())}
        return (await ask_token(self._org, self._net, form, next_step=self.next_step)).access_token

    async def _org_time(self) -> datetime:
        """The org's clock decides when the request ends; asking for it needs no sign-in."""
        url = f"{self._org.api_url.rstrip('/')}/services/data/"
        answer = await self._net.request("GET", url)
        if answer.status != 200 or answer.is_page:
            raise errors.of_answer(answer, host_of(url))
        if answer.date is None:
            raise errors.shape("List of API versions", "the answer carries no Date")
        return answer.date

    def _signed(self, key: Secret, now: datetime) -> str:
        try:
            import jwt
        except ImportError:
            raise _extra_missing() from None
        claims = {
            "iss": self.setting("client_id"),
            "sub": self.setting("username"),
            "aud": audience(self.setting("audience"), self._org.api_url, self._org.my_domain),
            "exp": int((now + LIFE).timestamp()),
        }
        try:
            return jwt.encode(claims, key.reveal(), algorithm="RS256")
        except NotImplementedError:
            # PyJWT is there, but not the cryptography that RS256 needs.
            raise _extra_missing() from None
        except (ValueError, TypeError, AttributeError, jwt.PyJWTError):
            raise Problem(
                "The private key cannot be used",
                f"{clean(self.setting('key_file'), 200)} holds no RSA key in PEM form without a passphrase.",
                "Name the key whose certificate the app has. Write one without its passphrase: "
                "openssl pkey -in KEY -out NEW, then chmod 600 NEW.",
            ) from None


def audience(setting: str, api_url: str, my_domain: str) -> str:
    """The address that stands for the kind of org: as set, else by the host of `api_url`. Raises Problem.

    Other hosts than production's and sandboxes' (Government Cloud, loopback) get their own My Domain.
    """
    host = host_of(api_url).partition(":")[0]
    by_host = "my_domain"
    if host.endswith(".salesforce.com"):
        by_host = "sandbox" if ".sandbox." in host or host == "test.salesforce.com" else "production"
    known = {"production": PRODUCTION, "sandbox": SANDBOX, "my_domain": f"https://{my_domain}"}
    chosen = known.get(setting or by_host, setting)
    if not chosen.startswith("https://"):
        raise Problem(
            "The audience cannot be used",
            f"audience is {clean(setting, 80)!r}.",
            "Write production, sandbox, my_domain or an https address.",
        )
    return chosen


def _key(name: str) -> Secret:
    """The private key; a file that others can read is refused. Raises Problem."""
    path = Path(name)
    shown = clean(str(path), 200)
    try:
        data, refused = secret_file(path)
    except OSError as error:
        raise Problem(
            "The private key cannot be read", f"{shown}: {error.strerror}.", "Check key_file of the sign-in."
        ) from None
    if refused is not None:
        raise Problem(
            "The private key is open to others",
            f"{refused.why}.",
            f"Run: {refused.command}. If others could read it, have a new key made.",
        )
    return Secret(data.decode("ascii", "replace"))


def _extra_missing() -> Problem:
    return Problem(
        "JWT sign-in is not installed",
        "It needs PyJWT with cryptography.",
        f"Run: {command_adding('jwt')}",
    )
