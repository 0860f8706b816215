"""`explain`: which cause a console message means, what to do about it, and whether Salesforce shows it now."""

from collections.abc import Sequence

from tui import wording
from tui.connections.finding import Kind, KnownCause
from tui.connections.state import State
from tui.diagnosis.guide import check_message, known_causes, meant_by
from tui.headless.exits import Exit
from tui.wording.console_check import cannot_be_told, console_check_lines


def run(text: str | None) -> tuple[Exit, str]:
    """The answer to a pasted message; without a text every known cause."""
    if text is None:
        return Exit.OK, "\n\n".join(_told(cause) for cause in known_causes())
    found = meant_by(text)
    if not found:
        return Exit.NO, "No known cause has this message. All causes: remonitor explain"
    lines = [_told(cause) for cause in found]
    if len(found) > 1:
        lines.insert(
            0, "The console shows this message for several causes; remonitor check tells which it is."
        )
    return Exit.OK, "\n\n".join(lines)


def held_against(text: str, states: Sequence[State], times: wording.Times, *, named: bool) -> str:
    """The message against what Salesforce shows of these connections: of all if `named`, else of the faulty."""
    chosen = [state for state in states if named or state.diagnosis.findings or state.overdue]
    told = ["\n".join(_checked(text, state, times)) for state in chosen]
    if not chosen:
        told.append(f"No fault to hold it against: {wording.counts(states)}.")
    unread = [_cannot_be_told(text, state) for state in states if state not in chosen]
    return "\n\n".join([*told, *filter(None, unread)])


def _checked(text: str, state: State, times: wording.Times) -> list[str]:
    lines = console_check_lines(check_message(text, state), times)
    return [state.connection.name, *(f"  {line}" for line in lines)]


def _cannot_be_told(text: str, state: State) -> str:
    """Why one of the message's causes may be there too; empty where none can be."""
    reason = cannot_be_told(check_message(text, state))
    return f"{state.connection.name}\n  {reason}" if reason else ""


def _told(cause: KnownCause) -> str:
    lines = [f"{cause.id}: {cause.title}"]
    if cause.message:
        lines.append(f"  the console shows: {cause.message}")
    healing = cause.kind is Kind.SELF_HEALING
    lines.append("  clears by itself" if healing else "  needs a person")
    lines.extend(f"  {number}. {step}" for number, step in enumerate(cause.steps, 1))
    if cause.delay is not None and not healing:
        minutes = int(cause.delay.total_seconds() // 60)
        assumed = " (assumed)" if cause.delay_assumed else ""
        lines.append(f"  then Incydr returns by itself within {minutes} minutes{assumed}")
    lines.append(f"  the whole walkthrough: remonitor steps {cause.id}")
    return "\n".join(lines)
