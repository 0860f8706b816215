"""One text and nothing else: no frames beside it, so that the terminal's own selection takes it whole."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static

from tui.app.renderer import Renderer
from tui.app.text_pane import TextPane
from tui.app.widgets import too_small


class PlainView(Screen[None]):
    """Shows `text` from the first column on; `copy` sends it to the clipboard."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", show=False),
        Binding("y", "copy", "Copy", show=False),
    ]

    def __init__(
        self, renderer: Renderer, text: str, copy: Callable[[str], Awaitable[None]], *, key: str, note: str
    ) -> None:
        """`key` closes it too; `note` is said below the text."""
        super().__init__()
        self._bindings.bind(key, "dismiss", show=False)
        self.renderer = renderer
        self.text = text
        self.note = note
        self._copy = copy

    def compose(self) -> ComposeResult:
        yield TextPane(self.renderer, id="plain")
        if self.note:
            yield Static(self.renderer.line([(self.note, "$success")]), id="plain-note", markup=False)
        keys = [(" y", "bold $primary"), (" Copy all   ", ""), ("esc", "bold $primary"), (" Close", "")]
        yield Static(self.renderer.line(keys), id="plain-keys", markup=False)
        yield too_small()

    def on_mount(self) -> None:
        pane = self.query_one(TextPane)
        pane.write([[(line, "")] for line in self.text.splitlines()])
        pane.focus()

    async def action_copy(self) -> None:
        await self._copy(self.text)
