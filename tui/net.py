"""Everything that goes over the network: one TLS context, one client a host, one kind of failure.

httpx is imported on first use, after the first paint. Answers are handed out raw; rooms decode them.
"""

import asyncio
import logging
import os
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

import msgspec
from msgspec import Struct

from tui.base import failures
from tui.base.kept_out import keep_out
from tui.base.lines import Dead, Line, NotHttp, Trace, unpacking
from tui.base.problem import Problem
from tui.base.proxies import LOOPBACK, proxy_of, raw_password
from tui.base.secret import Secret
from tui.base.text import clean

# Before httpx is imported anywhere.
keep_out()

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

    import httpx

MAX_BODY = 8_000_000
"""Bytes of one unpacked answer that are accepted."""
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
YEARS = range(2000, 2100)
"""A vendor's clock outside of these is no clock."""
# inferred: moved_hosts - that Government Cloud's are among them.
SALESFORCE = ("salesforce.com", "force.com", "salesforce.mil")
"""Whose hosts a moved org may be found at."""
MAX_MOVES = 4


class NetProblem(Problem):
    """A request that got no usable answer. The message names the host, never a query or a token.

    `retry_after` is in seconds. `sent` is False where the request certainly did not leave.
    """

    no_answer = True

    def __init__(
        self,
        title: str,
        message: str,
        next_step: str,
        *,
        retry_after: float | None = None,
        sent: bool = True,
    ) -> None:
        super().__init__(title, message, next_step)
        self.retry_after = retry_after
        self.sent = sent


class Answer(Struct, frozen=True):
    """One HTTP answer of any status but a redirect; header names are lower-case, `date` is aware (UTC)."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    date: datetime | None = None

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait by the Retry-After header, given in seconds or as a date."""
        value = self.headers.get("retry-after", "").strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        when = http_date(value)
        if when is None or self.date is None:
            return None
        return max(0.0, (when - self.date).total_seconds())

    @property
    def is_page(self) -> bool:
        """True where a web page came instead of data."""
        return "html" in self.headers.get("content-type", "").lower() or self.body.lstrip()[:1] == b"<"


def http_date(value: str | None) -> datetime | None:
    """An HTTP date as an aware time in UTC, or None."""
    # Loaded with the first answer: the app's first frame does without the mail modules.
    from email.utils import parsedate_to_datetime

    if not value:
        return None
    try:
        when = parsedate_to_datetime(value)
        if when.year not in YEARS:
            return None
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class Net:
    """Sends requests. `transports` (by base URL) stand in for the network in tests.

    `keep_alive` and `first_byte` are in real seconds: see KEEP_ALIVE and FIRST_BYTE.
    """

    def __init__(
        self,
        *,
        ca_bundle: str | None = None,
        transports: "Mapping[str, httpx.AsyncBaseTransport] | None" = None,
        keep_alive: float = KEEP_ALIVE,
        first_byte: float = FIRST_BYTE,
    ) -> None:
        self._ca_bundle = ca_bundle
        self._transports = {_origin(url): transport for url, transport in (transports or {}).items()}
        self._keep_alive = keep_alive
        self._first_byte = first_byte
        self._lines: dict[str, Line[httpx.AsyncClient]] = {}
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

        auth = httpx.BasicAuth(basic[0], basic[1].reveal()) if basic else None
        sent_headers = {
            "Accept": "application/json",
            # What is unpacked here, and no more of it than MAX_BODY.
            "Accept-Encoding": "gzip",
            "User-Agent": "remonitor",
            **(headers or {}),
        }
        if bearer is not None:
            sent_headers["Authorization"] = f"Bearer {_sendable(bearer, host_of(url))}"
        may_repeat = method == "GET" if safe is None else safe
        try:
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
                    found = await self._exchange(url, build, auth, may_repeat)
                    if isinstance(found, Answer):
                        return found
                    url, params = found, None
                raise _refused(url, "itself, again and again")
        except (TimeoutError, httpx.TimeoutException, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise _problem(error, host_of(url), timeout, self._proxy_name(url)) from None
        except (UnicodeError, ValueError):
            raise NetProblem(
                "The request cannot be sent",
                f"The settings for {host_of(url)} contain characters that HTTP does not allow.",
                "Check the addresses and secrets in the configuration.",
                sent=False,
            ) from None

    async def aclose(self) -> None:
        """Close all connections."""
        lines, self._lines = self._lines, {}
        for line in lines.values():
            await line.client.aclose()

    async def _exchange(
        self, url: str, build: "Callable[[], httpx.Request]", auth: "httpx.Auth | None", may_repeat: bool
    ) -> Answer | str:
        """The answer, or where the host has moved to; over a fresh connection where an idle one was dead."""
        while True:
            line = self._line(url)
            if not may_repeat and line.idle > BURST:
                # A change is never sent twice: it goes over a connection that is surely alive.
                line = await self._renewed(url, line, line.keep)
            idle = line.idle
            try:
                return await self._attempt(line, url, build(), auth, may_repeat)
            except Dead:
                # Such a way forgets connections sooner than most: do not wait for the next one to fail.
                await self._renewed(url, line, max(BURST, min(line.keep, idle / 2)))

    async def _attempt(
        self,
        line: "Line[httpx.AsyncClient]",
        url: str,
        request: "httpx.Request",
        auth: "httpx.Auth | None",
        may_repeat: bool,
    ) -> Answer | str:
        import httpx

        limit = self._first_byte if line.idle > BURST else FIRST_BYTE_IN_A_BURST
        try:
            async with line.used() as client, asyncio.timeout(None) as patience:

                def hurry() -> None:
                    if may_repeat:
                        patience.reschedule(asyncio.get_running_loop().time() + limit)

                trace = Trace(hurry)
                request.extensions |= {"trace": trace, "timeout": {"connect": CONNECT}}
                response = await client.send(request, stream=True, auth=auth)
                patience.reschedule(None)
                line.answered_at = asyncio.get_running_loop().time()
                try:
                    if 300 <= response.status_code < 400:
                        return _moved(url, str(request.url), response)
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
        self, url: str, line: "Line[httpx.AsyncClient]", keep: float
    ) -> "Line[httpx.AsyncClient]":
        """A line without any connection in place of this one."""
        origin = _origin(url)
        if origin not in self._transports and self._lines.get(origin) is line:
            self._lines[origin] = Line(self._open(url, origin, keep), keep)
            await line.retire()
        return self._lines.get(origin, line)

    def _line(self, url: str) -> "Line[httpx.AsyncClient]":
        origin = _origin(url)
        if origin not in self._lines:
            self._lines[origin] = Line(self._open(url, origin, self._keep_alive), self._keep_alive)
        return self._lines[origin]

    def _open(self, url: str, origin: str, keep: float) -> "httpx.AsyncClient":
        import httpx

        # Its loggers print whole URLs at INFO.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        if transport := self._transports.get(origin):
            return httpx.AsyncClient(
                transport=transport, trust_env=False, follow_redirects=False, cookies=_no_cookies()
            )
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host or parts.scheme not in ("http", "https"):
            raise _unusable(host or clean(url, 80), "The address is not an https address.")
        if parts.scheme != "https" and host not in LOOPBACK:
            raise _unusable(host, "Plain http would show the token to everybody on the way.")
        context, (variable, proxy) = self.trust(), proxy_of(url)
        if proxy and raw_password(proxy):
            raise _bad_proxy(
                f"{variable} holds a user or password with a character that ends an address.",
                "In a password write %23 for #, %40 for @, %2F for / and %3F for ?.",
            )
        try:
            return httpx.AsyncClient(
                verify=context,
                trust_env=False,
                follow_redirects=False,
                limits=httpx.Limits(max_connections=2, max_keepalive_connections=2, keepalive_expiry=keep),
                proxy=_reached(proxy, context) if proxy else None,
                cookies=_no_cookies(),
            )
        except ImportError:
            raise _bad_proxy(
                f"{variable} names a SOCKS proxy, and the package socksio is not installed.",
                "Install socksio beside remonitor, or set HTTPS_PROXY to an http proxy.",
            ) from None
        except (ValueError, httpx.InvalidURL):
            raise _bad_proxy(
                f"{variable} is not a usable proxy address.",
                "Correct the variable, or exclude the host with NO_PROXY.",
            ) from None

    def _proxy_name(self, url: str) -> str:
        return "" if _origin(url) in self._transports else proxy_of(url)[0]

    def trust(self) -> ssl.SSLContext:
        """One context for all clients: `ca_bundle`, else SSL_CERT_FILE, else the system's store plus certifi.

        Raises NetProblem.
        """
        if self._context is None:
            bundle = self._ca_bundle or os.environ.get("SSL_CERT_FILE")
            try:
                self._context = ssl.create_default_context(cafile=bundle or None)
                if not bundle:
                    import certifi

                    self._context.load_verify_locations(certifi.where())
            except OSError as error:
                if error.errno in failures.TOO_MANY_FILES:
                    raise NetProblem(*failures.too_many_files(), sent=False) from None
                named = "ca_bundle" if self._ca_bundle else "SSL_CERT_FILE"
                raise NetProblem(
                    "The trusted certificates cannot be read",
                    f"{named} names {clean(str(bundle), 200)}: {clean(error.strerror or str(error), 200)}.",
                    f"Correct {named}: a PEM file with the certificates to trust.",
                    sent=False,
                ) from None
        return self._context


def host_of(url: str) -> str:
    """The host of a URL for people: without user, path and query."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        # A port says which of several loopback servers is meant.
        return f"{host}:{parts.port}" if parts.port and host in LOOPBACK else clean(host, 200)
    except ValueError:
        return "the configured address"


def _moved(url: str, asked: str, response: "httpx.Response") -> str:
    """Where a moved instance or My Domain is now. Raises NetProblem for every other redirect.

    The token goes along, so both hosts must be Salesforce's and the path the same: that is a move, while
    another path is a login page or somebody's own.
    """
    try:
        target = urljoin(asked, str(response.headers.get("location", "")))
        before, after = urlsplit(asked), urlsplit(target)
        same = (after.scheme, after.port, after.path) == ("https", None, before.path)
        plain = after.username is None and after.password is None
    except ValueError:
        raise _refused(url, "no address") from None
    owned = before.scheme == "https" and all(_is_salesforce(p.hostname or "") for p in (before, after))
    if response.status_code in (301, 302, 307, 308) and same and plain and owned:
        return target
    raise _refused(url, host_of(target) or "another address")


def _is_salesforce(host: str) -> bool:
    return host.lower().endswith(tuple(f".{domain}" for domain in SALESFORCE))


def _refused(url: str, target: str) -> NetProblem:
    moved = (
        ": the instance or My Domain may have moved" if _is_salesforce(urlsplit(url).hostname or "") else ""
    )
    return NetProblem(
        "Redirect refused",
        f"{host_of(url)} redirects to {target}. A token is never sent on.",
        f"Check the address in the configuration{moved}.",
    )


def _bad_proxy(message: str, next_step: str) -> NetProblem:
    return NetProblem("The proxy cannot be used", message, next_step, sent=False)


def _no_cookies() -> "CookieJar":
    """A jar that takes none: what a vendor wants to be remembered is its own business."""
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


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
    if told := failures.of_tls(error, host):
        return NetProblem(*told, sent=False)
    if isinstance(error, httpx.ConnectError):
        if told := failures.of_connecting(error, host, proxy):
            return NetProblem(*told, sent=False)
        return NetProblem(
            "No connection",
            f"{host} cannot be reached: {clean(str(error), 200) or 'connection failed'}.",
            f"Check the address and the network{f', and the proxy in {proxy}' if proxy else ''}.",
            sent=False,
        )
    if isinstance(error, httpx.UnsupportedProtocol | httpx.InvalidURL):
        return _unusable(host, "The address is not an https address.")
    if isinstance(error, httpx.LocalProtocolError):
        # Its text can quote a header, and a header can be the token.
        return NetProblem(
            "The request cannot be sent",
            f"The request to {host} breaks the rules of HTTP.",
            "Check the secrets in the configuration for stray characters.",
            sent=False,
        )
    return NetProblem(
        "The answer broke off",
        f"The connection to {host} ended before the whole answer was there.",
        "Try again; if it stays, check network and proxy.",
    )


def _unusable(host: str, reason: str) -> NetProblem:
    return NetProblem(
        "The address cannot be used",
        f"{host}: {reason}",
        "Write an https address into the configuration.",
        sent=False,
    )


def _sendable(token: Secret, host: str) -> str:
    value = token.reveal()
    if value and value.isascii() and value.isprintable() and " " not in value:
        return value
    raise NetProblem(
        "The token cannot be sent",
        f"The access token for {host} is empty or contains blanks or control characters.",
        "Check where the token comes from: it must be the token alone, on one line.",
        sent=False,
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


class Request(Struct, frozen=True):
    """One HTTP request as it is sent, without its headers."""

    method: str
    url: str
    body: bytes = b""


class Played(Net):
    """A Net without a network: `played` answers each request, whatever its address."""

    async def played(self, request: Request) -> Answer:
        raise NotImplementedError

    def _open(self, url: str, origin: str, *_: object) -> "httpx.AsyncClient":
        import httpx

        async def handle(request: httpx.Request) -> httpx.Response:
            answer = await self.played(Request(request.method, str(request.url), await request.aread()))
            return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

        return httpx.AsyncClient(
            transport=httpx.MockTransport(handle), trust_env=False, follow_redirects=False
        )


class Heard(Net):
    """A Net that tells `heard` of each answer, and of what was asked: address, parameters and JSON."""

    def heard(self, request: Request, answer: Answer) -> None:
        raise NotImplementedError

    async def request(self, method: str, url: str, **named: Any) -> Answer:
        """As Net does."""
        answer = await super().request(method, url, **named)
        asked = f"{url}?{urlencode(named['params'])}" if named.get("params") else url
        body = msgspec.json.encode(named["json"]) if named.get("json") is not None else b""
        self.heard(Request(method, asked, body), answer)
        return answer
