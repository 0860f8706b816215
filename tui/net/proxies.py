"""Which proxy a request goes through, by the environment's usual variables, read as curl and Node read them."""

import ipaddress
import re
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
"""This machine: spoken to without TLS and without a proxy."""
_PORTS = {"https": 443, "http": 80}
_RAW = re.compile(r"[#?/\\ ]")
"""What ends the host part of an address: in a password it must be written %23, %3F, %2F, %5C or %20."""


def proxy_of(url: str) -> tuple[str, str | None]:
    """The variable that names the proxy for `url`, and the proxy; ("", None) for a direct connection."""
    # Only with the first request: it brings half of the mail and web modules along.
    import urllib.request

    parts = urlsplit(url)
    proxies = urllib.request.getproxies()
    host = parts.hostname or ""
    if host in LOOPBACK or not proxies:
        return "", None
    if (excluded := proxies.get("no")) is not None:
        if bypasses(excluded, host, parts.port or _PORTS.get(parts.scheme, 0)):
            return "", None
    elif urllib.request.proxy_bypass(host):
        # Without the variable: what the settings of this system say.
        return "", None
    for kind in (parts.scheme, "all"):
        if proxy := proxies.get(kind):
            return f"{kind.upper()}_PROXY", proxy if "://" in proxy else f"http://{proxy}"
    return "", None


def bypasses(no_proxy: str, host: str, port: int) -> bool:
    """Whether NO_PROXY names `host`: `*`, a name with all below it (`x`, `.x`, `*.x`), `host:port`, an IP or CIDR."""
    return any(
        _names(entry, host.lower().rstrip("."), port)
        for entry in re.split(r"[,\s]+", no_proxy.lower())
        if entry
    )


def _names(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    if network := _network(entry.strip("[]")):
        return _network(host) is not None and _within(host, network)
    name, colon, number = entry.rpartition(":")
    if colon and number.isascii() and number.isdigit():
        return int(number[:6]) == port and _names(name, host, port)
    if entry.startswith("*") and not entry.startswith("*."):
        return host.endswith(entry[1:])
    name = entry.removeprefix("*").lstrip(".").rstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _within(host: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    address = ipaddress.ip_address(host)
    return address.version == network.version and address in network


def proxy_host(proxy: str) -> str | None:
    """The host of a proxy's address; None where the address cannot be read with certainty."""
    try:
        parts = urlsplit(proxy)
        # Reading the port checks it too.
        return parts.hostname if parts.port is None or parts.port > 0 else None
    except ValueError:
        return None


def raw_password(proxy: str) -> bool:
    """True where user or password hold a character that ends the host part of an address."""
    before, at, _ = proxy.partition("://")[2].rpartition("@")
    return bool(at) and _RAW.search(before) is not None
