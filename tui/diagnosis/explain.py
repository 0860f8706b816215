"""explain(): which causes a console message means."""

import re

from tui.base.text import clean
from tui.causes.cause import Cause
from tui.causes.registry import CAUSES

_MAX_PASTED = 100_000


def explain(text: str) -> tuple[Cause, ...]:
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
