"""Keeps what went over the program's network as a recording: a `Recorder` is a Net.

Of a request only place, path and query are kept, of an answer only the headers that matter. Tokens, secrets and
cookies are never in it; names and Ids are, until `redaction.py` has put stand-ins in their place.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import structs

from tui.base.clock import Clock
from tui.config import AppSettings, Config
from tui.connections.connection import Connection, Org, Tenant
from tui.net import Answer, RecordingNet, Request
from tui.recordings import format
from tui.recordings.format import Exchange, Expected, Reading, Recording
from tui.recordings.replay import STAND_IN
from tui.recordings.request_parts import TENANT_SIGN_IN, TOKEN, of_org

HEADERS = ("content-type", "date", "retry-after", "sforce-limit-info")
"""The headers of an answer that are kept."""
PAUSE = timedelta(seconds=5)
"""After so long without an answer the next one belongs to another reading."""
_TOKENS = frozenset(
    {"access_token", "refresh_token", "id_token", "AccessToken", "RequestToken", "DeleteToken"}
)
_SIGN_IN_ANSWER = ("error", "error_description", "expires_in", "token_type")
_FIELD = ("name", "filterable", "groupable", "sortable")
_VERSIONED = re.compile(r"^/services/data/v\d+\.\d+")


class Recorder(RecordingNet):
    """Collects exchanges of the orgs and tenants of `config`; `named` is what Net takes."""

    def __init__(self, config: Config, clock: Clock, **named: Any) -> None:
        super().__init__(**named)
        self._config = config
        self._clock = clock
        self._places = {urlsplit(o.api_url).netloc: f"org:{n}" for n, o in config.orgs.items()}
        self._places |= {urlsplit(t.base_url).netloc: f"tenant:{n}" for n, t in config.tenants.items()}
        self._exchanges: list[tuple[datetime, format.Request, format.Answer]] = []
        self._begun: list[int] = []

    def begin(self) -> None:
        """Another reading begins; without this a pause tells them apart."""
        self._begun.append(len(self._exchanges))

    def heard(self, request: Request, answer: Answer) -> None:
        """Keep one exchange; what went to other hosts is none of the recording's."""
        place = self._places.get(urlsplit(request.url).netloc)
        if place is not None:
            now = self._clock.now()
            asked = _request(place, request)
            self._exchanges.append((now, asked, _answer(asked, answer, now)))

    def recording(
        self, origin: Literal["org", "document", "demo"], about: str = "", expected: Sequence[Expected] = ()
    ) -> Recording:
        """All that was heard, as readings; `expected`: what is right after each of them, oldest first."""
        readings: list[Reading] = []
        began = newest = None
        for number, (at, request, answer) in enumerate(self._exchanges):
            paused = newest is not None and at - newest > PAUSE
            if began is None or (number in self._begun if self._begun else paused):
                began = at
                readings.append(Reading(at=at))
            newest = at
            exchange = Exchange(request, answer, (at - began).total_seconds())
            readings[-1] = structs.replace(readings[-1], exchanges=(*readings[-1].exchanges, exchange))
        for number, right in enumerate(expected[:-1]):
            readings[number] = structs.replace(readings[number], expected=right)
        return Recording(
            schema=format.SCHEMA,
            origin=origin,
            about=about,
            configuration=configuration(self._config),
            readings=tuple(readings),
            expected=expected[-1] if expected else Expected(),
        )


def configuration(config: Config) -> dict[str, Any]:
    """The configuration as config.toml would have it, without what is secret or says where secrets are."""
    tree: dict[str, Any] = {
        "orgs": {name: _org(org) for name, org in config.orgs.items()},
        "tenants": {name: _tenant(tenant) for name, tenant in config.tenants.items()},
        "connections": {each.name: _connection(each) for each in config.connections},
    }
    if config.overrides:
        tree["requirements"] = {n: _plain(structs.asdict(o)) for n, o in config.overrides.items()}
    if app := _app(config.app):
        tree["app"] = app
    return tree


def _org(org: Org) -> dict[str, Any]:
    # `accounts` is counted from the connections.
    table = _plain(structs.asdict(org), "id", "sign_in", "accounts")
    # The address of a stand-in on this machine says nothing elsewhere.
    return {**table, "api_url": f"https://{org.my_domain}", "sign_in": {"way": org.sign_in.way}}


def _tenant(tenant: Tenant) -> dict[str, Any]:
    table = _plain(structs.asdict(tenant), "id", "client_id", "client_secret")
    https = tenant.base_url.startswith("https:")
    return {**table, "base_url": tenant.base_url if https else f"https://{tenant.id}.incydr.invalid"}


def _connection(connection: Connection) -> dict[str, Any]:
    # `shared` is worked out from the others, `status_command` is a program of this machine.
    return _plain(structs.asdict(connection), "name", "shared", "status_command")


def _app(app: AppSettings) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if app.window is not None:
        kept["window_hours"] = int(app.window.total_seconds() // (60 * 60))
    if app.intervals != AppSettings().intervals:
        kept["intervals"] = structs.asdict(app.intervals)
    return kept


def _plain(values: dict[str, Any], *without: str) -> dict[str, Any]:
    plain = msgspec.to_builtins(values)
    return {key: value for key, value in plain.items() if value is not None and key not in without}


def _request(place: str, request: Request) -> format.Request:
    split = urlsplit(request.url)
    body = _tree(request.body)
    if place.startswith("tenant:"):
        search = body if split.path != TENANT_SIGN_IN else None
        return format.Request(place, split.path, request.method, search=search)
    query = (parse_qs(split.query).get("q") or [""])[0]
    parts: dict[str, str] = {}
    if isinstance(body, dict) and isinstance(body.get("compositeRequest"), list):
        parts = {part["referenceId"]: _sub_request(part["url"]) for part in body["compositeRequest"]}
    return format.Request(place, split.path, request.method, query=query, parts=parts)


def _sub_request(url: str) -> str:
    """The text of a query, else the path below the version."""
    if query := parse_qs(urlsplit(url).query).get("q"):
        return query[0]
    return _VERSIONED.sub("", url)


def _answer(asked: format.Request, answer: Answer, now: datetime) -> format.Answer:
    headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
    body = _tree(answer.body)
    if body is None and answer.body:
        return format.Answer(answer.status, headers, text=answer.body.decode("utf-8", "replace"))
    signs_in = asked.path == TENANT_SIGN_IN or (
        asked.place.startswith("org:") and of_org(asked.method, asked.path, now).part == TOKEN
    )
    if signs_in and isinstance(body, dict):
        kept = {name: body[name] for name in _SIGN_IN_ANSWER if name in body}
        body = {**({"access_token": STAND_IN} if "access_token" in body else {}), **kept}
    return format.Answer(answer.status, headers, _kept(body))


def _kept(tree: Any) -> Any:
    """A body without tokens, and of a describe only the permissions' names and flags."""
    if isinstance(tree, list):
        return [_kept(each) for each in tree]
    if not isinstance(tree, dict):
        return tree
    fields = tree.get("fields")
    if (
        isinstance(fields, list)
        and fields
        and all(isinstance(each, dict) and "name" in each for each in fields)
    ):
        asked = [each for each in fields if str(each["name"]).startswith("Permissions")]
        described = [{name: each[name] for name in _FIELD if name in each} for each in asked]
        return {"name": tree.get("name"), "fields": described}
    return {key: STAND_IN if key in _TOKENS and value else _kept(value) for key, value in tree.items()}


def _tree(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body) if body else None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
