"""Plays a recording: the answers that the program's own network would have got, at the recording's times.

A `Replay` is a Net that opens no connection. A part is answered from the newest reading, not later than the
clock, that holds it; what no reading holds is answered by a refusal that says so.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msgspec
import tomli_w
from msgspec import Struct

from tui.base.clock import Clock
from tui.base.paths import write_private
from tui.base.problem import Problem
from tui.config import Config, parse
from tui.net import Answer, ReplayNet, Request, http_date
from tui.recordings import format, request_parts, row_filter
from tui.recordings.format import Recording
from tui.recordings.request_parts import RequestPart

NOT_RECORDED = "NOT_IN_RECORDING"
"""The error code of an answer that the recording does not hold."""
STAND_IN = "recorded"
"""What stands where a secret was."""
_TRAIL = "SetupAuditTrail"
_ORG_SETTINGS = ("window_hours", "intervals")


class _Recorded(Struct, frozen=True):
    """One recorded answer to a part."""

    asked: RequestPart
    answer: format.Answer


class Replay(ReplayNet):
    """Answers requests of `config`, which is the recording's own, by `clock`."""

    def __init__(self, recording: Recording, config: Config, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._hosts = {_host(org.api_url): f"org:{name}" for name, org in config.orgs.items()}
        self._hosts |= {_host(tenant.base_url): f"tenant:{name}" for name, tenant in config.tenants.items()}
        self._readings = [_recorded(reading) for reading in recording.readings]
        self._times = [_at(reading) for reading in recording.readings]
        self._given: Counter[tuple[int, str, str, int]] = Counter()
        self.unknown: list[str] = []
        """Places and parts that were asked for and that the recording does not hold."""

    async def played(self, request: Request) -> Answer:
        """The recorded answer with its own date: between two readings the vendor's clock stands.

        Dated as of now it would say that a fault was still there at a moment at which nobody looked.
        """
        place = self._hosts.get(_host(request.url), "")
        if not place:
            self.unknown.append(_host(request.url))
            return self._sent(404, [_error("this host")])
        if place.startswith("tenant:"):
            return self._tenant(place, request)
        asked = request_parts.of_org(request.method, request.url, self._read_at)
        if asked.part == request_parts.COMPOSITE:
            return self._composite(place, request)
        return self._replayed(*self._org(place, asked))

    def _composite(self, place: str, request: Request) -> Answer:
        whole = self._find(place, RequestPart(request_parts.COMPOSITE))
        if whole is not None and whole.answer.status >= 300:
            return self._replayed(whole.answer, whole)
        answers = []
        for part in _sub_requests(request.body):
            asked = request_parts.of_sub_request(str(part.get("url")), self._read_at)
            answer, recorded = self._org(place, asked)
            whole = whole or recorded
            answers.append(
                {
                    "referenceId": part.get("referenceId"),
                    "httpStatusCode": answer.status,
                    "httpHeaders": {},
                    "body": _body(answer),
                }
            )
        answered = format.Answer(
            headers=whole.answer.headers if whole else {}, body={"compositeResponse": answers}
        )
        return self._replayed(answered, whole)

    def _org(self, place: str, asked: RequestPart) -> tuple[format.Answer, "_Recorded | None"]:
        """The answer to one part of an org, and the recorded one that it comes from."""
        if asked.part == request_parts.CHANGE:
            refusal = {
                "errorCode": "A_RECORDING",
                "message": "This is a recording: nothing can be changed in it.",
            }
            return format.Answer(403, body=[refusal]), None
        recorded = self._find(place, asked)
        if recorded is None and asked.part == "Organization row":
            return self._organization(place, asked)
        if recorded is None:
            if asked.part == request_parts.TOKEN:
                return format.Answer(body={"access_token": STAND_IN}), None
            self.unknown.append(f"{place} {asked.part}")
            return format.Answer(400, body=[_error(asked.part)]), None
        if recorded.answer.status >= 300 or not asked.query:
            return recorded.answer, recorded
        records = _records(recorded.answer)
        if records is None:
            return recorded.answer, recorded
        if asked.part == _TRAIL:
            records = self._trail(place)
        return format.Answer(
            headers=recorded.answer.headers, body=_page(recorded.answer, records, asked.query)
        ), recorded

    def _organization(self, place: str, asked: RequestPart) -> tuple[format.Answer, "_Recorded | None"]:
        """The org's own record by its Id: there where the recorded org has that Id."""
        recorded = self._find(place, RequestPart("Organization"))
        rows = (_records(recorded.answer) or []) if recorded is not None else []
        for row in rows:
            if request_parts.key(str(row.get("Id"))) in asked.subject:
                return format.Answer(body=row), recorded
        if not rows:
            self.unknown.append(f"{place} {asked.part}")
            return format.Answer(400, body=[_error(asked.part)]), recorded
        gone = {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}
        return format.Answer(404, body=[gone]), recorded

    def _trail(self, place: str) -> list[dict[str, Any]]:
        """All rows of the audit trail up to now, newest first: its rows never change, only who asks for which."""
        rows: dict[object, dict[str, Any]] = {}
        for recorded in self._all(place, _TRAIL):
            for row in _records(recorded.answer) or ():
                rows.setdefault(row.get("Id") or str(row), row)
        return sorted(rows.values(), key=lambda row: str(row.get("CreatedDate")), reverse=True)

    def _tenant(self, place: str, request: Request) -> Answer:
        path = _path(request.url)
        body = _json(request.body)
        asked = request_parts.of_search(path, body)
        recorded = self._find(place, asked, exact=True)
        if recorded is None and path == request_parts.TENANT_SIGN_IN:
            return self._sent(200, {"access_token": STAND_IN, "token_type": "bearer", "expires_in": 900})
        if recorded is not None and (
            recorded.asked.subject or path != request_parts.FILE_EVENTS or recorded.answer.status >= 300
        ):
            return self._replayed(recorded.answer, recorded)
        pool = [each.answer for each in self._all(place, path)]
        if path == request_parts.FILE_EVENTS and pool and isinstance(body, dict):
            newest = recorded or self._all(place, path)[-1]
            answer = format.Answer(headers=newest.answer.headers, body=row_filter.search(pool, body))
            return self._replayed(answer, newest)
        self.unknown.append(f"{place} {asked.part}")
        return self._sent(400, {"problems": [{"description": f"Not in this recording: {asked.part}"}]})

    def _find(self, place: str, asked: RequestPart, *, exact: bool = False) -> _Recorded | None:
        """The next answer to a part: of the newest reading that has it, about the same accounts where it says so.

        `exact`: about just these, or about nobody in particular.
        """
        for number in range(self._now(), -1, -1):
            found = self._readings[number].get((place, asked.part), ())
            choices = [
                [each for each in found if each.asked.subject == asked.subject],
                [each for each in found if each.asked.subject & asked.subject] if not exact else [],
                [each for each in found if not each.asked.subject],
                list(found) if not exact else [],
            ]
            if chosen := next((choice for choice in choices if choice), None):
                turn = (number, place, asked.part, id(chosen[0]))
                self._given[turn] += 1
                return chosen[min(self._given[turn], len(chosen)) - 1]
        return None

    def _all(self, place: str, part: str) -> list[_Recorded]:
        """Every good answer to a part up to now, oldest first."""
        upto = self._readings[: self._now() + 1]
        return [
            recorded
            for reading in upto
            for recorded in reading.get((place, part), ())
            if recorded.answer.status < 300
        ]

    def _now(self) -> int:
        """The reading that the clock is in; before the first one that one."""
        now = self._clock.now()
        return max((n for n, at in enumerate(self._times) if at <= now), default=0)

    def _replayed(self, answer: format.Answer, recorded: _Recorded | None) -> Answer:
        headers = {name: value for name, value in answer.headers.items() if name != "date"}
        said = answer.headers.get("date") or (
            recorded.answer.headers.get("date") if recorded is not None else None
        )
        return _http(answer.status, headers, _body(answer), answer.text, http_date(said) or self._read_at)

    def _sent(self, status: int, body: object) -> Answer:
        return _http(status, {}, body, None, self._read_at)

    @property
    def _read_at(self) -> datetime:
        return self._times[self._now()]


_ELSEWHERE = ("include", "defaults")
"""Keys that name files, or give every table what is taken out of it here."""


def configuration(recording: Recording, folder: Path, source: str) -> Config:
    """The recording's configuration, its secrets a stand-in kept in `folder`. Raises Problem.

    What could reach outside the recording is not taken from it: secrets' places, commands, files.
    """
    write_private(folder / STAND_IN, STAND_IN)
    reference = f"file:{folder / STAND_IN}"
    tree = {key: value for key, value in recording.configuration.items() if key not in _ELSEWHERE}
    try:
        tree["orgs"] = {n: {**_table(t), "sign_in": _sign_in(t, reference)} for n, t in _tables(tree, "orgs")}
        tree["tenants"] = {
            n: {**_table(t), "client_id": STAND_IN, "client_secret": reference}
            for n, t in _tables(tree, "tenants")
        }
        tree["connections"] = {n: _without(t, "status_command") for n, t in _tables(tree, "connections")}
        settings = _table(tree.get("app", {}))
        tree["app"] = {name: settings[name] for name in _ORG_SETTINGS if name in settings}
        text = tomli_w.dumps(tree)
    except (TypeError, ValueError, AttributeError, RecursionError):
        raise Problem(
            "The recording cannot be read",
            f"{source}: configuration: expected the tables of config.toml.",
            "Record again with this version, or correct the file.",
        ) from None
    return parse(text, source)


def _sign_in(table: object, reference: str) -> dict[str, str]:
    """Whatever way it was: with a secret it is asked for a token, else it has one."""
    way = _table(_table(table).get("sign_in", {})).get("way")
    if way == "client_credentials":
        return {"way": "client_credentials", "client_id": STAND_IN, "client_secret": reference}
    return {"way": "access_token", "token": reference}


def _tables(tree: Mapping[str, Any], name: str) -> Iterable[tuple[str, Any]]:
    return _table(tree.get(name, {})).items()


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _without(table: object, name: str) -> dict[str, Any]:
    return {key: value for key, value in _table(table).items() if key != name}


def _recorded(reading: format.Reading) -> dict[tuple[str, str], list[_Recorded]]:
    """A reading's answers by place and part, in order; composites taken apart."""
    began = _at(reading)
    found: dict[tuple[str, str], list[_Recorded]] = {}
    for exchange in reading.exchanges:
        request, at = exchange.request, began + timedelta(seconds=exchange.after)
        for asked, answer in _taken_apart(request, exchange.answer, at):
            found.setdefault((request.place, asked.part), []).append(_Recorded(asked, answer))
    for place, by_part in reading.parts.items():
        for part, answers in by_part.items():
            several = answers if isinstance(answers, list) else [] if answers is None else [answers]
            found[place, part] = [_Recorded(RequestPart(part), answer) for answer in several]
    return found


def _taken_apart(
    request: format.Request, answer: format.Answer, at: datetime
) -> Iterable[tuple[RequestPart, format.Answer]]:
    if request.place.startswith("tenant:"):
        yield request_parts.of_search(request.path, request.search), answer
        return
    if not request.parts:
        asked = (
            request_parts.of_query(request.query, at)
            if request.query
            else request_parts.of_org(request.method, request.path, at)
        )
        yield asked, answer
        return
    yield (
        RequestPart(request_parts.COMPOSITE),
        format.Answer(answer.status, answer.headers, _body(answer), answer.text),
    )
    whole = answer.body.get("compositeResponse") if isinstance(answer.body, dict) else None
    for part in whole if isinstance(whole, list) else ():
        if isinstance(part, dict) and (address := request.parts.get(str(part.get("referenceId")))):
            status = part.get("httpStatusCode")
            answered = format.Answer(
                status if isinstance(status, int) else 200, answer.headers, part.get("body")
            )
            yield request_parts.of_sub_request(address, at), answered


def _at(reading: format.Reading) -> datetime:
    return reading.at or datetime.min.replace(tzinfo=UTC)


def _body(answer: format.Answer) -> object:
    if answer.records is not None:
        return {"totalSize": len(answer.records), "done": True, "records": answer.records}
    return answer.body


def _records(answer: format.Answer) -> list[dict[str, Any]] | None:
    body = _body(answer)
    rows = body.get("records") if isinstance(body, dict) else None
    return rows if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else None


def _page(answer: format.Answer, records: Sequence[dict[str, Any]], query: str) -> object:
    """The recorded page with those of `records` that the query asks for."""
    chosen = row_filter.select(records, query)
    page = _body(answer)
    if chosen == _records(answer):
        return page
    return {**(page if isinstance(page, dict) else {}), "totalSize": len(chosen), "records": chosen}


def _sub_requests(body: bytes) -> list[dict[str, Any]]:
    tree = _json(body)
    found = tree.get("compositeRequest") if isinstance(tree, dict) else None
    return [part for part in found or () if isinstance(part, dict)] if isinstance(found, list) else []


def _json(body: bytes) -> object:
    try:
        return msgspec.json.decode(body) if body else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def _error(part: str) -> dict[str, str]:
    return {"errorCode": NOT_RECORDED, "message": f"Not in this recording: {part}."}


def _http(status: int, headers: Mapping[str, str], body: object, text: str | None, date: datetime) -> Answer:
    kind = {} if text is not None else {"content-type": "application/json"}
    # In ASCII: a lone surrogate in a recorded text goes to the program as it came.
    data = text.encode("utf-8", "surrogatepass") if text is not None else json.dumps(body).encode()
    answered = {**kind, **headers, "date": format_datetime(date.astimezone(UTC), usegmt=True)}
    return Answer(status, answered, b"" if status == 204 else data, date)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].partition("?")[0].casefold()


def _path(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2].partition("?")[0]
