"""Every key, from the command table."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tui.app.paper import Hanging, Line, Paper
from tui.app.pen import Pen
from tui.keys import COMMANDS, Command, Context, key_name

WIDE = 72
"""Cells from which the sentence about a command stands beside its key, not below."""


def table(commands: Sequence[tuple[Command, str]], context: Context | None, width: int) -> list[Line]:
    """One line a command under its group; the reason stands beside what does not work now."""
    indent = 30 if width >= WIDE else 4
    lines: list[Line] = []
    for group in dict.fromkeys(command.group for command, _ in commands):
        lines += [[(group, "bold $primary")]]
        for command, key in commands:
            if command.group == group:
                named = [(f"  {key_name(key):<8}", "bold"), (f"{command.label:<20}", "")]
                if width < WIDE:
                    lines.append(named)
                    named = [(" " * indent, "")]
                lines.append(Hanging(indent, [*named, (command.help, "$foreground-muted")]))
                reason = command.why_not(context) if context and command.shown(context) else None
                if reason:
                    lines.append(Hanging(indent, [(" " * indent, ""), (f"not now: {reason}", "$warning")]))
        lines.append([])
    return lines


class Help(ModalScreen[None]):
    """All keys, grouped; scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "Close", show=False),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(self, pen: Pen, keys: Mapping[str, str], context: Context) -> None:
        super().__init__()
        self.pen = pen
        self.commands = [(command, keys[command.id]) for command in COMMANDS]
        self.context = context

    def compose(self) -> ComposeResult:
        box = Paper(self.pen, id="keys")
        box.border_title = "Keys"
        box.border_subtitle = "esc Close"
        yield box

    def on_resize(self) -> None:
        self.query_one(Paper).write(table(self.commands, self.context, self.size.width))

    def action_scroll(self, by: int) -> None:
        self.query_one(Paper).scroll_relative(y=by, animate=False)
