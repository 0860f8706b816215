"""`undo`: takes back the last repair, or the word that the console shows Monitoring."""

import argparse
from typing import TYPE_CHECKING

from tui.commands.fix import Changing, FixOptions, add_change_options
from tui.console import STDIN, Arguments, Exit, narrate, say
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.config import Config
    from tui.watching.watcher import Watcher

PAGE = Page(
    "undo the last repair",
    """\
Undoes the last repair that remonitor made for a connection, if it is not older
than 24 hours: each value is set to what it was before, and what was created is
deleted. This stops monitoring, so you must type the username of the service
account (or the name of the profile), or give it with --confirm. remonitor reads
each record again first. If somebody has changed it since the repair, it sends
nothing. It writes the change to the journal, sends it, and checks it in
Salesforce. An unlock cannot be undone. Needs allow_repairs = true for the org.

With --withdraw it withdraws what you said, that the Incydr console shows
Monitoring. Nothing changes in Salesforce then.""",
    (
        ("remonitor undo 'Acme EMEA' --dry-run", "show what would change"),
        ("remonitor undo 'Acme EMEA' --confirm svc@acme.example", "without a question"),
        ("remonitor undo 'Acme EMEA' --withdraw", "the console does not show Monitoring"),
    ),
    (
        ("0", "undone and confirmed; with --dry-run: it could be"),
        ("1", "not undone: nothing there, refused, changed since, not agreed to, off"),
        UNKNOWN,
        USAGE,
        CONFIG,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_change_options(
        parser,
        "do not ask, if no name must be typed (--withdraw)",
        "the service account or profile, instead of typing it",
    )
    parser.add_argument(
        "--withdraw", action="store_true", help='withdraw your "the console shows Monitoring"'
    )


def run(arguments: Arguments) -> int:
    from tui.console.stdin import Lines
    from tui.console.watcher import on_watcher

    options = FixOptions(arguments.dry_run, arguments.yes, arguments.confirm)

    async def undo(watcher: "Watcher", config: "Config", clock: "Clock") -> int:
        taking = Undo(watcher, arguments.name, options, clock, Lines(STDIN), say, narrate)
        return await (taking.withdrawn() if arguments.withdraw else taking.run())

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

    async def withdrawn(self) -> Exit:
        """What the operator said, that the console shows Monitoring."""
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
                self.tell(f"{question.refused} --yes gives the answer.")
                return Exit.NO
        self.say(await actions.withdraw(self.watcher, self.name))
        self._tell_status()
        return Exit.OK

    def _tell_status(self) -> None:
        from tui import wording

        self.tell(f"{self.name}: {wording.status_line(self._state(), wording.Times(None, self.clock.now()))}")


COMMAND = Command("undo", PAGE, run, add_arguments)
