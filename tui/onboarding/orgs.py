"""An org that is not configured yet: its address, its way to sign in, and the table it becomes."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from msgspec import Struct

from tui.config.catalogue import WAYS, Key, Kind
from tui.config.parsing import setting
from tui.config.tables import Table, checked_url
from tui.config.writing import Table as Written
from tui.onboarding.needs import AnswerProblem, Lookup, Option, Question, address_of, as_answer
from tui.salesforce.sign_in.sf_cli import KnownOrg

SF = "sf:"
"""How a choice of one of the sf CLI's orgs begins."""
MY_DOMAIN_HOST = ".my.salesforce.com"
# Setup, Lightning and Experience sites say the org's name where My Domain does.
SAME_NAME = (".lightning.force.com", ".my.salesforce-setup.com", ".my.site.com", ".my.salesforce-sites.com")
# Visualforce puts a package's name behind it: acme--c, in a sandbox acme--uat--c.
WITH_PACKAGE = (".vf.force.com", ".visualforce.com", ".visual.force.com")
# inferred: my_domain_hosts - that these are all.
SALESFORCES = (
    "salesforce.com",
    "force.com",
    "salesforce-setup.com",
    "salesforce-sites.com",
    "salesforce-experience.com",
    "visualforce.com",
    "documentforce.com",
    "site.com",
)
"""Domains where no address but My Domain is an org's own."""
INSTANCE = re.compile(r"[a-z]{2,4}\d+[a-z]?\.salesforce\.com")

_ABOUT_WAYS = {
    "sf_cli": "reuse the login of Salesforce's own CLI, sf",
    "jwt": "a signed request: an app of yours and its private key",
    "client_credentials": "an app of yours and its secret",
    "web": "sign in with a browser, also over SSH",
    "access_token": "a token that you bring; it expires",
}


class KnownOrgs(Struct, frozen=True):
    """What the sf CLI knows; `problem`: why it could not be asked."""

    orgs: tuple[KnownOrg, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class NewOrg:
    """`chosen` is `sf:NAME` or an address; `known` are the answers and facts of the flow."""

    chosen: str
    my_domain: str
    taken: tuple[str, ...]
    known: Mapping[str, object]

    @property
    def url(self) -> str:
        if not self.chosen.startswith(SF):
            return self.chosen
        orgs = self.known[Lookup.ORGS.value]
        assert isinstance(orgs, KnownOrgs)  # noqa: S101 - the choice came from there
        return next(o.instance_url.rstrip("/") for o in orgs.orgs if f"{SF}{o.name}" == self.chosen)

    @property
    def id(self) -> str:
        """A short name for the file: the first part of the host."""
        host = self.my_domain or urlsplit(self.url).hostname or ""
        first = host.partition(".")[0]
        return free_name(first if first.replace("-", "").isalpha() else "org", self.taken)

    @property
    def way(self) -> str:
        return "sf_cli" if self.chosen.startswith(SF) else str(self.known.get("way", ""))

    def questions(self, source: str) -> Iterator[Question]:
        """How to sign in, and what this way needs to know."""
        if self.chosen.startswith(SF):
            return
        known = self.known[Lookup.ORGS.value]
        by_cli = isinstance(known, KnownOrgs) and bool(known.orgs)
        # Without a CLI that is logged in nothing speaks for one way.
        ways = sorted(_ABOUT_WAYS.items(), key=lambda way: way[0] == "sf_cli" and not by_cli)
        yield Question(
            "way",
            "How do you sign in to this org?",
            tuple(Option(name, name, about) for name, about in ways),
            free=False,
            good=by_cli,
        )
        for name, key in WAYS[self.way].items():
            if key.asked:
                yield self._question(name, key, source)

    def table(self, org_id: str | None = None) -> Written:
        """The table to write; the org's own Id as soon as it is known."""
        sign_in: dict[str, object] = {"way": self.way}
        if self.chosen.startswith(SF):
            sign_in["target_org"] = self.chosen.removeprefix(SF)
        else:
            for name, key in WAYS[self.way].items():
                if given := str(self.known.get(f"sign_in.{name}", "")):
                    sign_in[name] = _value(key, given)
        keys: dict[str, object] = {
            "api_url": self.url,
            "my_domain": self.my_domain or urlsplit(self.url).hostname or "",
            "experience": str(self.known.get("experience", "lightning")),
            "allow_repairs": self.known.get("repairs") == "yes",
        }
        if org_id is not None:
            keys["org_id"] = org_id
        return ("orgs", self.id), {**keys, "sign_in": sign_in}

    def _question(self, name: str, key: Key, source: str) -> Question:
        options: tuple[Option, ...] = ()
        prompt = key.about
        if key.kind is Kind.SECRET:
            prompt = f"{key.about}; where it is: env:NAME, file:PATH, keyring:SERVICE/NAME or command:PROGRAM"
        elif key.kind is Kind.KEPT:
            options = (
                Option(f"keyring:remonitor/{self.id}", "the keyring", "needs the extra keyring"),
                Option(
                    f"file:{self.id}.refresh-token",
                    "a file next to the configuration",
                    "only you can read it",
                ),
            )
        return Question(
            f"sign_in.{name}",
            f"{name}" + ("" if key.required else " (can be empty)"),
            options,
            prompt=prompt,
            default=None if key.required else "",
            check=_check(source, name, key),
        )


def address(source: str, configured: Mapping[str, str]) -> Callable[[str], str]:
    """Takes what people paste, also a page of the org or a bare host; a `configured` host gives its org's id."""

    def check(text: str) -> str:
        # A page's address is as good as its host.
        parts = address_of(text.strip() if "://" in text else f"https://{text.strip()}")
        name = (parts.hostname or "").rstrip(".")
        own = _my_domain(name)
        host = own or parts.netloc.removesuffix(":")
        if _is_salesforces(own or name) and not _is_an_orgs(own or name):
            raise AnswerProblem(
                "Not an org's own address",
                f"{name} is not the address of one org.",
                "Look at Setup › My Domain. The address looks like https://acme.my.salesforce.com.",
            )
        if "." not in host and parts.hostname not in ("localhost", "::1"):
            raise AnswerProblem(
                "Not an org",
                f"{text[:80]!r} is not a known org and not an address.",
                "Give the My Domain address, such as https://acme.my.salesforce.com.",
            )
        url = checked_url(Table(source, "orgs", {}), "api_url", f"{parts.scheme}://{host}")
        return configured.get(url.partition("://")[2], url)

    return as_answer(source, check)


def _my_domain(host: str) -> str | None:
    """The My Domain host behind one of an org's other hosts; None where it does not say it."""
    for suffix in SAME_NAME:
        if host.endswith(suffix):
            return host.removesuffix(suffix) + MY_DOMAIN_HOST
    for suffix in WITH_PACKAGE:
        first, dot, kind = host.removesuffix(suffix).partition(".")
        name, dashes, _ = first.rpartition("--")
        if host.endswith(suffix) and dashes and not INSTANCE.fullmatch(f"{kind}.salesforce.com"):
            return f"{name}{dot}{kind}{MY_DOMAIN_HOST}"
    return None


def _is_an_orgs(host: str) -> bool:
    named = host.removesuffix(MY_DOMAIN_HOST)
    return (bool(named) and named != host) or INSTANCE.fullmatch(host) is not None


def _is_salesforces(host: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in SALESFORCES)


def free_name(wanted: str, taken: tuple[str, ...]) -> str:
    """`wanted`, with a number behind it where it is taken."""
    names = [wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _check(source: str, name: str, key: Key) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text or key.required:
            setting(Table(source, "sign_in", {name: _value(key, text)}), name, key.kind)
        return text

    return as_answer(source, check)


def _value(key: Key, text: str) -> object:
    return int(text) if key.kind is Kind.PORT and text.isascii() and text.isdigit() else text
