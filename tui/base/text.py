"""Cleaning of everything that comes from outside, and small things about plain text."""

import re
import unicodedata

MAX_TEXT = 4_000
"""Characters of one outside text that are kept."""

# Bidirectional overrides, embeddings, isolates and marks can make a text read as another one.
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# Whole escape sequences go, not only their first byte: "[31m" alone would be noise.
_ESCAPES = re.compile(
    r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)?"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
)
_DROP = re.compile(rf"[{_BIDI}\ufeff\ufff9-\ufffb\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\r\n\v\f\x1c-\x1f\x85\u2028\u2029]+")


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """One safe line: no control characters, escape sequences or bidi overrides; cut at `limit` characters."""
    if len(text) <= limit and text.isprintable():
        # Printable means: no controls, no format characters such as bidi overrides, no space but the plain one.
        return text.strip()
    text = _ESCAPES.sub("", text[: limit * 4])
    text = _DROP.sub("", text)
    text = "".join(c for c in text if _SPACE.match(c) or unicodedata.category(c) not in ("Cc", "Cs"))
    text = _SPACE.sub(" ", text).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def clean_tree(value: object, limit: int = MAX_TEXT) -> object:
    """The same for every string, keys too, in decoded JSON or TOML."""
    if isinstance(value, str):
        return clean(value, limit)
    if isinstance(value, dict):
        return {clean_tree(k, limit): clean_tree(v, limit) for k, v in value.items()}
    if isinstance(value, list):
        return [clean_tree(v, limit) for v in value]
    return value


def counted(count: int, noun: str) -> str:
    """ "1 outage", "1,200 connections"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def sentence(words: str) -> str:
    """The words as a sentence begins; names within keep their letters."""
    return words[:1].upper() + words[1:]
