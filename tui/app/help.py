"""Every key, from the command table: what works here first, then how to move, then the keys of other screens."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from tui.app.renderer import Line, Renderer
from tui.app.text_pane import HangingLine, TextPane
from tui.app.widgets import too_small
from tui.keys import COMMANDS, MOVES, Command, Context, Pane, key_name
from tui.walkthrough.marks import LEGEND, SIGNS

WIDE = 72
"""Cells from which the sentence about a command stands beside its key, not below."""


def table(commands: Sequence[tuple[Command, str]], context: Context, width: int) -> list[Line]:
    """One line a key; under what does not work now stands the reason, after all that works."""
    here = [(command, key) for command, key in commands if command.shown(context)]
    here.sort(key=lambda keyed: keyed[0].why_not(context) is not None)
    elsewhere = [keyed for keyed in commands if keyed not in here]
    lines: list[Line] = [[(f"In {context.pane.place}", "bold $primary")]]
    for command, key in here:
        lines += _entry(key_name(key), command.label, command.help, width, command.why_not(context))
    lines += [[], [("Moving", "bold $primary")]]
    for move in MOVES:
        lines += _entry(move.keys, move.label, move.help, width)
    if context.pane is Pane.WIZARD:
        lines += [[], [("Marks of the steps", "bold $primary")]]
        for mark, meaning in LEGEND.items():
            lines += _entry(SIGNS[mark], "", meaning, width)
    lines += [[], [("Elsewhere", "bold $primary")]]
    for command, key in elsewhere:
        lines += _entry(key_name(key), command.label, command.help, width)
    return lines


def _entry(key: str, label: str, help: str, width: int, reason: str | None = None) -> Iterator[Line]:
    indent = 30 if width >= WIDE else 4
    named = [(f"  {key:<7} ", "bold"), (f"{label:<19} ", "")]
    if width < WIDE:
        yield named
        named = [(" " * indent, "")]
    yield HangingLine(indent, [*named, (help, "$foreground-muted")])
    if reason:
        yield HangingLine(indent, [(" " * indent, ""), (f"not now: {reason}", "$warning")])


class Help(ModalScreen[None]):
    """All keys; scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", show=False),
    ]

    def __init__(self, renderer: Renderer, keys: Mapping[str, str], context: Context) -> None:
        super().__init__()
        self._bindings.bind(keys["help"], "dismiss", show=False)
        self.renderer = renderer
        self.commands = [(command, keys[command.id]) for command in COMMANDS]
        self.context = context

    def compose(self) -> ComposeResult:
        box = TextPane(self.renderer, id="keys")
        box.border_title = "Keys"
        box.border_subtitle = "esc Close"
        yield box
        yield too_small()

    def on_resize(self) -> None:
        self.query_one(TextPane).write(table(self.commands, self.context, self.size.width))
