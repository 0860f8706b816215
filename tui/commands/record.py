"""`record`: what orgs and tenants answer, as a file in which nobody can be found; its replay says the same."""

import argparse
import contextlib
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tui.base.problem import OutputProblem, UsageProblem
from tui.base.text import clean, counted
from tui.console import Arguments, Exit, load_config, narrate, on_loop, say, start_log, system_clock
from tui.console.command import CONFIG, ENDED, USAGE, Command, Page, add_look_options, duration

if TYPE_CHECKING:
    from tui.console.playing import Played
    from tui.console.recording import Disguised, Taken, Words
    from tui.console.stdin import LineReader

FILE = Path("recording.json.gz")
STDIN = 0

PAGE = Page(
    "save one reading as a file without names, to replay it",
    """\
Reads the named connections, or all of them, as the first check does. Saves what
orgs and tenants answered as a file for replay: one reading, or with --for all
readings of some time. It writes nothing in the org and sends the file nowhere.

Names, usernames, addresses, hosts, Ids and labels are replaced, with a key that
is never stored. Times move by whole weeks. Tokens and secrets are not in it. If
the replay of the file would not say the same, no file is written. On a terminal
it asks what the Incydr console shows, because that is the truth, and asks about
each value of the vendors that remonitor does not know. In an app that is open
meanwhile, the key S says what the console shows.""",
    (
        ("remonitor record 'Acme EMEA' -o tuesday.json.gz", "one reading"),
        ("remonitor record --for 30m", "all connections, while Incydr comes back"),
        ("remonitor record --show tuesday.json.gz", "everything that is in it"),
        ("remonitor replay tuesday.json.gz", "look at it"),
    ),
    (("0", "written, or shown"), ("3", "not written, or the file cannot be read"), USAGE, CONFIG, ENDED),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_look_options(parser)
    parser.add_argument("names", nargs="*", metavar="NAME", help="display names (default: all)")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE", help=f"default: {FILE}, if it does not exist yet"
    )
    parser.add_argument(
        "--for",
        dest="span",
        type=duration,
        default=timedelta(0),
        metavar="SPAN",
        help="all readings of this time, such as 30m; Ctrl+C ends it sooner",
    )
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="VALUE",
        help="keep this value as it is, although remonitor does not know it",
    )
    parser.add_argument("--show", type=Path, metavar="FILE", help="show everything that is in a recording")


def run(arguments: Arguments) -> int:
    if arguments.show is not None:
        if arguments.names or arguments.output or arguments.span or arguments.keep:
            raise UsageProblem("Usage", "--show goes with nothing else.", "See: remonitor record --help")
        from tui.recordings import format
        from tui.reports.recorded import shown

        say(shown(format.load(arguments.show)))
        return Exit.OK
    output = arguments.output or FILE
    if arguments.output is None and FILE.exists():
        raise OutputProblem(
            "The recording cannot be written", f"{FILE} is there already.", "Name another: -o FILE."
        )
    on_loop(_record(arguments, output))
    return Exit.OK


async def _record(arguments: Arguments, output: Path) -> None:
    import tempfile

    from tui.base.paths import state_folder
    from tui.console.contract import lend
    from tui.console.recording import Noted, disguised, narrowed, proven, take
    from tui.console.stdin import Lines
    from tui.console.watcher import JOURNAL
    from tui.recordings.recorder import Recorder

    config = narrowed(load_config(arguments), arguments.names)
    if not config.connections:
        raise UsageProblem("Usage", "No connections are configured.", "remonitor add configures one.")
    start_log(arguments)
    person = Person(Lines(STDIN) if sys.stdin is not None and sys.stdin.isatty() else None)
    noted = Noted(state_folder() / JOURNAL, [each.name for each in config.connections])
    await noted.new()
    clock = system_clock()
    with tempfile.TemporaryDirectory(prefix="remonitor-record-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        async with contextlib.aclosing(Recorder(config, clock, ca_bundle=config.app.ca_bundle)) as net:
            narrate(
                f"Reading {counted(len(config.connections), 'connection')}: nothing is written in the org."
            )
            await lend(config, state_folder() / JOURNAL, folder / "live")
            taken = await take(config, clock, net, folder / "live", arguments.span, person.console, noted.new)
        made = disguised(taken, arguments.keep)
        if agreed := await person.consent(made):
            made = disguised(taken, [*arguments.keep, *agreed])
        data = await proven(taken, made, folder / "replayed")
    _write(output, data)
    _told(output, len(data), taken, made)


class Person:
    """Who sits at the terminal; nobody where `answers` is None."""

    def __init__(self, answers: "LineReader | None") -> None:
        self._answers = answers

    async def console(self, played: "Played") -> "Words":
        """What the Incydr console shows now."""
        if self._answers is None:
            return {}
        from tui.wording.console_check import CONSOLE_CHOICES, console_word

        narrate(f"What does the Incydr console show now? {CONSOLE_CHOICES}. Enter alone = you did not look.")
        shown = {}
        for state in played.states:
            name = state.connection.name
            narrate(f"  {clean(name)} (this program says {state.status.value}):")
            if word := console_word(await self._answers.next() or ""):
                shown[name] = word
        return shown

    async def consent(self, made: "Disguised") -> list[str]:
        """Which of the values that nobody knows may stay."""
        agreed = []
        for (kind, value), kept in made.unknown.items():
            if kept == value:
                continue
            told = f"{kind} that this program does not know: “{clean(value, 200)}”"
            if self._answers is None:
                narrate(f"Replaced: {told}. It stays with --keep.")
                continue
            narrate(f"There is {told}. May it stay as it is? y/N")
            if (await self._answers.next() or "").strip().casefold() in ("y", "yes"):
                agreed.append(value)
        return agreed


def _write(output: Path, data: bytes) -> None:
    import gzip

    from tui.base.paths import write_private

    try:
        write_private(output, gzip.compress(data, mtime=0) if output.suffix == ".gz" else data)
    except OSError as error:
        why = f"{clean(str(output), 300)}: {error.strerror}."
        raise OutputProblem(
            "The recording cannot be written", why, "Check that its folder is there."
        ) from None


def _told(output: Path, size: int, taken: "Taken", made: "Disguised") -> None:
    from tui.console.recording import requests_made

    orgs, tenants = requests_made(taken.recording)
    asked = f"{counted(orgs, 'request')} to orgs and {counted(tenants, 'request')} to tenants, all of them reading"
    say(
        f"{clean(str(output), 300)}: {counted(len(made.recording.readings), 'reading')} "
        f"({made.recording.origin}), {size // 1000:,} kB unpacked; {asked}. Its replay says the same."
    )
    if not any(word for words in taken.shown for word in words.values()):
        narrate("Nobody said what the console shows: it tests the shapes of answers alone.")
    narrate(
        f"It goes nowhere by itself. Look into it before you give it away: remonitor record --show {output}"
    )


COMMAND = Command("record", PAGE, run, add_arguments)
