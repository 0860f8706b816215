"""A pasted console message: which causes it means, and which of them Salesforce shows: it alone decides nothing."""

import re

from tui.base.text import clean
from tui.causes.cause import Cause
from tui.causes.registry import CAUSES
from tui.connections.console_check import Answer, ConsoleCheck, Verdict
from tui.connections.state import State


def check_message(text: str, state: State) -> ConsoleCheck:
    """What the causes of a pasted message are worth against the newest evidence of a connection."""
    diagnosis = state.diagnosis
    found = {finding.cause: finding for finding in diagnosis.findings}
    unread = {each.cause: each for each in diagnosis.undetermined}
    causes = meant_by(text)
    answers = []
    for cause in causes:
        if (finding := found.get(cause.id)) is not None:
            answers.append(Answer(cause.id, cause.title, Verdict.PRESENT, finding))
        elif (open_question := unread.get(cause.id)) is not None:
            answers.append(Answer(cause.id, cause.title, Verdict.UNDETERMINED, reason=open_question.reason))
        else:
            answers.append(Answer(cause.id, cause.title, Verdict.ABSENT, absent=cause.absent))
    said = {cause.id for cause in causes}
    instead = tuple(finding for finding in diagnosis.findings if finding.cause not in said)
    return ConsoleCheck(bool(causes), tuple(answers), instead, state.status, state.evidence)


_MAX_PASTED = 100_000


def meant_by(text: str) -> tuple[Cause, ...]:
    """The causes whose console message, title or id stands in `text`, in the order of repair.

    Of a message its first sentence is enough; an id may stand as words, as Salesforce's login history has one.

    White space, line breaks, frames, capitals and surrounding text do not matter, nor does "Code42" for
    "Incydr". The message of a freeze means two causes: the message alone does not tell them apart.
    """
    pasted = _words(clean(text, _MAX_PASTED))
    return tuple(cause for cause in CAUSES if any(_words(mark) in pasted for mark in _marks(cause)))


def _marks(cause: Cause) -> tuple[str, ...]:
    happened = (cause.message or "").partition(". ")[0]
    return (*filter(None, [happened]), cause.title, cause.id, cause.id.replace("_", " "))


def _words(text: str) -> str:
    """The words alone, each between two blanks, so that a part of a word matches nothing."""
    words = re.findall(r"\w+", text.casefold().replace("code42", "incydr"))
    return f" {' '.join(words)} "
