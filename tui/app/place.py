"""Where a connection that is added goes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from tui.app.renderer import Renderer
from tui.base.clock import Clock
from tui.config import Config

if TYPE_CHECKING:
    from tui.app.add import Add
    from tui.app.app import OpenWatcher
    from tui.net import Net


class Place(Struct, frozen=True):
    """Where a new connection is written, and over which network it is tried."""

    path: Path
    net: "Net"
    watch: "Callable[[Config], OpenWatcher]"
    """How the new configuration is watched."""

    def screen(self, renderer: Renderer, clock: Clock) -> "Add":
        """The form, over the file as it is now. Raises ConfigProblem."""
        from tui.app.add import Add
        from tui.config.writing import add, current
        from tui.onboarding.flow import Flow
        from tui.onboarding.runner import LookupRunner

        flow = Flow(str(self.path), current(self.path), dict(os.environ))
        return Add(
            renderer,
            flow,
            LookupRunner(self.net, clock),
            lambda done: add(self.path, done.tables(), done.environment),
        )
