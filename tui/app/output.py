"""Where and how the screen is drawn: on the terminal, as the cells that changed."""

import contextlib
import gc
import sys
from collections.abc import Iterable
from typing import Any

from rich.console import COLOR_SYSTEMS, RenderableType
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.strip import Strip

from tui.app.cells import Cells
from tui.app.keyboard import Keyboard

BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
"""Around an update, for a terminal that shows it at once then."""

Painted = Iterable[tuple[int, int, Strip]]
"""Strips with the column and the row at which they begin."""


class TerminalDriver(LinuxDriver):
    """On standard output, also where standard error leads elsewhere (2>errors.log): Textual's own draws on that."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if self._file is None or not self._file.isatty():
            self._file = sys.__stdout__

    def run_input_thread(self) -> None:
        def bound(key: str) -> bool:
            return key in self._app.screen_stack[0]._bindings.key_to_bindings

        Keyboard(self.fileno, bound).read(self.exit_event.is_set, self.process_message)


class Output:
    """What stands on one terminal."""

    def __init__(self, *, erases: bool) -> None:
        self.cells = Cells(erases=erases)

    def forget(self) -> None:
        """Whatever stands there, the next update writes all of its cells."""
        self.cells.forget(0, 0)

    def order(self, app: App[int], update: RenderableType | None, *, synchronised: bool) -> str:
        """What the terminal has to be sent for this update; empty where nothing on it changes.

        `synchronised`: the terminal shows all of it at once.
        """
        size = app.size
        if (self.cells.width, self.cells.height) != size:
            self.cells.forget(*size)
        colours = COLOR_SYSTEMS[app.console.color_system or "truecolor"]
        for x, y, strip in painted(update):
            self.cells.paint(x, y, strip, colours)
        order = self.cells.write(size.clamp_offset(app.cursor_position))
        return f"{BEGIN}{order}{END}" if order and synchronised else order


def painted(update: RenderableType | None) -> Painted:
    """The strips of an update. Whole layouts and chops of lines are all that a full-screen app gets."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for whole in line:
                yield x, y, whole
                x += whole.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, start, end in update.spans:
            for (x, strip), chop_end in zip(update.chops[y].items(), update.chop_ends[y], strict=False):
                if strip is not None and x <= end and chop_end > start:
                    inside = start <= x < end and chop_end <= end
                    yield x, y, strip if inside else strip.crop(0, min(chop_end, end) - x)


# The first frame: nothing is painted until every widget has its place, then all of it, once


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
