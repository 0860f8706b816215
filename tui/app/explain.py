"""A pasted message of the Incydr console: what it means, held against what Salesforce shows."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.app.renderer import Line, Renderer
from tui.app.widgets import Field, too_small
from tui.connections.finding import Kind
from tui.connections.state import State
from tui.diagnosis.guide import check_message, meant_by, pages
from tui.wording.console_check import console_check_lines
from tui.wording.times import Times


def answer(text: str, state: State | None, times: Times) -> list[Line]:
    """What the message means, then what Salesforce shows of it for the connection of `state`."""
    if not text.strip():
        return [
            [
                (
                    "Paste the message of the Incydr console. Text around it does not matter.",
                    "$foreground-muted",
                )
            ]
        ]
    causes = meant_by(text)
    if not causes:
        return [[("No known cause has this message.", "$warning")]]
    lines: list[Line] = [[("It may mean" if len(causes) > 1 else "It means", "$foreground-muted")]]
    for cause in causes:
        kind = "no action: ends by itself" if cause.kind is Kind.SELF_HEALING else "you must act"
        lines.append([(f"  {cause.title}", "bold"), (f" · {kind}", "$foreground-muted")])
    docs: list[Line] = [[]]
    docs += [
        [("docs  ", "$foreground-muted"), (page.address, "underline")] for page in pages(c.id for c in causes)
    ]
    if state is None:
        return [
            *lines,
            [],
            [("Not compared with Salesforce: nothing has been read yet.", "$foreground-muted")],
            *docs,
        ]
    head, *rest = console_check_lines(check_message(text, state), times)
    lines += [[], [(state.connection.name, "bold $primary")], [(head, "bold")]]
    return [*lines, *([(line, "")] for line in rest), *docs]


class Explain(ModalScreen[None]):
    """Answers as the message is typed or pasted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "Close", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
    ]

    def __init__(self, renderer: Renderer, state: State | None, times: Times) -> None:
        super().__init__()
        self.renderer = renderer
        self.state = state
        self.times = times

    def compose(self) -> ComposeResult:
        with Vertical(id="explain") as box:
            box.border_title = "Explain a message"
            box.border_subtitle = "esc Close"
            yield Field(placeholder="message of the Incydr console", id="message")
            with VerticalScroll(id="answer", can_focus=False):
                yield Static(self._answer(""), id="answer-text", markup=False)
        yield too_small()

    def _answer(self, text: str) -> Content:
        return self.renderer.lines(answer(text, self.state, self.times))

    @on(Input.Changed, "#message")
    def changed(self, event: Input.Changed) -> None:
        self.query_one("#answer-text", Static).update(self._answer(event.value))

    @on(Input.Submitted, "#message")
    def line_ended(self, event: Input.Submitted) -> None:
        # A terminal without bracketed paste sends the line breaks of a message as Enter.
        event.input.insert_text_at_cursor(" ")

    def action_scroll(self, by: int) -> None:
        self.query_one("#answer").scroll_relative(y=by, animate=False)
