"""What the keys do. Each command of the table has one `do_…` here; the reason why not comes from the table."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from textual.widgets import Input

from tui.app import report_actions
from tui.base.problem import Problem
from tui.config import Config
from tui.keys import BY_ID, KeyNames, Pane

if TYPE_CHECKING:
    from tui.app.main_screen import MainScreen
    from tui.walkthrough.actions import RepairQuestion
    from tui.walkthrough.face import Session
    from tui.walkthrough.model import Page

LOOK_AROUND = 1_000
"""No exit code: the command line goes on with the demo."""

log = logging.getLogger("remonitor.app")


class Commands:
    """Acts for the main screen."""

    def __init__(self, screen: "MainScreen") -> None:
        self.screen = screen
        self.walked: Session | None = None
        """The walkthrough that is open."""
        self._sessions: dict[str, Session] = {}

    async def run(self, id: str) -> None:
        """Run a command, or say why it does not work now."""
        command, context = BY_ID[id], self.screen.context()
        reason = command.where(context) or command.why_not(context)
        if reason:
            self.screen.remonitor.say(reason, severity="warning")
            return
        act: Callable[[], Awaitable[None]] = getattr(self, f"do_{id}")
        try:
            await act()
        except Problem as problem:
            self.screen.remonitor.say(str(problem), severity="error")
        self.screen.draw()

    # The list

    async def do_details(self) -> None:
        self.screen.query_one("#browse").add_class("-detail")
        await self.screen.draw_detail()
        self.screen.detail.focus()

    async def do_fix(self) -> None:
        if self.screen.selected is not None:
            await self.open_wizard(self.screen.selected)

    async def do_add(self) -> None:
        app = self.screen.remonitor
        place = app.place
        if place is None:
            app.say("There is no configuration file to write to.", severity="warning")
            return

        async def added(config: Config | None) -> None:
            if config is None:
                app.say("Nothing was written.")
            else:
                await app.start_over(config, place.watch(config))
                self.screen.connections.go_to(config.connections[-1].name)
                app.say(f"{config.connections[-1].name} is added.")

        app.push_screen(place.screen(self.screen.renderer, app.clock), added)

    async def do_look_around(self) -> None:
        self.screen.app.exit(return_code=LOOK_AROUND)

    async def do_who(self) -> None:
        from tui.app.who import Who

        self.screen.app.push_screen(Who(self.screen.renderer, self.screen.states, self.screen.remonitor))

    async def do_resume(self) -> None:
        if self.screen.left is not None:
            await self.open_wizard(self.screen.left[0])

    async def do_filter(self) -> None:
        line = self.screen.query_one("#filter-line")
        line.add_class("-on")
        # At once, not at the next idle moment: the keys that follow are already on their way.
        self.screen.app.stylesheet.apply(line)
        self.screen.set_focus(self.screen.query_one("#filter", Input))

    def leave_filter(self) -> None:
        """Show every connection again."""
        self.screen.query_one("#filter", Input).value = ""
        self.screen.query_one("#filter-line").remove_class("-on")
        self.screen.connections.focus()

    async def do_sort(self) -> None:
        self.screen.order = self.screen.order.following

    async def do_next_problem(self) -> None:
        self.screen.connections.go_to_problem(1)
        await self._follow()

    async def do_previous_problem(self) -> None:
        self.screen.connections.go_to_problem(-1)
        await self._follow()

    async def _follow(self) -> None:
        """Where the list is hidden the detail is all there is to see of the cursor."""
        if self.screen.pane is Pane.DETAIL:
            await self.screen.draw_detail()

    async def do_history(self) -> None:
        self.screen.detail.whole_history = not self.screen.detail.whole_history
        await self.screen.draw_detail()

    async def do_in_full(self) -> None:
        self.screen.detail.in_full = not self.screen.detail.in_full
        await self.screen.draw_detail()

    # Everywhere

    async def do_report(self) -> None:
        await report_actions.write_report(self.screen)

    async def do_copy_report(self) -> None:
        if (report := await report_actions.report(self.screen)) is not None:
            await self.screen.remonitor.copy(report[1], "report")
            self.screen.remonitor.show_plain(report[1])

    async def do_view(self) -> None:
        self.screen.remonitor.show_plain(report_actions.shown(self.screen))

    async def do_explain(self) -> None:
        from tui.app.explain import Explain

        app, state = self.screen.remonitor, self.screen.states.get(self.screen.selected or "")
        app.push_screen(Explain(self.screen.renderer, state, app.times))

    async def do_theme(self) -> None:
        self.screen.remonitor.next_theme()

    async def do_check_now(self) -> None:
        if self.screen.watcher is not None:
            self.screen.watcher.check_now(self.screen.selected)

    async def do_copy_user(self) -> None:
        state = self.screen.states.get(self.screen.selected or "")
        if state is not None:
            await self.screen.remonitor.copy(state.connection.service_account, "username")

    async def do_leave(self) -> None:
        if self.screen.pane is Pane.WIZARD:
            await self.close_wizard()
        else:
            self.screen.query_one("#browse").remove_class("-detail")
            self.screen.connections.focus()

    async def do_help(self) -> None:
        from tui.app.help import Help

        self.screen.app.push_screen(Help(self.screen.renderer, self.screen.keys, self.screen.context()))

    async def do_palette(self) -> None:
        self.screen.remonitor.action_command_palette()

    async def do_redraw(self) -> None:
        self.screen.remonitor.action_redraw()

    async def do_quit(self) -> None:
        self.screen.app.exit(return_code=0)

    # The wizard

    def session(self, name: str) -> "Session | None":
        """The walkthrough of this connection, open or not; None while nothing is watched."""
        # Loaded with the first walkthrough, after the first frame: the causes stand behind it.
        from tui.walkthrough.face import Session
        from tui.walkthrough.model import terms_of_keys

        watcher, app = self.screen.watcher, self.screen.remonitor
        if watcher is None:
            return None
        kept = self._sessions.get(name)
        if kept is None or kept.watcher is not watcher:
            terms = terms_of_keys(KeyNames(self.screen.keys))
            kept = self._sessions[name] = Session(watcher, name, self, terms, app.knowledge.requirements)
        return kept

    @property
    def busy(self) -> str:
        """What is being sent to Salesforce right now."""
        return next((session.busy for session in self._sessions.values() if session.busy), "")

    def page(self) -> "Page | None":
        """What the open walkthrough shows; None before its connection was read."""
        session = self.walked
        state = self.screen.states.get(session.name) if session is not None else None
        return session.page(state, self.screen.remonitor.times) if session and state else None

    def say(self, sentences: Sequence[str], *, on_page: bool) -> None:
        if on_page:
            self.screen.draw()
        else:
            self.screen.remonitor.say(" ".join(sentences))

    def ask(self, question: "RepairQuestion") -> None:
        from tui.app.confirm import Confirm

        def answered(yes: bool | None) -> None:
            if yes:
                self.screen.remonitor.beside(self.screen, self._send(question), "the repair")

        self.screen.app.push_screen(Confirm(self.screen.renderer, question), answered)

    async def open_wizard(self, name: str) -> None:
        """Open this connection's walkthrough where it was left; the org may have to be read first."""
        session, watcher = self.session(name), self.screen.watcher
        if session is None or watcher is None:
            return
        self.screen.connections.go_to(name)
        self.screen.query_one("#filter-line").remove_class("-on")
        await self.screen.show_wizard()
        self.screen.look_for_left()
        self.walked = session
        session.open()
        watcher.attend(name)
        self.screen.draw()
        self.screen.wizard.step_pane.focus()
        self.screen.remonitor.beside(self.screen, self._begin(session), "the walkthrough")

    async def _begin(self, session: "Session") -> None:
        """Begin or resume the walkthrough without holding the screen up."""
        try:
            await session.begin()
        except Problem as problem:
            self.screen.remonitor.say(str(problem), severity="error")
        except Exception:
            log.exception("a walkthrough could not begin")
            self.screen.remonitor.say("The walkthrough could not begin: see the log.", severity="error")
        self.screen.draw()

    async def close_wizard(self) -> None:
        """Go back to the list; the watch goes on."""
        self.walked = None
        if self.screen.watcher is not None:
            self.screen.watcher.attend(None)
        self.screen.query_one("#filter-line").set_class(
            bool(self.screen.query_one("#filter", Input).value), "-on"
        )
        self.screen.panes.current = "browse"
        self.screen.connections.focus()
        self.screen.look_for_left()
        self.screen.draw()
        await self.screen.draw_detail()

    async def do_close(self) -> None:
        await self.close_wizard()

    async def _act(self, command: str) -> None:
        name = self.screen.selected
        if name is not None and (session := self.session(name)) is not None:
            await session.act(command)

    async def do_done(self) -> None:
        await self._act("done")

    async def do_back(self) -> None:
        await self._act("back")

    async def do_skip(self) -> None:
        await self._act("skip")

    async def do_experience(self) -> None:
        await self._act("experience")

    async def do_word(self) -> None:
        await self._act("word")

    async def do_pause(self) -> None:
        await self._act("pause")

    async def do_repair(self) -> None:
        await self._act("repair")

    async def do_copy_link(self) -> None:
        if self.screen.wizard.link is not None:
            await self.screen.remonitor.copy(self.screen.wizard.link, "link")

    async def _send(self, question: "RepairQuestion") -> None:
        """Send a repair and keep what became of it on screen."""
        name = question.connection.name
        session = self.session(name)
        if session is None:
            return
        try:
            await session.send(question)
        except Exception:
            log.exception("a repair ended by an internal fault")
            session.notice = (
                "The repair ended by an internal fault: see the log, and check again what Salesforce shows."
            )
        if self.walked is not session:
            self.screen.remonitor.say(f"{name}: {session.notice}")
        self.screen.draw()
