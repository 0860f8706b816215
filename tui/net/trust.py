"""Whom a request trusts: the certificates, and the hosts that may see a token."""

import os
import ssl
from urllib.parse import urljoin, urlsplit

from tui.base import failures
from tui.base.secret import Secret
from tui.base.text import clean
from tui.net.errors import NetProblem, host_of

# inferred: moved_hosts - that Government Cloud's are among them.
SALESFORCE = ("salesforce.com", "force.com", "salesforce.mil")
"""Whose hosts a moved org may be found at."""


def trusted(ca_bundle: str | None) -> ssl.SSLContext:
    """The context for all clients: `ca_bundle`, else SSL_CERT_FILE, else the system's store plus certifi.

    Raises NetProblem.
    """
    bundle = ca_bundle or os.environ.get("SSL_CERT_FILE")
    try:
        context = ssl.create_default_context(cafile=bundle or None)
        if not bundle:
            import certifi

            context.load_verify_locations(certifi.where())
    except OSError as error:
        if error.errno in failures.TOO_MANY_FILES:
            raise NetProblem(*failures.too_many_files(), sent=False) from None
        named = "ca_bundle" if ca_bundle else "SSL_CERT_FILE"
        raise NetProblem(
            "The trusted certificates cannot be read",
            f"{named} names {clean(str(bundle), 200)}: {clean(error.strerror or str(error), 200)}.",
            f"Correct {named}: a PEM file with the certificates to trust.",
            sent=False,
        ) from None
    return context


def moved_to(url: str, asked: str, status: int, location: str) -> str:
    """Where a moved instance or My Domain is now. Raises NetProblem for every other redirect.

    The token goes along, so both hosts must be Salesforce's and the path the same: that is a move, while
    another path is a login page or somebody's own.
    """
    try:
        target = urljoin(asked, location)
        before, after = urlsplit(asked), urlsplit(target)
        same = (after.scheme, after.port, after.path) == ("https", None, before.path)
        plain = after.username is None and after.password is None
    except ValueError:
        raise redirect_refused(url, "no address") from None
    owned = before.scheme == "https" and all(_is_salesforce(p.hostname or "") for p in (before, after))
    if status in (301, 302, 307, 308) and same and plain and owned:
        return target
    raise redirect_refused(url, host_of(target) or "another address")


def _is_salesforce(host: str) -> bool:
    return host.lower().endswith(tuple(f".{domain}" for domain in SALESFORCE))


def redirect_refused(url: str, target: str) -> NetProblem:
    moved = (
        ": the instance or My Domain may have moved" if _is_salesforce(urlsplit(url).hostname or "") else ""
    )
    return NetProblem(
        "Redirect refused",
        f"{host_of(url)} redirects to {target}. A token is never sent on.",
        f"Check the address in the configuration{moved}.",
    )


def sendable(token: Secret, host: str) -> str:
    value = token.reveal()
    if value and value.isascii() and value.isprintable() and " " not in value:
        return value
    raise NetProblem(
        "The token cannot be sent",
        f"The access token for {host} is empty or contains blanks or control characters.",
        "Check where the token comes from: it must be the token alone, on one line.",
        sent=False,
    )
