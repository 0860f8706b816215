"""The app: one main screen over one watcher. It renders States and decides nothing."""

import asyncio
import contextlib
import gc
import logging
import os
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import tzinfo
from functools import cached_property, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.scrollbar import ScrollBar

from tui.app import clipboard
from tui.app.main_screen import MainScreen
from tui.app.notifier import Notifier
from tui.app.output import BEGIN, END, Output
from tui.app.renderer import Renderer, safe
from tui.app.terminal import give_size, utf8
from tui.app.theme import DARK, LIGHT, SAID, Choice, choose, following, keep, read_kept
from tui.app.watching import StateChanged, Watching, WatchStarted, WatchStopped
from tui.app.widgets import scroll_bars
from tui.base import paths
from tui.base.clock import Clock
from tui.base.paths import BackgroundRead
from tui.base.problem import Problem
from tui.base.text import sentence
from tui.config import Config
from tui.connections.state import State
from tui.keys import bound

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.dom import DOMNode
    from textual.driver import Driver

    from tui.app.demo import Demo, DemoLink
    from tui.app.knowledge import Knowledge
    from tui.app.place import Place
    from tui.net import Net
    from tui.wording.times import Times

OpenWatcher = Callable[[], AbstractAsyncContextManager[Watching]]
"""Called after the first paint: whatever it imports or opens does not hold the first frame up."""

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
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (40, "-narrow"), (80, "-stacked"), (100, "-wide")]  # noqa: RUF012
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
        place: "Place | None" = None,
        colours: Choice | None = None,
        ascii: bool = False,
        resume: str | None = None,
        tz: tzinfo | None = None,
        environ: Mapping[str, str] | None = None,
        keep_theme: Callable[[str], bool] | None = None,
        driver_class: "type[Driver] | None" = None,
        remembered: Callable[[], dict[str, State]] | None = None,
    ) -> None:
        """`remembered` gives the states that were known last, for the first frame."""
        colours = colours or Choice(DARK.name)
        super().__init__(driver_class=driver_class, ansi_color=True if colours.monochrome else None)
        self.config = config
        self.clock = clock
        self.open_watcher = open_watcher
        self.demo = demo
        self.place = place
        self.colours = colours
        known = self.available_themes.get(colours.name)
        self.renderer = Renderer(ascii, sixteen=known is not None and known.ansi)
        self.resume = resume
        self.environ = os.environ if environ is None else environ
        self.keep_theme = keep_theme
        self.remembered = remembered
        self.tz = tz
        keys = bound(config.app.keys if config is not None else {})
        self.main = MainScreen(self.renderer, keys)
        # Over every screen, dialogs too.
        self._bindings.bind(keys["redraw"], "redraw", show=False, priority=True)
        self.watcher: Watching | None = None
        self.animation_level = "none"
        self.output = Output()
        self._watch: asyncio.Task[None] | None = None
        # While widgets mount and find their sizes, Textual would paint the screen four times over.
        self._curtain = contextlib.ExitStack()
        self._curtain.enter_context(self.batch_update())
        self._interrupted = False
        wanted = config is None or config.app.notifications
        self.notifier = Notifier(self.write, self.environ, wanted=wanted)
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        ScrollBar.renderer = scroll_bars(ascii)
        self.set_class(ascii, "-ascii")
        if colours.name in self.available_themes:
            self.theme = colours.name
        else:
            self.theme = DARK.name
        self.stylesheet.set_variables(self.get_css_variables())

    @cached_property
    def knowledge(self) -> "Knowledge":
        """What the causes say; loaded when the first state is drawn."""
        from tui.app.knowledge import Knowledge

        return Knowledge(self.config or Config())

    @property
    def times(self) -> "Times":
        """How moments are told now."""
        from tui.wording.times import Times

        return Times(self.tz, self.clock.now())

    def get_default_screen(self) -> Screen[None]:
        return self.main

    def refresh_css(self, animate: bool = True) -> None:
        # At start the sheets were read with this theme a moment ago.
        if not self.main.veiled:
            super().refresh_css(animate)

    def on_mount(self) -> None:
        self.catch_signals()
        # The shell has written over the screen.
        self.app_resume_signal.subscribe(self, lambda _: self.action_redraw())
        if self.colours.name not in self.available_themes:
            self.say(f"The theme {self.colours.name} is not known: using {self.theme}.", severity="warning")

    def on_resize(self) -> None:
        # The terminal has moved or cut what stood there, also where its size is by now the old one again.
        if not self.main.veiled:
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
            order = self.output.order(self, renderable)
            if order:
                driver.write(f"{BEGIN}{order}{END}" if self._sync_available else order)
                driver.flush()
        self.post_display_hook()

    def unveil(self) -> None:
        """Paint the first frame, once and whole, then begin to watch."""
        self.main.veiled = False
        # Whole with the layout that is due: Textual would paint that first, and then everything again.
        self.main._compositor._dirty_regions.add(self.main.region)
        self.main._repaint_required = False
        self.main.refresh(repaint=False, layout=True)
        self._curtain.close()
        if not gc.isenabled():
            gc.freeze()
            gc.enable()
        self.call_after_refresh(self.start_watch)
        self.set_timer(LOAD_SECONDS, self._load_rest)

    def _load_rest(self) -> None:
        from tui.app.loading import load_rest

        self.beside(self.main, load_rest(), "loading the rest")

    async def on_unmount(self) -> None:
        self.notifier.end()
        await self.end_watch()

    def start_watch(self) -> None:
        """Begin to watch, once the first frame is painted."""
        if self.open_watcher is not None:
            self._watch = asyncio.create_task(self._run_watch(self.open_watcher), name="watch")

    async def end_watch(self) -> None:
        """Stop watching and wait until journal and connections are closed."""
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watch

    async def start_over(self, config: Config, open_watcher: OpenWatcher) -> None:
        """Go on with another configuration."""
        await self.end_watch()
        self.watcher = self.resume = None
        self.config, self.open_watcher = config, open_watcher
        self.__dict__.pop("knowledge", None)
        self.main.begin_anew()
        self.start_watch()

    async def _run_watch(self, open_watcher: OpenWatcher) -> None:
        try:
            async with open_watcher() as watcher:
                self.watcher = watcher
                self.main.post_message(WatchStarted(watcher))
                async for state in watcher.states():
                    self.main.post_message(StateChanged(state))
        except Problem as problem:
            self.main.post_message(WatchStopped(problem.title, f"{problem.message} {problem.next_step}"))
        except Exception as fault:
            log.exception("the watch ended")
            self.main.post_message(
                WatchStopped("The watch ended by an internal fault", f"{type(fault).__name__}: see the log.")
            )

    def beside(self, owner: "DOMNode", work: Coroutine[object, object, object], name: str) -> None:
        """Run `work` beside the screen, as long as `owner` is there; what fails is said and in the log."""
        owner.run_worker(self._told(work, name), name=name, exit_on_error=False)

    async def _told(self, work: Coroutine[object, object, object], name: str) -> None:
        try:
            await work
        except Problem as problem:
            self.say(str(problem), severity="error")
        except Exception as fault:
            self.say_fault(name, fault)

    def say_fault(self, name: str, fault: Exception) -> None:
        """Say that `name`, what was done, ended by a fault of this program; the log has the rest."""
        log.error("%s ended by an internal fault", name, exc_info=fault)
        text = f"{sentence(name)} ended by an internal fault ({type(fault).__name__}): see the log."
        self.say(text, severity="error")

    async def on_event(self, event: events.Event) -> None:
        """A key keeps an open walkthrough awake, whatever the key does."""
        if isinstance(event, events.Key) and self.watcher is not None:
            self.watcher.touch()
        await super().on_event(event)

    def say(self, text: str, *, severity: str = "information") -> None:
        """Tell the operator something in passing; never as markup."""
        self.notify(self.renderer.text(text), severity=severity, markup=False)  # type: ignore[arg-type]

    def call_operator(self, text: str) -> None:
        """Tell the operator, here and where he looks instead."""
        self.say(text)
        self.notifier.call(text)

    def write(self, order: str) -> None:
        """Send an order to the terminal, past the screen."""
        if self._driver is not None:
            self._driver.write(order)

    async def copy(self, text: str, what: str) -> None:
        """Send a text to the terminal's clipboard, or show it where it can be selected."""
        text, mode = safe(text), clipboard.Mode(self.config.app.clipboard if self.config else "auto")
        if mode is not clipboard.Mode.OFF and len(text.encode()) <= clipboard.MAX_BYTES:
            if clipboard.by_tmux(self.environ, mode) and await clipboard.to_tmux(text):
                self.say(f"{what.capitalize()} sent to tmux and the terminal's clipboard.")
                return
            if (sequence := clipboard.sequence(text, self.environ, mode)) is not None:
                self.write(sequence)
                self.say(f"{what.capitalize()} sent to the terminal's clipboard.")
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

    def next_theme(self) -> None:
        """Change the colours, and keep the choice for the next start unless the configuration has one."""
        name = following(self.theme)
        self.renderer.sixteen = self.available_themes[name].ansi
        self.theme = name
        said = f"Colours: {SAID[name]}."
        if self.config is not None and self.config.app.theme is not None:
            said += f" The next start takes {self.config.app.theme}: the configuration says so."
        elif self.keep_theme is not None and not self.keep_theme(name):
            said += " They could not be kept for the next start."
        self.say(said)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        return ()

    def action_command_palette(self) -> None:
        from tui.app.palette import Palette

        if self.screen is self.main:
            self.push_screen(Palette(placeholder="Search for commands", id="--command-palette"))

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

    def catch_signals(self) -> None:
        """End cleanly where the terminal goes away or somebody asks the process to end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(RuntimeError, ValueError):
                loop.add_signal_handler(number, self.exit_by, number)

    def exit_by(self, number: signal.Signals) -> None:
        self.exit(return_code=128 + number)

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


def watch(config: Config, clock: Clock, net: "Net", random: Random) -> OpenWatcher:
    """How the real watcher is opened. What it needs is imported only then."""

    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[Watching]:
        from tui.app.loading import BREATH, load_first

        await load_first()
        # Whoever asks for it again, at the first request, says what is wrong with it.
        with contextlib.suppress(Problem):
            net.trust()
        await asyncio.sleep(BREATH)
        from tui.watching.journal import Journal
        from tui.watching.watcher import Watcher

        journal = Journal(paths.state_folder() / "journal.db")
        async with Watcher(config, clock=clock, net=net, journal=journal, random=random) as watcher:
            yield watcher

    return opened


async def run(
    config: Config | None,
    *,
    clock: Clock,
    demo: "DemoLink | None" = None,
    theme: str | None = None,
    ascii: bool = False,
    mouse: bool = False,
    resume: str | None = None,
    random: Random | None = None,
    net: "Net | None" = None,
    config_file: Path | None = None,
    resumable: bool = True,
) -> int:
    """Run the app until it is left; the exit code. The command that resumes is written to stderr.

    `config_file` is where a connection that is added goes; not `resumable`: the journal goes with the app.
    """
    # What start-up builds lives to the end: looking through it for garbage would hold the first frame up.
    gc.disable()
    from tui.app.output import TerminalDriver
    from tui.app.place import Place
    from tui.net import Net
    from tui.watching.journal_records import last_states

    if os.environ.get("NO_COLOR") == "":
        # Textual looks at its presence, the convention at its value.
        del os.environ["NO_COLOR"]
    give_size()
    kept, journal = paths.state_folder() / "theme", paths.state_folder() / "journal.db"
    nothing: dict[str, State] = {}
    kept_theme: BackgroundRead[str | None] = BackgroundRead(partial(read_kept, kept), None)
    remembered = BackgroundRead(partial(last_states, journal), nothing)
    net = net or Net(ca_bundle=config.app.ca_bundle if config is not None else None)
    orders = None
    if demo is not None:
        from tui.app.demo import Demo

        orders = Demo(demo, net)
    try:
        app = RemonitorApp(
            config,
            clock=clock,
            open_watcher=watch(config, clock, net, random or Random()) if config is not None else None,
            demo=orders,
            place=Place(config_file, net, lambda new: watch(new, clock, net, random or Random()))
            if config_file is not None
            else None,
            colours=choose(
                os.environ, theme, config.app.theme if config is not None else None, kept_theme.result()
            ),
            ascii=ascii or not utf8(os.environ),
            keep_theme=partial(keep, kept),
            resume=resume,
            driver_class=TerminalDriver,
            # Where the folder hangs it has had its time.
            remembered=remembered.result if kept_theme.ended else lambda: nothing,
        )
        await app.run_async(mouse=mouse)
        await app.end_watch()
    finally:
        await net.aclose()
    # Nobody reads on where the terminal is gone.
    with contextlib.suppress(OSError):
        if app.return_code == FAULT:
            sys.stderr.write("remonitor ended by an internal fault; the log says more.\n")
        # A demo's journal goes with its window.
        for name in app.left_open() if demo is None and resumable else ():
            usual = config_file is None or config_file == paths.config_file()
            option = "" if usual else f" --config {shlex.quote(str(config_file))}"
            sys.stderr.write(f"To go on with {safe(name)}: remonitor resume {shlex.quote(name)}{option}\n")
    return app.return_code or 0
