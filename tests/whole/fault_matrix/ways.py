"""Faults of the way and of any web server: at an org and at a tenant they have the same words."""

from tests.whole.fault_matrix.faults import (
    BRACKETS,
    NO_LOOKUP,
    NO_NAME,
    REFUSED,
    RESET,
    TOO_MANY,
    Doing,
    Fault,
    also,
    answers,
    certificate,
    endless_json,
    no_tls,
    page,
    proxy_refuses,
    says,
    streams,
    unreachable,
    zeros,
)
from tui.connections.state import Status
from tui.console import Exit

HANGS = says(b"", pause=3_600)
DRIPS = says(b"HTTP/1.1 200 OK\r\nX-A: " + b"x" * 4_000, step=1, pause=1)
TRICKLES = streams(lambda: [b" "] * 5_000, pause=1)

WAYS: tuple[tuple[str, Doing, tuple[str, ...]], ...] = (
    ("no answer at all", HANGS, ("No answer in time", "within 20 s")),
    ("slow headers", DRIPS, ("No answer in time", "within 20 s")),
    ("a byte a second", TRICKLES, ("No answer in time", "within 20 s")),
    (
        "100 MB of packed zeros",
        streams(zeros, content_encoding="gzip"),
        ("The answer is too large", "more than 8 MB"),
    ),
    ("50 MB of JSON", streams(endless_json), ("The answer is too large", "more than 8 MB")),
    (
        "a packing that nobody asked for",
        streams(lambda: [b"{}"], content_encoding="br"),
        ("The answer broke off",),
    ),
    ("100,000 brackets", answers(200, BRACKETS), ("Unexpected answer",)),
    ("an empty body", answers(200), ("Unexpected answer",)),
    ("half a body", answers(200, b'{"a": '), ("Unexpected answer",)),
    ("text", answers(200, b"hello"), ("Unexpected answer",)),
    ("null", answers(200, None), ("Unexpected answer",)),
    ("a number beyond 64 bits", answers(200, 2**70), ("Unexpected answer",)),
    ("a page with 200", page(200), ("A web page instead of data", "200")),
    ("connection refused", unreachable(REFUSED), ("No connection", "nothing listens at this port")),
    ("reset while TLS begins", unreachable(RESET), ("TLS broke off", "firewall or proxy")),
    ("reset", says(b"", ends=RESET), ("The answer broke off",)),
    ("closed without a word", says(b""), ("The answer broke off",)),
    (
        "reset within the body",
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", ends=RESET),
        ("The answer broke off",),
    ),
    (
        "certificate expired",
        certificate(10, "certificate has expired"),
        ("The certificate has expired", "must renew it"),
    ),
    (
        "certificate not yet valid",
        certificate(9, "certificate is not yet valid"),
        ("The certificate is not valid yet", "this machine's clock"),
    ),
    (
        "certificate of another name",
        certificate(62, "Hostname mismatch"),
        ("The certificate has another name", "is not for"),
    ),
    (
        "unknown issuer",
        certificate(20, "unable to get local issuer certificate"),
        ("The certificate is not trusted", "ca_bundle"),
    ),
    (
        "self-signed",
        certificate(18, "self-signed certificate"),
        ("The certificate is self-signed", "ca_bundle"),
    ),
    ("plain http behind https", no_tls(), ("No TLS at this port", "Wrong port?")),
    ("another protocol", says(b"SSH-2.0-OpenSSH_9.6\r\n"), ("No web server at this port", "Wrong port?")),
    ("no such name", unreachable(NO_NAME), ("The name is not found", "no such name is known")),
    ("no name lookup now", unreachable(NO_LOOKUP), ("The name is not found", "Temporary failure")),
    ("proxy refuses", proxy_refuses, ("The proxy refused", "403 Forbidden")),
    ("too many open files", unreachable(TOO_MANY), ("Too many open files", "ulimit")),
    (
        "redirect to another host",
        answers(302, b"", location="https://elsewhere.example/"),
        ("Redirect refused", "elsewhere.example"),
    ),
)

# Words of another cause: an answer says one thing.
TITLES = tuple(dict.fromkeys(words[0] for _, _, words in WAYS))


def at_org(name: str, doing: Doing, words: tuple[str, ...]) -> Fault:
    return Fault(name, "org", doing, words, never=others(words, "tenant"))


def at_tenant(name: str, doing: Doing, words: tuple[str, ...]) -> Fault:
    """Salesforce answers and Incydr signs in: the connection is watched, and its strongest proof is missing."""
    never = others(words, "Salesforce", "the org ", "api_url")
    return Fault(name, "tenant", doing, words, Status.MONITORING, Exit.OK, never=never)


def others(words: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return (*(title for title in TITLES if title not in words), *more)


OF_THE_WAY = tuple(place(*row) for row in WAYS for place in (at_org, at_tenant))

HARMLESS = tuple(
    Fault(
        "cookies", where, also(set_cookie="sid=secret; Path=/"), (), Status.MONITORING, Exit.OK, never=TITLES
    )
    for where in ("org", "tenant")
)
