"""Values of the configuration that take more than one look: references, files, addresses."""

import shlex
from pathlib import Path
from urllib.parse import urlsplit

from tui.config.tables import Table

REFERENCES = ("env:", "file:", "command:", "keyring:", "credential:", "stdin:")
"""How a reference to a secret begins."""

Reference = str | tuple[str, ...]


def reference(table: Table, key: str) -> Reference:
    """A reference to a secret; a literal one is refused and never shown."""
    found = table.raw(key)
    expected = (
        'a reference: "env:NAME", "file:PATH", "keyring:SERVICE/NAME", "credential:NAME", "stdin:" '
        'or ["command", "program", "argument"]'
    )
    if found is None:
        raise table.problem(key, "nothing", expected)
    if isinstance(found, list):
        words = table.texts(key)
        if words[0] != "command" or len(words) < 2:
            raise table.problem(key, 'a list that does not begin with "command"', expected)
        return words
    value = table.text(key)
    kind, _, rest = value.partition(":")
    if value == "stdin:":
        return value
    if f"{kind}:" not in REFERENCES or kind == "stdin" or not rest.strip():
        raise table.problem(
            key,
            "what looks like the secret itself",
            expected,
            "Put the secret into an environment variable or a file that only you can read, and refer to it.",
        )
    if kind == "command":
        try:
            return ("command", *shlex.split(rest))
        except ValueError as error:
            raise table.problem(key, f"a command that cannot be split ({error})", expected) from None
    if kind == "file":
        return file_reference(table, key, value)
    if kind == "credential" and ("/" in rest or rest in (".", "..")):
        raise table.problem(key, f'"{value}"', "the name of a credential, without a path")
    return value


def file_reference(table: Table, key: str, value: str) -> str:
    """`file:PATH` with the path looked for beside the configuration."""
    return f"file:{_beside(table, key, value.removeprefix('file:'))}"


def url(table: Table, key: str) -> str:
    """The https address of a host, without a path; http on loopback alone."""
    return checked_url(table, key, table.text(key))


def checked_url(table: Table, key: str, value: str) -> str:
    """`value`, found under `key`, as the address of a host."""
    expected = "an https address without a path, such as https://acme.my.salesforce.com"
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise table.problem(key, f'"{value}"', expected) from None
    loopback = host in ("127.0.0.1", "::1", "localhost")
    if not host or parts.scheme not in ("https", "http") or (parts.scheme == "http" and not loopback):
        raise table.problem(key, f'"{value}"', expected)
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username or parts.password:
        raise table.problem(key, f'more than a host in "{parts.scheme}://{host}…"', expected)
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + (f":{port}" if port else "")


def bare_host(table: Table, key: str) -> str:
    """A host name and nothing else, in lower case."""
    value = table.text(key)
    if "." not in value or not all(part.replace("-", "").isalnum() for part in value.split(".")):
        raise table.problem(key, f'"{value}"', "a bare host name, such as acme.my.salesforce.com")
    return value.lower()


def kept(table: Table, name: str) -> Reference:
    """A reference to a secret that can be written too."""
    found = reference(table, name)
    if isinstance(found, str):
        service, _, entry = found.removeprefix("keyring:").partition("/")
        if found.startswith("file:") or (found.startswith("keyring:") and service and entry):
            return found
    raise table.problem(
        name, "a place that cannot be written to", 'a place to keep it: "file:PATH" or "keyring:SERVICE/NAME"'
    )


def file(table: Table, key: str) -> str | None:
    """A file, looked for beside the configuration."""
    name = table.optional(key)
    return str(_beside(table, key, name)) if name else None


def _beside(table: Table, key: str, name: str) -> Path:
    try:
        return Path(table.source).parent / Path(name).expanduser()
    except RuntimeError:
        raise table.problem(key, f'"{name}" where no home folder is known', "a whole path") from None
