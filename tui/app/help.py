"""Every key, from the command table."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.app.pen import Pen, Piece
from tui.keys import COMMANDS, Command, Context, key_name


def table(commands: Sequence[tuple[Command, str]], context: Context | None) -> list[list[Piece]]:
    """One line a command under its group; the reason stands beside what does not work now."""
    lines: list[list[Piece]] = []
    for group in dict.fromkeys(command.group for command, _ in commands):
        lines += [[(group, "bold $primary")]]
        for command, key in commands:
            if command.group == group:
                lines.append(
                    [
                        (f"  {key_name(key):<8}", "bold"),
                        (f"{command.label:<20}", ""),
                        (command.help, "$foreground-muted"),
                    ]
                )
                reason = command.why_not(context) if context and command.shown(context) else None
                if reason:
                    lines.append([(" " * 30, ""), (f"not now: {reason}", "$warning")])
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
        with VerticalScroll(id="help") as box:
            box.border_title = "Keys"
            box.border_subtitle = "esc Close"
            yield Static(self.pen.lines(table(self.commands, self.context)), markup=False)

    def action_scroll(self, by: int) -> None:
        self.query_one("#help").scroll_relative(y=by, animate=False)
