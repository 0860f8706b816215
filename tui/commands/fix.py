"""`fix`: shows what would change, asks once, sends it, reads it back."""

import argparse
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tui.console import STDIN, Arguments, Exit, narrate, say
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.config import Config
    from tui.connections.repair import Repair
    from tui.connections.state import State
    from tui.console.stdin import LineReader
    from tui.walkthrough.questions import RepairQuestion
    from tui.watching.journal import JournalProblem
    from tui.watching.watcher import Watcher

PAGE = Page(
    "repair a connection in Salesforce, as far as remonitor can",
    """\
Shows exactly what would change in Salesforce (object, record, field, before and
after, as which user) and asks once. Then it reads the field again, sends the
change, checks it in Salesforce and keeps it in the journal. If another person
or automation did what you undo, ask them first; then type the username of the
service account, or give it with --confirm. Repairs are off until the org's
configuration says allow_repairs = true.""",
    (
        ("remonitor fix 'Acme EMEA' --dry-run", "show what would change"),
        ("remonitor fix 'Acme EMEA' && remonitor wait 'Acme EMEA'", "repair, then wait for Incydr"),
        ("remonitor fix 'Acme EMEA' --confirm svc@acme.example", "undo another person's freeze"),
    ),
    (
        ("0", "applied and confirmed, or nothing to repair; with --dry-run: it could be"),
        ("1", "not applied: refused, not agreed to, off, or nothing the program can do"),
        UNKNOWN,
        USAGE,
        CONFIG,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_change_options(
        parser, "do not ask", "the service account, or the profile, if the repair asks you to type it"
    )


def add_change_options(parser: argparse.ArgumentParser, yes: str, confirm: str) -> None:
    """Of the commands that change something in Salesforce; `yes`, `confirm`: the help of these two."""
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--dry-run", action="store_true", help="only show what would change")
    parser.add_argument("--yes", action="store_true", help=yes)
    parser.add_argument("--confirm", metavar="USERNAME", help=confirm)


def run(arguments: Arguments) -> int:
    from tui.console.stdin import Lines
    from tui.console.watcher import on_watcher

    options = FixOptions(arguments.dry_run, arguments.yes, arguments.confirm)

    async def fix(watcher: "Watcher", config: "Config", clock: "Clock") -> int:
        return await Fix(watcher, arguments.name, options, clock, Lines(STDIN), say, narrate).run()

    return on_watcher(arguments, arguments.name, fix)


class FixOptions(NamedTuple):
    """What the command line says: only look, no question, the name that a repair wants typed."""

    dry_run: bool = False
    yes: bool = False
    confirm: str | None = None


class Changing:
    """Shows changes of one connection and asks. `say` hears what changes and what became of it, `tell` all the rest."""

    def __init__(
        self,
        watcher: "Watcher",
        name: str,
        options: FixOptions,
        clock: "Clock",
        answers: "LineReader",
        say: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        self.watcher = watcher
        self.name = name
        self.options = options
        self.clock = clock
        self.answers = answers
        self.say = say
        self.tell = tell

    def _state(self) -> "State":
        state = self.watcher.state(self.name)
        assert state is not None  # noqa: S101 - the caller has read it
        return state

    def _preview(self, repair: "Repair") -> "RepairQuestion":
        from tui.walkthrough import actions

        question = actions.question(self.watcher, self.name, repair)
        self.say("\n".join(filter(None, (*question.preview, question.restraint))))
        return question

    async def _agreed(self, question: "RepairQuestion") -> bool:
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
        why = "you did not agree" if wanted is None else f"the {question.repair.confirm_what} was not given"
        return self._refused(why, option)

    def _refused(self, why: str, option: str) -> bool:
        self.tell(f"Nothing was sent: {why}. {option} gives the answer.")
        return False

    def _not_sent(self, problem: "JournalProblem") -> None:
        """What is the matter with the journal was told with the reading."""
        known = str(problem) == self.watcher.progress(self.name).journal_problem
        self.tell(f"Nothing was sent: {'the journal must have a change first.' if known else problem}")


class Fix(Changing):
    """Repairs one connection."""

    async def run(self) -> Exit:
        """Repair every cause that can be repaired, in order; the connection has been read. Raises Problem."""
        from tui.walkthrough import actions
        from tui.watching.journal import JournalProblem

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

    def _repairs(self) -> "list[Repair]":
        from tui.connections.repair import Repair

        return [o for o in self.watcher.repair_offers(self.name) if isinstance(o, Repair)]

    def _ended(self, offered: bool, tried: list[str] | tuple[str, ...]) -> Exit:
        """What is left after the last repair, and what that means."""
        from tui import wording
        from tui.connections.finding import Kind
        from tui.connections.repair import NoRepair
        from tui.connections.state import Status

        state, times = self._state(), wording.Times(None, self.clock.now())
        left = state.diagnosis.findings
        self.tell(f"{self.name}: {wording.status_line(state, times)}")
        for offer in self.watcher.repair_offers(self.name):
            if isinstance(offer, NoRepair):
                self.tell(offer.reason)
            elif offer.cause in tried:
                self.tell(f"{offer.title}: it was applied, but the cause is there again.")
        if state.status is Status.UNKNOWN:
            for line in wording.why_lines(state, times):
                self.tell(line)
            return Exit.UNKNOWN
        if offered:
            return Exit.OK
        if any(f.kind is Kind.ACTION for f in left) or (left and not tried):
            return Exit.NO
        if state.recovering is not None:
            self.tell(f"Incydr comes back by itself. To wait for it: remonitor wait {shlex.quote(self.name)}")
        elif not tried:
            self.tell("There is nothing to repair.")
        return Exit.OK


COMMAND = Command("fix", PAGE, run, add_arguments)
