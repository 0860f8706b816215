"""Around each stand-in vendor: every answer gets the vendor's Date, and tests can make it misbehave."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tui.demo.habits import OrgHabits, TenantHabits

INSIDER = "Incydr/1.0"
"""The stand-in Incydr's User-Agent: knobs spare it unless they are for everyone."""


class KnobKind(StrEnum):
    """How a vendor can be made to misbehave."""

    LATENCY = "latency"
    UNAUTHORIZED = "unauthorized"
    REQUEST_LIMIT = "request_limit"
    CONCURRENT_LIMIT = "concurrent_limit"
    BAD_OAUTH_TOKEN = "bad_oauth_token"  # noqa: S105 - a kind
    OVERLOAD = "overload"
    HTML = "html"
    ANSWER = "answer"
    CUT_BODY = "cut_body"
    HANG = "hang"
    REDIRECT = "redirect"


KINDS: dict[str, str] = {
    KnobKind.LATENCY: "answers `seconds` later",
    KnobKind.UNAUTHORIZED: "the session is refused",
    KnobKind.REQUEST_LIMIT: "the day's calls are said to be used up",
    KnobKind.CONCURRENT_LIMIT: "too many long requests are said to run (an org); `body` may say so in other words",
    KnobKind.BAD_OAUTH_TOKEN: "403 and one word, for `path` /services/oauth2/userinfo (an org)",
    KnobKind.OVERLOAD: "503 or `status`, with `retry_after` seconds",
    KnobKind.HTML: "a page instead of JSON, with `status`",
    KnobKind.ANSWER: "`status` with the JSON of `body`",
    KnobKind.CUT_BODY: "half of the true answer",
    KnobKind.HANG: "no answer at all",
    KnobKind.REDIRECT: "sent on to another host",
}
"""Every kind of knob and what it does."""

_HTML = (
    "<!DOCTYPE html><html><head><title>Down for maintenance</title></head><body>We are down.</body></html>"
)


@dataclass
class Knob:
    """One way to misbehave, for the next `left` requests, or until cleared where `left` is None."""

    kind: KnobKind
    left: int | None = None
    seconds: float = 0.0  # latency, in real seconds
    status: int = 503  # overload, html and answer
    retry_after: int | None = None  # seconds
    path: str = ""  # only requests whose path contains this
    everyone: bool = False
    body: Any = None  # JSON: of answer; of the refusals instead of their own


@dataclass
class Middleware:
    """An ASGI app around a vendor's. `refusals` are the vendor's own bodies by kind of knob.

    `habits` say how long the vendor keeps a connection that is idle; None keeps it for good.
    """

    app: ASGIApp
    now: Callable[[], datetime]
    refusals: dict[KnobKind, tuple[int, Any]]
    habits: OrgHabits | TenantHabits | None = None
    knobs: list[Knob] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self.now(), usegmt=True).encode()
                message["headers"] = [*message.get("headers", ()), (b"date", date)]
            await send(message)

        answering = None
        for knob in self._taken(scope):
            if knob.kind is KnobKind.LATENCY:
                await asyncio.sleep(knob.seconds)
            else:
                answering = answering or knob
        if answering is None:
            await self.app(scope, receive, dated)
        else:
            await self._misbehave(answering, scope, receive, dated)

    def _taken(self, scope: Scope) -> list[Knob]:
        agent = dict(scope["headers"]).get(b"user-agent", b"").decode("latin-1")
        taken = []
        for knob in list(self.knobs):
            spared = agent.startswith(INSIDER) and not knob.everyone
            signing_in = "oauth" in scope["path"] and knob.kind in (
                KnobKind.UNAUTHORIZED,
                KnobKind.REQUEST_LIMIT,
            )
            if spared or signing_in or knob.path not in scope["path"]:
                continue
            taken.append(knob)
            if knob.left is not None:
                knob.left -= 1
                if knob.left <= 0:
                    self.knobs.remove(knob)
        return taken

    async def _misbehave(self, knob: Knob, scope: Scope, receive: Receive, send: Send) -> None:
        match knob.kind:
            case KnobKind.HTML:
                await answer(send, knob.status, _HTML.encode(), b"text/html; charset=utf-8")
            case KnobKind.REDIRECT:
                await answer(send, 302, b"", b"text/plain", [(b"location", b"https://elsewhere.example/")])
            case KnobKind.OVERLOAD:
                extra = [] if knob.retry_after is None else [(b"retry-after", str(knob.retry_after).encode())]
                await answer(
                    send, knob.status, json.dumps(self.refusals[KnobKind.OVERLOAD][1]).encode(), extra=extra
                )
            case KnobKind.ANSWER:
                await answer(send, knob.status, json.dumps(knob.body).encode())
            case KnobKind.BAD_OAUTH_TOKEN:
                status, word = self.refusals[KnobKind.BAD_OAUTH_TOKEN]
                await answer(send, status, str(word).encode(), b"text/plain;charset=UTF-8")
            case KnobKind.HANG:
                # Reading on ends when the client has gone.
                while (await receive())["type"] != "http.disconnect":
                    pass
            case KnobKind.CUT_BODY:
                await self._cut(scope, receive, send)
            case kind:
                status, body = self.refusals[kind]
                await answer(send, status, json.dumps(knob.body or body).encode())

    async def _cut(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The true answer with its announced length, but only half of its body."""
        chunks: list[bytes] = []
        start: list[Message] = []

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.append(message)
            else:
                chunks.append(message.get("body", b""))

        await self.app(scope, receive, keep)
        body = b"".join(chunks)
        await send(start[0])
        # A real server objects to a body that is too short and closes the connection: that is the point.
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": False})


async def answer(
    send: Send,
    status: int,
    body: bytes,
    content_type: bytes = b"application/json;charset=UTF-8",
    extra: list[tuple[bytes, bytes]] | None = None,
) -> None:
    """Send one whole answer."""
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode()), *(extra or ())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
