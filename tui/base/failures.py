"""Why a host could not be reached, in words: from what the operating system and OpenSSL say.

Texts and codes are OpenSSL's and the C library's own; a next step is this program's advice.
"""

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import NamedTuple

from tui.base.text import clean

MAX_CHAIN = 50


class Explanation(NamedTuple):
    """A failure in words: what happened, why, and what to do now."""

    title: str
    message: str
    next_step: str


TRUST = "If a proxy opens TLS, name its certificate with ca_bundle or SSL_CERT_FILE."
WRONG_PORT = "Wrong port? Check host and port of the address in the configuration."
REACH = "Is the port right? Check firewall and VPN; where a proxy is needed, set HTTPS_PROXY."
LOOKUP = "Check the address, DNS and VPN."
TOO_MANY_FILES = (errno.EMFILE, errno.ENFILE)
NO_WAY = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTDOWN)
NO_NAME = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))

# OpenSSL's X509_V_ERR_… numbers: title, what it says of the certificate of a host, next step.
CERTIFICATES: dict[int, Explanation] = {
    10: Explanation(
        "The certificate has expired",
        "The certificate of {host} has expired.",
        "The owner of {host} must renew it. Is this computer's clock right? Check with: date",
    ),
    9: Explanation(
        "The certificate is not valid yet",
        "The certificate of {host} begins later than this machine's clock says.",
        "Set this machine's clock (NTP); check it with: date",
    ),
    62: Explanation(
        "The certificate has another name",
        "The certificate of the answering server is not for {host}.",
        "Check the address in the configuration, DNS and VPN: another server answers under this name.",
    ),
    18: Explanation(
        "The certificate is self-signed",
        "{host} signed its certificate itself, so it proves nothing.",
        f"Check the address. {TRUST}",
    ),
    19: Explanation(
        "The certificate is not trusted", "{host}: its issuer is not known here ({reason}).", TRUST
    ),
}
CERTIFICATES[64] = CERTIFICATES[62]
UNTRUSTED = 19
"""The row for every other number: unknown issuers are the common case."""

NO_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "HTTPS_PROXY_REQUEST",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
    "UNEXPECTED_MESSAGE",
    "INVALID_RECORD",
)
"""OpenSSL's reasons where the other end does not speak TLS at all."""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error, then what lies behind it, groups included."""
    waiting, seen = [error], 0
    while waiting and seen < MAX_CHAIN:
        one, seen = waiting.pop(0), seen + 1
        if one is not None:
            yield one
            waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
            waiting.append(one.__cause__ or one.__context__)


def of_tls(error: BaseException, host: str) -> Explanation | None:
    """Why TLS with `host` failed; None where it was not TLS."""
    for one in causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return of_certificate(one.verify_code, one.verify_message, host)
        if isinstance(one, ssl.SSLError):
            return _handshake(one, host)
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return of_certificate(UNTRUSTED, "certificate verify failed", host)
    return None


def of_certificate(code: int, reason: str, host: str) -> Explanation:
    """What OpenSSL's verification number says about the certificate of `host`."""
    row = CERTIFICATES.get(code, CERTIFICATES[UNTRUSTED])
    return Explanation(*(part.format(host=host, reason=clean(reason, 200)) for part in row))


def of_connecting(error: BaseException, host: str, proxy: str = "") -> Explanation | None:
    """Why there is no connection to `host`, or to the proxy named by `proxy`; None where it is something else."""
    place = f"The proxy of {proxy}" if proxy else host
    check = f"Check the proxy in {proxy}." if proxy else ""
    for one in causes(error):
        if not isinstance(one, OSError):
            continue
        if one.errno in TOO_MANY_FILES:
            return too_many_files()
        if isinstance(one, socket.gaierror):
            unknown = one.errno in NO_NAME
            why = "no such name is known" if unknown else f"the name lookup failed: {_words(one)}"
            return Explanation("The name is not found", f"{place}: {why}.", check or LOOKUP)
        if isinstance(one, ConnectionRefusedError):
            message = f"{place} refuses the connection: nothing listens at this port."
            return Explanation("No connection", message, check or REACH)
        if isinstance(one, ConnectionResetError):
            return _broke_off(place)
        if one.errno in NO_WAY:
            return Explanation("No connection", f"{place}: {_words(one)}.", check or REACH)
    return None


def too_many_files() -> Explanation:
    """This process has used up its descriptors."""
    return Explanation(
        "Too many open files",
        "This process cannot open more files or connections.",
        "Raise the limit before the start (ulimit -n 4096), or end what has so many open.",
    )


def _broke_off(host: str) -> Explanation:
    return Explanation(
        "TLS broke off",
        f"{host} closed the connection while TLS began.",
        "A firewall or proxy may forbid this host: ask who runs it. Or the port is wrong.",
    )


def _handshake(error: ssl.SSLError, host: str) -> Explanation:
    reason = error.reason if isinstance(error.reason, str) else ""
    if reason in NO_TLS:
        return Explanation(
            "No TLS at this port",
            f"{host} answers, but not with TLS: plain http or something else.",
            WRONG_PORT,
        )
    if isinstance(error, ssl.SSLEOFError) or "EOF" in reason:
        return _broke_off(host)
    said = clean(reason.replace("_", " ").lower() or _words(error), 200)
    return Explanation(
        "No TLS in common",
        f"{host}: {said}.",
        "A proxy in between may speak only an old version of TLS: ask who runs it.",
    )


def _words(error: OSError) -> str:
    return clean(error.strerror or str(error) or type(error).__name__, 200)
