"""What the keys do. A command of the table has one `do_…` here, or is an act of the walkthrough (`Session.act`).

The reason why not comes from the table.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from tui import wording
from tui.app import report_actions
from tui.app.shell import CommandHost
from tui.base.paths import log_file
from tui.base.permissions import user_name
from tui.base.problem import Problem
from tui.keys import BY_ID, KeyNames, Pane

if TYPE_CHECKING:
    from tui.walkthrough.face import Session
    from tui.walkthrough.model import Page
    from tui.walkthrough.questions import Question, RepairQuestion

LOOK_AROUND = 1_000
"""No exit code: the command line goes on with the demo."""

MUTED = timedelta(hours=2)

log = logging.getLogger("remonitor.app")


class Commands:
    """Acts for the main screen."""

    def __init__(self, host: CommandHost) -> None:
        self.host = host
        self.shell = host.shell
        self.walked: Session | None = None
        """The walkthrough that is open."""
        self._sessions: dict[str, Session] = {}

    async def run(self, id: str) -> None:
        """Run a command, or say why it does not work now."""
        self.shell.take_back()
        command, context = BY_ID[id], self.host.context()
        reason = command.where(context) or command.why_not(context)
        if reason:
            self.shell.say(reason, severity="warning")
            return
        act: Callable[[], Awaitable[None]] | None = getattr(self, f"do_{id}", None)
        try:
            await (act() if act is not None else self._act(id))
        except Problem as problem:
            self.shell.say(str(problem), severity="error")
        self.host.draw()

    # The list

    async def do_details(self) -> None:
        self.host.browse.shows_detail = True
        await self.host.draw_detail()
        self.host.detail.focus()

    async def do_fix(self) -> None:
        if self.host.selected is not None:
            await self.open_wizard(self.host.selected)

    async def do_add(self) -> None:
        self.shell.add_connection()

    async def do_look_around(self) -> None:
        self.host.app.exit(return_code=LOOK_AROUND)

    async def do_who(self) -> None:
        from tui.app.who import Who

        config = self.shell.config
        hosts = {org.id: org.my_domain for org in config.orgs.values()} if config is not None else {}
        self.host.app.push_screen(Who(self.host.renderer, self.host.states, hosts, key=self.host.keys["who"]))

    async def do_resume(self) -> None:
        if self.host.left is not None:
            await self.open_wizard(self.host.left)

    async def do_filter(self) -> None:
        self.host.filter_line.open()

    async def do_sort(self) -> None:
        self.host.browse.sort()

    async def do_next_problem(self) -> None:
        self.host.connections.go_to_problem(1)
        await self._follow()

    async def do_previous_problem(self) -> None:
        self.host.connections.go_to_problem(-1)
        await self._follow()

    async def _follow(self) -> None:
        """Where the list is hidden the detail is all there is to see of the cursor."""
        if self.host.pane is Pane.DETAIL:
            await self.host.draw_detail()

    async def do_history(self) -> None:
        self.host.detail.whole_history = not self.host.detail.whole_history
        await self.host.draw_detail()

    async def do_in_full(self) -> None:
        self.host.detail.in_full = not self.host.detail.in_full
        await self.host.draw_detail()

    # Everywhere

    async def do_report(self) -> None:
        await report_actions.write_report(self.host)

    async def do_copy_report(self) -> None:
        if (report := await report_actions.report(self.host)) is not None:
            await self.shell.copy(report[1], "report")
            self.shell.show_plain(report[1])

    async def do_view(self) -> None:
        self.shell.show_plain(report_actions.shown(self.host))

    async def do_explain(self) -> None:
        from tui.app.explain import Explain

        state = self.host.states.get(self.host.selected or "")
        self.host.app.push_screen(Explain(self.host.renderer, state, self.shell.times))

    async def do_theme(self) -> None:
        self.shell.next_theme()

    async def do_check_now(self) -> None:
        if self.host.watcher is not None:
            self.host.watcher.check_now(self.host.selected)

    async def do_mute(self) -> None:
        watcher, name, times = self.host.watcher, self.host.selected, self.shell.times
        if watcher is None or name is None:
            return
        until = times.now + MUTED if watcher.mute(name) is None else None
        if await watcher.keep_still(name, until, "", user_name()):
            self.shell.say(wording.mute_told(name, until, times))
            await self.host.draw_detail()
        else:
            self.shell.say(
                f"{name}: the journal cannot be written, so nothing has changed.", severity="error"
            )

    async def do_console_shows(self) -> None:
        from tui.app.console_shows import ConsoleShows

        name = self.host.selected
        if self.host.watcher is None or name is None:
            return

        def shown(word: str | None) -> None:
            if word:
                self.shell.beside(self._write_down(name, word), "console shows")

        self.host.app.push_screen(ConsoleShows(name), shown)

    async def _write_down(self, name: str, word: str) -> None:
        watcher = self.host.watcher
        if watcher is not None and await watcher.say_console(name, word, user_name()):
            self.shell.say(f"{name}: the console shows {word}. Recorded.")
            await self.host.draw_detail()
        else:
            self.shell.say(
                f"{name}: the journal cannot be written, so nothing is recorded.", severity="error"
            )

    async def do_copy_user(self) -> None:
        state = self.host.states.get(self.host.selected or "")
        if state is not None:
            await self.shell.copy(state.connection.service_account, "username")

    async def do_copy_docs(self) -> None:
        from tui.diagnosis.guide import pages

        state = self.host.states.get(self.host.selected or "")
        address = self.host.wizard.docs if self.host.pane is Pane.WIZARD else None
        if address is None and state is not None:
            address = pages(state.diagnosis.causes)[0].address
        if address is not None:
            await self.shell.copy(address, "link to the vendor's page")

    async def do_leave(self) -> None:
        if self.host.pane is Pane.WIZARD:
            await self.close_wizard()
        else:
            self.host.browse.shows_detail = False
            self.host.connections.focus()

    async def do_help(self) -> None:
        from tui.app.help import Help

        self.host.app.push_screen(Help(self.host.renderer, self.host.keys, self.host.context()))

    async def do_palette(self) -> None:
        self.shell.action_command_palette()

    async def do_redraw(self) -> None:
        self.shell.action_redraw()

    async def do_quit(self) -> None:
        self.host.app.exit(return_code=0)

    # The wizard

    def session(self, name: str) -> "Session | None":
        """The walkthrough of this connection, open or not; None while nothing is watched."""
        # Loaded with the first walkthrough, after the first frame: the causes stand behind it.
        from tui.diagnosis.guide import REQUIREMENTS
        from tui.walkthrough.face import Session
        from tui.walkthrough.terms import terms_of_keys

        watcher, config = self.host.watcher, self.shell.config
        if watcher is None or config is None:
            return None
        kept = self._sessions.get(name)
        if kept is None or kept.watcher is not watcher:
            terms, required = terms_of_keys(KeyNames(self.host.keys)), config.required(REQUIREMENTS)
            kept = self._sessions[name] = Session(watcher, name, self, terms, required)
        return kept

    def walking(self, name: str) -> "Session | None":
        """The walkthrough of this connection, where it is open."""
        return self.walked if self.walked is not None and self.walked.name == name else None

    @property
    def unfinished(self) -> int | None:
        """In the open walkthrough: the place of the step that is still to be done, while Incydr is awaited."""
        return self.walked.unfinished if self.walked is not None else None

    @property
    def busy(self) -> str:
        """What is being sent to Salesforce right now."""
        return next((session.busy for session in self._sessions.values() if session.busy), "")

    def page(self) -> "Page | None":
        """What the open walkthrough shows; None before its connection was read."""
        session = self.walked
        state = self.host.states.get(session.name) if session is not None else None
        return session.page(state, self.shell.times) if session and state else None

    def say(self, sentences: Sequence[str], *, on_page: bool) -> None:
        if on_page:
            self.host.draw()
        else:
            self.shell.say(" ".join(sentences))

    def ask(self, question: "Question") -> None:
        from tui.app.confirm import Confirm

        def answered(yes: bool | None) -> None:
            if yes:
                self.shell.beside(self._agreed(question), question.yes)

        self.host.app.push_screen(Confirm(self.host.renderer, question), answered)

    async def open_wizard(self, name: str) -> None:
        """Open this connection's walkthrough where it was left; the org may have to be read first."""
        session, watcher = self.session(name), self.host.watcher
        if session is None or watcher is None:
            return
        await self.host.show_wizard(name)
        self.walked = session
        session.open()
        watcher.attend(name)
        self.host.draw()
        self.host.wizard.step_pane.focus()
        self.shell.beside(self._begin(session), "the walkthrough")

    async def _begin(self, session: "Session") -> None:
        """Begin or resume the walkthrough without holding the screen up."""
        try:
            await session.begin()
        except Problem as problem:
            self.shell.say(str(problem), severity="error")
        except Exception:
            log.exception("a walkthrough could not begin")
            self.shell.say(f"The walkthrough could not begin: see the log, {log_file()}", severity="error")
        self.host.draw()

    async def close_wizard(self) -> None:
        """Go back to the list; the watch goes on."""
        self.walked = None
        self.host.wizard.clear()
        if self.host.watcher is not None:
            self.host.watcher.attend(None)
        await self.host.hide_wizard()

    async def do_close(self) -> None:
        await self.close_wizard()

    async def _act(self, command: str, name: str | None = None) -> None:
        """An act of the walkthrough of this connection, by default of the one at hand."""
        name = name or self.host.selected
        if name is not None and (session := self.session(name)) is not None:
            await session.act(command)

    async def do_close_walk(self) -> None:
        """Of the walkthrough that is open, else of the one that is offered, else of the connection at hand."""
        offered = self.host.left if self.host.pane is not Pane.WIZARD else None
        await self._act("close_walk", offered)

    async def do_copy_link(self) -> None:
        if self.host.wizard.link is not None:
            await self.shell.copy(self.host.wizard.link, "link")

    async def _agreed(self, question: "Question") -> None:
        """Do what was agreed to, and keep what became of it on screen."""
        from tui.walkthrough.questions import RepairQuestion

        session = self.session(question.name)
        if session is None:
            return
        if isinstance(question, RepairQuestion):
            await self._send(session, question)
        else:
            await session.agreed(question)
            if question.id == "close_walk" and self.walked is session:
                await self.close_wizard()
        self.host.look_for_left()
        self.host.draw()

    async def _send(self, session: "Session", question: "RepairQuestion") -> None:
        try:
            await session.send(question)
        except Exception:
            log.exception("a repair ended by an internal fault")
            session.notice = (
                "The repair ended by an internal fault: check again what Salesforce shows. "
                f"See the log, {log_file()}"
            )
        if self.walked is not session:
            self.shell.say(f"{question.name}: {session.notice}", stays=True)
