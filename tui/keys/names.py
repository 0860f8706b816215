"""Names of keys: as the terminal library calls them, as people read them, as the configuration may write them."""

import re
import unicodedata

_READ = {"escape": "esc", "slash": "/", "question_mark": "?", "colon": ":"}
_WRITTEN = {"esc": "escape", "return": "enter", "del": "delete", "page_up": "pageup", "page_down": "pagedown"}
_RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_NAMED = re.compile(
    r"enter|escape|tab|space|backspace|delete|insert|home|end|pageup|pagedown|up|down|left|right"
    r"|f([1-9]|1[0-9]|2[0-4])"
)
_MODIFIERS = ("ctrl+", "alt+", "shift+")


def key_name(key: str) -> str:
    """A key (the library's name for it) as people read it."""
    return _READ.get(key, key)


def key_of(written: str) -> str | None:
    """The library's name of a key as somebody wrote it: `n`, `?`, `f5`, `ctrl+r`; None where it is no key."""
    text = written.strip()
    for modifier in _MODIFIERS:
        if text.lower().startswith(modifier) and len(text) > len(modifier):
            rest = key_of(text[len(modifier) :])
            return f"{modifier}{rest}" if rest else None
    if len(text) == 1:
        return text if text.isalnum() else _sign(text)
    text = _WRITTEN.get(text.lower(), text.lower())
    return text if _NAMED.fullmatch(text) or text in _SIGNS else None


def _sign(text: str) -> str | None:
    name = unicodedata.name(text, "").lower().replace("-", "_").replace(" ", "_")
    return _RENAMED.get(name, name) or None


_SIGNS = frozenset(filter(None, (_sign(chr(code)) for code in range(0x21, 0x7F) if not chr(code).isalnum())))
"""The library's own names of the signs on a keyboard."""
