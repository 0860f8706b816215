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
from tui.walkthrough.questions import Question, RepairQuestion


def preview(question: Question) -> list[Line]:
    """What is asked, paragraph by paragraph; of a repair what it changes."""
    if isinstance(question, RepairQuestion):
        return _changes(question)
    first, *rest = question.preview
    return [[(first, "bold")], *(line for text in rest for line in ([], [(text, "")]))]


def _changes(question: RepairQuestion) -> list[Line]:
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
    """Shows what would be done and asks once. Where it may be meant or reaches others, a name has to be typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "apply", "Apply", show=False),
        Binding("n,escape", "dismiss(False)", "Cancel", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("up", "scroll(-1)", show=False),
    ]

    def __init__(self, renderer: Renderer, question: Question) -> None:
        super().__init__()
        self.renderer = renderer
        self.question = question
        asks_name = isinstance(question, RepairQuestion) and question.repair.confirm is not None
        self.typing = question if isinstance(question, RepairQuestion) and asks_name else None
        """The repair that wants a name typed; None: a key is enough."""

    def compose(self) -> ComposeResult:
        with Vertical(id="confirm") as box:
            box.border_title = self.renderer.line([(self.question.title, "")])
            if isinstance(self.question, RepairQuestion):
                brief = wording.in_brief(self.question.repair.changes)
                yield Static(self.renderer.lines([[(brief, "bold $success")]]), id="change", markup=False)
            with VerticalScroll(id="preview", can_focus=self.typing is None):
                yield Static(self.renderer.lines(preview(self.question)), markup=False)
            if self.typing is not None:
                warning = self.renderer.lines(self._warning(self.typing))
                yield Static(warning, id="warning", markup=False)
                yield Field(placeholder=self.typing.repair.confirm_what, id="username")
            yield Static(self.renderer.line(self._keys()), id="answers", markup=False)
        yield too_small()

    def on_resize(self) -> None:
        for field in self.query(Input):
            type_only_in_sight(field)
        self.call_after_refresh(self._tell_more)

    def _tell_more(self) -> None:
        """Say how to read what does not fit."""
        more = self.query_one("#preview").max_scroll_y > 0
        self.query_one("#confirm").border_subtitle = "down, up: more" if more else ""

    @staticmethod
    def _warning(question: RepairQuestion, *, again: bool = False) -> list[Line]:
        restraint: Line = [(question.restraint, "bold $warning")]
        ask, name = question.name_wanted(again=again)
        wanted: Line = [(ask, ""), (name, "bold")]
        return [restraint, wanted] if question.restraint else [wanted]

    def _keys(self) -> Line:
        yes = "enter" if self.typing else "y"
        return [
            (yes, "bold $primary"),
            (f" {self.question.yes}   ", ""),
            ("esc", "bold $primary"),
            (" Cancel", ""),
        ]

    def action_scroll(self, by: int) -> None:
        self.query_one("#preview").scroll_relative(y=by, animate=False)

    def action_apply(self) -> None:
        if self.typing is None and not is_too_small(self):
            self.dismiss(True)

    @on(Input.Submitted, "#username")
    def typed(self, event: Input.Submitted) -> None:
        if self.question.agrees(event.value):
            self.dismiss(True)
        elif self.typing is not None:
            lines = self._warning(self.typing, again=True)
            self.query_one("#warning", Static).update(self.renderer.lines(lines))
