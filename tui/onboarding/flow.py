"""The way from nothing to a connection, as a value: what is known so far decides what is needed next. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeVar

from tui.config import Config, parse
from tui.config.catalogue import NONE
from tui.config.writing import Table, appended
from tui.connections.connection import Connection, Org, Tenant
from tui.connections.state import State
from tui.onboarding import questions
from tui.onboarding.needs import Lookup, Need, Question
from tui.onboarding.org_lookups import Account, SignedIn, Suggestions
from tui.onboarding.orgs import KnownOrgs, NewOrg
from tui.onboarding.tenants import Detectors, NewTenant, none_chosen

T = TypeVar("T")


@dataclass(frozen=True)
class Flow:
    """The answers and facts so far, over the configuration's `text` of the file `source`.

    `known` keeps their order: `back` forgets the newest answer and all that was learned since.
    """

    source: str
    text: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    my_domain: str = ""
    """The host that links show, where it is not that of the address."""
    known: tuple[tuple[str, object], ...] = ()

    @cached_property
    def config(self) -> Config:
        """The configuration as it is. Raises ConfigProblem."""
        return parse(self.text, self.source, self.environment)

    def next(self) -> Need | None:
        """What is needed next; None: all is known and agreed."""
        known = dict(self.known)
        return next((need for need in self._needs() if _key(need) not in known), None)

    def answer(self, question: Question, text: str) -> "Flow":
        """With an answer to the question. Raises Problem where it cannot be taken."""
        return self._with(question.key, question.taken(text))

    def learned(self, lookup: Lookup, fact: object) -> "Flow":
        """With what an lookup brought."""
        return self._with(lookup.value, fact)

    @property
    def unanswered(self) -> bool:
        """True while no question was answered."""
        return not self._answered

    def back(self) -> "Flow":
        """Before the newest answer; the same where there is none."""
        return self if self.unanswered else replace(self, known=self.known[: self._answered[-1]])

    def fact(self, lookup: Lookup, kind: type[T]) -> T:
        """What an lookup brought, which must have been done."""
        found = dict(self.known)[lookup.value]
        assert isinstance(found, kind)  # noqa: S101 - each lookup brings its own kind
        return found

    def given(self, key: str) -> str:
        """The answer to a question, empty where it was not asked."""
        return str(dict(self.known).get(key, ""))

    # What follows from the answers

    @property
    def new_org(self) -> NewOrg | None:
        """The org as it will be written, None where it is configured already."""
        if self.given("org") in self.config.orgs:
            return None
        return NewOrg(self.given("org"), self.my_domain, tuple(self.config.orgs), dict(self.known))

    @property
    def new_tenant(self) -> NewTenant | None:
        """The tenant as it will be written, None where it is configured already or there is none."""
        chosen = self.given("tenant")
        if not chosen or none_chosen(chosen) or chosen in self.config.tenants:
            return None
        return NewTenant(chosen, tuple(self.config.tenants), dict(self.known))

    @property
    def org(self) -> Org:
        """The chosen org. Raises ConfigProblem where its settings do not fit together."""
        new = self.new_org
        if new is None:
            return self.config.orgs[self.given("org")]
        return self._parsed([new.table()]).orgs[new.id]

    @property
    def tenant(self) -> Tenant | None:
        """The chosen tenant. Raises ConfigProblem."""
        chosen = self.given("tenant")
        new = self.new_tenant
        if new is not None:
            return self._parsed([new.table()]).tenants[new.id]
        return self.config.tenants.get(chosen)

    @property
    def connection(self) -> Connection:
        """The connection as it will be. Raises ConfigProblem."""
        found = self._parsed(self.tables()).connection(self.given("name"))
        assert found is not None  # noqa: S101 - its table is among them
        return found

    def tables(self) -> list[Table]:
        """What has to be added to the file, in order."""
        tables: list[Table] = []
        new_org, new_tenant = self.new_org, self.new_tenant
        signed_in = self.fact(Lookup.SIGN_IN, SignedIn)
        account = self.fact(Lookup.ACCOUNT, Account)
        name, detector = self.given("name"), self.given("detector")
        keys: dict[str, object] = {"org": self.given("org"), "service_account": account.username}
        keys["user_id"] = account.user_id
        if new_org is not None:
            tables.append(new_org.table(signed_in.org.id))
            keys["org"] = new_org.id
        elif self.config.orgs[self.given("org")].org_id is None:
            keys["org_id"] = signed_in.org.id
        if new_tenant is not None:
            tables.append(new_tenant.table())
            keys["tenant"] = new_tenant.id
        elif self.given("tenant") in self.config.tenants:
            keys["tenant"] = self.given("tenant")
        elif "tenant" in self.config.connection_defaults:
            keys["tenant"] = NONE
        if detector and detector != name:
            keys["detector_name"] = detector
        if self.given("app") != questions.NO_APP or "incydr_app" in self.config.connection_defaults:
            keys["incydr_app"] = self.given("app")
        if self.given(questions.ONLY_CONNECTION.key) == questions.YES:
            keys["only_connection"] = True
        return [*tables, (("connections", name), keys)]

    def warnings(self) -> tuple[str, ...]:
        """What the operator should know before he agrees."""
        if Lookup.ACCOUNT.value not in dict(self.known):
            return ()
        rights = self.fact(Lookup.SIGN_IN, SignedIn).rights
        account = self.fact(Lookup.ACCOUNT, Account)
        return questions.warnings(rights, account, self.config, self.given("org"))

    # What is needed, in order

    def _needs(self) -> Iterator[Need]:
        """Everything, in order; who asks for more has given what came before."""
        yield Lookup.ORGS
        known_orgs = self.fact(Lookup.ORGS, KnownOrgs)
        yield questions.org(self.config, known_orgs)
        new_org = self.new_org
        if new_org is not None:
            yield from new_org.questions(self.source)
        yield Lookup.SIGN_IN
        yield Lookup.SUGGEST
        signed_in = self.fact(Lookup.SIGN_IN, SignedIn)
        taken = {
            c.service_account.casefold(): c.name
            for c in self.config.connections
            if c.org == self.given("org")
        }
        yield questions.account(signed_in, self.fact(Lookup.SUGGEST, Suggestions), taken)
        yield Lookup.ACCOUNT
        yield questions.app(self.fact(Lookup.ACCOUNT, Account), self.warnings())
        yield questions.tenant(self.config, self.environment)
        new_tenant = self.new_tenant
        if new_tenant is not None:
            yield from new_tenant.questions(self.source)
        if self.tenant is not None:
            yield Lookup.DETECTORS
            detectors = self.fact(Lookup.DETECTORS, Detectors)
            names = detectors.names
            yield questions.name(self.config, detectors)
            if names and self.given("name") not in names:
                yield questions.detector(names, self.given("name"))
            if self._may_be_the_only_one(detectors):
                yield questions.ONLY_CONNECTION
        else:
            yield questions.name(self.config, Detectors())
        if new_org is not None:
            yield questions.EXPERIENCE
            yield questions.REPAIRS
        yield Lookup.READING
        yield questions.save(self.fact(Lookup.READING, State), self.tables(), self.warnings())

    def _may_be_the_only_one(self, detectors: Detectors) -> bool:
        """Events without a name were seen, no name of another connection, and none is configured."""
        own = self.given("detector") or self.given("name")
        alone = all(c.tenant != self.given("tenant") for c in self.config.connections)
        return detectors.unnamed and alone and not set(detectors.names) - {own}

    @property
    def _answered(self) -> list[int]:
        """Where the answers stand among what is known."""
        lookups = {lookup.value for lookup in Lookup}
        return [n for n, (key, _) in enumerate(self.known) if key not in lookups]

    def _with(self, key: str, value: object) -> "Flow":
        return replace(self, known=(*((k, v) for k, v in self.known if k != key), (key, value)))

    def _parsed(self, tables: list[Table]) -> Config:
        return parse(appended(self.text, tables), self.source, self.environment)


def _key(need: Need) -> str:
    return need.key if isinstance(need, Question) else need.value
