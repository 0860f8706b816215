"""Where the screen is drawn: on the terminal, also where standard error leads elsewhere (2>errors.log)."""

import sys
from typing import Any

from textual.drivers.linux_driver import LinuxDriver


class TerminalDriver(LinuxDriver):
    """Textual's own driver draws on standard error; the app is opened only where standard output is a terminal."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        if self._file is None or not self._file.isatty():
            self._file = sys.__stdout__
