"""Whether a row of the audit trail is about this very record: by its Id, or by exactly its name.

"Incydr Integration" is neither "Incydr Integration (EU)" nor "Incydr-EU". A row in the known English form must hold
the name in its place; in another language the name may stand anywhere, unless it is a part of a longer name.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from tui.connections.evidence import AuditRow
from tui.rules.audit_actions import AuditAction, known

_USER_ID = re.compile(r"(?<![A-Za-z0-9])(005[A-Za-z0-9]{12})(?:[A-Z0-5]{3})?(?![A-Za-z0-9])")
_JOINING = "-_./\\&+@'’‑–"
"""Between two words these make one name of them."""
_WITHOUT_GAPS = (
    ("\u3005", "\u3005"),
    ("\u3007", "\u3007"),
    ("\u3040", "\u30ff"),
    ("\u3400", "\u4dbf"),
    ("\u4e00", "\u9fff"),
    ("\uac00", "\ud7af"),
    ("\uf900", "\ufaff"),
    ("\uff66", "\uff9f"),
)
"""First and last: Chinese, Japanese and Korean write no gap between a name and the words around it."""


def user_ids(text: str) -> tuple[str, ...]:
    """The Ids of users in `text`, in their 15 characters (capitals matter)."""
    return tuple(match.group(1) for match in _USER_ID.finditer(text))


def about_user(row: AuditRow, user_id: str, names: Iterable[str], others: Iterable[str] = ()) -> bool:
    """Whether `row` is about the user: by Id where it has one, never by name then; else by one of its `names`."""
    ids = user_ids(row.display)
    if ids:
        return user_id[:15] in ids
    return about(row, names, others)


def about(row: AuditRow, names: Iterable[str], others: Iterable[str] = ()) -> bool:
    """Whether `row` is about a record with one of these `names`; `others` are known names of other records."""
    wanted = tuple(name for name in names if name)
    action = known(row.action)
    if action is not None and (form := english_form(row.display, action)) is not None:
        return any(_fills(row.display, action, form, name) for name in wanted)
    return any(mentions(row.display, name, others) for name in wanted)


def mentions(text: str, name: str, others: Iterable[str] = ()) -> bool:
    """Whether `text` holds exactly `name`, in any surroundings, and not only as a part of one of `others`."""
    if not name:
        return False
    taken = [
        (match.start(), match.end())
        for other in others
        if len(other) > len(name) and name in other
        for match in re.finditer(re.escape(other), text)
    ]
    for match in re.finditer(re.escape(name), text):
        start, end = match.span()
        if not any(a <= start and end <= b for a, b in taken) and _whole(text, start, end):
            return True
    return False


def english_form(text: str, action: AuditAction) -> int | None:
    """Which of the action's English forms the text has; None: it is in another language, or of another form."""
    for number in range(len(action.displays)):
        if _form(action, number, None).fullmatch(text):
            return number
    return None


def _fills(text: str, action: AuditAction, form: int, name: str) -> bool:
    """Whether the text, which has the English form, has `name` in its place (in any of its forms)."""
    return any(
        _form(action, number, name).fullmatch(text) is not None
        for number in range(form, len(action.displays))
    )


@lru_cache(2_000)
def _form(action: AuditAction, number: int, name: str | None) -> re.Pattern[str]:
    before, after = action.displays[number].split("{name}")
    place = ".+" if name is None else f"(?-i:{re.escape(name)})"
    return re.compile(f"(?i:{before}){place}(?i:{after})", re.DOTALL)


def _whole(text: str, start: int, end: int) -> bool:
    """Whether the name between the two is no part of a longer word or of "NAME (EU)"."""
    before, after = text[max(0, start - 2) : start][::-1], text[end : end + 2]
    if _joins(before, text[start]) or _joins(after, text[end - 1]):
        return False
    return re.match(r"\s*[(（](?!\s*(?:User\s?ID|\w[\w -]*:\s*\[))", text[end:]) is None


def _joins(outside: str, inside: str) -> bool:
    """Whether the characters next to a name, the nearest first, go on with it."""
    if not outside or outside[0].isspace():
        return False
    if outside[0] in _JOINING:
        return outside[1:].isalnum()
    if _without_gaps(outside[0]):
        return False
    return outside[0].isalnum() and not _without_gaps(inside)


def _without_gaps(char: str) -> bool:
    return any(first <= char <= last for first, last in _WITHOUT_GAPS)
