"""The one main screen: head line, list and detail or wizard, filter, footer."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.reactive import Reactive
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input

from tui import wording
from tui.app.browse import Browse, FilterLine, welcome
from tui.app.commands import Commands
from tui.app.connection_list import ConnectionList
from tui.app.detail import Detail, Page, stands_alone
from tui.app.head_and_footer import Footer, Head, Offer, reading
from tui.app.observed import Observed
from tui.app.output import HeldScreen
from tui.app.renderer import Renderer
from tui.app.shell import Shell
from tui.app.watching import StateChanged, WatchStarted, WatchStopped
from tui.app.widgets import too_small
from tui.connections.connection import Connection
from tui.connections.state import State
from tui.keys import BY_ID, COMMANDS, Context, KeyNames, Pane, key_name
from tui.watching.journal_records import of_subject
from tui.watching.mutes import Mute
from tui.watching.schedule import ReadingProgress

if TYPE_CHECKING:
    from tui.app.wizard import Wizard
    from tui.watching.watcher import Watcher

SETTLE_SECONDS = 0.1
"""How long the cursor must rest before the detail follows it."""


class MainScreen(HeldScreen):
    """Shows the latest state of every connection; every key runs one command of the table."""

    # Textual paints the whole screen on every change of focus; the widgets concerned draw themselves.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command('palette')", "Commands", show=False),
    ]

    def __init__(self, shell: Shell, renderer: Renderer, keys: Mapping[str, str]) -> None:
        """`keys` is the key of each command by its id."""
        super().__init__()
        self.shell = shell
        self.renderer = renderer
        self.keys = keys
        for command in COMMANDS:
            self._bindings.bind(keys[command.id], f"command('{command.id}')", command.label, show=False)
        self.commands = Commands(self)
        self.states: dict[str, State] = {}
        self.problem = ""
        """Why the watch stands still; empty while it runs."""
        self.left: str | None = None
        """The connection whose walkthrough was left when the program ended."""
        self._sized = False
        self._settling: Timer | None = None
        self.observed = Observed()
        self._changed: set[str] = set()
        """Connections whose news are not drawn yet."""

    @property
    def watcher(self) -> "Watcher | None":
        return self.shell.watcher

    def compose(self) -> ComposeResult:
        first = "browse" if self.shell.config is not None else "welcome"
        yield Head(self.renderer, id="head")
        yield Offer(self.renderer, id="offer")
        with ContentSwitcher(initial=first, id="panes"):
            if first == "welcome":
                yield welcome(self.renderer, id="welcome")
            yield Browse(self.renderer, id="browse")
        yield FilterLine(self.filter_applied, id="filter-line")
        yield too_small()
        yield Footer(self.renderer, id="footer")

    def on_mount(self) -> None:
        self._remember()
        self.draw()
        (self.connections if self.shell.config is not None else self.query_one("#welcome")).focus()
        self.set_interval(1.0, self.tick)

    def _remember(self) -> None:
        """Begin with what was known last of the connections that are the same still."""
        known = self.shell.last_states()
        for connection in self._configured if known else ():
            if (state := of_subject(connection, known)) is not None:
                self.states[connection.name] = state

    @property
    def _configured(self) -> tuple[Connection, ...]:
        return self.shell.config.connections if self.shell.config is not None else ()

    def on_resize(self) -> None:
        if not self._sized:
            self._sized = True
            self.draw()
            self.draw_detail_now()
            self.call_after_refresh(self.shell.paint_first_frame)
        else:
            self.call_after_refresh(self.draw)

    def begin_anew(self) -> None:
        """Show the list of another configuration."""
        known = {c.name for c in self._configured}
        self.states = {name: state for name, state in self.states.items() if name in known}
        self.problem = ""
        self.panes.current = "browse"
        self.connections.focus()
        self.draw()

    @property
    def browse(self) -> Browse:
        return self.query_one("#browse", Browse)

    @property
    def connections(self) -> ConnectionList:
        return self.browse.connections

    @property
    def detail(self) -> Detail:
        return self.browse.detail

    @property
    def filter_line(self) -> FilterLine:
        return self.query_one("#filter-line", FilterLine)

    @cached_property
    def wizard(self) -> "Wizard":
        """The wizard's pane; it joins the others when it is first opened."""
        from tui.app.wizard import Wizard

        return Wizard(self.renderer, id="wizard")

    @property
    def panes(self) -> ContentSwitcher:
        return self.query_one("#panes", ContentSwitcher)

    @property
    def detail_hidden(self) -> bool:
        return stands_alone(self)

    @property
    def pane(self) -> Pane:
        if self.panes.current == "wizard":
            return Pane.WIZARD
        if self.panes.current == "welcome":
            return Pane.WELCOME
        shows_detail = self.detail_hidden and self.browse.shows_detail
        return Pane.DETAIL if shows_detail else Pane.LIST

    @property
    def selected(self) -> str | None:
        """The connection that commands are about."""
        walked = self.commands.walked
        return walked.name if self.pane is Pane.WIZARD and walked is not None else self.connections.current

    def context(self) -> Context:
        """What the commands depend on, at this moment."""
        name, watcher = self.selected, self.watcher
        known = watcher is not None and name is not None
        return Context(
            pane=self.pane,
            state=self.states.get(name or ""),
            walkthrough=watcher.walkthrough(name) if known and watcher and name else None,
            offers=tuple(watcher.repair_offers(name)) if known and watcher and name else (),
            link=self.wizard.link if self.pane is Pane.WIZARD else None,
            detail_hidden=self.detail_hidden,
            resumable=self.left is not None,
            monochrome=self.shell.monochrome,
            nothing=name is None,
            problems=self.connections.problems,
            watched_by=watcher.following(name) if known and watcher and name else None,
            unfinished=self.commands.unfinished,
            busy=self.commands.busy,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Shown or absent, nothing else: a greyed key would be swallowed without a word."""
        command = BY_ID.get(str(parameters[0])) if action == "command" else None
        return action != "command" or bool(command and self.is_mounted and command.shown(self.context()))

    async def action_command(self, id: str) -> None:
        await self.commands.run(id)

    # What the watch says

    @on(WatchStarted)
    async def watch_started(self) -> None:
        if self.watcher is None:
            return
        for connection in self.watcher.connections:
            if state := self.watcher.state(connection.name):
                self.states.setdefault(connection.name, state)
        self.look_for_left()
        await self.observed.read(self.watcher, self.shell.clock.now())
        self.draw()
        await self.draw_detail()
        left = self.watcher.left_walkthroughs() if self.shell.resume_last else ()
        resumed = next((name for name, _, _ in left), self.shell.resume)
        if resumed is not None:
            await self.commands.open_wizard(resumed)
        elif self.shell.resume_last:
            self.shell.say("No walkthrough was left.")

    @on(WatchStopped)
    def watch_stopped(self, message: WatchStopped) -> None:
        self.problem = message.title
        self.shell.say(f"{message.title}: {message.message}", severity="error", stays=True)
        self.draw()

    @on(StateChanged)
    def state_changed(self, message: StateChanged) -> None:
        state, name = message.state, message.state.connection.name
        before = self.states.get(name)
        self.states[name] = state
        news, walked = self.watcher.take_news() if self.watcher else (), self.commands.walking(name)
        self.shell.tell_news(name, news, first=before is None, walked=walked is not None and self.is_active)
        if walked is not None:
            walked.on_state(before, state, self.shell.times)
        if not self._changed:
            # After all that is waiting by now: many readings that come together are drawn once.
            self.call_later(self._draw_changes)
        self._changed.add(name if before is not state else "")

    async def _draw_changes(self) -> None:
        changed, self._changed = self._changed, set()
        self.draw()
        self.shell.name_window(self.states)
        if self.connections.current in changed:
            await self.draw_detail()

    # Drawing: everything compares before it sets

    def tick(self) -> None:
        """What changes with time alone: countdowns and ages."""
        if self.watcher is not None and self.observed.due(now := self.shell.clock.now()):
            self.call_later(self.observed.read, self.watcher, now)
        self.draw(ticking=True)
        self.look_for_left()
        self.detail.tick(self.shell.times, self._mute(self.detail.about))

    def draw(self, *, ticking: bool = False) -> None:
        if not self.is_mounted:
            return
        if self.panes.current == "wizard":
            if (page := self.commands.page()) is not None:
                self.wizard.show(page)
        elif self.panes.current == "browse" and (not ticking or self.browse.aged(self.shell.times)):
            self._draw_list()
        self._draw_head()
        if not ticking:
            self.draw_footer()

    def look_for_left(self) -> None:
        """Offer the newest walkthrough that was left and is not open elsewhere."""
        watcher = self.watcher if self.pane is not Pane.WIZARD else None
        left = watcher.left_walkthroughs() if watcher is not None else ()
        mine = next((walk for walk in left if watcher and watcher.following(walk[0]) is None), None)
        self.left = mine[0] if mine is not None else None
        text = ""
        if mine is not None:
            offer = wording.resume_offer(*mine, self.shell.clock.now())
            text = f"{offer} · {key_name(self.keys['close_walk'])} closes it for good"
        self.query_one("#offer", Offer).show(self.keys["resume"], text)

    def draw_footer(self) -> None:
        context = self.context()
        shown = [(c, self.keys[c.id]) for c in COMMANDS if c.shown(context)]
        self.query_one("#footer", Footer).show(shown, context, self.size.width)

    def draw_soon(self) -> None:
        """Let the detail follow the cursor once it rests."""
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE_SECONDS, self.draw_detail)

    async def draw_detail(self) -> None:
        name = self.connections.current
        page = await self._page(name) if name is not None and name in self.states else None
        if name == self.connections.current:
            self.detail.show(name, page)

    async def _page(self, name: str) -> Page:
        """What is known of this connection, which has been read."""
        watcher, now = self.watcher, self.shell.clock.now()
        history = await watcher.history(name) if watcher is not None else ()
        month = await self.observed.month(watcher, self.states[name], history, now) if watcher else None
        return Page(
            state=self.states[name],
            offers=tuple(watcher.repair_offers(name)) if watcher is not None else (),
            history=tuple(history),
            whole_history=self.detail.whole_history,
            times=self.shell.times,
            keys=KeyNames(self.keys),
            mute=self._mute(name),
            month=month,
            in_full=self.detail.in_full,
        )

    def _mute(self, name: str | None) -> Mute | None:
        return self.watcher.mute(name) if self.watcher is not None and name is not None else None

    def draw_detail_now(self) -> None:
        """The detail for the first frame: its text comes with the watcher, who knows the rest of it."""
        if (name := self.connections.current) in self.states:
            self.detail.announce(name)
        else:
            self.detail.show(name, None)

    def progress(self, name: str | None) -> ReadingProgress | None:
        return self.watcher.progress(name) if self.watcher is not None and name is not None else None

    def _draw_list(self) -> None:
        self.browse.show(
            self._configured,
            self.states,
            typed=self.filter_line.typed,
            times=self.shell.times,
            muted=self.watcher.muted if self.watcher is not None else (),
            paused=self.watcher.paused if self.watcher is not None else (),
            hours=self.observed.hours,
        )

    def _draw_head(self) -> None:
        name, said = self.selected, self.problem
        progress = self.progress(name)
        if not said and name is not None and self.watcher is not None and progress is not None:
            said = reading(progress, self.watcher.following(name), self.shell.times)
        counts = wording.counts([self.states.get(c.name) for c in self._configured])
        summary = counts if self.shell.config is not None else "no configuration yet"
        self.query_one("#head", Head).show(summary, said)

    # What the commands ask for

    async def show_wizard(self, name: str) -> None:
        """Put the wizard's pane there, for this connection."""
        self.connections.go_to(name)
        self.filter_line.hide()
        if self.wizard.is_attached:
            self.panes.current = "wizard"
        else:
            await self.panes.add_content(self.wizard, set_current=True)
        self.look_for_left()

    async def hide_wizard(self) -> None:
        """Put the list there again."""
        self.filter_line.show_again()
        self.panes.current = "browse"
        self.connections.focus()
        self.look_for_left()
        self.draw()
        await self.draw_detail()

    async def go_to(self, name: str) -> None:
        """Put the cursor on this connection, whatever is open and filtered."""
        if self.pane is Pane.WIZARD:
            await self.commands.close_wizard()
        self.connections.go_to(name)
        if self.connections.current != name:
            self.close_filter()
            self.draw()
            self.connections.go_to(name)

    def close_filter(self) -> None:
        """Show every connection again."""
        self.filter_line.clear()
        self.connections.focus()

    # What the widgets say

    @on(ConnectionList.Highlighted)
    def highlighted(self) -> None:
        self.draw_soon()
        self.draw_footer()
        self._draw_head()

    @on(Input.Changed, "#filter")
    def filter_changed(self) -> None:
        self.draw()

    def on_key(self, event: events.Key) -> None:
        if event.key == "escape" and self.filter_line.is_open:
            event.stop()
            self.close_filter()

    def filter_applied(self) -> None:
        """Give the keys back to the list, which shows by now what was typed."""
        self.draw()
        self.set_focus(self.connections)
