"""The app: one main screen over one watch. It renders States and decides nothing."""

import logging
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events, on
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import Notification, Notify
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widgets import Input
from textual.widgets._toast import Toast

from tui.app import clipboard, theme
from tui.app.keyboard import Turns, Typed
from tui.app.main_screen import MainScreen
from tui.app.notifier import Notifier
from tui.app.output import Output, collect_garbage_again, hold_painting
from tui.app.renderer import Renderer, safe
from tui.app.shell import Copy, Severity, Work
from tui.app.terminal import catch_signals, erases_in_colour, opens_links
from tui.app.theme import DARK, LIGHT, Choice
from tui.app.watching import OpenWatcher, Watch
from tui.app.widgets import caret, scroll_bars
from tui.base.clock import Clock
from tui.base.paths import log_file
from tui.base.problem import Problem
from tui.base.text import sentence
from tui.config import Config
from tui.connections.state import State
from tui.keys import KeyNames, bound
from tui.watching.entry import Entry
from tui.wording.times import Times

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.driver import Driver

    from tui.app.add import Add
    from tui.app.demo import Demo
    from tui.watching.watcher import Watcher

AddForm = Callable[[Renderer, Callable[[], Times]], "Add"]
"""Makes the form for a new connection, over the configuration file as it is then. Raises ConfigProblem."""

FAULT = 70
"""The exit code of an internal fault."""

AGAIN_SECONDS = 2.0
"""Real seconds within which a second Ctrl+C quits."""

LOAD_SECONDS = 2.0
"""Real seconds after the first frame when the rest is loaded; the first readings come before it."""

log = logging.getLogger("remonitor.app")


def commands_provider() -> "type[Provider]":
    """What the palette finds; loaded when it is opened."""
    from tui.app.palette import CommandsProvider

    return CommandsProvider


class RemonitorApp(App[int]):
    """The terminal app over a configuration (None: there is none yet, show the welcome)."""

    TITLE = "remonitor"
    CSS_PATH = "app.tcss"
    COMMANDS: ClassVar = {commands_provider}
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012
        *((0, "-tiny"), (40, "-narrow"), (80, "-stacked"), (100, "-wide"), (120, "-broad"), (160, "-vast"))
    ]
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (12, "-low"), (18, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
        Binding("ctrl+c", "interrupt", "Quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, priority=True),
    ]

    def __init__(
        self,
        config: Config | None,
        *,
        clock: Clock,
        open_watcher: OpenWatcher | None = None,
        demo: "Demo | None" = None,
        add_form: AddForm | None = None,
        colours: Choice | None = None,
        ascii: bool = False,
        resume: str | None = None,
        resume_last: bool = False,
        tz: tzinfo | None = None,
        environ: Mapping[str, str] | None = None,
        keep_theme: Callable[[str], bool] | None = None,
        driver_class: "type[Driver] | None" = None,
        remembered: Callable[[], dict[str, State]] | None = None,
    ) -> None:
        """`remembered` gives the states that were known last, for the first frame.

        `resume` opens the walkthrough of this connection, `resume_last` the one that was left last.
        """
        colours = colours or Choice(DARK.name)
        super().__init__(driver_class=driver_class, ansi_color=True if colours.monochrome else None)
        self.config = config
        self.clock = clock
        self.demo = demo
        self.add_form = add_form
        self.colours = colours
        self.resume = resume
        self.resume_last = resume_last
        self.tz = tz
        self.environ = os.environ if environ is None else environ
        self.keep_theme = keep_theme
        self.last_states = remembered or (dict)
        known = self.available_themes.get(colours.name)
        links = (config is None or config.app.links) and not ascii and opens_links(self.environ)
        self.renderer = Renderer(ascii, sixteen=known is not None and known.ansi, links=links)
        keys = bound(config.app.keys if config is not None else {})
        self.main = MainScreen(self, self.renderer, keys)
        self.watching = Watch(open_watcher, self.main.post_message)
        # Over every screen, dialogs too.
        self._bindings.bind(keys["redraw"], "redraw", show=False, priority=True)
        self.output = Output(erases=erases_in_colour(self.environ))
        self.turns = Turns(self, lambda: self.screen)
        self._held = hold_painting(self)
        self._interrupted = False
        self._answer: Notification | None = None
        wanted = config is None or config.app.notifications
        self.notifier = Notifier(self.write, self.environ, wanted=wanted)
        self._look(ascii)

    def _look(self, ascii: bool) -> None:
        """Take the theme that was chosen, and signs that the terminal has."""
        self.animation_level = "none"
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        ScrollBar.renderer = scroll_bars(ascii)
        self.set_class(ascii, "-ascii")
        self.theme = self.colours.name if self.colours.name in self.available_themes else DARK.name
        self.stylesheet.set_variables(self.get_css_variables())

    @property
    def watcher(self) -> "Watcher | None":
        return self.watching.watcher

    @property
    def times(self) -> Times:
        """How moments are told now."""
        return Times(self.tz, self.clock.now())

    @property
    def monochrome(self) -> bool:
        """NO_COLOR decides how it looks."""
        return self.colours.monochrome

    # Start and end

    def get_default_screen(self) -> Screen[None]:
        return self.main

    def refresh_css(self, animate: bool = True) -> None:
        # At start the sheets were read with this theme a moment ago.
        if self.main.painted:
            super().refresh_css(animate)

    def on_mount(self) -> None:
        catch_signals(self._exit_by_signal)
        # The shell has written over the screen.
        self.app_resume_signal.subscribe(self, lambda _: self.action_redraw())
        if self.colours.name not in self.available_themes:
            self.say(
                f"The theme {self.colours.name} is not known: using {self.theme}.",
                severity="warning",
                stays=True,
            )

    def _exit_by_signal(self, code: int) -> None:
        self.exit(return_code=code)

    def paint_first_frame(self) -> None:
        """Paint it once and whole, then begin to watch."""
        self.main.paint_whole()
        self._held.close()
        collect_garbage_again()
        self.call_after_refresh(self.watching.start, self.config)
        self.set_timer(LOAD_SECONDS, self._load_rest)

    def _load_rest(self) -> None:
        from tui.app.loading import load_rest

        self.beside(load_rest(), "loading the rest")

    async def on_unmount(self) -> None:
        self.notifier.end()
        await self.watching.end()

    async def action_interrupt(self) -> None:
        """Ctrl+C: once says how to quit, twice quits."""
        if self._interrupted:
            self.exit(return_code=130)
            return
        self._interrupted = True
        self.say("Press Ctrl+C again to quit.")
        self.set_timer(AGAIN_SECONDS, self._forget_interrupt)

    def _forget_interrupt(self) -> None:
        self._interrupted = False

    def _handle_exception(self, error: Exception) -> None:
        """An internal fault ends the app with one sentence: Textual's own report would print secrets."""
        log.error("internal fault", exc_info=error)
        if self._exit:
            # It is left already: a widget that was never mounted is no reason to say otherwise.
            return
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self.exit(return_code=FAULT)

    def left_open(self) -> list[str]:
        """The connections whose walkthrough is open, for the command that resumes it."""
        watcher = self.watcher
        if watcher is None:
            return []
        return [c.name for c in watcher.connections if watcher.walkthrough(c.name) is not None]

    # The terminal

    def on_resize(self) -> None:
        # The terminal has moved or cut what stood there, also where its size is by now the old one again.
        if self.main.painted:
            self.action_redraw()

    def action_redraw(self) -> None:
        """Draw everything again: somebody else has written over it."""
        self.output.forget()
        self.screen.refresh()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Write what Textual has painted: only the cells that changed."""
        driver = self._driver
        if (
            driver is not None
            and self._running
            and not (self._batch_count or self._closed or self.is_headless)
        ):
            if isinstance(self.focused, Input):
                # There an input method shows what it composes.
                self.cursor_position = caret(self.focused)
            order = self.output.order(self, renderable, synchronised=self._sync_available)
            if order:
                driver.write(order)
                driver.flush()
        self.post_display_hook()

    def write(self, order: str) -> None:
        """Send an order to the terminal, past the screen."""
        if self._driver is not None:
            self._driver.write(order)

    async def on_event(self, event: events.Event) -> None:
        """Keys in their order; each keeps an open walkthrough awake, whatever it does."""
        if not isinstance(event, Typed) or event.is_forwarded:
            await super().on_event(event)
        elif self.turns.take(event):
            if self.watcher is not None:
                self.watcher.touch()
            await super().on_event(event)
            self.turns.follow(event, (self.focused or self.screen) if event.is_forwarded else None)

    def on_paste(self) -> None:
        """Nobody has taken it: no letter of it is a command."""
        told = KeyNames(self.main.keys).told("explain")
        self.say(f"What you pasted is not used here. For a message of the Incydr console, press {told}.")

    # What is done for those below

    def say(self, text: str, *, severity: Severity = "information", stays: bool = False) -> None:
        """Tell the operator something in passing; never as markup. A new answer takes the last one's place.

        `stays`: it answers no key, and has a place of its own.
        """
        told = Notification(self.renderer.text(text), severity=severity, timeout=self.NOTIFICATION_TIMEOUT)
        if not stays:
            self.take_back()
            self._answer = told
        self.post_message(Notify(told))

    def take_back(self) -> None:
        """Another key is pressed: what was said of the last one is over."""
        for toast in self.screen.query(Toast):
            if toast._notification is self._answer:
                toast._expire()

    def tell_news(self, name: str, news: Iterable[Entry], *, first: bool, walked: bool) -> None:
        """Tell the operator what is new of `name`, here and where he looks instead.

        `walked`: its walkthrough is on the screen and says it itself: a toast would cover what it says.
        """
        for text in self.notifier.worth_telling(name, news, first=first):
            if not walked:
                self.say(text, stays=True)
            self.notifier.call(text)

    def name_window(self, states: Mapping[str, State]) -> None:
        self.notifier.name_window(states.values())

    def beside(self, work: Coroutine[object, object, object], name: str) -> None:
        """Run `work` beside the screen; what fails is said and in the log."""
        self.run_beside(Work(self.main, work, name))

    @on(Work)
    def run_beside(self, message: Work) -> None:
        told = self._told(message.work, message.name)
        message.owner.run_worker(told, name=message.name, exit_on_error=False)

    async def _told(self, work: Coroutine[object, object, object], name: str) -> None:
        try:
            await work
        except Problem as problem:
            self.say(str(problem), severity="error", stays=True)
        except Exception as fault:
            log.error("%s ended by an internal fault", name, exc_info=fault)
            text = f"{sentence(name)} ended by an internal fault ({type(fault).__name__}): see the log, {log_file()}"
            self.say(text, severity="error", stays=True)

    @on(Copy)
    def copy_beside(self, message: Copy) -> None:
        self.beside(self.copy(message.text, message.what), f"copying the {message.what}")

    async def copy(self, text: str, what: str) -> None:
        """Send a text to the terminal's clipboard, or show it where it can be selected."""
        text, mode = safe(text), clipboard.Mode(self.config.app.clipboard if self.config else "auto")
        if (to := await clipboard.send(text, mode, self.environ, self.write)) is not None:
            self.say(f"{what.capitalize()} sent to {to}.")
            return
        off = mode is clipboard.Mode.OFF
        why = "Copying is switched off" if off else "Too long for the terminal's clipboard"
        self.say(f"{why}: select the {what} here.", severity="warning")
        self.show_plain(text)

    def show_plain(self, text: str, note: str = "") -> None:
        """Show a text alone, where the terminal's own selection takes it whole."""
        from tui.app.plain_view import PlainView

        if not isinstance(self.screen, PlainView):
            key = self.main.keys["view"]
            copy = partial(self.copy, what="text")
            self.push_screen(PlainView(self.renderer, text, copy, key=key, note=note))

    def add_connection(self) -> None:
        """Ask for a new connection; then go on with the configuration that has it."""
        if self.add_form is None:
            self.say("There is no configuration file to write to.", severity="warning")
            return

        async def added(config: Config | None) -> None:
            if config is None:
                self.say("Nothing was written.")
            else:
                await self.start_over(config)
                self.main.connections.go_to(config.connections[-1].name)
                self.say(f"{config.connections[-1].name} is added.")

        self.push_screen(self.add_form(self.renderer, lambda: self.times), added)

    async def start_over(self, config: Config) -> None:
        """Go on with another configuration."""
        await self.watching.end()
        self.watching.watcher = self.resume = None
        self.resume_last = False
        self.config = config
        self.main.begin_anew()
        self.watching.start(config)

    def next_theme(self) -> None:
        """Change the colours, and keep the choice for the next start unless the configuration has one."""
        name = theme.following(self.theme)
        self.renderer.sixteen = self.available_themes[name].ansi
        self.theme = name
        configured = self.config.app.theme if self.config is not None else None
        kept = configured is not None or self.keep_theme is None or self.keep_theme(name)
        self.say(theme.told(name, configured, kept))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        return ()

    def action_command_palette(self) -> None:
        from tui.app.palette import Palette

        if self.screen is self.main:
            orders = "; demo: act as the administrator" if self.demo is not None else ""
            self.push_screen(Palette(placeholder=f"Search for commands{orders}", id="--command-palette"))
