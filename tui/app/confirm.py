"""The question before a change: exactly what will change, as whom, and one answer."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui import wording
from tui.app.renderer import Line, Renderer
from tui.app.widgets import Field, is_too_small, too_small, type_only_in_sight
from tui.walkthrough.actions import RepairQuestion


def preview(question: RepairQuestion) -> list[Line]:
    """As whom, then object, record, field, before → after: everything that will be sent, in order."""
    lines: list[Line] = [
        [
            ("in ", "$foreground-muted"),
            (question.org.my_domain, ""),
            (", as ", "$foreground-muted"),
            (question.operator or "you", "bold"),
        ]
    ]
    for change in question.repair.changes:
        head, *fields = wording.change_lines(change)
        lines += [[], [(head, "bold")], *([(field, "$success")] for field in fields)]
    if question.repair.notes:
        lines += [[], *([(note, "$warning")] for note in question.repair.notes)]
    return lines


class Confirm(ModalScreen[bool]):
    """Shows a repair and asks once. Where it may be meant or reaches others, a name has to be typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "apply", "Apply", show=False),
        Binding("n,escape", "dismiss(False)", "Cancel", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
    ]

    def __init__(self, renderer: Renderer, question: RepairQuestion) -> None:
        super().__init__()
        self.renderer = renderer
        self.question = question
        self.repair = question.repair

    def compose(self) -> ComposeResult:
        wanted = self.repair.confirm
        with Vertical(id="confirm") as box:
            box.border_title = self.renderer.line(
                [(f"{self.repair.title} · {self.question.connection.name}", "")]
            )
            with VerticalScroll(id="preview", can_focus=wanted is None):
                yield Static(self.renderer.lines(preview(self.question)), markup=False)
            if wanted is not None:
                yield Static(self.renderer.lines(self._warning()), id="warning", markup=False)
                yield Field(placeholder=self.repair.confirm_what, id="username")
            yield Static(self.renderer.line(self._keys()), id="answers", markup=False)
        yield too_small()

    def on_resize(self) -> None:
        for field in self.query(Input):
            type_only_in_sight(field)
        self.call_after_refresh(self._tell_more)

    def _tell_more(self) -> None:
        """Say how to read what does not fit."""
        more = self.query_one("#preview").max_scroll_y > 0
        self.query_one("#confirm").border_subtitle = "down, up: more of it" if more else ""

    def _warning(self, *, again: bool = False) -> list[Line]:
        restraint: Line = [(self.question.restraint, "bold $warning")]
        ask, name = self.question.name_wanted(again=again)
        wanted: Line = [(ask, ""), (name, "bold")]
        return [restraint, wanted] if self.question.restraint else [wanted]

    def _keys(self) -> Line:
        yes = "enter" if self.repair.confirm else "y"
        return [
            (yes, "bold $primary"),
            (f" {self.repair.title}   ", ""),
            ("esc", "bold $primary"),
            (" Cancel", ""),
        ]

    def action_scroll(self, by: int) -> None:
        self.query_one("#preview").scroll_relative(y=by, animate=False)

    def action_apply(self) -> None:
        if self.repair.confirm is None and not is_too_small(self):
            self.dismiss(True)

    @on(Input.Submitted, "#username")
    def typed(self, event: Input.Submitted) -> None:
        if self.question.agrees(event.value):
            self.dismiss(True)
        else:
            lines = self._warning(again=True)
            self.query_one("#warning", Static).update(self.renderer.lines(lines))
