"""Modules that libraries look for and this program never needs: not loaded, and not looked for again and again."""

import sys
from importlib.util import find_spec
from typing import cast

ALWAYS = ("httpx._main",)
"""httpx's own command line: it brings click, rich and pygments where they are installed."""

ABSENT = ("sniffio",)
"""httpcore asks for it several times a request; an import that fails searches every folder each time."""


def keep_out() -> None:
    """Make the import of these fail at once, as it does where they are not installed."""
    modules = cast("dict[str, object]", sys.modules)
    for name in (*ALWAYS, *(name for name in ABSENT if name not in modules and find_spec(name) is None)):
        modules.setdefault(name, None)
