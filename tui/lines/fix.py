"""`fix`: shows what would change, asks once, sends it, reads it back; every change is in the journal."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from tui import wording
from tui.base.clock import Clock
from tui.connections.finding import Kind
from tui.connections.repair import NoRepair, Repair
from tui.connections.state import State, Status
from tui.console.exits import Exit
from tui.console.stdin import LineReader
from tui.walkthrough import actions
from tui.walkthrough.actions import RepairQuestion
from tui.watching.journal import JournalProblem
from tui.watching.watcher import Watcher


@dataclass(frozen=True)
class FixOptions:
    """What the command line says: only look, no question, the name that a repair wants typed."""

    dry_run: bool = False
    yes: bool = False
    confirm: str | None = None


@dataclass(frozen=True)
class Fix:
    """Repairs one connection. `say` hears what changes and what became of it, `tell` all the rest."""

    watcher: Watcher
    name: str
    options: FixOptions
    clock: Clock
    answers: LineReader
    say: Callable[[str], None]
    tell: Callable[[str], None]

    async def run(self) -> Exit:
        """Repair every cause that can be repaired, in order; the connection has been read. Raises Problem."""
        if self.options.dry_run:
            for repair in self._repairs():
                self._preview(repair)
            return self._ended(bool(self._repairs()), ())
        tried: list[str] = []
        other: Repair | None = None
        while waiting := [r for r in self._repairs() if r.cause not in tried or r == other]:
            repair, other = waiting[0], None
            tried.append(repair.cause)
            if not await self._agreed(self._preview(repair)):
                return Exit.NO
            try:
                answer = await actions.repair(self.watcher, self.name, repair)
            except JournalProblem as problem:
                self._not_sent(problem)
                return Exit.NO
            self.say(answer.text)
            if not answer.applied:
                if not answer.other_way:
                    return Exit.NO
                self.tell(answer.other_way)
                other = next(r for r in self._repairs() if r.cause == repair.cause)
        return self._ended(False, tried)

    def _state(self) -> State:
        state = self.watcher.state(self.name)
        assert state is not None  # noqa: S101 - the caller has read it
        return state

    def _repairs(self) -> list[Repair]:
        return [o for o in self.watcher.repair_offers(self.name) if isinstance(o, Repair)]

    def _preview(self, repair: Repair) -> RepairQuestion:
        question = actions.question(self.watcher, self.name, repair)
        self.say("\n".join(question.preview))
        return question

    async def _agreed(self, question: RepairQuestion) -> bool:
        wanted = question.repair.confirm
        option = f"--confirm {shlex.quote(wanted)}" if wanted else "--yes"
        if wanted is None and self.options.yes:
            return True
        if wanted is not None and self.options.confirm is not None:
            agreed = self.options.confirm == wanted
            return agreed or self._refused(f"--confirm says {self.options.confirm}", option)
        if not self.options.yes:
            self.tell(question.wanted)
            if question.agrees(await self.answers.next()):
                return True
        why = (
            "nothing was agreed to" if wanted is None else f"the {question.repair.confirm_what} was not given"
        )
        return self._refused(why, option)

    def _refused(self, why: str, option: str) -> bool:
        self.tell(f"Nothing was sent: {why} ({option} answers it).")
        return False

    def _not_sent(self, problem: JournalProblem) -> None:
        """What is the matter with the journal was told with the reading."""
        told = str(problem) == self.watcher.progress(self.name).journal_problem
        self.tell(f"Nothing was sent: {'a change has to be in the journal first.' if told else problem}")

    def _ended(self, offered: bool, tried: list[str] | tuple[str, ...]) -> Exit:
        """What is left after the last repair, and what that means."""
        state, times = self._state(), wording.Times(None, self.clock.now())
        left = state.diagnosis.findings
        self.tell(f"{self.name}: {wording.status_line(state, times)}")
        for offer in self.watcher.repair_offers(self.name):
            if isinstance(offer, NoRepair):
                self.tell(offer.reason)
            elif offer.cause in tried:
                self.tell(f"{offer.title}: it was applied, and the cause is there again.")
        if state.status is Status.UNKNOWN:
            for line in wording.why_lines(state, times):
                self.tell(line)
            return Exit.UNKNOWN
        if offered:
            return Exit.OK
        if any(f.kind is Kind.ACTION for f in left) or (left and not tried):
            return Exit.NO
        if state.recovering is not None:
            self.tell(f"Incydr notices by itself: remonitor wait {shlex.quote(self.name)}")
        elif not tried:
            self.tell("There is nothing to repair.")
        return Exit.OK
