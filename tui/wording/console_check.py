"""A console message against what Salesforce shows, in words."""

from tui.connections.console_check import Answer, ConsoleCheck, Verdict
from tui.connections.finding import Finding
from tui.wording.statuses import by_line, reset
from tui.wording.times import Times, at_time

CONSOLE_WORDS = {"m": "Monitoring", "e": "Error", "i": "Initializing", "d": "Deauthorized"}
CONSOLE_CHOICES = "m = Monitoring, e = Error, i = Initializing, d = Deauthorized, or another status"
MOST_LETTERS = 40


def console_word(typed: str) -> str:
    """The status of the console that somebody means; a word that is not known stays as it is."""
    word = typed.strip()
    return CONSOLE_WORDS.get(word.casefold(), word[:MOST_LETTERS])


def console_check_lines(found: ConsoleCheck, times: Times) -> tuple[str, ...]:
    """Whether the console and Salesforce agree, cause by cause, and what Salesforce shows instead."""
    if not found.said:
        lines = ["No known cause has this message."]
    elif len(found.agrees) == len(found.answers):
        lines = ["The console is right:"]
    elif found.agrees:
        lines = ["The console shows this message for several causes; this time:"]
    elif found.stale:
        lines = ["The console's message is old. Salesforce no longer shows this:"]
    else:
        lines = ["Salesforce does not show what the console says:"]
    ordered = sorted(found.answers, key=lambda each: each.verdict is not Verdict.PRESENT)
    lines += [_answer(each, times) for each in ordered]
    lines += [
        f"Salesforce shows {'also' if found.agrees else 'instead'}: {_finding(f, times)}"
        for f in found.instead
    ]
    if found.stale:
        lines.append("Perhaps Incydr has not noticed the repair yet, or Salesforce does not show the cause.")
    at = at_time(found.evidence.read_at, times)
    read = f"Tried {at}, but nothing could be read" if found.evidence.blank else f"Read {at}"
    lines.append(f"{read}. The status is {found.status}.")
    return tuple(lines)


def cannot_be_told(found: ConsoleCheck) -> str:
    """Which of the message's causes may be there unseen, and why; empty where all are known."""
    unread = [each for each in found.answers if each.verdict is Verdict.UNDETERMINED]
    reasons = dict.fromkeys(each.reason.rstrip(".") for each in unread)
    return f"It is not known whether it is this cause: {'; '.join(reasons)}." if unread else ""


def _answer(answer: Answer, times: Times) -> str:
    if answer.finding is not None:
        return f"Salesforce shows: {_finding(answer.finding, times)}"
    if answer.verdict is Verdict.UNDETERMINED:
        return f"Could not ask Salesforce about this ({answer.title}): {answer.reason.rstrip('.')}."
    return f"Salesforce shows: {answer.absent}."


def _finding(finding: Finding, times: Times) -> str:
    parts = [finding.title, by_line(finding, times), reset(finding, times)]
    return " · ".join(part for part in parts if part)
