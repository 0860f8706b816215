"""What every command shares: exit codes, configuration, the two streams, the log, the event loop. Keep it light."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterable
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tui.base.paths import config_file, log_file, own_state_folder
from tui.base.problem import OutputProblem
from tui.base.text import clean_lines

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.config import Config
    from tui.connections.state import State

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals after which a command cleans up and leaves."""

STDIN = 0

DUMB = ("dumb", "unknown")
"""Values of TERM that mean: lines alone."""

STARTED_SECONDS = 2.0
"""Real seconds after which a command that still runs has built what lives to its end."""

Arguments = argparse.Namespace
T = TypeVar("T")


class Exit(IntEnum):
    """What the shell learns. A signal is 128 and its number."""

    OK = 0
    NO = 1
    """`check`: on the way, or clears by itself. Others: no, or refused."""
    ERROR = 2
    """A person has to act."""
    UNKNOWN = 3
    """Could not tell or could not ask."""
    USAGE = 64
    FAULT = 70
    CONFIG = 78
    TIMEOUT = 124
    SIGNAL = 128
    INTERRUPTED = 130


def path_of(arguments: Arguments) -> Path:
    """The configuration file. Raises ConfigProblem where none is named and there is no home folder."""
    return arguments.config or config_file()


def load_config(arguments: Arguments, *, secrets: bool = True) -> "Config":
    from tui.config import check_references, load

    config = load(path_of(arguments))
    if config.app.keys:
        from tui.keys import check

        check(config.app.keys, config.source("app", "keys"))
    if secrets:
        check_references(config)
    return config


def start_log(arguments: Arguments | None) -> None:
    """Open the log in the state folder. Raises ConfigProblem where that folder is not the operator's own."""
    from tui.console import logs

    own_state_folder()
    logs.start(log_file(), arguments.log_level if arguments else "warning")


def exit_of(state: "State") -> Exit:
    """What `check` says about one connection."""
    from tui.connections.state import Status

    if state.overdue:
        return Exit.ERROR
    if state.status is Status.ERROR:
        return Exit.NO if state.diagnosis.heals else Exit.ERROR
    return {
        Status.DEAUTHORIZED: Exit.ERROR,
        Status.UNKNOWN: Exit.UNKNOWN,
        Status.RECOVERING: Exit.NO,
        Status.INITIALIZING: Exit.NO,
        Status.MONITORING: Exit.OK,
    }[state.status]


def worst(codes: Iterable[Exit]) -> Exit:
    """The worst of several, as monitoring systems rank them; of none: could not ask."""
    from tui.reports.checked import WORST_FIRST

    return min(codes, key=WORST_FIRST.index, default=Exit.UNKNOWN)


def why_no_app(arguments: Arguments) -> str | None:
    """Why the app is shown as lines here, a sentence or empty; None where it can be shown."""
    if arguments.plain:
        return ""
    if os.environ.get("TERM") in DUMB:
        return f"This terminal cannot show the app (TERM={os.environ['TERM']}): remonitor works line by line."
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "No terminal on standard input and output: remonitor works line by line."
    return None


def say(text: str) -> None:
    """Say data. Raises OutputProblem where there is no room for it."""
    try:
        _write(sys.stdout, text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputProblem(
            "Standard output cannot be written",
            f"{error.strerror}.",
            "Make room there, or send it somewhere else.",
        ) from None


def narrate(text: str) -> None:
    """Say something beside the data; nobody hears it where the terminal is gone."""
    with contextlib.suppress(OSError):
        _write(sys.stderr, text)


def ascii_if_asked(arguments: Arguments, speak: Callable[[str], None]) -> Callable[[str], None]:
    """`speak`, with plain signs where --ascii asks for them."""
    from tui.wording.symbols import in_ascii

    return (lambda text: speak(in_ascii(text))) if arguments.ascii else speak


def _write(stream: Any, text: str) -> None:
    """Where a sign cannot be shown a plainer one stands for it, else a question mark; never an error.

    Nothing that steers a terminal goes out, wherever it came from: paths, arguments, the environment.
    """
    text = clean_lines(text)
    encoding = getattr(stream, "encoding", None) or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        from tui.wording.symbols import in_ascii

        text = in_ascii(text).encode(encoding, "replace").decode(encoding)
    stream.write(text + "\n" if text else "")
    stream.flush()


def system_clock() -> "Clock":
    from tui.base.clock import SystemClock

    return SystemClock()


def _collect_again() -> None:
    """Garbage is looked for again once all that stays is built; the app does so after its first frame."""
    import gc

    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def on_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end; a signal cancels it, awaits its clean-up, and leaves with 128 + n."""
    import asyncio

    from tui.base.process import raise_descriptor_limit

    raise_descriptor_limit()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    task = loop.create_task(work)
    caught: list[int] = []

    def end(number: int) -> None:
        caught.append(number)
        task.cancel()

    before = {number: signal.getsignal(number) for number in ENDINGS}
    for number in ENDINGS:
        loop.add_signal_handler(number, end, number)
    loop.call_later(STARTED_SECONDS, _collect_again)
    try:
        result = loop.run_until_complete(task)
    except asyncio.CancelledError:
        raise SystemExit(Exit.SIGNAL + caught[0] if caught else Exit.INTERRUPTED) from None
    finally:
        for number in ENDINGS:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
    if caught:
        # The work had its own way to end, and may call it a good one.
        raise SystemExit(Exit.SIGNAL + caught[0])
    return result
