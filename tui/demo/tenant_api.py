"""The stand-in Incydr API over HTTP."""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tui.demo.event_search import BadFilter, compile_query, term_of
from tui.demo.middleware import KnobKind, Middleware
from tui.demo.tenant import TOKEN_LIFE, FileEvent, Tenant, wire

MAX_PAGE = 10_000
Handler = Callable[[dict[str, Any]], dict[str, Any]]


def app(tenant: Tenant) -> Middleware:
    """The tenant's ASGI app in its middleware."""
    api = _TenantApi(tenant)
    routes = [
        Route("/v1/oauth", api.sign_in, methods=["POST"]),
        Route("/v2/file-events", api.guarded(api.search), methods=["POST"]),
        Route("/v2/file-events/grouping", api.guarded(api.grouping), methods=["POST"]),
        Route("/v2/file-events/saved-searches", api.guarded(api.saved_searches), methods=["GET"]),
        Route("/v1/audit/search-audit-log", api.guarded(api.audit_log), methods=["POST"]),
    ]
    refusals: dict[KnobKind, tuple[int, Any]] = {
        KnobKind.UNAUTHORIZED: (401, {"message": "Unauthorized"}),
        KnobKind.REQUEST_LIMIT: (429, {"message": "Too many requests"}),
        KnobKind.OVERLOAD: (503, {"message": "Service unavailable"}),
    }
    return Middleware(Starlette(routes=routes), tenant.now, refusals, tenant.habits)


class _TenantApi:
    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    async def sign_in(self, request: Request) -> Response:
        if refused := self._limited():
            return refused
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            given = base64.b64decode(encoded).decode() if scheme.lower() == "basic" else ""
        except (binascii.Error, UnicodeDecodeError):
            given = ""
        if given != f"{self.tenant.client_id}:{self.tenant.client_secret}":
            return JSONResponse({"message": "Unauthorized"}, status_code=401)
        seconds = int(TOKEN_LIFE.total_seconds())
        return JSONResponse(
            {"access_token": self.tenant.open_session(), "token_type": "bearer", "expires_in": seconds}
        )

    def guarded(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """An endpoint that wants a token, keeps to the limit, and reads and answers JSON."""

        async def endpoint(request: Request) -> Response:
            if refused := self._limited():
                return refused
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not self.tenant.knows(token.strip()):
                return JSONResponse({"message": "Unauthorized"}, status_code=401)
            try:
                body = json.loads(await request.body() or b"{}")
                if not isinstance(body, dict):
                    raise ValueError
            except ValueError:
                return JSONResponse({"message": "Malformed JSON"}, status_code=400)
            try:
                return JSONResponse(handler(body))
            except BadFilter as bad:
                return JSONResponse({"problems": [bad.problem]}, status_code=400)

        return endpoint

    def search(self, body: dict[str, Any]) -> dict[str, Any]:
        test = compile_query(body, self.tenant.now())
        found = [event for event in self.tenant.found() if test(event)]
        found.sort(key=_sort_key(body), reverse=body.get("srtDir") == "desc")
        size = _number(body, "pgSize", 100, MAX_PAGE)
        if (token := body.get("pgToken")) is not None:
            start = next((n + 1 for n, event in enumerate(found) if event.id == token), 0)
        else:
            start = (_number(body, "pgNum", 1, 1_000_000) - 1) * size
        page = found[start : start + size]
        more = start + size < len(found)
        return {
            "totalCount": len(found),
            "fileEvents": [wire(event) for event in page],
            "nextPgToken": page[-1].id if token is not None and more else None,
            "problems": None,
        }

    def grouping(self, body: dict[str, Any]) -> dict[str, Any]:
        get = term_of(body.get("groupingTerm"))
        if get is None:
            raise BadFilter(None, f"Unknown grouping term {body.get('groupingTerm')}", "UNKNOWN_TERM")
        test = compile_query(body, self.tenant.now())
        # Events that have nothing under the term are in no group.
        values = (get(event) for event in self.tenant.found() if test(event))
        counts = Counter(str(value) for value in values if value is not None)
        return {
            "groups": [{"value": value, "docCount": count} for value, count in counts.most_common()],
            "problems": None,
        }

    def saved_searches(self, _body: dict[str, Any]) -> dict[str, Any]:
        return {"searches": []}

    def audit_log(self, _body: dict[str, Any]) -> dict[str, Any]:
        # No documented event type speaks of data connections, so there is nothing to tell.
        return {"events": []}

    def _limited(self) -> Response | None:
        self.tenant.calls += 1
        if seconds := self.tenant.seconds_to_wait():
            return JSONResponse(
                {"message": "Too many requests"}, status_code=429, headers={"Retry-After": str(seconds)}
            )
        return None


def _sort_key(body: dict[str, Any]) -> Callable[[FileEvent], Any]:
    term = body.get("srtKey") or "event.id"
    get = term_of(term)
    if get is None:
        raise BadFilter(None, f"Cannot sort by {term}", "UNKNOWN_TERM")

    def key(event: FileEvent) -> tuple[bool, Any]:
        value = get(event)
        return value is not None, value if value is not None else 0

    return key


def _number(body: dict[str, Any], name: str, default: int, most: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise BadFilter(None, f"{name} must be a number from 1 to {most}", "INVALID_VALUE")
    return value
