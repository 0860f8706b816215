"""The field of the filter: no key is lost or taken by the wrong widget, however fast it is typed."""

from collections.abc import Callable

from textual import events

from tui.app.field import Field


class FilterField(Field):
    """Enter applies the filter and hands the keys back at once; keys already on their way follow."""

    def __init__(self, leave: Callable[[], None]) -> None:
        super().__init__(placeholder="filter", id="filter", select_on_focus=True)
        self._leave = leave

    async def _on_key(self, event: events.Key) -> None:
        if self.screen.focused is self:
            await super()._on_key(event)
            return
        # Typed after Enter, sent here before the focus had moved on.
        event.stop()
        event.prevent_default()
        self.app.post_message(events.Key(event.key, event.character))

    async def action_submit(self) -> None:
        self._leave()
