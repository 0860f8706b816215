"""The first frame: nothing is painted until every widget has its place, then all of it, once."""

import contextlib
import gc

from textual.app import App
from textual.screen import Screen


class HeldScreen(Screen[None]):
    """A screen whose first frame is painted once and whole."""

    painted = False
    """The first frame stands there."""

    def _compositor_refresh(self) -> None:
        # Textual would draw what the batch then throws away.
        if self.painted:
            super()._compositor_refresh()

    def paint_whole(self) -> None:
        """Let the next update be all of the screen, with the layout that is due."""
        self.painted = True
        # Textual would paint the layout first, and then everything again.
        self._compositor._dirty_regions.add(self.region)
        self._repaint_required = False
        self.refresh(repaint=False, layout=True)


def hold_painting(app: App[int]) -> contextlib.ExitStack:
    """Paint nothing until it is closed: while widgets find their sizes, Textual would paint four times over."""
    held = contextlib.ExitStack()
    held.enter_context(app.batch_update())
    return held


def collect_garbage_again() -> None:
    """What start-up built lives to the end: it is not looked through any more."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
