"""A walkthrough's page as the wizard draws it, line by line. Pure."""

from collections.abc import Iterator

from msgspec import Struct

from tui import wording
from tui.app.detail import tone
from tui.app.text_pane import Line
from tui.walkthrough import model
from tui.walkthrough.model import Page, Role, StepMark

MUTED = "$foreground-muted"
MARKS = {
    StepMark.OPEN: (" ", "", ""),
    StepMark.HERE: ("▸", "bold $primary", "bold"),
    StepMark.SALESFORCE: ("✓", "$success", MUTED),
    StepMark.OPERATOR: ("✓", "$warning", MUTED),
    StepMark.SKIPPED: ("–", MUTED, MUTED),
    StepMark.OVER: ("✓", "$success", ""),
}
"""Sign, its style, the title's style."""

STYLES = {
    Role.NOTICE: "bold $warning",
    Role.RESET: "bold",
    Role.CAUTION: "$warning",
    Role.WHERE: "bold",
    Role.LIFE: MUTED,
    Role.LOST: MUTED,
    Role.AFTER: MUTED,
}


class View(Struct, frozen=True):
    """Head line, steps, title and body of the current step, and below it what ticks."""

    heads: tuple[tuple[Line, str], ...]
    """What stands at its two ends, the fullest first."""
    steps: tuple[Line, ...]
    body: tuple[Line, ...]
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
                (wording.status_word(page.state), f"bold {tone(page.state)}"),
                (f" · {what}", MUTED),
            ],
            experience,
        )


def _steps(page: Page) -> Iterator[Line]:
    for number, (mark, title) in enumerate(page.steps, 1):
        sign, style, title_style = MARKS[mark]
        yield [(f"{sign} ", style), (f"{number} {title}", title_style)]


def _body(page: Page, width: int) -> Iterator[Line]:
    for number, paragraph in enumerate(page.body):
        if number:
            yield []
        for line in paragraph:
            yield from _drawn(line, width)


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
    elif line.role is Role.WORD:
        yield [(f"{line.key} ", "bold $primary"), (line.text, MUTED)]
    else:
        yield [(line.text, STYLES.get(line.role, ""))]


def _tail(page: Page, width: int) -> Iterator[Line]:
    if page.progress is not None:
        room = max(4, min(40, width - len(page.left) - 2))
        full = round(page.progress * room)
        style = "$error" if page.state.overdue else "$warning"
        yield [("█" * full, style), ("░" * (room - full), MUTED), (f"  {page.left}", "")]
    for text, style in ((page.until_reset, "$warning"), (page.pulse, "$primary")):
        if text:
            yield [(text, style)]
