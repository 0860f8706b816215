"""The browser of a sign-in: opened where there is one; the callback that it comes back to, or its address pasted."""

import asyncio
import hmac
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from tui.base import process
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.base.text import clean
from tui.salesforce.sign_in.refusals import OAuthError

MAX_REQUEST = 16 * 1024
OPEN_SECONDS = 3.0
"""Real seconds after which a browser's launcher that has not failed is taken to work."""
REQUEST_SECONDS = 10.0
"""Real seconds within which a browser must have sent its request."""

SIGNED_IN = "You can close this page and go back to the terminal."
REFUSED = "The sign-in was refused. You can close this page; the terminal says more."

_PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>remonitor</title></head>
<body><p>{text}</p></body></html>"""


_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


def has_browser(environment: Mapping[str, str], platform: str = sys.platform) -> bool:
    """Whether a browser would open before the eyes of who called: over SSH only where a display came along."""
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return True
    over_ssh = "SSH_CONNECTION" in environment or "SSH_TTY" in environment
    return not over_ssh and (platform == "darwin" or bool(environment.get("BROWSER")))


async def open_browser(address: str) -> bool:
    """Have the operator's browser open the address; False where none does. It is never waited for long."""
    return await process.launch((sys.executable, "-P", "-c", _OPEN, address), OPEN_SECONDS)


class Returned(Struct, frozen=True):
    """What the browser came back with: a code, or the org's refusal."""

    code: Secret | None = None
    refused: OAuthError | None = None


class Foreign(Exception):
    """An address that does not belong to the sign-in that was begun."""


def read(address: str, state: str) -> Returned:
    """What the final address says: whole, without its host, or its query alone. Raises Foreign."""
    try:
        query = urlsplit(address.strip()).query if "?" in address else address.strip()
    except ValueError:
        raise Foreign("This is no address.") from None
    answer = dict(parse_qsl(query))
    if "code" not in answer and "error" not in answer:
        raise Foreign("There is no code in it.")
    if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
        raise Foreign("It belongs to another sign-in.")
    if "error" in answer:
        refused = OAuthError(clean(answer["error"], 100), clean(answer.get("error_description", ""), 400))
        return Returned(refused=refused)
    return Returned(code=Secret(answer["code"]))


class Callback:
    """Waits for the browser on `port`; `returned` is done when it came back with this sign-in's state."""

    def __init__(self, state: str, path: str) -> None:
        self.port = 0
        self.path = path
        self.returned: asyncio.Future[Returned] = asyncio.get_running_loop().create_future()
        self._state = state
        self._open: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """What the app must have as its callback."""
        return f"http://localhost:{self.port}{self.path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request. Strangers are refused and change nothing."""
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                page, returned = self._answer(head.split(b"\r\n", 1)[0].decode("ascii", "replace"))
                writer.write(page)
                await writer.drain()
            if returned is not None and not self.returned.done():
                self.returned.set_result(returned)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # A browser that opened a connection ahead and never used it.
            pass
        finally:
            writer.close()

    def end(self) -> None:
        """Wait for nobody any more."""
        for task in self._open:
            task.cancel()
        self.returned.cancel()

    def _answer(self, line: str) -> tuple[bytes, Returned | None]:
        method, _, rest = line.partition(" ")
        target = rest.partition(" ")[0]
        if method != "GET" or not target.startswith(f"{self.path}?"):
            return _page("404 Not Found", "Nothing is here."), None
        try:
            returned = read(target, self._state)
        except Foreign:
            return _page("400 Bad Request", "This does not belong to the sign-in that remonitor began."), None
        return _page("200 OK", REFUSED if returned.refused else SIGNED_IN), returned


@asynccontextmanager
async def listening(state: str, port: int, path: str) -> AsyncIterator[Callback]:
    """A callback on this `port` of loopback, 0 for any free one, and this path. Raises Problem where it is taken."""
    callback = Callback(state, path)
    try:
        server = await asyncio.start_server(callback.serve, "127.0.0.1", port, limit=MAX_REQUEST)
    except OSError as error:
        raise Problem(
            "The callback's port is not free",
            f"Port {port}: {clean(error.strerror or str(error), 200)}.",
            "End the program that uses it, or set callback_port here and in the app to another one.",
        ) from None
    callback.port = server.sockets[0].getsockname()[1]
    try:
        yield callback
    finally:
        server.close()
        callback.end()


def _page(status: str, text: str) -> bytes:
    body = _PAGE.format(text=text).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
