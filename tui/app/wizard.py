"""The wizard's pane: the steps at the left, the current one at the right, one line that ticks."""

from collections.abc import Iterator

from msgspec import Struct
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from tui.app.detail import tone
from tui.app.pictures import Picture, of_outage, of_page, of_quota
from tui.app.renderer import LINK, Line, Renderer
from tui.app.text_pane import TextPane
from tui.app.widgets import retitle
from tui.connections.walkthrough import Phase
from tui.walkthrough import model
from tui.walkthrough.marks import SIGNS, StepMark
from tui.walkthrough.model import Page, Role

MUTED = "$foreground-muted"
MARKS = {
    StepMark.OPEN: ("", ""),
    StepMark.HERE: ("bold $primary", "bold"),
    StepMark.SALESFORCE: ("$success", MUTED),
    StepMark.OPERATOR: ("$warning", MUTED),
    StepMark.DENIED: ("bold $error", ""),
    StepMark.SKIPPED: (MUTED, MUTED),
    StepMark.OVER: ("$success", ""),
}
"""How a mark's sign is drawn, and the title behind it."""

STYLES = {
    Role.NOTICE: "bold $warning",
    Role.PROOF: "bold $success",
    Role.RESET: "bold",
    Role.CAUTION: "$warning",
    Role.WHERE: "bold",
    Role.LIFE: MUTED,
    Role.BESIDE: MUTED,
    Role.AFTER: MUTED,
}


class View(Struct, frozen=True):
    """Head line, steps, title and body of the current step, and below it what ticks."""

    heads: tuple[tuple[Line, str], ...]
    """What stands at its two ends, the fullest first."""
    steps: tuple[Line, ...]
    body: tuple[Line | Picture, ...]
    tail: tuple[Line, ...]


def view(page: Page, width: int) -> View:
    """The wizard at this moment; `width` of the step's text in cells."""
    return View(
        tuple(_heads(page)), tuple(_steps(page)), tuple(_body(page, width)), tuple(_tail(page, width))
    )


def _heads(page: Page) -> Iterator[tuple[Line, str]]:
    """Connection, status and cause, and the experience: the less room, the less of all that is not the cause."""
    full, brief = page.headlines
    both = f"{page.experience}   {page.switch}" if page.switch else ""
    for what, experience in ((full, both), (brief, both), (brief, page.switch), (brief, "")):
        yield (
            [
                (page.state.connection.name, "bold"),
                (" · ", MUTED),
                (page.status, f"bold {tone(page.state)}"),
                (f" · {what}", MUTED),
            ],
            experience,
        )


def _steps(page: Page) -> Iterator[Line]:
    for number, (mark, title) in enumerate(page.steps, 1):
        style, title_style = MARKS[mark]
        yield [(f"{SIGNS[mark]} ", style), (f"{number} {title}", title_style)]


def _body(page: Page, width: int) -> Iterator[Line | Picture]:
    on_step = page.phase is Phase.STEP
    for number, paragraph in enumerate(page.body):
        outage = page.timeline if paragraph[0].role is Role.TIMELINE else None
        if number and not (outage and on_step):
            yield []
        if outage is not None:
            if page.sketch is not None:
                yield of_page(page.sketch)
            yield of_outage(outage, optional=on_step)
            continue
        used = tuple(line.text for line in paragraph if line.role is Role.QUOTA)
        for line in paragraph:
            if line.role is not Role.QUOTA or page.quota is None:
                yield from _drawn(line, width)
            elif line.text == used[0]:
                yield of_quota(page.quota, used)


def _drawn(line: model.Line, width: int) -> Iterator[Line]:
    copies = (f"   {line.key} copies", MUTED)
    if line.role is Role.LINK:
        label, link = "link", (line.text, "underline")
        if len(line.text) + len(copies[0]) + 7 <= width:
            yield [(f"{label}   ", MUTED), link, copies]
        else:
            yield [(label, MUTED), copies]
            yield [link]
    elif line.role is Role.USER:
        yield [("user   ", MUTED), (line.text, ""), copies]
    elif line.role is Role.DOCS:
        yield [("docs   ", MUTED), (line.text, f"{LINK}{line.address}"), copies]
    elif line.role is Role.WORD:
        yield [(f"{line.key} ", "bold $primary"), (line.text, MUTED)]
    else:
        sign = [("● ", "$success")] if line.role is Role.PROOF else []
        yield [*sign, (line.text, STYLES.get(line.role, ""))]


def _tail(page: Page, width: int) -> Iterator[Line]:
    if page.progress is not None:
        room = max(4, width - len(page.left) - 2)
        full = round(page.progress * room)
        style = "$error" if page.state.overdue else "$warning"
        yield [("█" * full, style), ("░" * (room - full), MUTED), (f"  {page.left}", "")]
    for text, style in ((page.until_reset, "$warning"), (page.pulse, "$primary")):
        if text:
            yield [(text, style)]


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
    def docs(self) -> str | None:
        """The address of the vendor's own page on the step that is shown."""
        body = self._page.body if self._page is not None else ()
        return next((line.address for lines in body for line in lines if line.role is Role.DOCS), None)

    @property
    def head_text(self) -> str:
        """The line above the steps, as plain text."""
        return self._shown_head.plain

    @property
    def step_pane(self) -> TextPane:
        return self.query_one("#step", TextPane)

    def clear(self) -> None:
        """Nothing is walked through any more: what was shown has no link to copy."""
        self._page = None

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
