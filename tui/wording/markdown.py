"""Plain text inside Markdown: what came from outside is shown as it stands and never becomes markup."""

import re
from collections.abc import Sequence

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&$])")
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")


def escaped(text: str) -> str:
    """The text, one line, so that Markdown shows exactly it. Not meant for the beginning of a line."""
    one_line = " ".join(text.split())
    return _LINK.sub(_unlinked, _MARKUP.sub(r"\\\1", one_line))


def _unlinked(match: re.Match[str]) -> str:
    """An address that a viewer would turn into a link, with its punctuation escaped."""
    scheme, colon, www, dot = match.groups()
    return f"{scheme or www}\\{colon or dot}"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """A table; every cell is plain text."""
    lines = [tuple(map(escaped, head)), tuple("---" for _ in head), *(tuple(map(escaped, r)) for r in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]
