"""A tenant: its address, its API client, the table it becomes, and the names its events carry."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from msgspec import Struct

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.config.catalogue import CLIENT_ID_DEFAULT, CLIENT_SECRET_DEFAULT, NONE, REGIONS
from tui.config.tables import Table, checked_url, reference
from tui.config.writing import Table as Written
from tui.connections.connection import Tenant
from tui.incydr import wire
from tui.incydr.reading import grouped, search, unnamed
from tui.incydr.session import Resolve, Session
from tui.net import Net, NetProblem
from tui.onboarding.needs import AnswerProblem, Option, Question, address_of, as_answer
from tui.onboarding.orgs import free_name

ENVIRONMENT_NAMES = ("INCYDR_URL", "INCYDR_API_CLIENT_ID", "INCYDR_API_CLIENT_SECRET")
"""The names that the vendor's SDK reads too."""


class Detectors(Struct, frozen=True):
    """The connection names that the tenant's events carry; `hidden`: why they could not be listed.

    `unnamed`: events without a name were seen, and no name can have been missed.
    """

    names: tuple[str, ...] = ()
    hidden: str = ""
    unnamed: bool = False


def none_chosen(chosen: str) -> bool:
    return chosen == NONE


@dataclass(frozen=True)
class NewTenant:
    """`chosen` is a region or an address; `known` are the answers and facts of the flow."""

    chosen: str
    taken: tuple[str, ...]
    known: Mapping[str, object]

    @property
    def id(self) -> str:
        """A short name for the file: the region."""
        host = urlsplit(self.chosen).hostname or f"api.{self.chosen}.code42.com"
        parts = host.split(".")
        named = parts[1] if host.endswith(".code42.com") and len(parts) == 4 else "incydr"
        return free_name(named, self.taken)

    def questions(self, source: str) -> Iterator[Question]:
        """Its API client."""
        yield Question(
            "tenant.client_id",
            "Id of the API client",
            (Option(CLIENT_ID_DEFAULT, CLIENT_ID_DEFAULT, "Incydr's usual variable"),),
            prompt="from the Incydr console: key-…",
            check=_client_id,
        )
        yield Question(
            "tenant.client_secret",
            "Secret of the API client",
            (Option(CLIENT_SECRET_DEFAULT, CLIENT_SECRET_DEFAULT, "Incydr's usual variable"),),
            prompt="where it is: env:NAME, file:PATH, keyring:SERVICE/NAME or command:PROGRAM",
            check=_secret(source),
        )

    def table(self) -> Written:
        place = {"region": self.chosen} if self.chosen in REGIONS else {"base_url": self.chosen}
        client = {key: str(self.known[f"tenant.{key}"]) for key in ("client_id", "client_secret")}
        return ("tenants", self.id), {**place, **client}


def place(source: str) -> Callable[[str], str]:
    """Takes a region or an address of a tenant's API."""

    def check(text: str) -> str:
        if text in REGIONS:
            return text
        url = text if "://" in text else f"https://{text}"
        if "." not in url:
            raise AnswerProblem(
                "Not a tenant",
                f"{text[:80]!r} is not a region and not an address.",
                f"Regions: {', '.join(REGIONS)}. Or an address such as https://api.us.code42.com.",
            )
        # Administrators have a page of the console at hand, the API has a host of its own.
        parts = address_of(url.replace("://console.", "://api.", 1))
        return checked_url(Table(source, "tenants", {}), "base_url", f"{parts.scheme}://{parts.netloc}")

    return as_answer(source, check)


def _client_id(text: str) -> str:
    if not text:
        raise AnswerProblem("No API client", "The answer is empty.", "Give its id (key-…), or env:NAME.")
    return text


def _secret(source: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        reference(Table(source, "tenants", {"client_secret": text}), "client_secret")
        return text

    return as_answer(source, check)


BACK = timedelta(days=30)
"""How far back events are looked at for the names that they carry."""


async def detectors(tenant: Tenant, net: Net, clock: Clock, *, resolve: Resolve) -> Detectors:
    """The names, in order; it also proves the tenant's sign-in and its right to file events. Raises Problem."""
    session = Session(tenant, net, clock, resolve)
    hidden = ""
    names: set[str] = set()
    try:
        names = set(await grouped(session, wire.DETECTOR, wire.filters()))
    except Problem as problem:
        if isinstance(problem, NetProblem):
            raise
        hidden = f"{problem.title}: {problem.message}"
    if len(names) > 1:
        return Detectors(_ordered(names))
    # inferred: detector_grouping - it lists no event without a name.
    found = await search(session, clock, clock.now() - BACK)
    names |= found.names
    whole = found.unread_before is None or not hidden
    return Detectors(
        _ordered(names),
        hidden="" if names else hidden,
        unnamed=whole and any(unnamed(event) for event in found.events),
    )


def _ordered(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=str.casefold))
