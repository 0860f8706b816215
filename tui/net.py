"""Everything that goes over the network: one TLS context, one client a host, one kind of failure.

httpx is imported on first use, after the first paint. Answers are handed out raw; rooms decode them.
"""

import asyncio
import logging
import os
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from tui.base.kept_out import keep_out
from tui.base.problem import Problem
from tui.base.proxies import LOOPBACK, proxy_of
from tui.base.secret import Secret
from tui.base.text import clean

# Before httpx is imported anywhere.
keep_out()

if TYPE_CHECKING:
    import httpx

MAX_BODY = 8_000_000
"""Bytes of one unpacked answer that are accepted."""
KEEP_ALIVE = 600.0
"""Seconds an idle connection is kept: longer than the poll interval, or each poll would connect anew."""
SALESFORCE = ("salesforce.com", "force.com", "salesforce.mil")
"""Whose hosts a moved org may be found at (that Government Cloud's are among them is inferred)."""
MAX_MOVES = 4


class NetProblem(Problem):
    """A request that got no usable answer. The message names the host, never a query or a token.

    `retry_after` is in seconds. `sent` is False where the request certainly did not leave.
    """

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
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class Net:
    """Sends requests. `transports` (by base URL) stand in for the network in tests."""

    def __init__(
        self,
        *,
        ca_bundle: str | None = None,
        transports: "Mapping[str, httpx.AsyncBaseTransport] | None" = None,
    ) -> None:
        self._ca_bundle = ca_bundle
        self._transports = {_origin(url): transport for url, transport in (transports or {}).items()}
        self._clients: dict[str, httpx.AsyncClient] = {}
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
    ) -> Answer:
        """Send one request and read the whole answer within `timeout` real seconds. Raises NetProblem.

        A redirect is followed only where a Salesforce host has moved to another one.
        """
        import httpx

        auth = httpx.BasicAuth(basic[0], basic[1].reveal()) if basic else None
        sent_headers = {"Accept": "application/json", "User-Agent": "remonitor", **(headers or {})}
        if bearer is not None:
            sent_headers["Authorization"] = f"Bearer {_sendable(bearer, host_of(url))}"
        try:
            async with asyncio.timeout(timeout):
                for _ in range(MAX_MOVES):
                    client = self._client(url)
                    request = client.build_request(
                        method,
                        url,
                        headers=sent_headers,
                        params=dict(params) if params else None,
                        json=json,
                        data=dict(form) if form else None,
                    )
                    response = await client.send(request, stream=True, auth=auth)
                    try:
                        if not 300 <= response.status_code < 400:
                            return await _answer(response, host_of(url))
                        url, params = _moved(url, str(request.url), response), None
                    finally:
                        await response.aclose()
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
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    def _client(self, url: str) -> "httpx.AsyncClient":
        origin = _origin(url)
        if client := self._clients.get(origin):
            return client
        self._clients[origin] = client = self._open(url, origin)
        return client

    def _open(self, url: str, origin: str) -> "httpx.AsyncClient":
        import httpx

        # Its loggers print whole URLs at INFO.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        limits = httpx.Limits(max_connections=2, max_keepalive_connections=2, keepalive_expiry=KEEP_ALIVE)
        if transport := self._transports.get(origin):
            return httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False)
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host or parts.scheme not in ("http", "https"):
            raise _unusable(host or clean(url, 80), "The address is not an https address.")
        if parts.scheme != "https" and host not in LOOPBACK:
            raise _unusable(host, "Plain http would show the token to everybody on the way.")
        context, proxy = self.trust(), proxy_of(url)[1]
        try:
            return httpx.AsyncClient(
                verify=context,
                trust_env=False,
                follow_redirects=False,
                limits=limits,
                proxy=_reached(proxy, context) if proxy else None,
                timeout=httpx.Timeout(20.0),
            )
        except ImportError:
            raise NetProblem(
                "The proxy cannot be used",
                f"{self._proxy_name(url)} names a SOCKS proxy, and the package socksio is not installed.",
                "Install socksio beside remonitor, or set HTTPS_PROXY to an http proxy.",
                sent=False,
            ) from None
        except (ValueError, httpx.InvalidURL):
            raise NetProblem(
                "The proxy cannot be used",
                f"{self._proxy_name(url)} is not a usable proxy address.",
                "Correct the variable, or exclude the host with NO_PROXY.",
                sent=False,
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
    return NetProblem(
        "Redirect refused",
        f"{host_of(url)} redirects to {target}. A token is never sent on.",
        "Check the address in the configuration: the instance or My Domain may have moved.",
    )


async def _answer(response: "httpx.Response", host: str) -> Answer:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
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
        return NetProblem(
            "No connection", f"{host} could not be reached in time.", "Check network and proxy.", sent=False
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
    if tls := _tls_reason(error):
        return NetProblem(
            "The certificate is not trusted",
            f"{host}: {tls}.",
            "If a proxy opens TLS, name its certificate with ca_bundle or SSL_CERT_FILE.",
            sent=False,
        )
    if isinstance(error, httpx.ConnectError):
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


def _tls_reason(error: BaseException | None) -> str:
    seen = 0
    while error is not None and seen < 10:
        if isinstance(error, ssl.SSLCertVerificationError):
            return clean(error.verify_message, 200)
        if isinstance(error, ssl.SSLError) and isinstance(error.reason, str):
            return clean(error.reason.replace("_", " ").lower(), 200)
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return "certificate verify failed"
        error, seen = error.__cause__ or error.__context__, seen + 1
    return ""


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
