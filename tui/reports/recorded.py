"""What is in a recording, so that a careful person can agree before it goes anywhere: sentences, then every text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from tui.base.text import clean, counted
from tui.recordings import request_parts, vocabulary
from tui.recordings.format import Expected, Recording, Request

_ORIGINS = {
    "org": "It was recorded in an org.",
    "demo": "It was recorded on the demo: nobody in it exists.",
    "document": "It was written after a document: nobody in it exists.",
}
_PROMISE = """\
Names, usernames, e-mail addresses, hosts, Ids, IP addresses and labels in it are replaced, with a key that was never
stored. Times are moved by whole weeks. Tokens, secrets and cookies are not in it. Below is every text that is in it:
look whether you find anything of yours."""
LONGEST = 300
"""Characters of a text that are shown."""
FEW = 6
"""Ids and times of a field that are shown one by one."""


def shown(recording: Recording) -> str:
    """The whole of it as text."""
    times = [reading.at for reading in recording.readings if reading.at is not None]
    head = f"{_ORIGINS[recording.origin]} {counted(len(times), 'reading')}{_span(times)}."
    blocks = [
        "\n".join(
            filter(None, [head, clean(recording.about), _PROMISE if recording.origin == "org" else ""])
        ),
        _block("What is right to say of it", _expectations(recording)),
        _block("Configuration", _lines(_settings(recording.configuration))),
        _block("What was asked, and how many rows came", _lines(_asked(recording))),
        _block("Values that this program does not know", _lines(_unknown(recording)), "There are none."),
        _block("Every text in the answers, by its field", _lines(_texts(recording))),
        _block("Every text in the requests' conditions", _lines(_conditions(recording))),
    ]
    return "\n\n".join(filter(None, blocks))


def _block(title: str, lines: Sequence[str], otherwise: str = "") -> str:
    told = [f"  {line}" for line in lines] or ([f"  {otherwise}"] if otherwise else [])
    return "\n".join([title, *told]) if told else ""


def _span(times: Sequence[datetime]) -> str:
    if len(times) < 2:
        return f", of {times[0]:%Y-%m-%d %H:%M} UTC" if times else ""
    return f", from {times[0]:%Y-%m-%d %H:%M} to {times[-1]:%Y-%m-%d %H:%M} UTC"


def _expectations(recording: Recording) -> list[str]:
    every = [*(reading.expected for reading in recording.readings[:-1]), recording.expected]
    return [
        f"reading {number}: {line}"
        for number, expected in enumerate(every, 1)
        if expected is not None
        for line in _expectation(expected)
    ]


def _expectation(expected: Expected) -> Iterator[str]:
    for name, verdict in expected.connections.items():
        told = ": ".join(filter(None, [verdict.status, ", ".join(verdict.causes or ())]))
        yield f"{clean(name)}: {clean(told) or 'nobody said; it tests shapes alone'}"


def _lines(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(left) for left, _ in rows), default=0)
    return [f"{left:{width}}  {right}" for left, right in rows]


def _settings(tree: Any, path: str = "") -> list[tuple[str, str]]:
    if isinstance(tree, dict):
        return [
            row for k, v in tree.items() for row in _settings(v, f"{path}.{clean(k)}" if path else clean(k))
        ]
    return [(path, _one_line(tree))]


def _asked(recording: Recording) -> list[tuple[str, str]]:
    found: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for reading in recording.readings:
        for exchange in reading.exchanges:
            for name, body in _answers(exchange.request, exchange.answer.body, reading.at):
                found[name] += 1
                records = body.get("records", body.get("fileEvents")) if isinstance(body, dict) else None
                rows[name] += len(records) if isinstance(records, list) else 0
        for place, parts in reading.parts.items():
            found.update(f"{place} {part}" for part in parts)
    return [
        (clean(name), counted(times, "answer") + (f", {counted(rows[name], 'row')}" if rows[name] else ""))
        for name, times in sorted(found.items())
    ]


def _answers(request: Request, body: Any, at: datetime | None) -> Iterator[tuple[str, Any]]:
    if request.place.startswith("tenant:") or at is None:
        yield f"{request.place} {request.path}", body
    elif not request.parts:
        query = request.query
        part = (
            request_parts.of_query(query, at)
            if query
            else request_parts.of_org(request.method, request.path, at)
        )
        yield f"{request.place} {part.part}", body
    else:
        whole = body.get("compositeResponse") if isinstance(body, dict) else None
        for each in whole if isinstance(whole, list) else ():
            if isinstance(each, dict) and (text := request.parts.get(str(each.get("referenceId")))):
                yield f"{request.place} {request_parts.of_sub_request(text, at).part}", each.get("body")


def _unknown(recording: Recording) -> list[tuple[str, str]]:
    found = {
        (kind, text)
        for field, text in _found(recording)
        if (kind := vocabulary.FIELDS.get(field, "")).startswith(("a ", "an "))
        and not vocabulary.is_known(kind, text)
    }
    return [(kind, _one_line(text)) for kind, text in sorted(found) if kind != "a permission"]


def _texts(recording: Recording) -> list[tuple[str, str]]:
    """Each text once; of Ids and times, which say nothing one by one, how many there are and the first ones."""
    by_field: dict[str, Counter[str]] = {}
    for field, text in _found(recording):
        by_field.setdefault(field, Counter())[text] += 1
    rows = []
    for field, counts in sorted(by_field.items()):
        many = len(counts) > FEW and (
            vocabulary.FIELDS.get(field) in ("id", "time", "path") or field == "header date"
        )
        if many:
            rows.append((clean(field), f"{len(counts):,} different, such as {_first(sorted(counts))}"))
            continue
        rows += [
            (clean(field), _one_line(text) + (f"  ×{times}" if times > 1 else ""))
            for text, times in sorted(counts.items())
        ]
    return rows


def _first(texts: Sequence[str]) -> str:
    return ", ".join(_one_line(text) for text in texts[:3])


def _conditions(recording: Recording) -> list[tuple[str, str]]:
    requests = [exchange.request for reading in recording.readings for exchange in reading.exchanges]
    queries = [text for request in requests for text in (request.query, *request.parts.values()) if text]
    literals = {
        literal
        for query in queries
        for literal in request_parts.literals(query)
        if not vocabulary.is_known("an audit action", literal.removesuffix("%").replace("\\", ""))
    }
    searched = {
        value
        for request in requests
        if isinstance(request.search, dict)
        for _, _, value in request_parts.filters(request.search)
    }
    return [("", _one_line(text)) for text in sorted(literals | searched)]


def _found(recording: Recording) -> Iterator[tuple[str, str]]:
    for reading in recording.readings:
        for exchange in reading.exchanges:
            yield from _in(exchange.answer.body)
            yield from _in(exchange.answer.text, "page")
            yield from (("header " + name, value) for name, value in exchange.answer.headers.items())
        for parts in reading.parts.values():
            for answers in parts.values():
                for answer in answers if isinstance(answers, list) else [answers] if answers else ():
                    yield from _in(answer.body if answer.records is None else answer.records)


def _in(tree: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(tree, dict):
        for name, value in tree.items():
            yield from _in(value, str(name))
    elif isinstance(tree, list):
        for each in tree:
            yield from _in(each, key)
    elif isinstance(tree, str) and tree:
        yield key, tree


def _one_line(value: object) -> str:
    return clean(str(value), LONGEST)
