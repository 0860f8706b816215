"""Reuses the login of Salesforce's own CLI: asks it for the token, never reads its files.

Commands and their output: the CLI's public code. Newer ones hide the token in `org display` behind words
and give it by a command of its own; older ones have only the first.
"""

import re
import shlex
from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from tui.base import process
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.base.text import clean
from tui.connections.connection import Org
from tui.net import Net, host_of
from tui.salesforce.sign_in.held import HeldToken
from tui.salesforce.sign_in.way import Resolve

T = TypeVar("T")
TIMEOUT = 60.0
"""Real seconds for one command: it takes one or two, but its first start after an update far longer."""
MAX_OUTPUT = 1_000_000
_TOKEN = re.compile(r"[\w.!+/=~-]{15,}", re.ASCII)


class _Display(Struct, frozen=True):
    instanceUrl: str
    accessToken: str | None = None
    connectedStatus: str | None = None


class _Shown(Struct, frozen=True):
    accessToken: str


class _Listed(Struct, frozen=True):
    username: str
    instanceUrl: str
    alias: str | None = None
    orgId: str | None = None
    isSandbox: bool | None = None


class _Refusal(Struct, frozen=True):
    name: str = ""
    message: str = ""


class _Answer(Struct, frozen=True):
    result: msgspec.Raw


class KnownOrg(Struct, frozen=True):
    """An org that the CLI is logged in to; `name` is what to call it by: its alias, else the username."""

    name: str
    username: str
    instance_url: str
    org_id: str | None = None
    is_sandbox: bool | None = None


class SfCli(HeldToken):
    """`sign_in = { way = "sf_cli", target_org = "alias or username" }`. `timeout` is in real seconds."""

    def __init__(self, org: Org, net: Net, resolve: Resolve, *, timeout: float = TIMEOUT) -> None:
        super().__init__(org, net, resolve)
        self._timeout = timeout

    @property
    def mend(self) -> str:
        return f"Log in again: {self._login()}"

    async def fetch(self) -> Secret:
        target = self.setting("target_org")
        argv: tuple[str, ...] = ("sf", "org", "display", "--target-org", target, "--json")
        display = await self._run(argv, _Display)
        if "refreshtoken" in (display.connectedStatus or "").lower():
            raise self._expired()
        if host_of(display.instanceUrl) != host_of(self._org.api_url):
            raise Problem(
                "The sf CLI knows another org",
                f"{target} is at {host_of(display.instanceUrl)}, and api_url names {host_of(self._org.api_url)}.",
                "Correct target_org or api_url of the org: a token is never sent to another host.",
            )
        if token := _usable(display.accessToken):
            return token
        argv = ("sf", "org", "auth", "show-access-token", "--target-org", target, "--json")
        shown = await self._run(argv, _Shown)
        if token := _usable(shown.accessToken):
            return token
        raise Problem("The sf CLI hides the token", "Neither of its commands shows one.", "Run: sf update")

    async def _run(self, argv: Sequence[str], kind: type[T]) -> T:
        finished = await _finished(argv, self._timeout)
        if finished.code == 0:
            return _result(finished.stdout, argv, kind)
        refusal = _refusal(finished)
        told = f"{refusal.name} {refusal.message}".lower()
        target = clean(self.setting("target_org"), 80)
        if "notfound" in told or "no authorization information" in told:
            raise Problem(
                "The sf CLI does not know this org",
                f"It has no login for {target}.",
                f"See what it knows: sf org list. Or log in: {self._login()}",
            )
        if "expired" in told or "refreshtoken" in told:
            raise self._expired()
        raise _failed(argv, finished.code, refusal.name)

    def _expired(self) -> Problem:
        target = clean(self.setting("target_org"), 80)
        return Problem(
            "The sf CLI's login has ended", f"The org no longer accepts it for {target}.", self.mend
        )

    def _login(self) -> str:
        target = self.setting("target_org")
        alias = "" if "@" in target else f" --alias {shlex.quote(target)}"
        return f"sf org login web --instance-url {self._org.api_url}{alias}"


async def list_orgs(*, timeout: float = TIMEOUT) -> tuple[KnownOrg, ...]:
    """The orgs that the CLI is logged in to, each once, by name. Raises Problem."""
    argv = ("sf", "org", "list", "--skip-connection-status", "--json")
    finished = await _finished(argv, timeout)
    if finished.code != 0:
        raise _failed(argv, finished.code, _refusal(finished).name)
    groups = _result(finished.stdout, argv, dict[str, list[_Listed]])
    # Development hubs are listed among the others too.
    known = {row.username: row for rows in groups.values() for row in rows}
    orgs = [
        KnownOrg(
            name=clean(row.alias or row.username, 200),
            username=clean(row.username, 200),
            instance_url=clean(row.instanceUrl, 400),
            org_id=clean(row.orgId, 40) if row.orgId else None,
            is_sandbox=row.isSandbox,
        )
        for row in known.values()
    ]
    return tuple(sorted(orgs, key=lambda org: org.name))


async def _finished(argv: Sequence[str], timeout: float) -> process.Finished:
    try:
        return await process.run(argv, timeout)
    except TimeoutError:
        raise Problem(
            "The sf CLI gave no answer",
            f"{_command(argv)} did not end within {timeout:g} s.",
            f"Run it by hand, it may ask something: {_command(argv)}",
        ) from None
    except FileNotFoundError:
        raise Problem(
            "The sf CLI is not installed",
            "There is no program named sf on PATH.",
            "Install it (npm install --global @salesforce/cli), or choose another way to sign in.",
        ) from None
    except OSError as error:
        raise Problem(
            "The sf CLI cannot be started",
            f"{clean(error.strerror or str(error), 200)}.",
            "Check the program named sf on PATH.",
        ) from None


def _result(output: bytes, argv: Sequence[str], kind: type[T]) -> T:
    """The `result` of a good answer. What was printed instead is never quoted: a token may be in it."""
    try:
        return msgspec.json.decode(msgspec.json.decode(_json(output), type=_Answer).result, type=kind)
    except (msgspec.MsgspecError, RecursionError):
        raise Problem(
            "The sf CLI answered something else",
            f"{_command(argv)} printed no JSON as this program knows it.",
            "Run it by hand; if it looks right, update it: sf update",
        ) from None


def _refusal(finished: process.Finished) -> _Refusal:
    for output in (finished.stdout, finished.stderr):
        try:
            return msgspec.json.decode(_json(output), type=_Refusal)
        except (msgspec.MsgspecError, RecursionError):
            continue
    return _Refusal()


def _failed(argv: Sequence[str], code: int, name: str) -> Problem:
    """The CLI's own text stays out: it can quote anything."""
    why = clean(name, 80) if name.isidentifier() else ""
    if code == 127:
        why = "it does not know this command"
    return Problem(
        "The sf CLI failed",
        f"{_command(argv)} ended with code {code}{f': {why}' if why else ''}.",
        "Update it: sf update" if code == 127 else f"Run it by hand: {_command(argv)}",
    )


def _json(output: bytes) -> str:
    """The JSON in what was printed: without colours, and without words before it."""
    text = clean(output.decode("utf-8", "replace"), MAX_OUTPUT)
    return text[max(text.find("{"), 0) :]


def _usable(token: str | None) -> Secret | None:
    """A token; None for the words that stand where it is hidden."""
    return Secret(token) if token and _TOKEN.fullmatch(token) and "redact" not in token.lower() else None


def _command(argv: Sequence[str]) -> str:
    return clean(shlex.join(argv), 200)
