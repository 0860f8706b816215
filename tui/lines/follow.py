"""`steps NAME --follow`: the whole walkthrough as lines, with the keys and the rules of the app's wizard.

Nothing is drawn twice and the cursor never moves: only what is new is said, for screen readers and dumb terminals.
"""

import asyncio
import contextlib
import shlex
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from tui import wording
from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.connections.connection import Experience, Requirement
from tui.connections.evidence import value_of
from tui.connections.repair import Repair
from tui.connections.state import State, Status
from tui.connections.step import WAIT, Step
from tui.connections.walkthrough import Item
from tui.console.exits import Exit, exit_of
from tui.console.stdin import LineReader
from tui.diagnosis.guide import step_of
from tui.keys import BY_ID, Command, Context, KeyNames, Pane, key_name
from tui.lines.narration import topics
from tui.walkthrough.model import (
    ACTIONS,
    Moment,
    Page,
    offered,
    page_of,
    repair_of,
    steps_of,
    terms_of_lines,
)
from tui.watching.outages import outages, summary
from tui.watching.watcher import Watcher

PLAIN = (*ACTIONS, "help", "quit")
"""The commands of the wizard that make sense line by line."""

HEARTBEAT = timedelta(minutes=5)
"""After so much silence a reading is said although it brought nothing new."""

HEADINGS = ("step", "wait", "returned")
BELOW = ("step", "wait", "says")
"""Under a new heading all of this is new."""

HELP = {"quit": "Leave the program (also ctrl+c)."}
"""What a key does where it is not as in the app."""

YES = ("y", "yes")


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
        self._preview: Repair | None = None
        """The repair that was shown: the next line is the answer."""
        self._asked_at: datetime | None = None
        """When the operator asked for a reading."""
        self._recurring: tuple[str, ...] = ()
        self._left = False
        self._acts: dict[str, Callable[[], Awaitable[None]]] = {
            "done": self._done,
            "back": lambda: self._move(watcher.step_back),
            "skip": lambda: self._move(watcher.step_skip),
            "experience": lambda: self._move(watcher.switch_experience),
            "repair": self._repair,
            "word": self._word,
            "check_now": self._check_now,
            "pause": self._pause,
            "help": self._help,
            "quit": self._quit,
        }

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

    def _context(self) -> Context:
        walk, offers = self.watcher.walkthrough(self.name), self.watcher.repair_offers(self.name)
        return Context(Pane.WIZARD, self._state, walk, offers)

    def _step(self) -> Step:
        walk = self.watcher.walkthrough(self.name)
        item = walk.item if walk is not None else Item("", WAIT)
        return step_of(item, tuple(self.io.required))

    def _page(self, state: State) -> Page:
        walk = self.watcher.walkthrough(self.name)
        terms = terms_of_lines(KeyNames(self.io.keys), self.io.command("report", self.name))
        steps, org = steps_of(walk, tuple(self.io.required)), self.watcher.org(self.name)
        return page_of(Moment(state, walk, steps, org, self.io.times, terms, recurring=self._recurring))

    def _key(self, command: Command) -> str:
        return key_name(self.io.keys[command.id])

    # What is said

    def _say(self, *lines: str, apart: bool = False) -> None:
        told = [line for line in lines if line]
        if told:
            self._said_at = self.io.clock.now()
            self.io.say(("\n" if apart else "") + "\n".join(told))

    async def _begin(self) -> bool:
        """Begin or resume the walkthrough; False where there is nothing to mend or to wait for."""
        self._say(f"{self.name}: the org is read first.")
        walk = await self.watcher.walk(self.name)
        wanted = self.io.experience
        if walk is not None and wanted is not None and walk.experience is not wanted:
            await self.watcher.switch_experience(self.name)
        return walk is not None

    def _nothing_to_walk(self) -> Exit:
        reason = BY_ID["fix"].why_not(self._context())
        state, times = self._state, self.io.times
        told = reason or "There is nothing to walk through."
        self._say(told)
        if state is not None and state.status is not Status.MONITORING:
            self._say(*(line for line in wording.why_lines(state, times) if line not in told))
        return self._exit()

    async def _on_state(self, state: State) -> None:
        """Say what a new state changes."""
        if state.connection.name != self.name:
            return
        await self._remember(state)
        self._news(state)
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

    def _news(self, state: State) -> None:
        """Somebody else repaired it, or something new went wrong."""
        before, times = self._before, self.io.times
        if before is None or before is state:
            return
        news = wording.news(before, state, times)
        # The wait begins with who repaired it, the return says it again.
        if news not in (*wording.waiting_lines(state, times), *wording.returned_lines(state, times)):
            self._say(news)

    def _speak(self) -> None:
        """Say every topic that is not as it was said last."""
        state = self._state
        if state is None:
            return
        self.watcher.attend(self.name)
        page = self._page(state)
        trouble = self.watcher.progress(self.name).journal_problem
        for topic in topics(page, trouble, self._keys(), self.io.times):
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
            at = wording.clock_time(read_at, self.io.times)
            left = wording.left(state, now) if not state.diagnosis.findings else ""
            self._say(f"checked at {at}: {state.status}" + (f", {left}" if left else ""))

    def _keys(self) -> str:
        """The keys that work now."""
        working = offered(self._context(), PLAIN)
        return "Keys, each with Enter: " + ", ".join(f"{self._key(c)} {c.label}" for c in working)

    # What is heard

    async def _on_line(self, line: str | None) -> None:
        """Act on a typed line; None: nobody types any more."""
        if line is not None:
            self.watcher.touch()
        if self._preview is not None:
            await self._agreed(line)
        elif line is None:
            if self.io.answers.terminal:
                await self._quit()
        elif (command := self._command(line)) is None:
            self._say(f"{line} is no key. {self._keys()}")
        else:
            await self._act(command)

    def _command(self, line: str) -> Command | None:
        known = {self._key(BY_ID[id]): BY_ID[id] for id in PLAIN}
        return known.get(line.strip() or "enter")

    async def _act(self, command: Command) -> None:
        reason = command.why_not(self._context()) if command.shown(self._context()) else "Not now."
        if reason:
            self._say(reason)
            return
        try:
            await self._acts[command.id]()
        except Problem as problem:
            self._say(str(problem))
        if not self._left:
            self._speak()

    async def _done(self) -> None:
        state, step = self._state, self._step()
        verdict = step.test(state.evidence) if step.test is not None and state is not None else None
        await self.watcher.step_done(self.name)
        self._say(wording.unverified(verdict, step))

    async def _move(self, move: Callable[[str], Awaitable[object]]) -> None:
        await move(self.name)

    async def _check_now(self) -> None:
        self._asked_at = self.io.clock.now()
        self.watcher.check_now(self.name)

    async def _pause(self) -> None:
        paused = not self.watcher.progress(self.name).paused
        self.watcher.pause(self.name, paused)
        key = self._key(BY_ID["pause"])
        self._say(f"Paused: {key} goes on." if paused else "The watch goes on.")

    async def _word(self) -> None:
        if await self.watcher.say_monitoring(self.name, self._operator()):
            self._say("Noted: the console shows Monitoring. The word stays on this machine.")
        else:
            self._say("Your word does not count yet: it has to come after the repair.")

    async def _help(self) -> None:
        context = self._context()
        for id in PLAIN:
            command = BY_ID[id]
            reason = command.why_not(context) if command.shown(context) else None
            not_now = f" Not now: {reason}" if reason else ""
            self._say(f"{self._key(command)}: {HELP.get(id, command.help)}{not_now}")

    async def _quit(self) -> None:
        self._left = True
        self._kept()

    def _kept(self) -> None:
        """How to go on with what is left open."""
        resume = self.io.command("resume", self.name)
        if resume and self.watcher.walkthrough(self.name) is not None:
            self._say(f"The walkthrough is kept. To go on: {resume}")

    # The repair

    def _operator(self) -> str:
        rights = value_of(self._state.evidence.rights) if self._state is not None else None
        return rights.username if rights is not None else ""

    async def _repair(self) -> None:
        """Show what would change; the next line answers."""
        context = self._context()
        repair = repair_of(context)
        if context.state is None or repair is None:
            return
        self._preview = repair
        org, operator = self.watcher.org(self.name), self._operator()
        self._say(*wording.preview(repair, context.state.connection, org, operator))
        if repair.confirm is None:
            self._say("Type y to apply it; anything else sends nothing.")
        else:
            self._say(f"Type {repair.confirm} to go on. Anything else sends nothing.")

    async def _agreed(self, line: str | None) -> None:
        repair, self._preview = self._preview, None
        answer = (line or "").strip()
        if repair is None or (answer != repair.confirm if repair.confirm else answer.lower() not in YES):
            self._say("Nothing was sent.")
            return
        self._say(f"Sending to Salesforce: {repair.title}.")
        try:
            outcomes = await self.watcher.repair(self.name, repair)
        except Problem as problem:
            self._say(str(problem))
            return
        self._say(wording.outcomes(repair, outcomes))
        if way := wording.another_way(repair, outcomes, self.watcher.repair_offers(self.name)):
            self._say(f"{way} {self._key(BY_ID['repair'])} shows what it changes.")
