"""The wizard's pane: the steps at the left, the current one at the right, one line that ticks."""

from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from tui import wording
from tui.app.renderer import Renderer
from tui.app.text_pane import TextPane
from tui.app.widgets import retitle
from tui.app.wizard_view import View, view
from tui.connections.state import State
from tui.connections.walkthrough import Walkthrough
from tui.keys import KeyNames
from tui.walkthrough.model import Moment, Page, page_of, steps_of, terms_of_keys

if TYPE_CHECKING:
    from tui.app.app import RemonitorApp


class Wizard(Vertical):
    """Renders one connection's walkthrough; what the keys do stands in commands.py."""

    def __init__(self, renderer: Renderer, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.renderer = renderer
        self.connection: str | None = None
        self.notice = ""
        """A word of warning or news above the step's text, until the next key that moves."""
        self.busy = ""
        self.opening = False
        """The walkthrough is still to come: the org may have to be read first."""
        self.link: str | None = None
        self._shown_head = self._title = Content("")
        self._walk: Walkthrough | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="wizard-head", markup=False)
        with Container(id="wizard-body"):
            steps = TextPane(self.renderer, id="steps")
            steps.can_focus = False
            yield steps
            step = TextPane(self.renderer, id="step")
            step.more = "j shows more"
            yield step

    def on_mount(self) -> None:
        self.query_one("#steps").border_title = "Steps"

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    @property
    def head_text(self) -> str:
        """The line above the steps, as plain text."""
        return self._shown_head.plain

    @property
    def step_pane(self) -> TextPane:
        return self.query_one("#step", TextPane)

    def open(self, name: str) -> None:
        """Show this connection's walkthrough."""
        self.connection = name
        self.notice = ""
        self.opening = True
        self._walk = None
        self.attend(name)
        self.draw()
        self.step_pane.focus()

    def close(self) -> None:
        self.connection = None
        self.attend(None)

    def notice_change(self, before: State | None, after: State) -> None:
        """Keep the news of a reading: somebody else repaired it, or something new went wrong."""
        if before is None or before is after:
            return
        if after.returned is not None:
            self.notice = ""
            return
        app = self.remonitor
        if news := wording.news(before, after, app.times):
            self.notice = news

    @property
    def remonitor(self) -> "RemonitorApp":
        return cast("RemonitorApp", self.app)

    def moment(self) -> Moment | None:
        """What there is to show; None before the connection was read."""
        app, name = self.remonitor, self.connection
        state = app.main.states.get(name or "")
        if app.watcher is None or name is None or state is None:
            return None
        progress = app.watcher.progress(name)
        # The watcher closes a walk when Incydr is back; its steps stay on screen until the operator leaves.
        self._walk = app.watcher.walkthrough(name) or self._walk
        return Moment(
            state=state,
            walk=self._walk,
            steps=steps_of(self._walk, app.knowledge.requirements),
            org=app.watcher.org(name),
            times=app.times,
            terms=terms_of_keys(KeyNames(app.main.keys)),
            next_at=progress.next_at,
            reading=progress.reading,
            paused=progress.paused,
            opening=self.opening,
            notice=self.notice,
            busy=self.busy,
        )

    def draw(self) -> None:
        """Bring every line up to date; what did not change is not touched."""
        moment = self.moment()
        if moment is None:
            return
        page = page_of(moment)
        self.link = page.link
        self._paint(
            page, view(page, self.step_pane.scrollable_content_region.width or self.screen.size.width - 40)
        )

    def attend(self, name: str | None) -> None:
        """Tell the watcher whose walkthrough somebody looks at."""
        if self.remonitor.watcher is not None:
            self.remonitor.watcher.attend(name)

    def _paint(self, page: Page, shown: View) -> None:
        self._write_head(self._head(shown))
        steps = self.query_one("#steps", TextPane)
        steps.write(shown.steps)
        steps.reveal(page.current)
        title = self.renderer.line([(page.title, "")])
        if title != self._title:
            self._title = title
            retitle(self.step_pane, title)
            self.step_pane.scroll_to(y=0, animate=False)
        self.step_pane.write(shown.body, shown.tail)

    def _head(self, shown: View) -> Content:
        """The fullest head line that fits, its right part at the right end; the shortest is cut where needed."""
        width = max(1, self.screen.size.width - 2)
        for pieces, experience in shown.heads:
            left = self.renderer.line(pieces)
            right = self.renderer.line([(experience, "$foreground-muted")])
            room = width - right.cell_length - (3 if experience else 0)
            if left.cell_length <= room:
                break
        left = left.truncate(max(1, room), ellipsis=not self.renderer.ascii)
        return Content.assemble(left, " " * (width - left.cell_length - right.cell_length), right)

    def _write_head(self, content: Content) -> None:
        if content != self._shown_head or content.spans != self._shown_head.spans:
            self._shown_head = content
            self.query_one("#wizard-head", Static).update(content, layout=False)
