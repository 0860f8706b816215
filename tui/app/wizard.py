"""The wizard's pane: the steps at the left, the current one at the right, one line that ticks."""

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from tui.app.renderer import Renderer
from tui.app.text_pane import TextPane
from tui.app.widgets import retitle
from tui.app.wizard_view import View, view
from tui.walkthrough.model import Page


class Wizard(Vertical):
    """Shows the page of a walkthrough; what the keys do stands in commands.py."""

    def __init__(self, renderer: Renderer, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.renderer = renderer
        self._page: Page | None = None
        self._shown_head = self._title = Content("")

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
        if self._page is not None:
            self.call_after_refresh(self.show, self._page)

    @property
    def link(self) -> str | None:
        """The link of the step that is shown."""
        return self._page.link if self._page is not None else None

    @property
    def head_text(self) -> str:
        """The line above the steps, as plain text."""
        return self._shown_head.plain

    @property
    def step_pane(self) -> TextPane:
        return self.query_one("#step", TextPane)

    def show(self, page: Page) -> None:
        """Bring every line up to date; what did not change is not touched."""
        self._page = page
        width = self.step_pane.scrollable_content_region.width or self.screen.size.width - 40
        shown = view(page, width)
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
