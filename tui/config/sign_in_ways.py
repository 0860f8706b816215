"""The ways to sign in to an org and the keys of each: what `sign_in = { way = "…", … }` may hold."""

from collections.abc import Mapping
from enum import Enum, auto

from msgspec import Struct


class Kind(Enum):
    """What a key of `sign_in` holds."""

    TEXT = auto()
    SECRET = auto()
    """A reference to a secret."""
    KEPT = auto()
    """A reference to a secret that this program also writes: `file:` or `keyring:`."""
    PATH = auto()
    """A file, looked for beside the configuration."""
    PORT = auto()


class Key(Struct, frozen=True):
    """One key of `sign_in`: its kind, whether it must be there, and a sentence for people."""

    kind: Kind
    about: str
    required: bool = True
    asked: bool = True
    """Whether `add` asks for it."""


WAYS: Mapping[str, Mapping[str, Key]] = {
    "sf_cli": {
        "target_org": Key(Kind.TEXT, "alias or username that the sf CLI is logged in with"),
        "program": Key(Kind.TEXT, "the sf CLI, where it is not sf on PATH", required=False, asked=False),
    },
    "jwt": {
        "client_id": Key(Kind.TEXT, "consumer key of your External Client App"),
        "username": Key(Kind.TEXT, "the user to sign in as"),
        "key_file": Key(Kind.PATH, "private key in PEM form that only you can read"),
        "audience": Key(
            Kind.TEXT, "production, sandbox, my_domain or an address; else by the host of api_url", False
        ),
    },
    "client_credentials": {
        "client_id": Key(Kind.TEXT, "consumer key of your External Client App"),
        "client_secret": Key(Kind.SECRET, "consumer secret of the app"),
    },
    "web": {
        "client_id": Key(Kind.TEXT, "consumer key of your External Client App"),
        "client_secret": Key(Kind.SECRET, "consumer secret, where the app asks for one", False),
        "refresh_token": Key(Kind.KEPT, "where the sign-in is kept: file:PATH or keyring:SERVICE/NAME"),
        "callback_port": Key(
            Kind.PORT, "port of the app's callback http://localhost:PORT/callback; 0: any free one", False
        ),
    },
    "access_token": {
        "token": Key(Kind.SECRET, "the access token; it expires"),
    },
}
"""The ways to sign in to an org, the recommended first, and their keys."""
