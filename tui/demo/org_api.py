"""The stand-in org over HTTP: Salesforce's addresses, headers and error bodies."""

import base64
import binascii
import html
import json
import re
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tui.demo import authorize, oauth, permissions, rest
from tui.demo.door import Door
from tui.demo.org import Org, Row
from tui.demo.refusal import Refusal, session_invalid
from tui.demo.sign_in import SignInRefused

_METHODS = ["GET", "POST", "PATCH", "DELETE", "PUT"]


def app(org: Org) -> Door:
    """The org's ASGI app behind its door."""
    api = _OrgApi(org)
    routes = [
        Route("/services/oauth2/authorize", api.authorize, methods=["GET", "POST"]),
        Route("/services/oauth2/token", api.token, methods=["POST"]),
        Route("/services/oauth2/userinfo", api.userinfo, methods=["GET", "POST"]),
        Route("/id/{org}/{user}", api.userinfo, methods=["GET", "POST"]),
        Route("/services/data", api.versions, methods=["GET"]),
        Route("/services/data/", api.versions, methods=["GET"]),
        Route("/services/data/{rest:path}", api.data, methods=_METHODS),
    ]
    limit = Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    overload = Refusal(503, "SERVER_UNAVAILABLE", "The server is temporarily unavailable.")
    refusals = {
        "unauthorized": (401, session_invalid().body()),
        "request_limit": (limit.status, limit.body()),
        "overload": (overload.status, overload.body()),
    }
    return Door(_tidied(Starlette(routes=routes)), org.now, refusals)


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
        self.codes: dict[str, authorize.Grant] = {}

    async def versions(self, _request: Request) -> Response:
        return JSONResponse(rest.versions())

    async def authorize(self, request: Request) -> Response:
        """The page that asks a person, and where his browser goes after his answer."""
        query = dict(request.query_params)
        try:
            if request.method == "GET":
                return HTMLResponse(authorize.page(self.org, query))
            form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
            target = authorize.answer(self.org, self.codes, query, form.get("answer") == "allow")
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
        user = self._user(request)
        if user is None:
            return Response("Bad_OAuth_Token", status_code=403, media_type="text/plain")
        base, org = _base_url(request), self.org
        return JSONResponse(
            {
                "sub": f"{base}/id/{org.id}/{user['Id']}",
                "user_id": user["Id"],
                "organization_id": org.id,
                "preferred_username": user["Username"],
                "username": user["Username"],
                "name": user["Name"],
                "email": user["Email"],
                "active": user["IsActive"],
                "user_type": user["UserType"].upper(),
                "urls": {
                    "rest": f"{base}/services/data/v{{version}}/",
                    "custom_domain": f"https://{org.my_domain}",
                },
            }
        )

    async def data(self, request: Request) -> Response:
        org = self.org
        user = self._user(request)
        if user is None:
            return _refuse(session_invalid())
        if "ApiEnabled" not in permissions.effective(org, user["Id"]):
            return _refuse(
                Refusal(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
            )
        if not org.count_call(user["Username"]):
            return _refuse(Refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
        caller = rest.Caller(user, _base_url(request))
        try:
            body = _json(await request.body())
        except ValueError:
            reply = rest.Reply(400, Refusal(400, "JSON_PARSER_ERROR", "Unexpected character").body())
        else:
            path = request.url.path.rstrip("/")
            reply = rest.answer(org, caller, request.method, f"{path}?{request.url.query}", body)
        headers = {"Sforce-Limit-Info": f"api-usage={org.api_used}/{org.api_limit}"}
        if reply.body is None:
            return Response(status_code=reply.status, headers=headers)
        return JSONResponse(reply.body, status_code=reply.status, headers=headers)

    def _user(self, request: Request) -> Row | None:
        """The user of the request's bearer token, or None."""
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        session = self.org.session(bearer.strip()) if scheme in ("Bearer", "OAuth") else None
        return self.org.tables["User"][session.user_id] if session else None


def _refuse(refusal: Refusal) -> Response:
    return JSONResponse(refusal.body(), status_code=refusal.status)


def _json(body: bytes) -> Any:
    return json.loads(body) if body else None


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
