"""What the Incydr console shows now, in the operator's word."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from tui.app.widgets import Field, too_small, type_only_in_sight
from tui.wording.console_check import CONSOLE_CHOICES, MOST_LETTERS, console_word


class ConsoleShows(ModalScreen[str | None]):
    """Asks for one word; None where the operator leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Close", show=False)]

    def __init__(self, connection: str) -> None:
        super().__init__()
        self.connection = connection

    def compose(self) -> ComposeResult:
        with Vertical(id="console-shows") as box:
            box.border_title = Content(f"The console shows · {self.connection}")
            box.border_subtitle = "enter Write down · esc Close"
            yield Static(f"Type {CONSOLE_CHOICES}.", markup=False)
            yield Field(placeholder="Status in the Incydr console", id="word")
        yield too_small()

    def on_mount(self) -> None:
        self.query_one(Input).max_length = MOST_LETTERS

    def on_resize(self) -> None:
        type_only_in_sight(self.query_one(Input))

    @on(Input.Submitted, "#word")
    def written(self, event: Input.Submitted) -> None:
        self.dismiss(console_word(event.value) or None)
