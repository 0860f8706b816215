"""What is watched, as the configuration names it: connections, their orgs and tenants, the permissions they need."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct


class Experience(StrEnum):
    """Salesforce's word for its two interfaces."""

    LIGHTNING = "lightning"
    CLASSIC = "classic"


class SignIn(Struct, frozen=True):
    """How the operator signs in to an org: the way's name and its settings.

    Values are plain settings or references to secrets (`env:NAME`, `file:PATH`, `command:…`), never secrets.
    """

    way: str
    settings: dict[str, str | tuple[str, ...]] = {}


class Org(Struct, frozen=True):
    """One Salesforce organisation. Requests go to `api_url`, links show `my_domain` (a bare host name)."""

    id: str
    api_url: str
    my_domain: str
    sign_in: SignIn
    experience: Experience = Experience.LIGHTNING
    allow_repairs: bool = False
    org_id: str | None = None
    """Salesforce's own Id (00D…), pinned at onboarding; another Id later is another org."""
    accounts: int = 1
    """How many service accounts of configured connections it has."""


class Tenant(Struct, frozen=True):
    """One Incydr environment; id and secret of its API client are references to secrets."""

    id: str
    base_url: str
    client_id: str
    client_secret: str | tuple[str, ...]


class Connection(Struct, frozen=True):
    """One Incydr data connection to one org, authorised by one service account."""

    name: str
    org: str
    service_account: str
    detector_name: str
    """The name that file events carry: the name at the time of the first configuration."""
    tenant: str | None = None
    incydr_app: str | None = None
    """The exact Application of Incydr's sign-ins; without it sign-ins prove nothing."""
    user_id: str | None = None
    """Salesforce's Id of the service account (005…), pinned at onboarding."""
    org_id: str | None = None
    """The pinned Id of its org (00D…)."""
    status_command: tuple[str, ...] = ()
    only_connection: bool = False
    """The tenant's only Salesforce connection, says the operator: events that name no connection are its own."""
    shared: bool = False
    """Several connections use this service account: its sign-ins prove none of them."""


class Need(StrEnum):
    """`blocks`: monitoring stops without it; `warns`: listed, its need not shown; `shown`: never blocks."""

    BLOCKS = "blocks"
    WARNS = "warns"
    SHOWN = "shown"


class Requirement(Struct, frozen=True):
    """One permission: Salesforce's label, API name (without `Permissions`), its place on the profile page.

    The vendor's set-up article stays the authority; how sure a line is stands in `source`.
    """

    label: str
    name: str
    need: Need
    group: str
    """`Administrative permissions` or `General user permissions`."""
    purpose: str
    """What stops working without it."""
    source: str


Requirements = Sequence[Requirement]
