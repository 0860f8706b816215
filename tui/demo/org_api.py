"""The stand-in org over HTTP: Salesforce's addresses, headers and error bodies."""

import base64
import binascii
import html
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tui.demo import composite, oauth, rest
from tui.demo.answers import CONCURRENT, Caller, Refusal, concurrent, session_invalid
from tui.demo.middleware import INSIDER, KnobKind, Middleware
from tui.demo.org import Org, Row
from tui.demo.sign_in import SignInRefused

MAX_URI = 16_384
"""Bytes of an address; a longer one is 414 (documented)."""

# Every method comes in: the data API itself says which of them an address takes.
_METHODS = ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"]


def app(org: Org) -> Middleware:
    """The org's ASGI app in its middleware."""
    api = _OrgApi(org)
    routes = [
        Route("/services/oauth2/authorize", api.authorize, methods=["GET", "POST"]),
        Route("/services/oauth2/token", api.token, methods=["POST"]),
        Route("/services/oauth2/userinfo", api.userinfo, methods=["GET", "POST"]),
        Route("/id/{org}/{user}", api.identity, methods=["GET", "POST"]),
        Route("/services/data", api.versions, methods=["GET"]),
        Route("/services/data/", api.versions, methods=["GET"]),
        Route("/services/data/{rest:path}", api.data, methods=_METHODS),
    ]
    limit = Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    busy = concurrent(CONCURRENT[0])
    overload = Refusal(503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable.")
    refusals: dict[KnobKind, tuple[int, Any]] = {
        KnobKind.UNAUTHORIZED: (401, session_invalid().body()),
        KnobKind.REQUEST_LIMIT: (limit.status, limit.body()),
        KnobKind.CONCURRENT_LIMIT: (busy.status, busy.body()),
        KnobKind.BAD_OAUTH_TOKEN: (403, "Bad_OAuth_Token"),
        KnobKind.OVERLOAD: (overload.status, overload.body()),
    }
    return Middleware(_tidied(Starlette(routes=routes)), org.now, refusals, org.habits)


def _tidied(inner: ASGIApp) -> ASGIApp:
    """Several slashes in a row are one, as in Salesforce: its own CLI sends them."""

    async def tidy(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "path": re.sub("/{2,}", "/", scope["path"])}
        await inner(scope, receive, send)

    return tidy


class _OrgApi:
    def __init__(self, org: Org) -> None:
        self.org = org
        self.codes: dict[str, oauth.Grant] = {}

    async def versions(self, _request: Request) -> Response:
        return JSONResponse(rest.versions(self.org))

    async def authorize(self, request: Request) -> Response:
        """The page that asks a person, and where his browser goes after his answer."""
        query = dict(request.query_params)
        try:
            if request.method == "GET":
                return HTMLResponse(oauth.authorize_page(self.org, query))
            form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
            target = oauth.authorize(self.org, self.codes, query, form.get("answer") == "allow")
        except SignInRefused as refused:
            text = html.escape(f"error={refused.error}&error_description={refused.description}")
            return HTMLResponse(f"<!DOCTYPE html><html><body>{text}</body></html>", status_code=400)
        return RedirectResponse(target, status_code=302)

    async def token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        if header := request.headers.get("authorization"):
            form |= _basic(header)
        try:
            answer = oauth.token(self.org, self.codes, form, _base_url(request), _source_ip(request))
        except SignInRefused as refused:
            body = {"error": refused.error, "error_description": refused.description}
            return JSONResponse(body, status_code=400)
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    async def userinfo(self, request: Request) -> Response:
        return self._of_somebody(request, oauth.userinfo)

    async def identity(self, request: Request) -> Response:
        return self._of_somebody(request, oauth.identity)

    def _of_somebody(self, request: Request, describe: Callable[[Org, Row, str], dict[str, Any]]) -> Response:
        user = None if self.org.habits.userinfo_refused else self._user(request)
        if user is None:
            return Response("Bad_OAuth_Token", status_code=403, media_type="text/plain")
        return JSONResponse(describe(self.org, user, _base_url(request)))

    async def data(self, request: Request) -> Response:
        org = self.org
        if len(request.scope.get("raw_path") or b"") + len(request.scope["query_string"]) >= MAX_URI:
            return Response(status_code=414)
        user = self._user(request)
        if user is None:
            return _refuse(session_invalid())
        if "ApiEnabled" not in org.effective_permissions(user["Id"]):
            return _refuse(
                Refusal(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
            )
        if not org.count_call(user["Username"]):
            return _refuse(Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
        try:
            body = await _json(request)
        except Refusal as refusal:
            return _refuse(refusal)
        spared = request.headers.get("user-agent", "").startswith(INSIDER)
        if not spared and org.random.random() < org.habits.concurrent_refusals:
            return _refuse(concurrent(org.random.choice(CONCURRENT)))
        reply = rest.answer(
            org,
            Caller(
                user,
                _base_url(request),
                composite.batch_size(request.headers.get("sforce-query-options")),
                queries_time_out=not spared and org.random.random() < org.habits.query_timeouts,
            ),
            request.method,
            f"{request.url.path.rstrip('/')}?{request.url.query}",
            body,
        )
        headers = {**reply.headers, **_limit_info(org)}
        if reply.body is None or request.method == "HEAD":
            return Response(status_code=reply.status, headers=headers)
        return JSONResponse(reply.body, status_code=reply.status, headers=headers)

    def _user(self, request: Request) -> Row | None:
        """The user of the request's bearer token, or None."""
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        session = self.org.session(bearer.strip()) if scheme in ("Bearer", "OAuth") else None
        return self.org.tables["User"].get(session.user_id) if session else None


def _refuse(refusal: Refusal) -> Response:
    return JSONResponse(refusal.body(), status_code=refusal.status, headers=dict(refusal.headers))


async def _json(request: Request) -> Any:
    """The body of a request. Raises Refusal."""
    body = await request.body()
    try:
        return json.loads(body) if body else None
    except ValueError:
        raise Refusal(400, "JSON_PARSER_ERROR", "Unexpected character") from None


def _limit_info(org: Org) -> dict[str, str]:
    """Sforce-Limit-Info in the form that is the org's habit; the directives are joined by "; " (documented)."""
    used = f"{org.api_used}/{org.api_limit}"
    forms = {
        "bursts": f"api-usage={used}; api-bursts=1/750",
        "per_app": f"per-app-api-usage=17/250(appName=Acme Sync, EU); api-usage={used}",
        "odd": f"calls {used}",
    }
    if org.habits.limit_header == "none":
        return {}
    return {"Sforce-Limit-Info": forms.get(org.habits.limit_header, f"api-usage={used}")}


def _base_url(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _source_ip(request: Request) -> str:
    # The stand-in Incydr says where it pretends to come from; everybody else sits on loopback.
    return request.headers.get("x-demo-source-ip", "198.51.100.7")


def _basic(header: str) -> dict[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": client_id, "client_secret": secret}
