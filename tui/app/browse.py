"""The main screen's first pane: the list beside the detail, the filter's line; before all that, the welcome."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Container, Horizontal
from textual.widgets import Static

from tui.app.connection_list import ConnectionList
from tui.app.detail import Detail
from tui.app.renderer import Line, Renderer
from tui.app.rows import Order, Rows, step
from tui.app.text_pane import TextPane
from tui.app.widgets import Field, retitle
from tui.connections.connection import Connection
from tui.connections.state import State
from tui.watching.hours import Hour
from tui.wording.times import Times


class Browse(Container):
    """The connections, and beside them, or alone where it is narrow, the one under the cursor."""

    def __init__(self, renderer: Renderer, *, id: str) -> None:
        super().__init__(id=id)
        self.renderer = renderer
        self.order = Order.WORST
        self._rows = Rows(renderer)
        self._shown_at: datetime | None = None

    def compose(self) -> ComposeResult:
        yield ConnectionList(self.renderer, id="connections")
        yield Detail(self.renderer, id="detail")

    @property
    def connections(self) -> ConnectionList:
        return self.query_one("#connections", ConnectionList)

    @property
    def detail(self) -> Detail:
        return self.query_one("#detail", Detail)

    @property
    def shows_detail(self) -> bool:
        """The detail is asked for, where the list hides it."""
        return self.has_class("-detail")

    @shows_detail.setter
    def shows_detail(self, on: bool) -> None:
        self.set_class(on, "-detail")

    def sort(self) -> None:
        """Sort in the next order, from the next drawing on."""
        self.order = self.order.following

    def aged(self, times: Times) -> bool:
        """Whether ages have moved since the list was shown: of thousands it costs time to look at each."""
        return step(times) != self._shown_at

    def show(
        self,
        connections: Sequence[Connection],
        states: Mapping[str, State],
        *,
        typed: str,
        times: Times,
        paused: Collection[str],
        muted: Collection[str],
        hours: Mapping[str, Sequence[Hour]] | None = None,
    ) -> None:
        """Show the list as it is now, and how many of how many, and by what they are sorted unless it is as ever."""
        self._shown_at = step(times)
        rows = self._rows.of(connections, states, typed, self.order, times, paused, muted, hours)
        empty = "nothing matches the filter" if typed else "no connections are configured"
        self.connections.show(rows, empty=empty)
        shown, all = len(self.connections.rows), len(connections)
        text = "Connections" if shown == all else f"Connections · {shown:,} of {all:,}"
        if self.order is not Order.WORST:
            text = f"{text} · {self.order}"
        retitle(self.connections, self.renderer.line([(text, "")]))


class FilterField(Field):
    """Enter applies at once."""

    def __init__(self, applied: Callable[[], None]) -> None:
        super().__init__(placeholder="filter", id="filter", select_on_focus=True)
        self._applied = applied

    async def action_submit(self) -> None:
        self._applied()


class FilterLine(Horizontal):
    """Where the filter is typed; hidden until it is asked for."""

    def __init__(self, applied: Callable[[], None], *, id: str) -> None:
        """`applied` gives the keys back to the list, before the next key comes."""
        super().__init__(id=id)
        self._field = FilterField(applied)

    def compose(self) -> ComposeResult:
        yield Static(" / ", markup=False)
        yield self._field

    @property
    def typed(self) -> str:
        return self._field.value

    @property
    def is_open(self) -> bool:
        return self.has_class("-on")

    def open(self) -> None:
        self.add_class("-on")
        # At once, not at the next idle moment: a field that is hidden takes no focus.
        self.app.stylesheet.apply(self)
        self.screen.set_focus(self._field)

    def clear(self) -> None:
        """Ask for every connection again."""
        self._field.value = ""
        self.hide()

    def hide(self) -> None:
        self.remove_class("-on")

    def show_again(self) -> None:
        """Come back where something is typed."""
        self.set_class(bool(self.typed), "-on")


WELCOME: list[Line] = [
    [("Welcome to remonitor", "bold $primary")],
    [],
    [
        (
            "It gets an Incydr data connection to Salesforce back to Monitoring. It reads your org, shows why "
            "monitoring stopped, guides you through the fix, and watches until Incydr is back.",
            "",
        )
    ],
    [],
    [("Look around in the demo", "bold")],
    [("  press l, or run remonitor demo", "$success")],
    [("  starts a simulated org and tenant on this computer; nothing leaves it.", "$foreground-muted")],
    [],
    [("Watch your own connections", "bold")],
    [("  press a, or run remonitor add", "$success")],
    [("  asks for org, service account and tenant, and tests them before it saves.", "$foreground-muted")],
]


def welcome(renderer: Renderer, *, id: str) -> TextPane:
    """What a first start without a configuration shows: the way to the demo, or to a configuration."""
    pane = TextPane(renderer, id=id)
    pane.more = "j shows more"
    pane.write(WELCOME)
    return pane
