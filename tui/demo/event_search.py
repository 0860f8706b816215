"""The search of file events: groups of filters in, a yes or no for each event out."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tui.demo.tenant import ACTION, FileEvent, ingested, iso, wire

_BY_PART = {
    "destination": """
        accountName accountType category domains email.recipients email.subject ip name operatingSystem
        printJobName printedFilesBackupPath printerName privateIp remoteHostname removableMedia.busType
        removableMedia.capacity removableMedia.mediaName removableMedia.name removableMedia.partitionId
        removableMedia.serialNumber removableMedia.vendor removableMedia.volumeName tabs.title
        tabs.titleError tabs.url tabs.urlError user.email
    """,
    "event": """
        action detectorDisplayName id ingested inserted observer relatedEvents.agentTimestamp
        relatedEvents.eventAction relatedEvents.id relatedEvents.sourceCategory relatedEvents.sourceName
        relatedEvents.tabs.title relatedEvents.tabs.titleError relatedEvents.tabs.url
        relatedEvents.tabs.urlError relatedEvents.userEmail shareType vector
    """,
    "file": """
        acquiredFrom.agentTimestamp acquiredFrom.eventAction acquiredFrom.eventId acquiredFrom.fileName
        acquiredFrom.git.repositoryEmail acquiredFrom.git.repositoryUri acquiredFrom.git.repositoryUser
        acquiredFrom.md5 acquiredFrom.sourceAccountName acquiredFrom.sourceAccountType
        acquiredFrom.sourceCategory acquiredFrom.sourceDomains acquiredFrom.sourceName
        acquiredFrom.sourceUser.email acquiredFrom.tabs.title acquiredFrom.tabs.titleError
        acquiredFrom.tabs.url acquiredFrom.tabs.urlError acquiredFrom.userEmail category categoryByBytes
        categoryByExtension changeType classifications.value classifications.vendor cloudDriveId created
        directory directoryId hash.md5 hash.md5Error hash.sha256 hash.sha256Error id mimeTypeByBytes
        mimeTypeByExtension modified name originalDirectory originalName owner sizeInBytes url
    """,
    "git": """
        eventId lastCommitHash repositoryEmail repositoryEndpointPath repositoryUri repositoryUser
    """,
    "process": """
        executable owner
    """,
    "report": """
        count description headers id name type
    """,
    "risk": """
        indicators.id indicators.name indicators.weight score severity trustReason trusted
        untrustedValues.accountNames untrustedValues.domains untrustedValues.gitRepositoryUris
        untrustedValues.slackWorkspaces untrustedValues.urlPaths
    """,
    "source": """
        accountName accountType category domain domains email.from email.sender ip name operatingSystem
        privateIp removableMedia.busType removableMedia.capacity removableMedia.mediaName
        removableMedia.name removableMedia.partitionId removableMedia.serialNumber removableMedia.vendor
        removableMedia.volumeName tabs.title tabs.titleError tabs.url tabs.urlError user.email
    """,
    "user": """
        deviceUid email id
    """,
}
SDK_TERMS = frozenset(f"{part}.{name}" for part, names in _BY_PART.items() for name in names.split())
"""The search terms that the vendor's public SDK knows, beside `@timestamp`."""

Match = Callable[[FileEvent], bool]
Value = str | int | datetime | None

TERMS: Mapping[str, Callable[[FileEvent], Value]] = {
    "@timestamp": lambda event: event.happened,
    "event.action": lambda _event: ACTION,
    "event.detectorDisplayName": lambda event: event.detector,
    "event.id": lambda event: event.id,
    "event.ingested": ingested,
    "event.inserted": lambda event: event.inserted,
    "event.observer": lambda _event: "Salesforce",
    "report.count": lambda event: event.rows,
    "report.id": lambda event: event.report_id,
    "report.name": lambda event: event.report_name,
    "report.type": lambda _event: "REPORT_TYPE_SAVED",
    "risk.score": lambda event: event.risk,
    "user.email": lambda event: event.email,
}
"""What an event is searched and sorted by most."""

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


class BadFilter(Exception):
    """A filter that the search does not take; `problem` is what the API says about it."""

    def __init__(self, bad: Mapping[str, Any] | None, description: str, kind: str = "INVALID_FILTER") -> None:
        super().__init__(description)
        self.problem = {"badFilter": bad, "description": description, "type": kind}


def term_of(term: object) -> Callable[[FileEvent], Value] | None:
    """What an event has under a search term, or None where there is no such term.

    Terms that no Salesforce event has are empty in all.
    """
    if known := TERMS.get(str(term)):
        return known
    if term not in SDK_TERMS:
        return None
    names = str(term).split(".")

    def walk(event: FileEvent) -> Value:
        found: Any = wire(event)
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found if isinstance(found, str | int) else None

    return walk


def compile_query(body: Mapping[str, Any], now: datetime) -> Match:
    """A test for the whole query. Raises BadFilter."""
    groups = body.get("groups") or []
    if not isinstance(groups, list):
        raise BadFilter(None, "groups must be a list")
    return _joined(body.get("groupClause", "AND"), [_group(group, now) for group in groups])


def _group(group: Any, now: datetime) -> Match:
    if not isinstance(group, dict):
        raise BadFilter(None, "a group must be an object")
    if subgroups := group.get("subgroups"):
        return _joined(group.get("subgroupClause", "AND"), [_group(each, now) for each in subgroups])
    filters = group.get("filters") or []
    return _joined(group.get("filterClause", "AND"), [_filter(each, now) for each in filters])


def _joined(clause: Any, tests: list[Match]) -> Match:
    if clause not in ("AND", "OR"):
        raise BadFilter(None, f"unknown clause {clause!r}")
    if clause == "AND" or not tests:
        return lambda event: all(test(event) for test in tests)
    return lambda event: any(test(event) for test in tests)


def _filter(given: Any, now: datetime) -> Match:
    if not isinstance(given, dict):
        raise BadFilter(None, "a filter must be an object")
    term, operator, value = given.get("term"), given.get("operator", "IS"), given.get("value")
    get = term_of(term)
    if get is None:
        raise BadFilter(given, f"Unknown search term {term}", "UNKNOWN_TERM")
    match operator:
        case "IS":
            return lambda event: _same(get(event), value)
        case "IS_NOT":
            return lambda event: not _same(get(event), value)
        case "IS_ANY" | "IS_NONE" if isinstance(value, list):
            values = [str(each) for each in value]
            if operator == "IS_NONE":
                return lambda event: not any(_same(get(event), each) for each in values)
            return lambda event: any(_same(get(event), each) for each in values)
        case "EXISTS":
            return lambda event: get(event) is not None
        case "DOES_NOT_EXIST":
            return lambda event: get(event) is None
        case "GREATER_THAN" | "LESS_THAN":
            return _beyond(get, _number(value, given), above=operator == "GREATER_THAN")
        case "ON":
            day = _time(value, given).date()
            return lambda event: _is_time(get(event), lambda when: when.astimezone(UTC).date() == day)
        case "ON_OR_AFTER":
            start = _time(value, given)
            return lambda event: _is_time(get(event), lambda when: when >= start)
        case "ON_OR_BEFORE":
            end = _time(value, given)
            return lambda event: _is_time(get(event), lambda when: when <= end)
        case "WITHIN_THE_LAST":
            since = now - _duration(value, given)
            return lambda event: _is_time(get(event), lambda when: when >= since)
    raise BadFilter(given, f"Operator {operator} cannot be used on {term}", "INVALID_OPERATOR")


def _same(have: Value, wanted: Any) -> bool:
    if isinstance(have, datetime):
        return iso(have) == str(wanted)
    return have == wanted or (have is not None and str(have).lower() == str(wanted).lower())


def _is_time(value: Value, test: Callable[[datetime], bool]) -> bool:
    return isinstance(value, datetime) and test(value)


def _number(value: Any, given: Mapping[str, Any]) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise BadFilter(given, f"{value} is not a number", "INVALID_VALUE") from None


def _beyond(get: Callable[[FileEvent], Value], limit: float, *, above: bool) -> Match:
    def test(event: FileEvent) -> bool:
        value = get(event)
        return isinstance(value, int) and (value > limit if above else value < limit)

    return test


def _time(value: Any, given: Mapping[str, Any]) -> datetime:
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value / 1000, UTC)
        when = datetime.fromisoformat(str(value))
    except ValueError:
        raise BadFilter(given, f"{value} is not a date", "INVALID_VALUE") from None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _duration(value: Any, given: Mapping[str, Any]) -> timedelta:
    found = _DURATION.fullmatch(str(value))
    if not found or not any(found.groups()):
        raise BadFilter(given, f"{value} is not a duration", "INVALID_VALUE")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
