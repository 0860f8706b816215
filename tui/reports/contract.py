"""A look at the contract for a reader: what does not hold in full, what holds by the line; all of it as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from tui.base.text import counted, sentence
from tui.contract.model import Fact, Follows, Group, Report, Verdict

SCHEMA = 1
SIGNS = {Verdict.HOLDS: "✓", Verdict.DIFFERS: "!", Verdict.UNREAD: "–", Verdict.UNTRIED: "·"}


class Entry(Struct, frozen=True):
    """One org and the tenants of its connections."""

    org: str
    connections: tuple[str, ...]
    api_calls: int
    tenant_requests: int
    holds: bool
    facts: tuple[Fact, ...]
    follows: tuple[Follows, ...]


class Document(Struct, frozen=True):
    """What `doctor --contract --format json` says."""

    schema: Annotated[int, Meta(description="changes when a field changes its meaning")]
    at: datetime
    orgs: tuple[Entry, ...]


def as_json(reports: Sequence[Report], now: datetime) -> str:
    entries = tuple(
        Entry(
            each.org, each.connections, each.calls, each.tenant_requests, each.holds, each.facts, each.follows
        )
        for each in reports
    )
    document = Document(SCHEMA, now, entries)
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def as_text(report: Report) -> str:
    """The whole report of one org."""
    lines = [f"org {report.org}: {', '.join(report.connections)}"]
    for group in Group:
        facts = [fact for fact in report.facts if fact.group is group]
        if facts:
            lines += ["", group.value, *_group(group, facts)]
    lines += ["", "what follows", *_follows(report.follows)]
    asked = counted(report.calls, "API call")
    if report.tenant_requests:
        asked += f" and {counted(report.tenant_requests, 'request')} to tenants"
    lines += ["", f"{asked}. Nothing was written in the org."]
    return "\n".join(lines)


def _group(group: Group, facts: Sequence[Fact]) -> Iterator[str]:
    if len({fact.found for fact in facts}) == 1 and all(fact.verdict is Verdict.UNREAD for fact in facts):
        # One reason for all of them, such as an org that nobody reaches.
        yield f"  {SIGNS[Verdict.UNREAD]} {facts[0].found}"
    elif group is Group.OBJECTS:
        yield from _objects(facts)
    elif group is Group.ASSUMED:
        yield from _assumed(facts)
    else:
        width = max(len(fact.name) for fact in facts)
        yield from (line for fact in facts for line in _lines(fact, width))


def _objects(facts: Sequence[Fact]) -> Iterator[str]:
    """A line an object; a field only where it is not as it is needed."""
    names = list(dict.fromkeys(fact.name.partition(".")[0] for fact in facts))
    width = max(map(len, names))
    for name in names:
        uses = [fact for fact in facts if fact.name.startswith(f"{name}.")]
        wrong = [fact for fact in uses if fact.verdict is not Verdict.HOLDS]
        whole = next(fact for fact in facts if fact.name == name)
        if whole.verdict is not Verdict.HOLDS:
            yield from _lines(whole, width)
            continue
        sign = SIGNS[Verdict.DIFFERS if wrong else Verdict.HOLDS]
        there = f"there, {'but ' if wrong else ''}{counted(len(wrong), 'use') if wrong else 'every use'} of its fields "
        there += "refused" if wrong else "allowed"
        yield f"  {sign} {name:<{width}}  {there}"
        for field, found, effect in dict.fromkeys((f.name, f.found, f.effect) for f in wrong):
            yield f"      {field}: {found}"
            yield f"        {effect}"


def _assumed(facts: Sequence[Fact]) -> Iterator[str]:
    for fact in facts:
        if fact.verdict is Verdict.UNTRIED:
            continue
        yield f"  {SIGNS[fact.verdict]} {fact.name}"
        yield f"      {sentence(fact.found)}."
        if fact.effect:
            yield f"      {fact.effect}"
    untried = [fact for fact in facts if fact.verdict is Verdict.UNTRIED]
    if untried:
        yield f"  {SIGNS[Verdict.UNTRIED]} {len(untried)} more cannot be tried here; --format json says why of each"


def _lines(fact: Fact, width: int) -> Iterator[str]:
    yield f"  {SIGNS[fact.verdict]} {fact.name:<{width}}  {fact.found}"
    if fact.verdict in (Verdict.DIFFERS, Verdict.UNREAD):
        if fact.group is not Group.RIGHTS:
            yield f"      Expected: {fact.expected}."
        if fact.effect:
            yield f"      {fact.effect}"


def _follows(follows: Iterable[Follows]) -> Iterator[str]:
    """What has the same reason, and the same thing to do, stands together."""
    alike: dict[tuple[str, str, str], list[str]] = {}
    for each in follows:
        alike.setdefault((each.connection, each.why.rstrip("."), each.next_step), []).append(each.what)
    if not alike:
        yield "  Every cause can be seen, and every proof can be had."
    told = ""
    for (connection, why, next_step), what in alike.items():
        if connection != told:
            told = connection
            yield f"  {connection}"
        yield from (f"    {each}" for each in what)
        yield f"      {sentence(why)}. {next_step}"
