"""Slow facts in the form that the journal keeps, so that the next process need not ask for them again."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Raw, Struct

from tui.base.clock import Clock
from tui.connections.evidence import (
    Dependency,
    Lateness,
    License,
    OrgIdentity,
    Read,
    Remembered,
    RememberedFact,
    Rights,
    SignInDays,
    Stream,
    Unreadable,
)
from tui.net import BAD_DATA
from tui.salesforce import wire
from tui.salesforce.account_query import SignInBatches, Split
from tui.salesforce.deep_facts import DeepFacts
from tui.salesforce.session import Lacking, Session
from tui.salesforce.slow_facts import SlowFacts

VERSIONS_EVERY = timedelta(hours=24)
"""How long the org's list of API versions is believed: a new one comes three times a year."""

_SLOW: Mapping[str, Any] = {
    "rights": Read[Rights] | Unreadable,
    "org": Read[OrgIdentity] | Unreadable,
    "described": Read[tuple[str, ...]] | Unreadable,
    "licenses": Read[tuple[License, ...]] | Unreadable,
    "tokens": Read[tuple[wire.TokenRow, ...]] | Unreadable,
    "streams": Read[tuple[Stream, ...]] | Unreadable,
}
_NEEDED = ("rights", "org", "described")
"""Without these the others are not worth much: all are read again."""
_DAYS = dict[str, tuple[Read[SignInDays] | Unreadable, datetime]]


class About(Struct, frozen=True):
    """Which accounts the slow facts are about, and which permissions the org was shown to lack."""

    accounts: frozenset[str]
    absent: frozenset[str] = frozenset()


class Learned(Struct, frozen=True):
    """What a look at the whole contract has shown of an org and the tenants of its connections.

    `texts`, `login_types`, `applications` and `actions` are those that the program did not know then.
    """

    lacking: Lacking
    lateness: Mapping[str, Lateness] = {}
    """By the tenant's id in the configuration."""
    texts: tuple[str, ...] = ()
    login_types: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


LEARNED = "contract"
"""The key of what was learned among the remembered facts."""


def learned_of(known: Remembered | None) -> tuple[Learned, datetime] | None:
    """What was learned, and when (this machine's clock); None where nobody has looked yet."""
    found = _value(known, LEARNED, Learned) if known is not None else None
    return (found, known.facts[LEARNED].read_at) if found is not None and known is not None else None


def remembered(learned: Learned, subject: str, at: datetime) -> Remembered:
    """It in the form that the journal keeps; `subject` is the org's Id as read."""
    return Remembered(subject, {LEARNED: _fact(learned, at)})


class FactStore:
    """Hands out what is worth remembering of one org, and takes it back."""

    def __init__(
        self, session: Session, slow: SlowFacts, deep: DeepFacts, batches: SignInBatches, clock: Clock
    ) -> None:
        self._session = session
        self._slow = slow
        self._deep = deep
        self._batches = batches
        self._clock = clock
        self._versions_at: datetime | None = None
        self._learned: Learned | None = None

    def learned(self) -> Remembered | None:
        """All of it under the org's Id as it was read; None while that is not known."""
        slow, done_at = self._slow, self._slow.done_at
        if not isinstance(slow.org, Read) or done_at is None:
            return None
        facts = {name: _fact(part, done_at) for name in _SLOW if (part := getattr(slow, name)) is not None}
        facts["about"] = _fact(About(slow.about, slow.absent), done_at)
        if days := slow.days.known:
            facts["days"] = _fact(days, max(asked for _, asked in days.values()))
        if isinstance(self._deep.dependencies, Read):
            facts["dependencies"] = _fact(self._deep.dependencies, self._deep.dependencies_at or done_at)
        if split := self._batches.split:
            facts["split"] = _fact(split, split.since)
        if self._session.versions:
            self._versions_at = self._versions_at or self._clock.now()
            facts["versions"] = _fact(self._session.versions, self._versions_at)
        return Remembered(slow.org.value.id, facts)

    def recall(self, known: Remembered, org_id: str | None) -> None:
        """Take it for read, each part at its time, unless it is about another org than `org_id`."""
        if org_id is not None and wire.key(org_id) != wire.key(known.subject):
            return
        found = {
            name: value for name, kind in _SLOW.items() if (value := _value(known, name, kind)) is not None
        }
        about = _value(known, "about", About)
        if about is not None and found.keys() >= set(_NEEDED):
            for name, part in found.items():
                setattr(self._slow, name, part)
            self._slow.about, self._slow.absent = about.accounts, about.absent
            self._slow.done_at = known.facts["about"].read_at
        if (days := _value(known, "days", _DAYS)) is not None:
            self._slow.days.known |= days
        if (needs := _value(known, "dependencies", Read[tuple[Dependency, ...]])) is not None:
            self._deep.dependencies = needs
            self._deep.dependencies_at = known.facts["dependencies"].read_at
            self._deep.use_dependencies()
        if (split := _value(known, "split", Split)) is not None:
            self._batches.split = split
        if (learned := learned_of(known)) is not None:
            self.use(learned[0])
        versions = _value(known, "versions", tuple[int, ...])
        if versions and self._clock.now() - known.facts["versions"].read_at < VERSIONS_EVERY:
            self._versions_at = known.facts["versions"].read_at
            self._session.versions = versions

    def use(self, learned: Learned) -> None:
        """From now on read what this org allows."""
        self._learned, self._session.lacking = learned, learned.lacking

    def forget(self) -> None:
        """Another org answers."""
        self._learned = self._session.lacking = None

    def lateness(self, tenant: str | None) -> Lateness | None:
        return self._learned.lateness.get(tenant or "") if self._learned is not None else None


def _fact(value: object, read_at: datetime) -> RememberedFact:
    # Sorted: what is the same reads the same, and is not written again.
    return RememberedFact(Raw(msgspec.json.encode(value, order="deterministic")), read_at)


def _value(known: Remembered, name: str, kind: Any) -> Any:
    """A remembered part; None where it is not there or of an older form."""
    if name not in known.facts:
        return None
    try:
        return msgspec.json.decode(known.facts[name].value, type=kind)
    except BAD_DATA:
        return None
