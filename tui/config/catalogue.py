"""Every key of the configuration, as data: the README's table and the JSON Schema for editors are made of it."""

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Any, NamedTuple

from msgspec import Struct

from tui.config.model import CLIPBOARDS, AppSettings, Intervals
from tui.connections.connection import Experience, Need

REGIONS = ("us", "us2", "us7", "ie", "uk", "au", "ca", "de", "za", "gov")
"""Incydr's regions: `https://api.REGION.code42.com` (documented)."""
NONE = "none"
"""What a connection says that has no tenant, or no application, though there is a default one."""
CLIENT_ID_DEFAULT = "env:INCYDR_API_CLIENT_ID"
CLIENT_SECRET_DEFAULT = "env:INCYDR_API_CLIENT_SECRET"  # noqa: S105 - a reference, not a secret


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
    URL_PATH = auto()


class Key(Struct, frozen=True):
    """One key of `sign_in`: its kind, whether it must be there, and a sentence for people."""

    kind: Kind
    about: str
    required: bool = True
    asked: bool = True
    """Whether `add` asks for it."""
    common: bool = True
    """Whether several orgs may have the same: a default for all of them."""


WAYS: Mapping[str, Mapping[str, Key]] = {
    "sf_cli": {
        "target_org": Key(Kind.TEXT, "alias or username that the sf CLI is logged in with", common=False),
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
        "refresh_token": Key(
            Kind.KEPT, "where the sign-in is kept: file:PATH or keyring:SERVICE/NAME", common=False
        ),
        "callback_port": Key(
            Kind.PORT, "port of the app's callback http://localhost:PORT/callback; 0: any free one", False
        ),
        "callback_path": Key(
            Kind.URL_PATH, "path of that callback, where it is not /callback", required=False, asked=False
        ),
    },
    "access_token": {
        "token": Key(Kind.SECRET, "the access token; it expires", common=False),
    },
}
"""The ways to sign in to an org, the recommended first, and their keys."""

Schema = dict[str, Any]
"""A piece of JSON Schema."""

_SEEN = r"[^\x00-\x1f\x7f-\x9f]"
TEXT: Schema = {"type": "string", "pattern": rf"^{_SEEN}*[^\s\x00-\x1f\x7f-\x9f]{_SEEN}*$"}
"""One line, not empty."""
TABLE: Schema = {"type": "object"}
FLAG: Schema = {"type": "boolean"}
URL: Schema = {
    "type": "string",
    "pattern": r"^(https://[^/?#@\s:][^/?#@\s]*|http://(127\.0\.0\.1|\[::1\]|localhost)(:[0-9]+)?)/?$",
}
HOST: Schema = {"type": "string", "pattern": r"^-*[^\W_]([^\W_]|-)*(\.-*[^\W_]([^\W_]|-)*)+$"}
URL_PATH = r"^/[A-Za-z0-9._~/-]*$"
ARGV: Schema = {"type": "array", "items": {"type": "string", "minLength": 1}}
_ENTRY = r"(env|file|command|keyring):\s*\S.*"
REFERENCE: Schema = {
    "title": "a reference: env:NAME, file:PATH, keyring:SERVICE/NAME, credential:NAME, stdin: "
    'or ["command", "program", "argument"]',
    "anyOf": [
        TEXT | {"pattern": rf"^({_ENTRY}|credential:\s*[!-.0-9;-~][ -.0-9;-~]*|stdin:)$"},
        ARGV | {"minItems": 2, "prefixItems": [{"const": "command"}]},
    ],
}
OF_KIND: Mapping[Kind, Schema] = {
    Kind.TEXT: TEXT | {"not": {"pattern": "^-"}},
    Kind.SECRET: REFERENCE,
    Kind.KEPT: TEXT | {"pattern": r"^(file:\s*\S.*|keyring:[^/]+/.+)$"},
    Kind.PATH: TEXT,
    Kind.PORT: {"type": "integer", "minimum": 0, "maximum": 65_535},
    Kind.URL_PATH: {"type": "string", "pattern": URL_PATH},
}


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


_DAY = 86_400
NEEDED = "needed"
_OPTIONAL = "–"


class Entry(NamedTuple):
    """One key. `default` is what holds where it is left out; NEEDED: it must be there."""

    table: str
    key: str
    about: str
    default: str = NEEDED
    schema: Schema = TEXT


MAIN = "top of the main file"
ORG = "[orgs.ID]"
SIGN_IN = "sign_in of an org"
TENANT = "[tenants.ID]"
CONNECTION = '[connections."Display name"]'
ORG_DEFAULTS = "[defaults.org]"
CONNECTION_DEFAULTS = "[defaults.connection]"
APP = "[app]"
INTERVALS = "[app.intervals]"
REQUIREMENT = "[requirements.NAME]"

_APP, _INTERVALS = AppSettings(), Intervals()
_SHARE = "percent of the org's daily API calls that automatic readings are allowed to use"
_WAY = f"one of {', '.join(WAYS)}"

ENTRIES: Sequence[Entry] = (
    Entry(
        MAIN,
        "include",
        'further files, such as ["conf.d/*.toml"]: wildcards in file names only; hidden and backup files skipped',
        _OPTIONAL,
        ARGV,
    ),
    Entry(
        ORG,
        "api_url",
        "the address for requests: the My Domain address, such as https://acme.my.salesforce.com",
        schema=URL,
    ),
    Entry(ORG, "my_domain", "the host in links, such as acme.my.salesforce.com", schema=HOST),
    Entry(ORG, "sign_in", "how you sign in: a table, see below", schema=TABLE),
    Entry(
        ORG,
        "experience",
        "lightning or classic: which one the steps show first",
        "lightning",
        {"enum": list(Experience)},
    ),
    Entry(
        ORG,
        "allow_repairs",
        "whether remonitor is allowed to change this org, each time after you agree",
        "false",
        FLAG,
    ),
    Entry(
        ORG,
        "org_id",
        "Salesforce's own Id of the org (00D…): what another Id answers does not count",
        _OPTIONAL,
    ),
    Entry(SIGN_IN, "way", _WAY),
    *(
        Entry(
            SIGN_IN,
            name,
            key.about + (": a reference" if key.kind is Kind.SECRET else ""),
            f"needed by {way}" if key.required else f"{_OPTIONAL} ({way})",
            OF_KIND[key.kind],
        )
        for way, keys in WAYS.items()
        for name, key in keys.items()
    ),
    Entry(TENANT, "region", f"Incydr's region: {', '.join(REGIONS)}", "or base_url", {"enum": list(REGIONS)}),
    Entry(TENANT, "base_url", "address of Incydr's API, instead of a region", "INCYDR_URL", URL),
    Entry(TENANT, "client_id", "the API client's id (key-…), or a reference to it", CLIENT_ID_DEFAULT),
    Entry(TENANT, "client_secret", "the API client's secret: a reference", CLIENT_SECRET_DEFAULT, REFERENCE),
    Entry(CONNECTION, "org", "the ID of its org"),
    Entry(CONNECTION, "service_account", "username of the Salesforce user that authorised it"),
    Entry(
        CONNECTION, "tenant", "the ID of its tenant; without one only what Salesforce shows counts", _OPTIONAL
    ),
    Entry(
        CONNECTION,
        "detector_name",
        "the name in its file events: the connection's first name",
        "Display name",
    ),
    Entry(
        CONNECTION,
        "only_connection",
        "true where it is the tenant's only Salesforce connection: then events that name no connection count as "
        "its own, until an event names another",
        "false",
        FLAG,
    ),
    Entry(
        CONNECTION,
        "incydr_app",
        "exact name of Incydr's application in the login history; without it sign-ins prove nothing",
        _OPTIONAL,
    ),
    Entry(
        CONNECTION,
        "user_id",
        "Salesforce's Id of the service account (005…): so it is found when it is renamed",
        _OPTIONAL,
    ),
    Entry(CONNECTION, "org_id", "Salesforce's Id of its org", "that of the org"),
    Entry(
        CONNECTION,
        "status_command",
        'program and arguments that print what the console shows: {"status": "…", "error": "…"}',
        _OPTIONAL,
        ARGV,
    ),
    Entry(
        ORG_DEFAULTS,
        "sign_in",
        "for orgs with this way, key by key; not target_org, refresh_token and token: each org has its own",
        _OPTIONAL,
        TABLE,
    ),
    Entry(ORG_DEFAULTS, "experience", "for orgs that do not set it", "lightning", {"enum": list(Experience)}),
    Entry(CONNECTION_DEFAULTS, "org", "for connections that do not set it", _OPTIONAL),
    Entry(
        CONNECTION_DEFAULTS,
        "tenant",
        f'the same; `tenant = "{NONE}"` of a connection switches it off',
        _OPTIONAL,
    ),
    Entry(CONNECTION_DEFAULTS, "incydr_app", f'the same; `incydr_app = "{NONE}"` switches it off', _OPTIONAL),
    Entry(
        CONNECTION_DEFAULTS,
        "status_command",
        "the same; `status_command = []` switches it off",
        _OPTIONAL,
        ARGV,
    ),
    Entry(APP, "theme", "the name of a Textual theme", "by the terminal"),
    Entry(
        APP,
        "keys",
        "a table: the id of a command = its key",
        _OPTIONAL,
        TABLE,
    ),
    Entry(
        APP,
        "notifications",
        "bell and terminal notification when Incydr is back and at a new error",
        str(_APP.notifications).lower(),
        FLAG,
    ),
    Entry(
        APP, "clipboard", "how to copy: auto, osc52, tmux or off", _APP.clipboard, {"enum": list(CLIPBOARDS)}
    ),
    Entry(
        APP, "links", "show addresses as links, if the terminal can open them", str(_APP.links).lower(), FLAG
    ),
    Entry(
        APP,
        "ca_bundle",
        "PEM file of the authorities to trust instead of the system's",
        "SSL_CERT_FILE",
    ),
    Entry(APP, "intervals", "a table: seconds between two readings, below", _OPTIONAL, TABLE),
    Entry(
        APP,
        "on_change",
        "program and arguments to call for each change of a connection, with JSON on standard input",
        _OPTIONAL,
        ARGV,
    ),
    Entry(
        APP,
        "window_hours",
        "hours without a sign-in or event of Incydr before Monitoring becomes Unknown, 1 to 168",
        "from the connection's own pauses",
        _whole(1, 7 * 24),
    ),
    Entry(
        INTERVALS,
        "monitoring",
        "while all is well; at least 60",
        str(_INTERVALS.monitoring),
        _whole(60, _DAY),
    ),
    Entry(INTERVALS, "error", "in an error", str(_INTERVALS.error), _whole(10, _DAY)),
    Entry(
        INTERVALS,
        "step",
        "on an open step that Salesforce can confirm",
        str(_INTERVALS.step),
        _whole(5, _DAY),
    ),
    Entry(INTERVALS, "recovering", "while waiting for Incydr", str(_INTERVALS.recovering), _whole(10, _DAY)),
    Entry(
        INTERVALS,
        "share_watching",
        f"{_SHARE}, while all is well",
        str(_INTERVALS.share_watching),
        _whole(1, 100),
    ),
    Entry(
        INTERVALS,
        "share_error",
        f"{_SHARE}, in an error or walkthrough",
        str(_INTERVALS.share_error),
        _whole(1, 100),
    ),
    Entry(
        REQUIREMENT,
        "need",
        "blocks, warns or shown: how much Incydr needs the permission",
        schema={"enum": list(Need)},
    ),
    Entry(
        REQUIREMENT,
        "label",
        "its label in Salesforce; needed for a permission that is not in the list",
        _OPTIONAL,
    ),
    Entry(REQUIREMENT, "group", "its group on Salesforce's profile page", "Administrative permissions"),
    Entry(REQUIREMENT, "purpose", "what Incydr needs it for", _OPTIONAL),
)
"""All keys, table by table."""
