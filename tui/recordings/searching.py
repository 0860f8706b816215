"""A tenant's search over recorded file events: for a search that was not recorded in just these words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tui.recordings import format, parts

Event = dict[str, Any]


def found(answers: Sequence[format.Answer], body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the search `body` from all events of `answers`: filtered, sorted, one page of them."""
    events: dict[object, Event] = {}
    for answer in answers:
        for event in _events(answer):
            events[_field(event, "event.id") or str(event)] = event
    chosen = [event for event in events.values() if _wanted(event, body)]
    chosen.sort(
        key=lambda event: _moment(_field(event, str(body.get("srtKey")))),
        reverse=body.get("srtDir") == "desc",
    )
    size = _number(body.get("pgSize"), 100)
    token = body.get("pgToken")
    ids = [_field(event, "event.id") for event in chosen]
    start = ids.index(token) + 1 if token in ids else (_number(body.get("pgNum"), 1) - 1) * size
    page = chosen[start : start + size]
    more = start + size < len(chosen)
    following = _field(page[-1], "event.id") if page and more and token is not None else None
    return {"totalCount": len(chosen), "fileEvents": page, "nextPgToken": following, "problems": None}


def _events(answer: format.Answer) -> list[Event]:
    events = answer.body.get("fileEvents") if isinstance(answer.body, dict) else None
    return [event for event in events if isinstance(event, dict)] if isinstance(events, list) else []


def _wanted(event: Event, body: Mapping[str, Any]) -> bool:
    return all(_holds(_field(event, term), operator, value) for term, operator, value in parts.filters(body))


def _holds(found: object, operator: str, value: str) -> bool:
    match operator:
        case "IS":
            return found == value
        case "IS_NOT":
            return found != value
        case "EXISTS":
            return found is not None
        case "DOES_NOT_EXIST":
            return found is None
        case "ON_OR_AFTER":
            return found is None or _moment(found) >= _moment(value)
        case "ON_OR_BEFORE":
            return found is None or _moment(found) <= _moment(value)
    return True


def _field(event: Event, term: str) -> Any:
    found: Any = event
    if term in event:
        return event[term]
    for step in term.split("."):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _moment(value: object) -> float:
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def _number(value: object, default: int) -> int:
    return value if isinstance(value, int) and 1 <= value <= 100_000 else default
