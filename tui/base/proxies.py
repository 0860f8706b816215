"""Which proxy a request goes through, by the environment's usual variables."""

from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""This machine: spoken to without TLS and without a proxy."""


def proxy_of(url: str) -> tuple[str, str | None]:
    """The variable that names the proxy for `url`, and the proxy; ("", None) for a direct connection."""
    # Only with the first request: it brings half of the mail and web modules along.
    import urllib.request

    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    host = parts.hostname or ""
    if host in LOOPBACK or not proxies or urllib.request.proxy_bypass(host):
        return "", None
    for kind in (parts.scheme, "all"):
        if proxy := proxies.get(kind):
            return f"{kind.upper()}_PROXY", proxy if "://" in proxy else f"http://{proxy}"
    return "", None
