"""`remonitor` and `python -m tui`."""

import gc

# What start-up builds lives to the end: looking through it for garbage costs time, and finds none.
gc.disable()

from tui.cli import main  # noqa: E402 - from the first line on

if __name__ == "__main__":
    main()
