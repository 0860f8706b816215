"""`check`: its arguments and its run."""

import argparse
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tui.base.problem import OutputProblem, UsageProblem
from tui.base.text import clean
from tui.cli.common import Arguments, load_config, narrate, on_loop, plainly, say, start_log, system_clock
from tui.headless.exits import Exit

if TYPE_CHECKING:
    from tui.config import Config
    from tui.reports.checked import Checked
    from tui.wording import Times

FORMATS = ("text", "json", "nagios", "prometheus")
NAGIOS_TIMEOUT = timedelta(seconds=10)
"""NRPE and Nagios give up on a plugin sooner or later: the answer comes before."""


def add_arguments(parser: argparse.ArgumentParser, duration: Callable[[str], timedelta]) -> None:
    """Add this command's own places and options."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="display names (default: all)")
    parser.add_argument("--org", metavar="ID", help="only the connections of this org")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--brief", action="store_true", help="json: the few fields that pagers need")
    parser.add_argument("--quiet", action="store_true", help="say nothing where all is well")
    parser.add_argument(
        "--changed", action="store_true", help="say nothing where all is as the last such check said"
    )
    parser.add_argument("--replay", type=Path, metavar="FILE", help="of a recording, after its last reading")
    parser.add_argument(
        "--timeout",
        type=duration,
        metavar="SPAN",
        help="what is not read by then is Unknown, such as 25s (default with nagios: 10s)",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="replace this file in one step instead of printing"
    )


def check(arguments: Arguments) -> int:
    from tui.headless.check import read_rows
    from tui.reports.checked import worst
    from tui.wording import Times

    _fits_together(arguments)
    if arguments.replay is not None:
        return _recording(arguments)
    config = load_config(arguments)
    names = _selected(config, arguments)
    start_log(arguments)
    clock = system_clock()
    engine = arguments.format in ("nagios", "prometheus")
    notes: list[str] = []
    timeout = arguments.timeout or (NAGIOS_TIMEOUT if arguments.format == "nagios" else None)
    tell = notes.append if engine else plainly(arguments, narrate)
    rows = on_loop(read_rows(config, names, clock, timeout=timeout, tell=tell)) if names else ()
    if not rows and not engine:
        narrate("No connections are configured.")
    code = worst(rows)
    _answer(arguments, config, rows, Times(None, clock.now()), notes)
    return code


def _recording(arguments: Arguments) -> int:
    """`check --replay FILE`: what it says after the last reading."""
    import os

    from tui.headless import replay
    from tui.headless.check import rows_of
    from tui.reports.checked import worst
    from tui.wording import Times

    with replay.opened(arguments.replay) as played:
        os.environ["REMONITOR_STATE"] = str(played.state_folder)
        narrate(played.told)
        states, now = on_loop(played.check(arguments.names))
        rows = rows_of(states)
        _put(arguments, _text(arguments, played.config, rows, Times(None, now), []))
        return worst(rows)


def _fits_together(arguments: Arguments) -> None:
    see = "See: remonitor check --help"
    if arguments.brief and arguments.format != "json":
        raise UsageProblem("Usage", "--brief needs --format json.", see)
    if arguments.format in ("nagios", "prometheus") and (arguments.quiet or arguments.changed):
        raise UsageProblem("Usage", "An engine needs an answer each time: no --quiet, no --changed.", see)
    if arguments.format == "nagios" and arguments.output is not None:
        raise UsageProblem("Usage", "nagios reads standard output: no -o.", see)


def _selected(config: "Config", arguments: Arguments) -> list[str]:
    """The names asked for, all of them if none is named; of one org where --org says so. Raises UsageProblem."""
    from tui.config.tables import nearest
    from tui.headless.session import named

    found = named(config, arguments.names)
    if arguments.org is None:
        return [c.name for c in found]
    if arguments.org not in config.orgs:
        org = clean(arguments.org, 80)
        known = ", ".join(config.orgs) or "none"
        text = f'"{org}" is no org in {config.path}{nearest(org, config.orgs)}.'
        raise UsageProblem("Unknown org", text, f"Known: {known}.")
    elsewhere = [c.name for c in found if c.org != arguments.org]
    if arguments.names and elsewhere:
        text = f"{', '.join(elsewhere)}: not in the org {arguments.org}."
        raise UsageProblem("Usage", text, "Leave out --org, or name connections of that org.")
    return [c.name for c in found if c.org == arguments.org]


def _answer(
    arguments: Arguments, config: "Config", rows: "tuple[Checked, ...]", times: "Times", notes: list[str]
) -> None:
    """Print or write the answer, unless it is not wanted this time."""
    from tui.headless.changed import LastAnswer
    from tui.reports.checked import worst

    last = LastAnswer(config, rows) if arguments.changed else None
    wanted = (last is None or last.differs) and not (arguments.quiet and rows and worst(rows) == Exit.OK)
    if wanted:
        _put(arguments, _text(arguments, config, rows, times, notes))
    if last is not None and last.differs:
        try:
            last.keep()
        except OSError as error:
            narrate(f"This answer could not be remembered: {error.strerror}.")


def _text(
    arguments: Arguments, config: "Config", rows: "tuple[Checked, ...]", times: "Times", notes: list[str]
) -> str:
    from tui.headless import check
    from tui.reports import documents, nagios, prometheus

    match arguments.format:
        case "nagios":
            return nagios.nagios(rows, times, notes)
        case "prometheus":
            return prometheus.prometheus(rows, times)
        case "json" if arguments.brief:
            return documents.written(documents.brief(rows, times.now), indent=-1)
        case "json":
            return documents.written(documents.whole(rows, times.now))
    offers = check.offers_of([row.state for row in rows if row.state is not None])
    text = check.rows_as_text(rows, times, offers=offers)
    return "\n".join(filter(None, [text, check.calls_line(rows)]))


def _put(arguments: Arguments, text: str) -> None:
    from tui.base.paths import write_shared

    if arguments.output is None or str(arguments.output) == "-":
        (plainly(arguments, say) if arguments.format == "text" else say)(text)
        return
    try:
        write_shared(arguments.output, text + "\n")
    except OSError as error:
        why = f"{arguments.output}: {error.strerror}."
        raise OutputProblem("The answer cannot be written", why, "Check that its folder is there.") from None
