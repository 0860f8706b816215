"""Cleaning of everything that comes from outside, and small things about plain text."""

import re
import unicodedata
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from msgspec import Raw

T = TypeVar("T")

MAX_TEXT = 4_000
"""Characters of one outside text that are kept."""

_SPELLING = frozenset(
    "\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Format characters that belong to how words are written: the joiners, and signs that are seen."""
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories that can hide or rewrite what stands on a screen: controls, bidi marks, tags, line ends."""
# Whole escape sequences go, not only their first byte: "[31m" alone would be noise.
_ESCAPES = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
)
_SPACE = re.compile(r"[ \t\r\n\v\f\x1c-\x1f\x85\u2028\u2029]+")


def unseen(char: str) -> bool:
    """Whether this character steers a terminal, hides, or makes a text read as another one."""
    return unicodedata.category(char) in _UNSEEN and char not in _SPELLING


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """One safe line: no escape sequences and nothing `unseen`; cut at `limit` characters."""
    if len(text) <= limit and text.isprintable():
        # Printable means: no controls, no format characters such as bidi overrides, no space but the plain one.
        return text.strip()
    text = _ESCAPES.sub("", text[: limit * 4])
    text = "".join(c for c in text if _SPACE.match(c) or not unseen(c))
    text = _SPACE.sub(" ", text).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean_lines(text: str) -> str:
    """Text of several lines for a terminal: nothing `unseen` but the ends of its lines and tabs."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c for c in _ESCAPES.sub("", text) if c in "\n\t" or not unseen(c))


def clean_tree(value: object, limit: int = MAX_TEXT) -> object:
    """The same for every string, keys too, in decoded JSON or TOML."""
    if isinstance(value, str):
        return clean(value, limit)
    if isinstance(value, dict):
        return {clean_tree(k, limit): clean_tree(v, limit) for k, v in value.items()}
    if isinstance(value, list):
        return [clean_tree(v, limit) for v in value]
    return value


def decode_json(body: "bytes | Raw", kind: type[T], limit: int = MAX_TEXT) -> T:
    """JSON as a cleaned `kind`. Raises msgspec.DecodeError, RecursionError."""
    import msgspec

    if _is_clean(body, limit):
        return msgspec.json.decode(body, type=kind)
    return msgspec.convert(clean_json(body, limit), kind)


def _is_clean(body: "bytes | Raw", limit: int) -> bool:
    """Whether cleaning would change nothing: to see that costs far less than to look at each text."""
    try:
        text = str(bytes(body), "utf-8")
    except UnicodeDecodeError:
        return False
    # Of the escapes two stand for what is clean; blanks beside a quote may begin or end a text.
    text = text.replace("\\\\", "").replace('\\"', "")
    plain = text.isprintable() and "\\" not in text and '" ' not in text and ' "' not in text
    return plain and max(map(len, text.split('"'))) <= limit


def clean_json(body: "bytes | Raw", limit: int = MAX_TEXT) -> object:
    """JSON with every text in it cleaned; a text that is no Unicode is spoiled alone, not all the others.

    Raises msgspec.DecodeError, RecursionError.
    """
    import json

    import msgspec

    try:
        tree = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        # msgspec refuses the whole of it for half a surrogate pair or a broken byte in one text.
        try:
            tree = json.loads(bytes(body).decode("utf-8", "replace"), parse_constant=_no_constant)
        except ValueError:
            raise msgspec.DecodeError(str(error)) from None
    return clean_tree(tree, limit)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def counted(count: int, noun: str) -> str:
    """ "1 outage", "1,200 connections"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def times_over(count: int) -> str:
    """ "once", "9 times"."""
    return "once" if count == 1 else f"{count:,} times"


def sentence(words: str) -> str:
    """The words as a sentence begins; names within keep their letters."""
    return words[:1].upper() + words[1:]
