"""Reuses the login of Salesforce's own CLI: asks it for the token, never reads its files.

Commands and their output: the CLI's public code. Newer ones hide the token in `org display` behind words unless
SHOW asks for it, which is to go, and give it by a command of its own; older ones have only the first.
"""

import asyncio
import contextlib
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from tui.base import failures, process
from tui.base.paths import expanded
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.base.text import clean
from tui.connections.connection import Org
from tui.net import BAD_DATA, Net, NetProblem, host_of
from tui.salesforce.sign_in.way import CachedToken, Resolve

T = TypeVar("T")
TIMEOUT = 60.0
"""Real seconds for one command: it takes one or two, but its first start after an update far longer."""
MAX_OUTPUT = 1_000_000
MAX_TRIES = 1_000
"""Braces at which an answer is looked for."""
PROGRAM = "sf"
SHOW = {"SF_TEMP_SHOW_SECRETS": "true"}
"""For `org display`. A command takes most of a second: where one tells host and token there is no second."""
# Names and texts of the CLI's public code and of the programs below it, in lower case.
NO_HOST = ("domainnotfound", "enotfound", "eai_again")
NO_NETWORK = ("etimedout", "econnrefused", "econnreset", "enetunreach", "ehostunreach", "generictimeout")
NO_LOGIN = ("orgnotfound", "noauthinfo", "noauthinformation", "no authorization information")
ENDED = ("expired", "refreshtoken")
NO_KEYCHAIN = ("secret-tool", "d-bus", "dbus", "libsecret", "gnome-keyring", "keychain", "security software")
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


class KnownOrg(Struct, frozen=True):
    """An org that the CLI is logged in to; `name` is what to call it by: its alias, else the username."""

    name: str
    username: str
    instance_url: str
    org_id: str | None = None
    is_sandbox: bool | None = None


class SfCli(CachedToken):
    """`sign_in = { way = "sf_cli", target_org = "alias or username" }`. `timeout` is in real seconds."""

    def __init__(self, org: Org, net: Net, resolve: Resolve, *, timeout: float = TIMEOUT) -> None:
        super().__init__(org, net, resolve)
        self._timeout = timeout

    @property
    def next_step(self) -> str:
        return f"Log in again: {self._login()}"

    async def fetch(self) -> Secret:
        target = self.setting("target_org")
        asking = asyncio.ensure_future(self._run(("org", "display"), _Display, SHOW))
        await asyncio.sleep(0)
        # While the program works, what the next request needs is loaded.
        self._net.prepare(self._org.api_url)
        display = await asking
        status = (display.connectedStatus or "").lower()
        if "refreshtoken" in status:
            raise self._expired()
        if any(part in status for part in NO_HOST):
            raise _no_host(target)
        if host_of(display.instanceUrl) != host_of(self._org.api_url):
            raise Problem(
                "The sf CLI knows another org",
                f"{target} is at {host_of(display.instanceUrl)}, "
                f"and api_url names {host_of(self._org.api_url)}.",
                "Correct target_org or api_url of the org: a token is never sent to another host.",
            )
        if token := _usable(display.accessToken):
            return token
        if token := _usable((await self._run(("org", "auth", "show-access-token"), _Shown)).accessToken):
            return token
        raise Problem("The sf CLI hides the token", "Neither of its commands shows one.", "Run: sf update")

    async def _run(
        self, command: Sequence[str], kind: type[T], variables: Mapping[str, str] | None = None
    ) -> T:
        target = self.setting("target_org")
        argv = (self._program(), *command, "--target-org", target, "--json")
        finished = await _finished(argv, self._timeout, variables)
        answer = _answer(finished)
        if finished.code == 0 and "result" in answer:
            return _result(answer, argv, kind)
        refusal = _refusal(answer)
        text = f"{refusal.name} {refusal.message}".lower()
        if any(part in text for part in NO_HOST):
            raise _no_host(target)
        if any(part in text for part in NO_LOGIN):
            raise Problem(
                "The sf CLI does not know this org",
                f"It has no login for {clean(target, 80)}.",
                f"See what it knows: sf org list. Or log in: {self._login()}",
            )
        if any(part in text for part in ENDED):
            raise self._expired()
        raise _failed(argv, finished, refusal)

    def _program(self) -> str:
        return str(expanded(self.setting("program") or PROGRAM))

    def _expired(self) -> Problem:
        target = clean(self.setting("target_org"), 80)
        return Problem(
            "The sf CLI's login has ended", f"The org no longer accepts it for {target}.", self.next_step
        )

    def _login(self) -> str:
        target = self.setting("target_org")
        alias = "" if "@" in target else f" --alias {shlex.quote(target)}"
        return f"sf org login web --instance-url {self._org.api_url}{alias}"


async def list_orgs(*, timeout: float = TIMEOUT) -> tuple[KnownOrg, ...]:
    """The orgs that the CLI is logged in to, each once, by name. Raises Problem.

    What the list tells of an org without an address, or in another shape, hides none of the others.
    """
    argv = (PROGRAM, "org", "list", "--skip-connection-status", "--json")
    finished = await _finished(argv, timeout)
    answer = _answer(finished)
    if finished.code != 0 or "result" not in answer:
        raise _failed(argv, finished, _refusal(answer))
    groups = _result(answer, argv, dict[str, Any])
    # Development hubs are listed among the others too.
    known = {row.username: row for rows in groups.values() for row in _listed(rows)}
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


def _listed(rows: object) -> Iterator[_Listed]:
    for row in rows if isinstance(rows, list) else ():
        with contextlib.suppress(*BAD_DATA):
            yield msgspec.convert(row, _Listed)


async def _finished(
    argv: Sequence[str], timeout: float, variables: Mapping[str, str] | None = None
) -> process.Finished:
    try:
        return await process.run(argv, timeout, variables=variables)
    except TimeoutError:
        raise NetProblem(
            "The sf CLI gave no answer",
            f"{_command(argv)} did not end within {timeout:g} s.",
            f"Run it by hand, it may ask something: {_command(argv)}",
            sent=False,
        ) from None
    except FileNotFoundError:
        raise Problem(
            "The sf CLI is not installed",
            f"There is no program {clean(argv[0], 200)}{'' if '/' in argv[0] else ' on PATH'}.",
            "Install it (npm install --global @salesforce/cli), name it with program in sign_in, "
            "or choose another way to sign in.",
        ) from None
    except OSError as error:
        raise Problem(
            "The sf CLI cannot be started",
            f"{clean(error.strerror or str(error), 200)}.",
            f"Check the program {clean(argv[0], 200)}.",
        ) from None


def _answer(finished: process.Finished) -> dict[str, Any]:
    """The CLI's own answer: the JSON object with a status and a result or an error's name.

    It is looked for between notices, colours and other JSON, on both streams; empty where there is none.
    """
    found = [one for output in (finished.stdout, finished.stderr) for one in _objects(output)]
    for keys in ({"status", "result"}, {"status", "name"}, {"result"}, {"name"}):
        for one in found:
            if keys <= one.keys():
                return one
    return {}


def _objects(output: bytes) -> Iterator[dict[str, Any]]:
    text = clean(output.decode("utf-8", "replace"), MAX_OUTPUT)
    decoder, at = json.JSONDecoder(), text.find("{")
    for _ in range(MAX_TRIES):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except BAD_DATA:
            end = at + 1
        else:
            yield value
        at = text.find("{", end)


def _result(answer: dict[str, Any], argv: Sequence[str], kind: type[T]) -> T:
    """The `result` of a good answer. What was printed instead is never quoted: a token may be in it."""
    try:
        return msgspec.convert(answer["result"], kind)
    except BAD_DATA:
        raise _other(argv) from None


def _refusal(answer: dict[str, Any]) -> _Refusal:
    try:
        return msgspec.convert(answer, _Refusal)
    except BAD_DATA:
        return _Refusal()


def _failed(argv: Sequence[str], finished: process.Finished, refusal: _Refusal) -> Problem:
    """The CLI's own text stays out: it can quote anything."""
    text = f"{refusal.name} {refusal.message} {finished.stderr.decode('utf-8', 'replace')}".lower()
    if any(part in text for part in NO_KEYCHAIN):
        return Problem(
            "The sf CLI cannot read its keychain",
            f"{_command(argv)} needs secret-tool and D-Bus, which this session does not have.",
            "Set SF_USE_GENERIC_UNIX_KEYCHAIN=true, and log in with the sf CLI once more.",
        )
    if finished.code == 0:
        return _other(argv)
    why = clean(refusal.name, 80) if refusal.name.isidentifier() else ""
    if finished.code == 127:
        why = "it does not know this command"
    message = f"{_command(argv)} ended with code {finished.code}{f': {why}' if why else ''}."
    if any(part in text for part in NO_NETWORK):
        return NetProblem("The sf CLI reaches no org", message, "Check network and proxy.", sent=False)
    return Problem(
        "The sf CLI failed",
        message,
        "Update it: sf update" if finished.code == 127 else f"Run it by hand: {_command(argv)}",
    )


def _no_host(target: str) -> NetProblem:
    return NetProblem(
        "The org's host is not found",
        f"The sf CLI finds no host by the address that it keeps for {clean(target, 80)}.",
        f"Was the org deleted or renamed? {failures.LOOKUP}",
        sent=False,
    )


def _other(argv: Sequence[str]) -> Problem:
    return Problem(
        "The sf CLI answered something else",
        f"{_command(argv)} printed no JSON as this program knows it.",
        "Run it by hand; if it looks right, update it: sf update",
    )


def _usable(token: str | None) -> Secret | None:
    """A token; None for the words that stand where it is hidden."""
    return Secret(token) if token and _TOKEN.fullmatch(token) and "redact" not in token.lower() else None


def _command(argv: Sequence[str]) -> str:
    return clean(shlex.join(argv), 200)
