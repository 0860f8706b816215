"""What `doctor` looks at, from the machine to one reading of each connection, fit to paste."""

import asyncio
import os
import platform
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile

from msgspec.structs import replace

from tui import __version__
from tui.base import permissions
from tui.base.clock import Clock
from tui.base.paths import log_file, make_folder, state_folder
from tui.base.problem import ConfigProblem, Problem
from tui.base.text import clean, counted
from tui.config import Config, check_references, load
from tui.connections.connection import Connection, Org, Tenant
from tui.connections.evidence import Evidence, Unreadable
from tui.connections.state import State
from tui.console import Exit
from tui.console.contract import known_steps
from tui.console.logs import masked
from tui.console.reaching import Step, reach, tenant_sign_in
from tui.console.watcher import JOURNAL, named
from tui.diagnosis.guide import REQUIREMENTS
from tui.net import Net
from tui.onboarding.org_lookups import who_am_i
from tui.salesforce.session import Session
from tui.salesforce.sign_in import way
from tui.watching.http_clients import read_now
from tui.watching.journal import Journal, JournalProblem
from tui.watching.receipts import Receipt
from tui.wording import PARTS
from tui.wording.permissions import rights_lines

PACKAGES = ("textual", "rich", "httpx", "msgspec", "platformdirs", "pyjwt", "keyring")
SIGNS = {True: "✓", False: "✖", None: "!"}
PLAIN_SIGNS = {True: "+", False: "x", None: "!"}
NAMES, WIDTH = 13, 80
"""Columns for the names of steps and facts, and of a whole line."""


class Doctor:
    """Says line by line what it finds, and at the end how much of it is wrong."""

    def __init__(self, say: Callable[[str], None], clock: Clock, *, plain: bool = False) -> None:
        self._found: Counter[bool | None] = Counter()
        """How many steps were good, bad, or worth a warning."""
        self._say = say
        self._clock = clock
        self._plain = plain
        self._gap = ""
        """What stands before the next block."""
        self._home = os.path.expanduser("~")  # noqa: PTH111 - as text, to be replaced

    async def run(self, path: Path, names: Sequence[str], size: tuple[int, int] | None) -> Exit:
        """The whole report about all connections, or those named. Raises UsageProblem for an unknown name."""
        self._block("versions", versions())
        self._block("paths", paths(path, state_folder(), log_file()))
        self._step(journal_place(state_folder()))
        if (state_folder() / JOURNAL).exists():
            for step in await journal_records(state_folder() / JOURNAL):
                self._step(step)
        self._block("terminal", terminal(os.environ, size))
        try:
            whole = load(path)
            check_references(whole)
            whole.required(REQUIREMENTS)
        except ConfigProblem as problem:
            self._block("configuration")
            self._step(Step("sound", False, problem.message, next_step=problem.next_step))
            return Exit.CONFIG
        config = replace(whole, connections=named(whole, names))
        self._block("configuration")
        there = (whole.connections, "connection"), (whole.orgs, "org"), (whole.tenants, "tenant")
        told = [counted(len(found), noun) for found, noun in there]
        told += [counted(len(whole.files), "file")] if len(whole.files) > 1 else []
        self._step(Step("sound", True, ", ".join(told)))
        async with aclosing(Net(ca_bundle=config.app.ca_bundle)) as net:
            await self._outside(config, net)
        bad, warned = counted(self._found[False], "check"), counted(self._found[None], "warning")
        self._block(f"{bad} failed, {warned}" if self._found[False] else f"nothing failed, {warned}")
        return Exit.NO if self._found[False] else Exit.OK

    async def _outside(self, config: Config, net: Net) -> None:
        for org in config.orgs.values():
            connections = [c for c in config.connections if c.org == org.id]
            if connections:
                await self._org(config, org, connections, net)
        used = {c.tenant for c in config.connections}
        for tenant in config.tenants.values():
            if tenant.id in used:
                await self._tenant(tenant, net)

    async def _org(self, config: Config, org: Org, connections: Sequence[Connection], net: Net) -> None:
        self._block(f"org {org.id}, {org.my_domain}, sign-in by {org.sign_in.way}")
        if not await self._reached(org.api_url, net, "/services/data/"):
            return
        sign_in = way(org, net)
        session = Session(org, net, sign_in, self._clock)
        began = _now()
        try:
            who = await who_am_i(session)
        except Problem as problem:
            self._refused(problem, _now() - began)
            return
        told = f"as {who.name} in {who.org.name} ({who.org.id})"
        self._step(Step("sign-in", True, told, _now() - began))
        if who.hidden:
            self._step(Step("userinfo", None, who.hidden))
        for has, text in rights_lines(who.rights):
            if not has:
                self._step(Step("no right", None, text, next_step="Ask an administrator for this right."))
        for step in await known_steps(org, connections, self._clock.now()):
            self._step(step)
        required = config.required(REQUIREMENTS)
        began = _now()
        states = await read_now(org, connections, net, sign_in, self._clock, required)
        seconds = _now() - began
        for state in states:
            self._reading(state, seconds)

    def _reading(self, state: State, seconds: float) -> None:
        unread = list(_unread(state.evidence))
        calls = counted(state.evidence.api_calls, "API call")
        told = f"{state.connection.name}: {state.status}, {calls}"
        self._step(Step("reading", True if not unread else None, told, seconds))
        for part, why in unread:
            self._step(Step("not read", None, f"{part}: {why.reason}", next_step=why.next_step))

    async def _tenant(self, tenant: Tenant, net: Net) -> None:
        self._block(f"tenant {tenant.id}, {tenant.base_url}")
        if not await self._reached(tenant.base_url, net, "/"):
            return
        began = _now()
        attempt = await tenant_sign_in(tenant, net, self._clock)
        if isinstance(attempt.result, Problem):
            self._refused(attempt.result, _now() - began)
        else:
            self._step(Step("sign-in", True, "file events can be searched", _now() - began))

    def _refused(self, problem: Problem, seconds: float) -> None:
        told = f"{problem.title}: {problem.message}"
        self._step(Step("sign-in", False, told, seconds, problem.next_step))

    async def _reached(self, url: str, net: Net, path: str) -> bool:
        good = True
        async for step in reach(url, net, self._clock, path=path):
            self._step(step)
            good = good and step.good is not False
        return good

    def _block(self, title: str, facts: Iterable[tuple[str, str]] = ()) -> None:
        self._say(f"{self._gap}{self._fit_to_paste(title)}")
        self._gap = "\n"
        for name, detail in facts:
            self._lines(" ", name, detail)

    def _step(self, step: Step) -> None:
        self._found[step.good] += 1
        took = "" if step.seconds is None else f" · {step.seconds * 1000:.0f} ms"
        told = f"{step.detail.rstrip('.')}{took}" if took else step.detail
        self._lines((PLAIN_SIGNS if self._plain else SIGNS)[step.good], step.name, told)
        if step.next_step and step.good is not True:
            self._lines(" ", "", f"{'->' if self._plain else '→'} {step.next_step}")

    def _lines(self, sign: str, name: str, detail: str) -> None:
        """Sign, name and detail in three columns; what does not fit goes on below the detail."""
        margin = " " * (NAMES + 5)
        head = f"  {sign} {name:<{NAMES}} "
        told = self._fit_to_paste(detail).replace(" · ", " - ") if self._plain else self._fit_to_paste(detail)
        self._say(
            textwrap.fill(
                told,
                WIDTH,
                initial_indent=head,
                subsequent_indent=margin,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )

    def _fit_to_paste(self, text: str) -> str:
        """Nothing secret, and no name of the machine's user where the home folder tells it."""
        return redacted(masked(clean(text)), self._home)


def _unread(evidence: Evidence) -> Iterator[tuple[str, Unreadable]]:
    for part, words in PARTS.items():
        found = getattr(evidence, part)
        if isinstance(found, Unreadable):
            yield words, found


def _now() -> float:
    """Real seconds, to measure with."""
    return asyncio.get_running_loop().time()


def versions() -> Iterator[tuple[str, str]]:
    yield "remonitor", __version__
    yield "Python", f"{platform.python_version()}, {platform.system()} {platform.release()}"
    yield "packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES)


def paths(config: Path, state: Path, log: Path) -> Iterator[tuple[str, str]]:
    yield "configuration", f"{config} {_mode(config)}"
    yield "state", f"{state} {_mode(state)}"
    yield "log", f"{log} {_mode(log)}"


def journal_place(state: Path) -> Step:
    """Whether what happens can be remembered, by this user alone."""
    try:
        make_folder(state)
        with TemporaryFile(dir=state):
            pass
    except OSError as error:
        next_step = "Make the folder yours to write, or name another one with REMONITOR_STATE."
        return Step(
            "journal", False, f"the state folder cannot be written: {error.strerror}", next_step=next_step
        )
    if (
        refused := permissions.of_state(permissions.entry(state, state.stat()), permissions.me())
    ) is not None:
        return Step("journal", False, refused.why, next_step=f"Run: {refused.command}")
    if state.stat().st_mode & 0o077:
        next_step = "Close it with chmod 700."
        return Step("journal", None, "others can look into the state folder", next_step=next_step)
    return Step("journal", True, "can be written")


async def journal_records(path: Path) -> tuple[Step, ...]:
    """What of the journal at `path` cannot be decoded, and what a hook never acknowledged."""
    journal = Journal(path)
    try:
        await journal.open()
        lost, receipts = await journal.undecodable(), await journal.receipts.all()
    except JournalProblem as problem:
        return (Step("records", None, f"{problem.title}: {problem.message}", next_step=problem.next_step),)
    finally:
        await journal.close()
    return _records(lost), *_deliveries(receipts)


def _deliveries(receipts: Sequence[Receipt]) -> Iterator[Step]:
    """What became of the calls of a hook, where there ever was one."""
    if not receipts:
        return
    given_up = sum(receipt.given_up for receipt in receipts)
    troubles = list(dict.fromkeys(receipt.trouble for receipt in receipts if receipt.trouble))
    if not given_up and not troubles:
        yield Step("hook", True, "every change was delivered")
        return
    told = f"{counted(given_up, 'change')} not delivered after five tries"
    last = f"; the last try: {troubles[0]}" if troubles else ""
    next_step = "Try it: remonitor watch --test-hook. The log has every failed try."
    yield Step("hook", None, told + last, next_step=next_step)


def _records(lost: int) -> Step:
    if lost:
        next_step = "They are kept but not shown. The log names them."
        return Step("records", None, f"{lost} records of the journal cannot be decoded", next_step=next_step)
    return Step("records", True, "all can be decoded")


def terminal(environ: Mapping[str, str], size: tuple[int, int] | None) -> Iterator[tuple[str, str]]:
    """`size` is columns and rows, None without a terminal."""
    shown = f"{size[0]}x{size[1]}" if size else "no terminal"
    yield "TERM", f"{environ.get('TERM', 'not set')}, {shown}, {_colours(environ)}"
    remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    yield "over SSH", f"{'yes' if remote else 'no'}, {_multiplexer(environ)}"
    yield "clipboard", _clipboard(environ)
    yield "encoding", f"{sys.stdout.encoding or 'not known'}, LANG {environ.get('LANG', 'not set')}"


def redacted(text: str, home: str) -> str:
    """The text with the home folder as ~."""
    return text.replace(home, "~") if len(home) > 1 else text


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "NO_COLOR"
    if environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return "true colour"
    return "256 colours" if "256" in environ.get("TERM", "") else "16 colours"


def _multiplexer(environ: Mapping[str, str]) -> str:
    if environ.get("TMUX"):
        return "in tmux"
    return "in screen" if environ.get("STY") else "neither tmux nor screen"


def _clipboard(environ: Mapping[str, str]) -> str:
    if environ.get("TMUX"):
        return "by tmux load-buffer -w, then by OSC 52"
    return "by OSC 52" + (", wrapped for screen" if environ.get("TERM", "").startswith("screen") else "")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _mode(path: Path) -> str:
    try:
        return f"(mode {path.stat().st_mode & 0o777:04o})"
    except OSError:
        return "(not there yet)"
