"""`steps NAME --follow`: the whole walkthrough as lines, with the keys and the rules of the app's wizard.

Nothing is drawn twice and the cursor never moves: only what is new is said, for screen readers and dumb terminals.
"""

import asyncio
import contextlib
import shlex
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from tui import wording
from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Experience, Requirement
from tui.connections.finding import Finding
from tui.connections.state import State, Status
from tui.connections.walkthrough import Phase
from tui.console import Exit, exit_of
from tui.console.stdin import LineReader
from tui.keys import BY_ID, Command, KeyNames, key_name
from tui.pictures.timeline import Sign
from tui.walkthrough.face import Session
from tui.walkthrough.model import Page, Role, offered
from tui.walkthrough.questions import Question
from tui.walkthrough.terms import ACTIONS, terms_of_lines
from tui.watching.outages import outages, summary
from tui.watching.watcher import Watcher

PLAIN = (*ACTIONS, "help", "quit")
"""The commands of the wizard that make sense line by line."""

RARE = ("undo", "withdraw", "close_walk")
"""Of these the ones that only help tells."""

PATIENCE = timedelta(seconds=5)
"""After so long without the org's answer what is known is said."""

HEARTBEAT = timedelta(minutes=5)
"""After so much silence a reading is said although it brought nothing new."""

HEADINGS = ("step", "wait", "returned")
BELOW = ("step", "wait", "says")
"""Under a new heading all of this is new."""

MOVED = timedelta(minutes=10)
"""An estimate that moves within such a span is no news."""

LABELS = {Role.WHERE: "where: ", Role.LINK: "link: ", Role.USER: "user: ", Role.DOCS: "docs: "}

HELP = {"quit": "Leave the program (also ctrl+c)."}
"""What a key does where it is not as in the app."""


@dataclass(frozen=True)
class LineIO:
    """How a walkthrough speaks and hears. `keys`: the key of each command by its id."""

    say: Callable[[str], None]
    answers: LineReader
    clock: Clock
    tz: tzinfo | None
    required: Sequence[Requirement]
    keys: Mapping[str, str]
    experience: Experience | None = None
    options: str | None = ""
    """What a command needs behind its name to find this state again; None in a demo, which ends with its window."""

    @property
    def times(self) -> wording.Times:
        """How moments are told now."""
        return wording.Times(self.tz, self.clock.now())

    def command(self, verb: str, name: str) -> str:
        """The command line for a connection; empty in a demo."""
        return "" if self.options is None else f"remonitor {verb} {shlex.quote(name)}{self.options}"


class Follow:
    """Walks through one connection until Incydr is back or the operator leaves."""

    def __init__(self, watcher: Watcher, name: str, io: LineIO) -> None:
        self.watcher = watcher
        self.name = name
        self.io = io
        self._said: dict[str, Hashable] = {}
        """By topic what would be news if it were another."""
        self._said_at = io.clock.now()
        self._before: State | None = None
        self._question: Question | None = None
        """What was asked: the next line is the answer."""
        self._asked_at: datetime | None = None
        """When the operator asked for a reading."""
        self._recurring: tuple[str, ...] = ()
        self._left = False
        terms = terms_of_lines(KeyNames(io.keys), io.command("report", name))
        self._session = Session(watcher, name, self, terms, tuple(io.required))

    async def run(self) -> Exit:
        """Speak and listen to the end; OK once Incydr is back, else what `check` says. Raises Problem."""
        try:
            return await self._walk()
        except asyncio.CancelledError:
            # Nobody reads on where the terminal is gone.
            with contextlib.suppress(OSError):
                self._kept()
            raise

    async def _walk(self) -> Exit:
        if not await self._begin():
            return self._nothing_to_walk()
        states = self.watcher.states()
        coming = asyncio.ensure_future(anext(states))
        typed = asyncio.ensure_future(self.io.answers.next())
        try:
            while not self._left:
                # Where nobody can type any more, the readings still tell how it ends.
                listening = {coming} if typed.done() else {coming, typed}
                await asyncio.wait(listening, return_when=asyncio.FIRST_COMPLETED)
                if coming.done():
                    await self._on_state(coming.result())
                    coming = asyncio.ensure_future(anext(states))
                if typed.done() and typed in listening and not self._left:
                    line = typed.result()
                    await self._on_line(line)
                    if line is not None:
                        typed = asyncio.ensure_future(self.io.answers.next())
        finally:
            for task in (coming, typed):
                task.cancel()
            await asyncio.gather(coming, typed, return_exceptions=True)
            self.watcher.attend(None)
        return self._exit()

    # What is known

    @property
    def _state(self) -> State | None:
        return self.watcher.state(self.name)

    def _exit(self) -> Exit:
        return exit_of(self._state) if self._state is not None else Exit.UNKNOWN

    def _key(self, command: Command) -> str:
        return key_name(self.io.keys[command.id])

    # What is said

    def _say(self, *lines: str, apart: bool = False) -> None:
        told = [line for line in lines if line]
        if told:
            self._said_at = self.io.clock.now()
            self.io.say(("\n" if apart else "") + "\n".join(told))

    def say(self, sentences: Sequence[str], *, on_page: bool) -> None:
        for sentence in sentences:
            self._say(sentence)

    def ask(self, question: Question) -> None:
        self._question = question
        self._say(*question.preview, question.restraint)
        self._say(question.choice)

    async def _begin(self) -> bool:
        """Begin or resume the walkthrough; False where there is nothing to repair or to wait for."""
        self._say(f"{self.name}: reading the org first.")
        self._session.open()
        telling = asyncio.ensure_future(self._tell_known())
        try:
            walk, wanted = await self._session.begin(), self.io.experience
        finally:
            telling.cancel()
        if walk is not None and wanted is not None and walk.experience is not wanted:
            await self._session.act("experience")
        return walk is not None

    async def _tell_known(self) -> None:
        """Say what is known where the org lets one wait."""
        await self.io.clock.sleep_until(self.io.clock.now() + PATIENCE)
        if self._state is not None:
            self._say(*self._session.page(self._state, self.io.times).texts(Role.WHY))

    def _nothing_to_walk(self) -> Exit:
        reason = BY_ID["fix"].why_not(self._session.context())
        state, times = self._state, self.io.times
        told = reason or "There is nothing to do."
        self._say(told)
        if state is not None and state.status is not Status.MONITORING:
            self._say(*(line for line in wording.why_lines(state, times) if line not in told))
        return self._exit()

    async def _on_state(self, state: State) -> None:
        """Say what a new state changes."""
        if state.connection.name != self.name:
            return
        await self._remember(state)
        self._session.on_state(self._before, state, self.io.times)
        self._before = state
        self._speak()
        self._checked(state)
        self._left = self._left or state.status is Status.MONITORING

    async def _remember(self, state: State) -> None:
        """Whether this cause came before."""
        if self._before is None or self._before.diagnosis.causes != state.diagnosis.causes:
            total = summary(outages(await self.watcher.history(self.name)), state.evidence.org_now)
            causes = state.diagnosis.causes
            self._recurring = tuple(line for c in causes if (line := wording.comes_back(c, total)))[:1]

    def _speak(self) -> None:
        """Say every topic that is not as it was said last."""
        state = self._state
        if state is None:
            return
        self.watcher.attend(self.name)
        page = self._session.page(state, self.io.times, self._recurring)
        journal_problem = self.watcher.progress(self.name).journal_problem
        for topic in topics(page, journal_problem, self._keys()):
            news = topic.news or topic.lines
            if self._said.get(topic.name) != news:
                for below in BELOW if topic.name in HEADINGS else ():
                    self._said.pop(below, None)
                self._said[topic.name] = news
                self._say(*topic.lines, apart=topic.name in HEADINGS)

    def _checked(self, state: State) -> None:
        """The reading that was asked for, or a sign that the watch goes on."""
        now, read_at = self.io.clock.now(), state.evidence.read_at
        asked = self._asked_at is not None and read_at >= self._asked_at
        if asked or (now - self._said_at >= HEARTBEAT and read_at > self._said_at):
            self._asked_at = None if asked else self._asked_at
            at = wording.at_time(read_at, self.io.times)
            left = wording.left(state, now) if not state.diagnosis.findings else ""
            self._say(f"checked {at}: {state.status}" + (f", {left}" if left else ""))

    def _keys(self) -> str:
        """The keys that work now."""
        working = {
            self._key(c): c.label
            for c in offered(self._session.context(), [id for id in PLAIN if id not in RARE])
        }
        entered = working.pop("enter", "").partition(",")[0].lower()
        alone = f" (Enter alone = {entered})" if entered else ""
        return f"Type a key and Enter{alone}: " + " · ".join(
            f"{key} {label}" for key, label in working.items()
        )

    # What is heard

    async def _on_line(self, line: str | None) -> None:
        """Act on a typed line; None: nobody types any more."""
        if line is not None:
            self.watcher.touch()
        if (question := self._question) is not None:
            self._question = None
            if question.agrees(line):
                await self._session.agreed(question)
            else:
                self._say(question.refused)
        elif line is None:
            if self.io.answers.terminal:
                self._quit()
        elif (command := self._command(line)) is None:
            self._say(f'"{line}" does nothing here. {self._keys()}')
        else:
            await self._act(command)

    def _command(self, line: str) -> Command | None:
        """The command of a key; of several that share it the one that works now."""
        context, key = self._session.context(), line.strip() or "enter"
        known = sorted((BY_ID[id] for id in PLAIN), key=lambda command: not command.shown(context))
        return next((command for command in known if self._key(command) == key), None)

    async def _act(self, command: Command) -> None:
        context = self._session.context()
        if reason := command.why_not(context) if command.shown(context) else "Not now.":
            self._say(reason)
            return
        if command.id == "help":
            self._help()
        elif command.id == "quit":
            self._quit()
        else:
            if command.id == "check_now":
                self._asked_at = self.io.clock.now()
            try:
                await self._session.act(command.id)
            except Problem as problem:
                self._say(str(problem))
        if not self._left:
            self._speak()

    def _help(self) -> None:
        context = self._session.context()
        for id in PLAIN:
            command = BY_ID[id]
            reason = command.why_not(context) if command.shown(context) else None
            not_now = f" Not now: {reason}" if reason else ""
            self._say(f"{self._key(command)}: {HELP.get(id, command.help)}{not_now}")

    def _quit(self) -> None:
        self._left = True
        self._kept()

    def _kept(self) -> None:
        """How to go on with what is left open."""
        resume = self.io.command("resume", self.name)
        if resume and self.watcher.walkthrough(self.name) is not None:
            self._say(f"The walkthrough is kept. To go on: {resume}")


class Topic(NamedTuple):
    """Its name and its lines, said again once `news` is not as it was: by default with the lines."""

    name: str
    lines: tuple[str, ...]
    news: Hashable = None


def topics(page: Page, journal_problem: str, keys: str) -> Iterator[Topic]:
    """Everything that is worth saying, in the order of reading. Nothing in it is news by time alone.

    `keys` says which keys work now.
    """
    yield Topic("journal", (journal_problem,))
    yield Topic("status", page.found)
    yield _outage(page)
    if page.phase is Phase.RETURNED:
        yield Topic("returned", page.texts(Role.PROOF, Role.TEXT, Role.AFTER))
        return
    if page.phase is not Phase.STEP:
        yield Topic("wait", (f"Step {page.step}" if page.step else "", *page.texts(Role.TEXT)))
    else:
        yield Topic("step", _step(page))
    if page.healing is not None:
        yield _reset(page, page.healing)
    if page.phase is Phase.STEP:
        yield Topic("says", (page.verdict,))
    yield Topic("keys", (keys,))


def _step(page: Page) -> tuple[str, ...]:
    lines = [line for paragraph in page.body for line in paragraph]
    said = {Role.TEXT, Role.CAUTION, *LABELS}
    heading = f"Step {page.step} ({page.experience})"
    told = (
        f"{LABELS.get(line.role, '')}{line.text} {line.address}".rstrip()
        for line in lines
        if line.role in said
    )
    return (heading, *told)


def _reset(page: Page, finding: Finding) -> Topic:
    """When a cause that needs nobody ends, and who used the quota: its counts alone are no news."""
    first = finding.quota[0].application if finding.quota else ""
    end = finding.reset[1].timestamp() // MOVED.total_seconds() if finding.reset is not None else None
    return Topic("reset", page.texts(Role.RESET, Role.QUOTA), (finding.cause, first, end))


def _outage(page: Page) -> Topic:
    """What happened when: refused sign-ins and estimates, which move on by themselves, are no news."""
    moments = page.timeline.moments if page.timeline is not None else ()
    news = tuple(m for m in moments if m.sign not in (Sign.NOW, Sign.REFUSED, Sign.ENDS))
    return Topic("outage", page.texts(Role.TIMELINE), news)
