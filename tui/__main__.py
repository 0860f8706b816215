"""`remonitor` and `python -m tui`."""

import gc

# What start-up builds lives to the end: looking through it for garbage costs time, and finds none.
gc.disable()

import time  # noqa: E402 - from the first line on

BEGAN = time.monotonic()
"""When this command began: what was read later is no older than it, also while it was still loading."""

import os  # noqa: E402
import signal  # noqa: E402
from types import FrameType  # noqa: E402


def main() -> None:
    """Run the command line. Whoever ends it while it still loads gets the exit code of later."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    from tui.cli import main

    main(BEGAN)


def _end(number: int, frame: FrameType | None) -> None:
    """Nothing is open yet, or only what can be left as it is."""
    os._exit(128 + number)


if __name__ == "__main__":
    main()
