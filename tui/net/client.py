"""The HTTP client, the only module that imports httpx: one client a host, and what its errors mean."""

import asyncio
import contextlib
import logging
import ssl
import sys
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urlsplit

import msgspec

from tui.base import failures
from tui.base.secret import Secret
from tui.base.text import clean
from tui.net.answer import MAX_BODY, Answer, Request, http_date, unpacking
from tui.net.errors import NetProblem, host_of, unsendable, unusable_address, unusable_proxy
from tui.net.keep_alive import PER_HOST, Dead, HostClient, HostClients, NotHttp, Trace
from tui.net.proxies import LOOPBACK, proxy_of, raw_password
from tui.net.trust import moved_to, redirect_refused, sendable, trusted

if TYPE_CHECKING:
    import httpx

KEEP_ALIVE = 55.0
"""Seconds an idle connection is kept: firewalls forget one without a word, the strictest after a minute."""
BURST = 1.0
"""Seconds within which a connection that answered is taken to be alive."""
FIRST_BYTE = 3.0
"""Seconds that a connection which was idle may take to begin its answer; then a fresh one is asked."""
FIRST_BYTE_IN_A_BURST = 10.0
"""The same within a burst: the connection is hardly dead, the host rather slow."""
CONNECT = 10.0
"""Seconds within which a connection must stand."""
MAX_MOVES = 4
NEVER = ("httpx._main",)
"""httpx's own command line: it brings click, rich and pygments where they are installed."""
ABSENT = ("sniffio",)
"""httpcore asks for it several times a request; an import that fails searches every folder each time."""


def keep_out() -> None:
    """Make the import of what this program never needs fail at once, as where it is not installed."""
    modules = cast("dict[str, object]", sys.modules)
    for name in (*NEVER, *(name for name in ABSENT if name not in modules and find_spec(name) is None)):
        modules.setdefault(name, None)


# Before httpx is imported anywhere.
keep_out()


class Net:
    """Sends requests. `transports` (by base URL) stand in for the network in tests.

    `keep_alive` and `first_byte` are in real seconds: see KEEP_ALIVE and FIRST_BYTE; `most_hosts` may have open
    connections (by default as many as there are descriptors for).
    """

    def __init__(
        self,
        *,
        ca_bundle: str | None = None,
        transports: "Mapping[str, httpx.AsyncBaseTransport] | None" = None,
        keep_alive: float = KEEP_ALIVE,
        first_byte: float = FIRST_BYTE,
        most_hosts: int | None = None,
    ) -> None:
        self._ca_bundle = ca_bundle
        self._transports = {_origin(url): transport for url, transport in (transports or {}).items()}
        self._keep_alive = keep_alive
        self._first_byte = first_byte
        self._clients: HostClients[httpx.AsyncBaseTransport] = HostClients(keep_alive, most_hosts)
        self._context: ssl.SSLContext | None = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        basic: tuple[str, Secret] | None = None,
        bearer: Secret | None = None,
        timeout: float = 20.0,
        safe: bool | None = None,
    ) -> Answer:
        """Send one request and read the whole answer within `timeout` real seconds. Raises NetProblem.

        A redirect is followed only where a Salesforce host has moved to another one. `safe`: it changes nothing
        and may go again where its connection turns out dead (by default a GET); everything else goes once.
        """
        import httpx

        may_repeat = method == "GET" if safe is None else safe
        try:
            sent_headers = _headers(url, headers, bearer, basic)
            async with asyncio.timeout(timeout):
                for _ in range(MAX_MOVES):
                    build = partial(
                        httpx.Request,
                        method,
                        url,
                        headers=sent_headers,
                        params=dict(params) if params else None,
                        json=json,
                        data=dict(form) if form else None,
                    )
                    found = await self._exchange(url, build, may_repeat)
                    if isinstance(found, Answer):
                        return found
                    url, params = found, None
                raise redirect_refused(url, "itself, again and again")
        except (TimeoutError, httpx.TimeoutException, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _problem(error, host_of(url), timeout, self._proxy_name(url)) from None
        except (UnicodeError, ValueError):
            raise unsendable(
                f"The settings for {host_of(url)} contain characters that HTTP does not allow.",
                "Check the addresses and secrets in the configuration.",
            ) from None

    def prepare(self, url: str) -> None:
        """Load what a request to `url` needs; where it is not usable, the request says so."""
        with contextlib.suppress(NetProblem):
            self._client_of(url)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._clients.aclose()

    async def _exchange(
        self, url: str, build: "Callable[[], httpx.Request]", may_repeat: bool
    ) -> Answer | str:
        """The answer, or where the host has moved to; over a fresh connection where an idle one was dead."""
        while True:
            host = self._client_of(url)
            if not may_repeat and host.idle > BURST:
                # A change is never sent twice: it goes over a connection that is surely alive.
                host = await self._renewed(url, host, host.keep)
            idle = host.idle
            try:
                return await self._attempt(host, url, build(), may_repeat)
            except Dead:
                # Such a way forgets connections sooner than most: do not wait for the next one to fail.
                await self._renewed(url, host, max(BURST, min(host.keep, idle / 2)))

    async def _attempt(
        self,
        host: "HostClient[httpx.AsyncBaseTransport]",
        url: str,
        request: "httpx.Request",
        may_repeat: bool,
    ) -> Answer | str:
        import httpx

        limit = self._first_byte if host.idle > BURST else FIRST_BYTE_IN_A_BURST
        try:
            async with host.used() as client, asyncio.timeout(None) as patience:

                def hurry() -> None:
                    if may_repeat:
                        patience.reschedule(asyncio.get_running_loop().time() + limit)

                trace = Trace(hurry)
                request.extensions |= {"trace": trace, "timeout": {"connect": CONNECT}}
                response = await client.handle_async_request(request)
                patience.reschedule(None)
                host.answered_at = asyncio.get_running_loop().time()
                try:
                    if 300 <= response.status_code < 400:
                        location = str(response.headers.get("location", ""))
                        return moved_to(url, str(request.url), response.status_code, location)
                    return await _answer(response, host_of(url))
                finally:
                    await response.aclose()
        except NotHttp:
            raise NetProblem(
                "No web server at this port",
                f"{host_of(url)} answers, but not with HTTP.",
                failures.WRONG_PORT,
            ) from None
        except (httpx.TransportError, TimeoutError):
            if may_repeat and trace.reused and not trace.answered:
                raise Dead from None
            raise

    async def _renewed(
        self, url: str, host: "HostClient[httpx.AsyncBaseTransport]", keep: float
    ) -> "HostClient[httpx.AsyncBaseTransport]":
        """A client without any connection in place of this one."""
        origin = _origin(url)
        if origin not in self._transports and self._clients.get(origin) is host:
            self._clients[origin] = HostClient(self._open(url, origin, keep), keep)
            await host.retire()
        return self._clients.get(origin, host)

    def _client_of(self, url: str) -> "HostClient[httpx.AsyncBaseTransport]":
        origin = _origin(url)
        if origin not in self._clients:
            host = HostClient(self._open(url, origin, self._keep_alive), self._keep_alive)
            if origin in self._transports:
                # A stand-in has nothing that could be closed and opened again.
                host.kept = True
            self._clients.add(origin, host)
        return self._clients[origin]

    def _open(self, url: str, origin: str, keep: float) -> "httpx.AsyncBaseTransport":
        import httpx

        # Its loggers print whole URLs at INFO.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        if transport := self._transports.get(origin):
            return transport
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host or parts.scheme not in ("http", "https"):
            raise unusable_address(host or clean(url, 80), "The address is not an https address.")
        if parts.scheme != "https" and host not in LOOPBACK:
            raise unusable_address(host, "Plain http would show the token to everybody on the way.")
        variable, proxy = proxy_of(url)
        # Without TLS nobody is trusted, and reading all the certificates would be for nothing.
        context = self.trust() if parts.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if proxy and raw_password(proxy):
            raise unusable_proxy(
                f"{variable} holds a user or password with a character that ends an address.",
                "In a password write %23 for #, %40 for @, %2F for / and %3F for ?.",
            )
        try:
            # Its client would add cookies, redirects and more, which nobody wants here.
            return httpx.AsyncHTTPTransport(
                verify=context,
                trust_env=False,
                limits=httpx.Limits(
                    max_connections=PER_HOST, max_keepalive_connections=PER_HOST, keepalive_expiry=keep
                ),
                proxy=_reached(proxy, self.trust()) if proxy else None,
            )
        except ImportError:
            raise unusable_proxy(
                f"{variable} names a SOCKS proxy, and the package socksio is not installed.",
                "Install socksio beside remonitor, or set HTTPS_PROXY to an http proxy.",
            ) from None
        except (ValueError, httpx.InvalidURL):
            raise unusable_proxy(
                f"{variable} is not a usable proxy address.",
                "Correct the variable, or exclude the host with NO_PROXY.",
            ) from None

    def _proxy_name(self, url: str) -> str:
        return "" if _origin(url) in self._transports else proxy_of(url)[0]

    def trust(self) -> ssl.SSLContext:
        """One context for all clients. Raises NetProblem."""
        if self._context is None:
            self._context = trusted(self._ca_bundle)
        return self._context


def _headers(
    url: str,
    more: Mapping[str, str] | None,
    bearer: Secret | None,
    basic: tuple[str, Secret] | None,
) -> dict[str, str]:
    """What is unpacked here is gzip alone, and no more of it than MAX_BODY."""
    allowed = {}
    if bearer is not None:
        allowed = {"Authorization": f"Bearer {sendable(bearer, host_of(url))}"}
    elif basic is not None:
        pair = b64encode(f"{basic[0]}:{basic[1].reveal()}".encode()).decode()
        allowed = {"Authorization": f"Basic {pair}"}
    fixed = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "remonitor"}
    return {**fixed, **(more or {}), **allowed}


async def _answer(response: "httpx.Response", host: str) -> Answer:
    # In-memory answers of tests are unpacked already; of the others no more is unpacked than is wanted.
    packed = "" if response.is_stream_consumed else response.headers.pop("content-encoding", "")
    unpack = unpacking(packed.strip().lower())
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += unpack(chunk, MAX_BODY + 1 - len(body))
        if len(body) > MAX_BODY:
            raise NetProblem(
                "The answer is too large",
                f"{host} sent more than {MAX_BODY // 1_000_000} MB.",
                "Check that the address in the configuration is the right one.",
            )
    headers = {name.lower(): clean(value, 500) for name, value in response.headers.items()}
    return Answer(response.status_code, headers, bytes(body), http_date(headers.get("date")))


def _problem(error: Exception, host: str, timeout: float, proxy: str) -> NetProblem:
    import httpx

    if isinstance(error, httpx.ConnectTimeout):
        place = f"The proxy of {proxy}" if proxy else host
        return NetProblem(
            "No connection", f"{place} could not be reached in time.", "Check network and proxy.", sent=False
        )
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return NetProblem(
            "No answer in time",
            f"{host} did not answer within {timeout:g} s.",
            "Try again; if it stays, check network and proxy.",
        )
    if isinstance(error, httpx.ProxyError):
        return NetProblem(
            "The proxy refused",
            f"The proxy of {proxy or 'the environment'} did not connect to {host}: {clean(str(error), 200)}.",
            "Check the proxy's address and rights, or exclude the host with NO_PROXY.",
            sent=False,
        )
    if explained := failures.of_tls(error, host):
        return NetProblem(*explained, sent=False)
    if isinstance(error, httpx.ConnectError):
        if explained := failures.of_connecting(error, host, proxy):
            return NetProblem(*explained, sent=False)
        return NetProblem(
            "No connection",
            f"{host} cannot be reached: {clean(str(error), 200) or 'connection failed'}.",
            f"Check the address and the network{f', and the proxy in {proxy}' if proxy else ''}.",
            sent=False,
        )
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return unusable_address(host, "The address is not an https address.")
    if isinstance(error, httpx.LocalProtocolError):
        # Its text can quote a header, and a header can be the token.
        return unsendable(
            f"The request to {host} breaks the rules of HTTP.",
            "Check the secrets in the configuration for stray characters.",
        )
    return NetProblem(
        "The answer broke off",
        f"The connection to {host} ended before the whole answer was there.",
        "Try again; if it stays, check network and proxy.",
    )


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    except ValueError:
        return url


def _reached(proxy: str, context: ssl.SSLContext) -> "httpx.Proxy":
    """A proxy; one that is reached by TLS itself is held to the same trusted certificates."""
    import httpx

    return httpx.Proxy(proxy, ssl_context=context if proxy.startswith("https:") else None)


class ReplayNet(Net, ABC):
    """A Net without a network: `played` answers each request, whatever its address."""

    @abstractmethod
    async def played(self, request: Request) -> Answer: ...

    def _open(self, url: str, origin: str, *_: object) -> "httpx.AsyncBaseTransport":
        import httpx

        async def handle(request: httpx.Request) -> httpx.Response:
            answer = await self.played(Request(request.method, str(request.url), await request.aread()))
            return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

        return httpx.MockTransport(handle)


class RecordingNet(Net, ABC):
    """A Net that tells `heard` of each answer, and of what was asked: address, parameters and JSON."""

    @abstractmethod
    def heard(self, request: Request, answer: Answer) -> None: ...

    async def request(self, method: str, url: str, **named: Any) -> Answer:
        """As Net does."""
        answer = await super().request(method, url, **named)
        asked = f"{url}?{urlencode(named['params'])}" if named.get("params") else url
        body = msgspec.json.encode(named["json"]) if named.get("json") is not None else b""
        self.heard(Request(method, asked, body), answer)
        return answer
