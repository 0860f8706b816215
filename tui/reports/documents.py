"""The answers in JSON: the whole one, the brief one, the list, and a failure. Their schemas are made of these types."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from tui.base.problem import Problem
from tui.connections.connection import Connection
from tui.connections.state import SCHEMA, State, Status
from tui.reports.checked import Checked, next_step, who, worst

Code = Annotated[int, Meta(ge=0, le=255)]


class Failure(Struct, frozen=True):
    """Why something could not be done."""

    title: Annotated[str, Meta(description="what happened, in short")]
    message: Annotated[str, Meta(description="what and why, as far as known")]
    next_step: Annotated[str, Meta(description="what to do now; may be empty")]


class FailureDocument(Struct, frozen=True):
    """What any command with a JSON format says instead of its answer."""

    schema: Annotated[int, Meta(description="changes when a field changes its meaning")]
    error: Annotated[Failure, Meta(description="why there is no answer")]


class Entry(Struct, frozen=True):
    """One connection with everything that is known about it."""

    name: Annotated[str, Meta(description="the Display name")]
    status: Annotated[
        Status, Meta(description="Error, Recovering, Monitoring, Unknown, Initializing, Deauthorized")
    ]
    overdue: Annotated[bool, Meta(description="repaired, and Incydr did not come back in time")]
    exit_code: Annotated[Code, Meta(description="of this connection alone, 0 to 3")]
    causes: Annotated[tuple[str, ...], Meta(description="ids of the causes found, in the order of repair")]
    state: Annotated[State | None, Meta(description="all that is known; null where it was not read")]
    error: Annotated[Failure | None, Meta(description="why it was not read, else null")] = None
    read_at: Annotated[
        datetime | None, Meta(description="when it was read, by this machine's clock; null: it was not")
    ] = None
    age_seconds: Annotated[
        float | None, Meta(description="how long ago that was when this was written; null: not read")
    ] = None
    read_by: Annotated[str, Meta(description='the process that read it, "host:number"')] = ""
    muted_until: Annotated[
        datetime | None, Meta(description="until when nobody is called for it; null: not muted")
    ] = None


class Document(Struct, frozen=True):
    """What `check --format json` says."""

    schema: Annotated[int, Meta(description="changes when a field changes its meaning")]
    at: Annotated[datetime, Meta(description="when this was written, by this machine's clock")]
    exit_code: Annotated[Code, Meta(description="how the process ends")]
    connections: Annotated[tuple[Entry, ...], Meta(description="in the order of the configuration")]


class BriefEntry(Struct, frozen=True):
    """One connection in about 300 bytes."""

    name: Annotated[str, Meta(description="the Display name")]
    org: Annotated[str, Meta(description="the org's id in the configuration")]
    status: Annotated[
        Status, Meta(description="Error, Recovering, Monitoring, Unknown, Initializing, Deauthorized")
    ]
    overdue: Annotated[bool, Meta(description="repaired, and Incydr did not come back in time")]
    exit_code: Annotated[Code, Meta(description="of this connection alone, 0 to 3")]
    causes: Annotated[tuple[str, ...], Meta(description="ids of the causes found, in the order of repair")]
    since: Annotated[
        datetime | None, Meta(description="of the first cause, else of the status; null: not known")
    ]
    by: Annotated[str | None, Meta(description="who brought the first cause about; null: not known")]
    last_seen: Annotated[datetime | None, Meta(description="when Incydr was last seen; null: never")]
    read_at: Annotated[datetime | None, Meta(description="when it was read, by this machine's clock")]
    next_step: Annotated[str, Meta(description="what to do now; empty where there is nothing to do")]


class BriefDocument(Struct, frozen=True):
    """What `check --format json --brief` says."""

    schema: Annotated[int, Meta(description="changes when a field changes its meaning")]
    at: Annotated[datetime, Meta(description="when this was written, by this machine's clock")]
    exit_code: Annotated[Code, Meta(description="how the process ends")]
    connections: Annotated[tuple[BriefEntry, ...], Meta(description="in the order of the configuration")]


def whole(rows: Sequence[Checked], now: datetime, code: int | None = None) -> Document:
    """`code`: how the process ends, by default like the worst connection."""
    return Document(
        schema=SCHEMA,
        at=now,
        exit_code=worst(rows) if code is None else int(code),
        connections=tuple(
            Entry(
                name=row.name,
                status=row.status,
                overdue=row.overdue,
                exit_code=int(row.code),
                causes=tuple(finding.cause for finding in row.findings),
                state=row.state,
                error=_failure(row.problem) if row.problem is not None else None,
                read_at=_read_at(row),
                age_seconds=_age(row, now),
                read_by=row.read_by,
                muted_until=row.muted_until,
            )
            for row in rows
        ),
    )


def _read_at(row: Checked) -> datetime | None:
    if row.state is None or row.problem is not None:
        return None
    return row.read_at or row.state.evidence.read_at


def _age(row: Checked, now: datetime) -> float | None:
    at = _read_at(row)
    return None if at is None else round(max(0.0, (now - at).total_seconds()), 3)


def brief(rows: Sequence[Checked], now: datetime) -> BriefDocument:
    return BriefDocument(SCHEMA, now, worst(rows), tuple(_brief(row) for row in rows))


def _brief(row: Checked) -> BriefEntry:
    first = row.findings[0] if row.findings else None
    state = row.state
    return BriefEntry(
        name=row.name,
        org=row.org,
        status=row.status,
        overdue=row.overdue,
        exit_code=int(row.code),
        causes=tuple(finding.cause for finding in row.findings),
        since=first.since if first is not None else state.since if state is not None else None,
        by=who(first.by) if first is not None and first.by is not None else None,
        last_seen=row.last_seen,
        read_at=_read_at(row),
        next_step=next_step(row),
    )


def failure(problem: Problem) -> FailureDocument:
    return FailureDocument(SCHEMA, _failure(problem))


def _failure(problem: Problem) -> Failure:
    return Failure(problem.title, problem.message, problem.next_step)


def connections(found: Sequence[Connection], states: Mapping[str, State | None]) -> dict[str, Any]:
    """What `list --format json` says: the configuration's words, and the last known status, null where none is."""
    keys = ("name", "org", "service_account", "tenant", "detector_name", "incydr_app")
    told = []
    for c in found:
        state = states[c.name]
        status = {"status": state and state.status, "read_at": state and state.evidence.read_at}
        told.append({key: getattr(c, key) for key in keys} | status)
    return {"schema": SCHEMA, "connections": told}


def discovery(found: Sequence[Connection]) -> dict[str, Any]:
    """What `list --format lld` says: Zabbix low-level discovery."""
    return {
        "data": [{"{#CONNECTION}": c.name, "{#ORG}": c.org, "{#ACCOUNT}": c.service_account} for c in found]
    }


def written(document: Struct | Mapping[str, Any], *, indent: int = 2) -> str:
    """A document as it goes out; `indent` -1 for one line."""
    encoded = msgspec.json.encode(document)
    return (msgspec.json.format(encoded, indent=indent) if indent >= 0 else encoded).decode()


class Change(Struct, frozen=True, kw_only=True):
    """One change of one connection, as JSON on the standard input of the hook."""

    schema: Annotated[int, Meta(description="changes when a field changes its meaning")]
    id: Annotated[str, Meta(description="of this change; the same again when it is delivered again")]
    dedup_key: Annotated[str, Meta(description="of the outage: the same from its first change to the return")]
    connection: Annotated[str, Meta(description="the Display name")]
    org: Annotated[str, Meta(description="the org's id in the configuration")]
    what: Annotated[str, Meta(description="what happened, in one sentence")]
    before: Annotated[Status | None, Meta(description="the status before; null: first seen")] = field(
        name="from"
    )
    after: Annotated[Status, Meta(description="the status now")] = field(name="to")
    at: Annotated[datetime, Meta(description="when it was seen, by this machine's clock")]
    count: Annotated[int, Meta(ge=1, description="changes that were merged into this one")] = 1
    cause: Annotated[str | None, Meta(description="id of the first cause; null: none")] = None
    who: Annotated[str | None, Meta(description="who brought it about; null: not known")] = None
    since: Annotated[datetime | None, Meta(description="since when; null: not known")] = None
    next_step: Annotated[str, Meta(description="what to do now; may be empty")] = ""
    link: Annotated[str | None, Meta(description="the page in Salesforce to begin with; null: none")] = None


DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SHAPES: dict[str, tuple[str, tuple[type[Struct], ...]]] = {
    "check": ("remonitor check --format json", (Document, FailureDocument)),
    "brief": ("remonitor check --format json --brief", (BriefDocument, FailureDocument)),
    "hook": ("what a hook reads on its standard input", (Change,)),
}


def _contract() -> tuple[str, tuple[type[Struct], ...]]:
    # Its types bring the clients along, which no other answer needs.
    from tui.reports import contract

    return "remonitor doctor --contract --format json", (contract.Document, FailureDocument)


def schema(name: str) -> dict[str, Any]:
    """The schema of an answer by its name, or of the failure that may stand in its place."""
    title, shapes = _contract() if name == "contract" else _SHAPES[name]
    answers, parts = msgspec.json.schema_components(shapes, ref_template="#/$defs/{name}")
    return {"$schema": DIALECT, "title": title, "anyOf": list(answers), "$defs": parts}
