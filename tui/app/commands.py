"""What the keys do. Each command of the table has one `do_…` here; the reason why not comes from the table."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.widgets import Input

from tui import wording
from tui.app import report_actions
from tui.base.problem import Problem
from tui.config import Config
from tui.connections.evidence import value_of
from tui.connections.repair import Outcome, Repair
from tui.keys import BY_ID, Pane, key_name
from tui.walkthrough.model import repair_of

if TYPE_CHECKING:
    from tui.app.main_screen import MainScreen

LOOK_AROUND = 1_000
"""No exit code: the command line goes on with the demo."""

log = logging.getLogger("remonitor.app")


class Commands:
    """Acts for the main screen."""

    def __init__(self, screen: "MainScreen") -> None:
        self.screen = screen

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

    async def do_pause(self) -> None:
        name = self.screen.selected
        if self.screen.watcher is not None and name is not None:
            self.screen.watcher.pause(name, not self.screen.watcher.progress(name).paused)

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

    async def open_wizard(self, name: str) -> None:
        """Open this connection's walkthrough where it was left; the org may have to be read first."""
        if self.screen.watcher is None:
            return
        self.screen.connections.go_to(name)
        self.screen.query_one("#filter-line").remove_class("-on")
        await self.screen.show_wizard()
        self.screen.look_for_left()
        self.screen.wizard.open(name)
        self.screen.remonitor.beside(self.screen, self._walk(name), "the walkthrough")

    async def _walk(self, name: str) -> None:
        """Begin or resume the walkthrough without holding the screen up."""
        watcher, wizard = self.screen.watcher, self.screen.wizard
        if watcher is None:
            return
        try:
            await watcher.walk(name)
        except Problem as problem:
            self.screen.remonitor.say(str(problem), severity="error")
        except Exception:
            log.exception("a walkthrough could not begin")
            self.screen.remonitor.say("The walkthrough could not begin: see the log.", severity="error")
        finally:
            wizard.opening = False
        self.screen.draw()

    async def close_wizard(self) -> None:
        """Go back to the list; the watch goes on."""
        self.screen.wizard.close()
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

    async def do_done(self) -> None:
        moment = self.screen.wizard.moment()
        if self.screen.watcher is None or moment is None or moment.step is None:
            return
        verdict = moment.step.test(moment.state.evidence) if moment.step.test else None
        warning = wording.unverified(verdict, moment.step)
        await self.screen.watcher.step_done(moment.state.connection.name)
        self.screen.wizard.notice = warning

    async def do_back(self) -> None:
        await self._move("step_back")

    async def do_skip(self) -> None:
        await self._move("step_skip")

    async def do_experience(self) -> None:
        await self._move("switch_experience")

    async def _move(self, method: str) -> None:
        name = self.screen.wizard.connection
        if self.screen.watcher is not None and name is not None:
            await getattr(self.screen.watcher, method)(name)
            self.screen.wizard.notice = ""

    async def do_word(self) -> None:
        name = self.screen.wizard.connection
        if self.screen.watcher is not None and name is not None:
            if await self.screen.watcher.say_monitoring(name, self.operator()):
                said = "Noted: the console shows Monitoring. The word stays on this machine."
            else:
                said = "Your word does not count yet: it has to come after the repair."
            self.screen.remonitor.say(said)

    async def do_copy_link(self) -> None:
        if self.screen.wizard.link is not None:
            await self.screen.remonitor.copy(self.screen.wizard.link, "link")

    def operator(self) -> str:
        """The operator's own username as the org knows him; empty where it was not read."""
        state = self.screen.states.get(self.screen.selected or "")
        rights = value_of(state.evidence.rights) if state is not None else None
        return rights.username if rights is not None else ""

    async def do_repair(self) -> None:
        from tui.app.confirm import Confirm

        name, repair = self.screen.wizard.connection, repair_of(self.screen.context())
        if self.screen.watcher is None or name is None or repair is None:
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.screen.busy = self.screen.wizard.busy = repair.title
                self.screen.draw()
                self.screen.remonitor.beside(self.screen, self._send(name, repair), "the repair")

        org = self.screen.watcher.org(name)
        self.screen.app.push_screen(
            Confirm(self.screen.renderer, name, org.my_domain, repair, self.operator()), answered
        )

    async def _send(self, name: str, repair: Repair) -> None:
        """Send a repair and keep what became of it on screen."""
        watcher = self.screen.watcher
        if watcher is None:
            return
        try:
            outcomes = await watcher.repair(name, repair)
        except Problem as problem:
            told = str(problem)
        except Exception:
            log.exception("a repair ended by an internal fault")
            told = (
                "The repair ended by an internal fault: see the log, and check again what Salesforce shows."
            )
        else:
            told = self._tell(repair, outcomes)
            if way := wording.another_way(repair, outcomes, watcher.repair_offers(name)):
                told = f"{told} {way} {key_name(self.screen.key_of(BY_ID['repair']))} shows what it changes."
        finally:
            self.screen.busy = self.screen.wizard.busy = ""
        if self.screen.wizard.connection == name:
            self.screen.wizard.notice = told
        else:
            self.screen.remonitor.say(f"{name}: {told}")
        self.screen.draw()

    @staticmethod
    def _tell(repair: Repair, outcomes: tuple[Outcome, ...]) -> str:
        """The outcomes that matter: all that did not apply, else the last."""
        bad = [o for o in outcomes if o.result != "applied"]
        return f"{repair.title}: " + " ".join(wording.outcome(o) for o in (bad or outcomes[-1:]))
