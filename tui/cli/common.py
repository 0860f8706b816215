"""What the sub-commands share: exit codes, configuration, the two streams, the event loop."""

import argparse
import contextlib
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tui.base.paths import config_file, own_state_folder
from tui.base.problem import OutputProblem
from tui.base.text import clean_lines
from tui.headless.exits import Exit

if TYPE_CHECKING:
    from datetime import datetime

    from tui.base.clock import Clock
    from tui.config import Config
    from tui.connections.state import State

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Signals after which a command cleans up and leaves."""

STDIN = 0

STARTED_SECONDS = 2.0
"""Real seconds after which a command that still runs has built what lives to its end."""

Arguments = argparse.Namespace
T = TypeVar("T")


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
    from tui.headless import logs

    logs.start(own_state_folder() / "remonitor.log", arguments.log_level if arguments else "warning")


def show(
    arguments: Arguments,
    states: "list[State]",
    config: "Config",
    code: Exit | None = None,
    now: "datetime | None" = None,
) -> None:
    """`now`: when these states were read, by default at this moment."""
    from tui import wording
    from tui.headless import check

    times = wording.Times(None, now or system_clock().now())
    if arguments.format == "json":
        say(check.as_json(states, times.now, code))
    else:
        offers = check.offers_of(states)
        plainly(arguments, say)(check.as_text(states, times, offers=offers))


def one_line(state: "State") -> str:
    from tui import wording

    times = wording.Times(None, system_clock().now())
    line, headline = (tell(state, times) for tell in (wording.status_line, wording.headline))
    more = "" if headline.casefold() in line.casefold() else f" · {headline}"
    return f"{state.connection.name}: {line}{more}"


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


def plainly(arguments: Arguments, speak: Callable[[str], None]) -> Callable[[str], None]:
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
