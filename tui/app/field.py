"""A line to type into that keeps the order of its keys."""

from textual import events
from textual.widgets import Input


class Field(Input):
    """One line; its keys act in the order in which they come, also where a slow link brings many at once."""

    def __init__(self, *, id: str, placeholder: str = "", select_on_focus: bool = False) -> None:
        super().__init__(placeholder=placeholder, id=id, compact=True, select_on_focus=select_on_focus)
        self.cursor_blink = False

    async def _on_key(self, event: events.Key) -> None:
        # Textual would run a backspace or an Enter only after the letters that were typed behind it.
        bound = [] if event.is_printable else self._bindings.key_to_bindings.get(event.key, [])
        if bound:
            event.stop()
            event.prevent_default()
            await self.run_action(bound[0].action)
