"""`undo`: takes back the last repair, or the word that the console shows Monitoring."""

import argparse
from typing import TYPE_CHECKING

from tui.commands.fix import Changing, FixOptions
from tui.console import STDIN, Arguments, Exit, narrate, say
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.config import Config
    from tui.watching.watcher import Watcher

PAGE = Page(
    "take back the last repair",
    """\
Sets back what remonitor changed last in Salesforce for a connection, within the
last 24 hours: each value as it was before, and what was created is deleted.
This stops monitoring, so the username of the service account (or the name of
the profile) must be typed, or given with --confirm. Each record is read again
first; where somebody has changed it since the repair, nothing is sent. The
change stands in the journal before it is sent, and is read back after it. An
unlock cannot be taken back. Needs allow_repairs = true for the org.

With --word it takes back, instead, that you said that the Incydr console shows
Monitoring; nothing changes in Salesforce.""",
    (
        ("remonitor undo 'Acme EMEA' --dry-run", "show what would be set back"),
        ("remonitor undo 'Acme EMEA' --confirm svc@acme.example", "without a question"),
        ("remonitor undo 'Acme EMEA' --word", "the console does not show Monitoring after all"),
    ),
    (
        ("0", "taken back and read back; with --dry-run: it could be"),
        ("1", "not taken back: nothing there, refused, changed since, not agreed to, off"),
        UNKNOWN,
        USAGE,
        CONFIG,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--dry-run", action="store_true", help="show what would change; send nothing")
    parser.add_argument(
        "--yes", action="store_true", help="do not ask where no name has to be typed (--word)"
    )
    parser.add_argument(
        "--confirm", metavar="USERNAME", help="the service account or profile, instead of typing it"
    )
    parser.add_argument("--word", action="store_true", help="the word that the console shows Monitoring")


def run(arguments: Arguments) -> int:
    from tui.console.stdin import Lines
    from tui.console.watcher import on_watcher

    options = FixOptions(arguments.dry_run, arguments.yes, arguments.confirm)

    async def undo(watcher: "Watcher", config: "Config", clock: "Clock") -> int:
        taking = Undo(watcher, arguments.name, options, clock, Lines(STDIN), say, narrate)
        return await (taking.word() if arguments.word else taking.run())

    return on_watcher(arguments, arguments.name, undo)


class Undo(Changing):
    """Takes back what was done last for one connection."""

    async def run(self) -> Exit:
        """The last repair; the connection has been read. Raises Problem."""
        from tui.connections.repair import NoRepair
        from tui.connections.state import Status
        from tui.walkthrough import actions
        from tui.watching.journal import JournalProblem

        offer = await self.watcher.undo_offer(self.name)
        if isinstance(offer, NoRepair):
            self.tell(offer.reason)
            return Exit.UNKNOWN if self._state().status is Status.UNKNOWN else Exit.NO
        question = self._preview(offer)
        if self.options.dry_run:
            return Exit.OK
        if not await self._agreed(question):
            return Exit.NO
        try:
            answer = await actions.repair(self.watcher, self.name, offer)
        except JournalProblem as problem:
            self._not_sent(problem)
            return Exit.NO
        self.say(answer.text)
        self._tell_status()
        return Exit.OK if answer.applied else Exit.NO

    async def word(self) -> Exit:
        """The operator's word that the console shows Monitoring."""
        from tui.walkthrough import actions, questions

        if self._state().word is None:
            self.tell("You have not said that the console shows Monitoring.")
            return Exit.NO
        question = questions.before_withdrawal(self.name)
        self.say("\n".join(question.preview))
        if self.options.dry_run:
            return Exit.OK
        if not self.options.yes:
            self.tell(question.choice)
            if not question.agrees(await self.answers.next()):
                self.tell(f"{question.refused} (--yes answers it)")
                return Exit.NO
        self.say(await actions.withdraw(self.watcher, self.name))
        self._tell_status()
        return Exit.OK

    def _tell_status(self) -> None:
        from tui import wording

        self.tell(f"{self.name}: {wording.status_line(self._state(), wording.Times(None, self.clock.now()))}")


COMMAND = Command("undo", PAGE, run, add_arguments)
