"""The format of a recording: what orgs and tenants answered, when, and what is right to say about it.

Plain JSON, gzip where the name ends in `.gz`. The smallest useful file names a base and what differs from it:

    {"schema": 1, "origin": "document", "about": "the account is frozen", "base": "healthy",
     "readings": [{"parts": {"org:acme": {"UserLogin": {"change": {"IsFrozen": true}}}}}],
     "expected": {"exit_code": 2, "connections": {"Acme EMEA": {"status": "Error", "causes": ["user_frozen"]}}}}

A *place* is `org:NAME` or `tenant:NAME`, as the configuration calls it: no address is needed to find an answer.
A *part* is what was asked, not in which words (`tui/recordings/request_parts.py` lists them): an object (`User`,
`LoginHistory of the hour`), an address (`userinfo`, `/v2/file-events`) or a whole call (`composite`).
"""

import gzip
import re
import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from tui.base.problem import Problem
from tui.base.text import clean, clean_tree

SCHEMA = 1
MAX_BYTES = 20_000_000
"""Bytes of one recording, unpacked."""
MAX_DEPTH = 60
"""Lists and objects inside each other."""
MAX_READINGS = 2_000
MAX_EXCHANGES = 20_000
MAX_QUERY = 100_000
"""Characters of one query: Salesforce's own limit of a SOQL statement (documented)."""
YEARS = range(2000, 2101)
"""Of a reading's time: others are mistakes, and the last of all years has no morrow."""
MAX_BASES = 4
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


class Strict(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of the format: a field that it does not know is a mistake in the file."""


class Answer(Strict, frozen=True):
    """One answer: HTTP status, the headers that matter in lower case, and a body.

    The body is `body` (JSON), `text` (anything else) or `records` (short for the one page of a query). Over a base's
    answer `change` replaces fields in each of its records, and each of `add` is a copy of its first record with
    other fields; that answer must have records.
    """

    status: int = 200
    headers: dict[str, str] = {}
    body: Any = None
    text: str | None = None
    records: list[dict[str, Any]] | None = None
    change: dict[str, Any] = {}
    add: list[dict[str, Any]] = []


class Request(Strict, frozen=True):
    """What was asked of `place`. No header of a request is ever kept.

    `query` is the SOQL text; `parts` of a composite are query texts or paths below the version, by reference;
    `search` is the JSON body of a tenant's search.
    """

    place: str
    path: str
    method: str = "GET"
    query: str = ""
    parts: dict[str, str] = {}
    search: Any = None


class Exchange(Strict, frozen=True):
    """One request and its answer, `after` so many seconds of the reading."""

    request: Request
    answer: Answer
    after: float = 0.0


class Verdict(Strict, frozen=True):
    """What is right to say of one connection after a reading; what is None is not compared.

    `causes` are in order; `who`, `since` and `offers` go with them: a name or null, a time or null, and the title of
    the repair or null. Of `warnings` each is part of one that is given, and there are no others; `parts` are words
    of the reason why a part of the evidence could not be read, or `read`.
    """

    status: str | None = None
    causes: tuple[str, ...] | None = None
    who: tuple[str | None, ...] | None = None
    since: tuple[datetime | None, ...] | None = None
    offers: tuple[str | None, ...] | None = None
    warnings: tuple[str, ...] | None = None
    parts: dict[str, str] | None = None
    actions: tuple[str, ...] | None = None
    """Audit actions whose rows must have been asked for and read."""
    calls: tuple[int, int] | None = None
    """Daily API calls of the org: used, of how many."""


class Expected(Strict, frozen=True):
    """What is right after a reading: by connection, `check`'s exit code, and words of what it prints.

    `says` and `never_says` are looked for in the reasons why parts are unreadable, too.
    """

    connections: dict[str, Verdict] = {}
    exit_code: int | None = None
    says: tuple[str, ...] = ()
    never_says: tuple[str, ...] = ()
    xfail: str = ""
    """Why the program does not get it right yet: such a file must fail."""


class Reading(Strict, frozen=True):
    """What one reading met; `at` is this machine's clock when it began.

    `exchanges` are as they were recorded, in order. `parts` are answers by place and part, written by hand: several
    in a list are given one after the other, the last one again and again; null takes the base's answer away.
    An answer's `date` header is the vendor's clock; without one it is `at`. `expected`: what is right after this
    reading, where the file says it of more than the last.
    """

    at: datetime | None = None
    exchanges: tuple[Exchange, ...] = ()
    parts: dict[str, dict[str, Answer | list[Answer] | None]] = {}
    expected: Expected | None = None


class Recording(Strict, frozen=True):
    """A whole file. `configuration` is as in config.toml, without secrets: of a sign-in only its `way` is there.

    `origin`: seen in an org, taken from a vendor's document or a public recording, or the demo's. Readings go over
    those of `base` one by one; those beyond follow. A reading holds what it asked: the rest is as before.
    """

    schema: int
    origin: Literal["org", "document", "demo"]
    about: str = ""
    source: str = ""
    """Where the shape of a document comes from."""
    base: str = ""
    configuration: dict[str, Any] = {}
    readings: tuple[Reading, ...] = ()
    expected: Expected = field(default_factory=Expected)
    """What is right after the last reading."""


class _Head(Struct, frozen=True):
    schema: int = 0


def load(path: Path, *, bases: Path | None = None) -> Recording:
    """The recording in `path`, its base in the folder `bases` worked in. Raises Problem.

    Without `bases` a file that needs one is refused: a file from elsewhere names no other file of this machine.
    """
    recording = decode(_bytes(path), str(path))
    if not recording.base:
        return recording
    if bases is None:
        raise _wrong(str(path), "base", "found another file's name", "a whole recording without a base")
    return _over_base(recording, bases, str(path), MAX_BASES)


def decode(data: bytes, source: str) -> Recording:
    """The recording in `data`; `source` names it in problems. Raises Problem with field and expectation."""
    try:
        version = msgspec.json.decode(data, type=_Head).schema
        tree = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise _wrong(source, "the file", clean(str(error), 200), "a recording in JSON") from None
    if version != SCHEMA:
        raise _wrong(
            source, "schema", f"found version {version}", f"version {SCHEMA}, which this program knows"
        )
    if _deeper_than(tree, MAX_DEPTH):
        raise _wrong(source, "the file", f"more than {MAX_DEPTH} lists or objects inside each other", "fewer")
    try:
        recording = msgspec.convert(tree, Recording)
    except (msgspec.ValidationError, RecursionError) as error:
        what, _, where = str(error).partition(" - at ")
        raise _wrong(
            source, where.strip("`$.") or "the file", clean(what, 200), "the recordings' format"
        ) from None
    exchanges = sum(len(reading.exchanges) for reading in recording.readings)
    if len(recording.readings) > MAX_READINGS or exchanges > MAX_EXCHANGES:
        raise _wrong(
            source,
            "readings",
            f"more than {MAX_READINGS} or {MAX_EXCHANGES:,} exchanges",
            "a shorter recording",
        )
    requests = (exchange.request for reading in recording.readings for exchange in reading.exchanges)
    if any(
        len(text) > MAX_QUERY for each in requests for text in (each.query, each.path, *each.parts.values())
    ):
        raise _wrong(
            source, "readings.exchanges.request", f"more than {MAX_QUERY:,} characters", "a shorter query"
        )
    _check_times(recording, source)
    return _cleaned(recording)


def encode(recording: Recording) -> bytes:
    """The file's bytes: indented JSON without what is as by default, and one line feed at the end."""
    return msgspec.json.format(msgspec.json.encode(recording), indent=1) + b"\n"


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if path.suffix == ".gz":
            # Read in one bounded piece: a small file can unpack to gigabytes.
            with gzip.open(path) as packed:
                data = packed.read(MAX_BYTES + 1)
    except OSError as error:
        reason = clean(error.strerror or str(error), 200)
        raise Problem(
            "The recording cannot be read", f"{clean(str(path), 300)}: {reason}.", "Check its path."
        ) from None
    except (EOFError, zlib.error):
        raise _wrong(str(path), "the file", "not in gzip's format, or cut short", "a file by gzip") from None
    if len(data) > MAX_BYTES:
        raise _wrong(str(path), "the file", f"more than {MAX_BYTES // 1_000_000} MB", "a shorter recording")
    return data


def _over_base(recording: Recording, bases: Path, source: str, depth: int) -> Recording:
    if not _NAME.fullmatch(recording.base) or depth == 0:
        raise _wrong(
            source, "base", f'found "{clean(recording.base, 80)}"', "the name of a recording that has no base"
        )
    path = bases / f"{recording.base}.json"
    under = decode(_bytes(path), str(path))
    if under.base:
        under = _over_base(under, bases, str(path), depth - 1)
    shared = len(under.readings)
    readings = [_over(old, new, source) for old, new in zip(under.readings, recording.readings, strict=False)]
    whole = replace(
        recording,
        base="",
        configuration=_merged(under.configuration, recording.configuration),
        readings=(*readings, *under.readings[len(readings) :], *recording.readings[shared:]),
    )
    _check_times(whole, source)
    return whole


def _over(old: Reading, new: Reading, source: str) -> Reading:
    parts = {place: dict(by_part) for place, by_part in old.parts.items()}
    for place, by_part in new.parts.items():
        under = parts.setdefault(place, {})
        for part, answer in by_part.items():
            changes = isinstance(answer, Answer) and (answer.change or answer.add)
            under[part] = _changed(under.get(part), answer, source, part) if changes else answer
    return Reading(new.at or old.at, (*old.exchanges, *new.exchanges), parts, new.expected)


def _changed(old: object, new: Any, source: str, part: str) -> Answer:
    if not isinstance(old, Answer) or old.records is None:
        raise _wrong(source, part, "found changes", "an answer in the base that has records")
    rows = [_row_over(row, new.change) for row in old.records]
    added = [_row_over(old.records[0] if old.records else {}, row) for row in new.add]
    return replace(old, records=rows + added)


def _row_over(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """`new` over `old`, the records that they refer to as well; here null is a value."""
    inner = {
        k: _row_over(old[k], v)
        for k, v in new.items()
        if isinstance(v, dict) and isinstance(old.get(k), dict)
    }
    return {**old, **new, **inner}


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """`new` over `old`, tables inside tables too; null takes a key away."""
    result = dict(old)
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = _merged(result[key], value)
        elif value is None:
            result.pop(key, None)
        else:
            result[key] = value
    return result


def _check_times(recording: Recording, source: str) -> None:
    """Every reading of a whole recording has its time, with a zone, in order."""
    times = [reading.at for reading in recording.readings]
    if any(at is not None and at.tzinfo is None for at in times):
        raise _wrong(source, "readings.at", "found a time without its zone", "such as 2026-11-22T14:00:00Z")
    if any(at is not None and at.year not in YEARS for at in times):
        raise _wrong(source, "readings.at", "found another age", f"a year from {YEARS[0]} to {YEARS[-1]}")
    if recording.base:
        return
    if any(
        isinstance(answer, Answer) and (answer.change or answer.add)
        for reading in recording.readings
        for by_part in reading.parts.values()
        for answer in by_part.values()
    ):
        raise _wrong(source, "readings.parts", "found changes", "a base that they change")
    known = [at for at in times if at is not None]
    if len(known) != len(times) or known != sorted(known) or not known:
        raise _wrong(
            source, "readings.at", "found times that are missing or out of order", "one a reading, in order"
        )


def _cleaned(recording: Recording) -> Recording:
    """What is shown of the file itself is cleaned here; bodies are cleaned by whoever decodes answers."""
    return replace(
        recording,
        about=clean(recording.about),
        source=clean(recording.source),
        configuration=_texts(clean_tree(recording.configuration)),
    )


def _texts(tree: object) -> dict[str, Any]:
    return tree if isinstance(tree, dict) else {}


def _deeper_than(tree: object, limit: int) -> bool:
    level: list[object] = [tree]
    for _ in range(limit + 1):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _wrong(source: str, place: str, found: str, expected: str) -> Problem:
    return Problem(
        "The recording cannot be read",
        f"{clean(source, 300)}: {place}: {found}; expected {expected}.",
        "Record again with this version, or correct the file.",
    )
