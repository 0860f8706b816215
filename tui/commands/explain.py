"""`explain`: which cause a console message means, what to do about it, and whether Salesforce shows it now."""

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.base.problem import Problem, UsageProblem
from tui.console import Arguments, Exit, load_config, narrate, on_loop, path_of, say, start_log, system_clock
from tui.console.command import CONFIG, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.connections.finding import KnownCause
    from tui.connections.state import State
    from tui.wording import Times

MAX_PASTED = 1_000_000
"""Bytes of standard input that are read."""

PAGE = Page(
    "show which cause a console message means",
    """\
Shows which cause an Incydr console message means and what fixes it. You can
paste the message with text around it. Without a text it shows all causes.

If connections are configured, it reads them and compares the message with what
Salesforce shows for those with a fault: the console has one message for several
causes, and still shows an old message after the repair.""",
    (
        ("remonitor explain", "every known cause"),
        ("remonitor explain - < mail.txt", "the message in a file"),
        (
            'remonitor explain --connection "Acme EMEA" -',
            "compare the message with what Salesforce shows",
        ),
    ),
    (
        ("0", "a cause is known"),
        ("1", "no known cause has this message"),
        ("3", "--connection: it could not be read"),
        USAGE,
        CONFIG,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="*", metavar="TEXT", help="the message, or - to read it from stdin")
    parser.add_argument(
        "--connection",
        metavar="NAME",
        help="compare it with what Salesforce shows for this one (default: each with a fault)",
    )


def run(arguments: Arguments) -> int:
    text = " ".join(arguments.text)
    if arguments.connection is not None and not text:
        raise UsageProblem("Usage", "--connection needs a message.", "See: remonitor explain --help")
    if text == "-":
        text = sys.stdin.buffer.read(MAX_PASTED).decode("utf-8", "replace")
    code, answer = meaning(text if arguments.text else None)
    named = arguments.connection
    if code is Exit.OK:
        say(answer)
    elif named is None:
        narrate(answer)
    if named is None and (not arguments.text or code is not Exit.OK or not path_of(arguments).exists()):
        return code
    try:
        told = _held_against(arguments, text)
    except Problem as problem:
        if named is not None:
            raise
        # The meaning stands without any org: what cannot be read is only said.
        narrate(f"Not compared with Salesforce. {problem}")
    else:
        say(f"\n{told}" if code is Exit.OK else told)
    return code


def _held_against(arguments: Arguments, text: str) -> str:
    """A pasted message against a reading made now."""
    from tui import wording
    from tui.console.watcher import read_once

    named = arguments.connection
    config, clock = load_config(arguments), system_clock()
    start_log(arguments)
    states = on_loop(read_once(config, [named] if named else [], clock, tell=narrate))
    return held_against(text, states, wording.Times(None, clock.now()), named=named is not None)


def meaning(text: str | None) -> tuple[Exit, str]:
    """The answer to a pasted message; without a text every known cause."""
    from tui.diagnosis.guide import known_causes, meant_by

    if text is None:
        return Exit.OK, "\n\n".join(_told(cause) for cause in known_causes())
    found = meant_by(text)
    if not found:
        return Exit.NO, "No known cause has this message. All causes: remonitor explain"
    lines = [_told(cause) for cause in found]
    if len(found) > 1:
        lines.insert(
            0, "The console shows this message for several causes. remonitor check shows which one it is."
        )
    return Exit.OK, "\n\n".join(lines)


def held_against(text: str, states: "Sequence[State]", times: "Times", *, named: bool) -> str:
    """The message against what Salesforce shows of these connections: of all if `named`, else of the faulty."""
    from tui import wording

    chosen = [state for state in states if named or state.diagnosis.findings or state.overdue]
    told = ["\n".join(_checked(text, state, times)) for state in chosen]
    if not chosen:
        told.append(f"No connection has a fault: {wording.counts(states)}.")
    unread = [_cannot_be_told(text, state) for state in states if state not in chosen]
    return "\n\n".join([*told, *filter(None, unread)])


def _checked(text: str, state: "State", times: "Times") -> list[str]:
    from tui.diagnosis.guide import check_message
    from tui.wording.console_check import console_check_lines

    lines = console_check_lines(check_message(text, state), times)
    return [state.connection.name, *(f"  {line}" for line in lines)]


def _cannot_be_told(text: str, state: "State") -> str:
    """Why one of the message's causes may be there too; empty where none can be."""
    from tui.diagnosis.guide import check_message
    from tui.wording.console_check import cannot_be_told

    reason = cannot_be_told(check_message(text, state))
    return f"{state.connection.name}\n  {reason}" if reason else ""


def _told(cause: "KnownCause") -> str:
    from tui.connections.finding import Kind

    lines = [f"{cause.id}: {cause.title}"]
    if cause.message:
        lines.append(f"  the console shows: {cause.message}")
    healing = cause.kind is Kind.SELF_HEALING
    lines.append("  no action: ends by itself" if healing else "  you must act")
    lines.extend(f"  {number}. {step}" for number, step in enumerate(cause.steps, 1))
    if cause.delay is not None and not healing:
        minutes = int(cause.delay.total_seconds() // 60)
        assumed = " (assumed)" if cause.delay_assumed else ""
        lines.append(f"  then Incydr comes back by itself within {minutes} minutes{assumed}")
    lines.append(f"  docs: {cause.docs.title} {cause.docs.address}")
    lines.append(f"  the whole walkthrough: remonitor steps {cause.id}")
    return "\n".join(lines)


COMMAND = Command("explain", PAGE, run, add_arguments)
