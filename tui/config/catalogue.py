"""Every key of the configuration with a sentence for people; the README's table is made of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tui.config.model import AppSettings, Intervals
from tui.config.parsing import REGIONS
from tui.config.sign_in_ways import WAYS, Kind


@dataclass(frozen=True)
class Entry:
    """One key. `default` is what holds where it is left out; "needed": it must be there."""

    table: str
    key: str
    about: str
    default: str = "needed"


ORG = "[orgs.ID]"
SIGN_IN = "sign_in of an org"
TENANT = "[tenants.ID]"
CONNECTION = '[connections."Display name"]'
APP = "[app]"
INTERVALS = "[app.intervals]"
REQUIREMENT = "[requirements.NAME]"

_OPTIONAL = "–"


def entries() -> Iterator[Entry]:
    """All keys, table by table."""
    yield Entry(
        ORG, "api_url", "where requests go: the My Domain address, such as https://acme.my.salesforce.com"
    )
    yield Entry(ORG, "my_domain", "the host that links show, such as acme.my.salesforce.com")
    yield Entry(ORG, "sign_in", "how you sign in: a table with the way and its keys, below")
    yield Entry(
        ORG, "experience", "lightning or classic: which words and links the steps show first", "lightning"
    )
    yield Entry(
        ORG, "allow_repairs", "whether the program may change this org, each time after you agreed", "false"
    )
    yield Entry(ORG, "org_id", "Salesforce's own Id of the org (00D…); another one is another org", _OPTIONAL)
    yield Entry(SIGN_IN, "way", f"one of {', '.join(WAYS)}")
    for way, keys in WAYS.items():
        for name, key in keys.items():
            need = f"needed by {way}" if key.required else f"{_OPTIONAL} ({way})"
            yield Entry(SIGN_IN, name, key.about + (": a reference" if key.kind is Kind.SECRET else ""), need)
    yield Entry(TENANT, "region", f"Incydr's region: {', '.join(REGIONS)}", "or base_url")
    yield Entry(TENANT, "base_url", "address of Incydr's API, instead of a region", "INCYDR_URL")
    yield Entry(
        TENANT, "client_id", "the API client's id (key-…), or a reference to it", "env:INCYDR_API_CLIENT_ID"
    )
    yield Entry(
        TENANT, "client_secret", "the API client's secret: a reference", "env:INCYDR_API_CLIENT_SECRET"
    )
    yield Entry(CONNECTION, "org", "the ID of its org")
    yield Entry(CONNECTION, "service_account", "username of the Salesforce user that authorised it")
    yield Entry(
        CONNECTION, "tenant", "the ID of its tenant; without one only Salesforce's evidence counts", _OPTIONAL
    )
    yield Entry(
        CONNECTION,
        "detector_name",
        "the name that its file events carry: the one it had first",
        "Display name",
    )
    yield Entry(
        CONNECTION,
        "only_connection",
        "true where it is the tenant's only Salesforce connection: then events that name no connection count as "
        "its own, until an event names another",
        "false",
    )
    yield Entry(
        CONNECTION, "incydr_app", "exact name of Incydr's application in the login history; without it sign-ins "
        "prove nothing", _OPTIONAL
    )  # fmt: skip
    yield Entry(
        CONNECTION,
        "user_id",
        "Salesforce's Id of the service account (005…): found again when renamed",
        _OPTIONAL,
    )
    yield Entry(CONNECTION, "org_id", "Salesforce's Id of its org", "that of the org")
    yield Entry(
        CONNECTION, "status_command", "program and arguments that print the console's word: "
        '{"status": "…", "error": "…"}', _OPTIONAL
    )  # fmt: skip
    defaults, intervals = AppSettings(), Intervals()
    yield Entry(APP, "theme", "a theme of Textual by name", "by the terminal")
    yield Entry(APP, "keys", "a table: id of a command to key", _OPTIONAL)
    yield Entry(
        APP,
        "notifications",
        "bell and terminal notification at a return and a new error",
        str(defaults.notifications).lower(),
    )
    yield Entry(APP, "clipboard", "how to copy: auto, osc52, tmux or off", "auto")
    yield Entry(
        APP, "ca_bundle", "PEM file of the authorities to trust instead of the system's", "SSL_CERT_FILE"
    )
    yield Entry(APP, "intervals", "a table: seconds between two readings, below", _OPTIONAL)
    yield Entry(
        APP, "window_hours", "how old a sign of life may be, 1 to 168", "by the connection's own rhythm"
    )
    yield Entry(INTERVALS, "monitoring", "while all is well, 60 at least", str(intervals.monitoring))
    yield Entry(INTERVALS, "error", "in an error", str(intervals.error))
    yield Entry(INTERVALS, "step", "on an open step that Salesforce can confirm", str(intervals.step))
    yield Entry(INTERVALS, "recovering", "while waiting for Incydr", str(intervals.recovering))
    share = "percent of the org's daily API calls that readings by themselves may use"
    yield Entry(INTERVALS, "share_watching", f"{share}, while all is well", str(intervals.share_watching))
    yield Entry(INTERVALS, "share_error", f"{share}, in an error or walkthrough", str(intervals.share_error))
    yield Entry(
        REQUIREMENT,
        "need",
        "blocks, warns or shown: how much Incydr needs the permission",
    )
    yield Entry(
        REQUIREMENT,
        "label",
        "its label in Salesforce; needed for a permission that is not in the list",
        _OPTIONAL,
    )
    yield Entry(REQUIREMENT, "group", "its group on Salesforce's profile page", "Administrative permissions")
    yield Entry(REQUIREMENT, "purpose", "what Incydr needs it for", _OPTIONAL)


def table() -> str:
    """The README's table."""
    lines = ["| table | key | what it is | default |", "| --- | --- | --- | --- |"]
    lines += [
        "| " + " | ".join((f"`{e.table}`", f"`{e.key}`", e.about.replace("|", "\\|"), e.default)) + " |"
        for e in entries()
    ]
    return "\n".join(lines)
