"""`check`: connections read once, as text or in a format for engines, with the exit code of the worst."""

import argparse
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tui.base.paths import state_folder, write_private, write_shared
from tui.base.problem import OutputProblem, UsageProblem
from tui.console import (
    Arguments,
    Exit,
    ascii_if_asked,
    load_config,
    narrate,
    on_loop,
    say,
    start_log,
    system_clock,
)
from tui.console.command import CONFIG, UNKNOWN, USAGE, Command, Page, add_look_options, duration, some_time

if TYPE_CHECKING:
    from tui.config import Config
    from tui.reports.checked import Checked
    from tui.wording import Times

FORMATS = ("text", "json", "nagios", "prometheus")
NAGIOS_TIMEOUT = timedelta(seconds=10)
"""NRPE and Nagios give up on a plugin sooner or later: the answer comes before."""

PAGE = Page(
    "read connections once; the exit code is that of the worst",
    """\
Reads the named connections, or all of them, once. Shows status, cause, who did
it, when, and what to do next. The exit code is that of the worst connection, as
monitoring systems expect it.

With --format nagios the answer is that of a plugin: one line, long text and
data below, only the exit codes 0 to 3, and nothing on stderr. A connection that
is not read within 10 seconds is UNKNOWN. With --format prometheus the answer is
gauges: for a scrape, or with -o for the textfile collector of node_exporter.
With --format json a failure is JSON too.""",
    (
        ("remonitor check", "all connections"),
        ("remonitor check 'Acme EMEA' --format json", "one of them, for a script"),
        ("remonitor check --format json --brief", "the few fields that a pager needs"),
        ("remonitor check --org acme --format nagios", "a service of Nagios or Icinga"),
        (
            "remonitor check --format prometheus -o /var/lib/node_exporter/remonitor.prom",
            "for the textfile collector",
        ),
        ("remonitor check --changed --quiet", "for cron: mail only when something changed"),
        ("remonitor check --replay tuesday.json.gz", "a recording, without any network"),
    ),
    (
        ("0", "all Monitoring"),
        ("1", "Recovering, Initializing, or only causes that clear by themselves"),
        ("2", "Error that needs a person, overdue, Deauthorized"),
        UNKNOWN,
        USAGE,
        CONFIG,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_look_options(parser)
    parser.add_argument("names", nargs="*", metavar="NAME", help="display names (default: all)")
    parser.add_argument("--org", metavar="ID", help="only the connections of this org")
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--brief", action="store_true", help="json: only the few fields that pagers need")
    parser.add_argument("--quiet", action="store_true", help="print nothing if all is well")
    parser.add_argument(
        "--changed", action="store_true", help="print nothing if nothing changed since the last such check"
    )
    parser.add_argument(
        "--replay", type=Path, metavar="FILE", help="check a recording, after its last reading"
    )
    parser.add_argument(
        "--timeout",
        type=some_time,
        metavar="SPAN",
        help="time limit such as 25s; what is not read by then is Unknown (nagios: 10s)",
    )
    parser.add_argument(
        "--cached",
        type=duration,
        metavar="SPAN",
        default=timedelta(0),
        help="use another process's reading that is not older, such as 5m (default: read now)",
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help="write this file in one step instead of printing"
    )


def run(arguments: Arguments) -> int:
    from tui.console.watcher import read_rows
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
    tell = notes.append if engine else ascii_if_asked(arguments, narrate)
    # What was read while this process was still loading is no older than the command.
    cached = arguments.cached + timedelta(seconds=time.monotonic() - arguments.began)
    rows = (
        on_loop(read_rows(config, names, clock, timeout=timeout, cached=cached, tell=tell)) if names else ()
    )
    if not rows and not engine:
        narrate("No connections are configured.")
    code = worst(rows)
    _answer(arguments, config, rows, Times(None, clock.now()), notes)
    return code


def _recording(arguments: Arguments) -> int:
    """`check --replay FILE`: what it says after the last reading."""
    from tui.console.replaying import opened
    from tui.console.watcher import rows_of
    from tui.reports.checked import worst
    from tui.wording import Times

    with opened(arguments.replay) as played:
        narrate(played.description)
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
    from tui.console.watcher import known_org, named

    found = named(config, arguments.names)
    if arguments.org is None:
        return [c.name for c in found]
    org = known_org(config, arguments.org).id
    elsewhere = [c.name for c in found if c.org != org]
    if arguments.names and elsewhere:
        text = f"{', '.join(elsewhere)}: not in the org {org}."
        raise UsageProblem("Usage", text, "Leave out --org, or name connections of that org.")
    return [c.name for c in found if c.org == org]


def _answer(
    arguments: Arguments, config: "Config", rows: "tuple[Checked, ...]", times: "Times", notes: list[str]
) -> None:
    """Print or write the answer, unless it is not wanted this time."""
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
    match arguments.format:
        case "nagios":
            from tui.reports.nagios import nagios

            return nagios(rows, times, notes)
        case "prometheus":
            from tui.reports.prometheus import prometheus

            return prometheus(rows, times)
        case "json":
            from tui.reports import documents

            if arguments.brief:
                return documents.written(documents.brief(rows, times.now), indent=-1)
            return documents.written(documents.whole(rows, times.now))
    from tui.reports import text

    offers = text.offers_of([row.state for row in rows if row.state is not None])
    told = text.as_text(rows, times, offers=offers)
    return "\n".join(filter(None, [told, text.calls_line(rows)]))


def _put(arguments: Arguments, text: str) -> None:
    if arguments.output is None or str(arguments.output) == "-":
        (ascii_if_asked(arguments, say) if arguments.format == "text" else say)(text)
        return
    try:
        write_shared(arguments.output, text + "\n")
    except OSError as error:
        why = f"{arguments.output}: {error.strerror}."
        raise OutputProblem("The answer cannot be written", why, "Check that its folder is there.") from None


class LastAnswer:
    """`--changed`: what the last run with this configuration and selection said; without moments."""

    def __init__(self, config: "Config", rows: "Sequence[Checked]") -> None:
        self._said = _digest([_said(row) for row in rows])
        self._path = state_folder() / "checks" / _digest([str(config.path), *(row.name for row in rows)])

    @property
    def differs(self) -> bool:
        """Something changed since then; the first run always differs."""
        try:
            return self._path.read_text() != self._said
        except (OSError, ValueError):
            return True

    def keep(self) -> None:
        """Remember this answer, once it was given. Raises OSError."""
        write_private(self._path, self._said)


def _said(row: "Checked") -> list[object]:
    findings = [(f.cause, f.by.username or f.by.name if f.by is not None else None) for f in row.findings]
    why = row.state.why.code if row.state is not None and row.state.why is not None else None
    return [
        row.name,
        row.word,
        row.code,
        findings,
        why,
        row.problem.title if row.problem is not None else None,
    ]


def _digest(parts: Sequence[object]) -> str:
    import hashlib

    import msgspec

    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


COMMAND = Command("check", PAGE, run, add_arguments)
