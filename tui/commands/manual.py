"""`manual`: the man page that comes with the program, in the reader's own pager."""

import os
import re
import shlex
import shutil
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import tui
from tui.console import Arguments, Exit, say
from tui.console.command import USAGE, Command, Page

PAGE = Page(
    "the man page, in a pager",
    """\
Shows the whole manual: every command, option, key, exit code, variable and
file. Uses man if there is one, else $MANPAGER, $PAGER, less or more. Without a
terminal it prints plain text to stdout.""",
    (
        ("remonitor manual", "read it"),
        ("remonitor manual | grep -n -A2 timeout", "search in it"),
    ),
    (("0", "shown"), USAGE),
)

SOURCE = Path(tui.__file__).with_name("remonitor.1")
"""In roff; the wheel puts it where man looks too."""

WIDTH = 78
BEGINNINGS = {"SH": 0, "SS": 2, "PP": 4, "TP": 4}
"""What the manual is made of, and how far its titles are indented."""
_SIGN = re.compile(r"\\(?:f[BIR]|\(?(aq|dq|ga|ha|ti|[-&e]))")
_SIGNS = {"aq": "'", "dq": '"', "ga": "`", "ha": "^", "ti": "~", "-": "-", "&": "", "e": "\\", None: ""}


def plain(source: str) -> str:
    """The manual without roff, for whoever has no man: of its macros the few that are used in it."""
    lines: list[str] = []
    paragraph: list[str] = []
    indent, tagged = 4, False

    def fill(text: str, indent: int) -> None:
        margin = " " * indent
        lines.extend(textwrap.wrap(_signs(text), WIDTH, initial_indent=margin, subsequent_indent=margin))

    for line in (*source.splitlines(), "."):
        macro, _, rest = line[1:].partition(" ") if line.startswith(".") else (None, "", line)
        if macro is None and not tagged:
            paragraph.append(rest)
            continue
        fill(" ".join(paragraph), indent)
        paragraph, indent = [], 4
        if macro is None:
            fill(rest, 4)
            indent = 8
        elif macro in BEGINNINGS:
            lines.append("")
            fill(rest, BEGINNINGS[macro])
        tagged = macro == "TP"
    return "\n".join(lines).strip("\n")


def _signs(text: str) -> str:
    return _SIGN.sub(lambda found: _SIGNS[found[1]], text)


def pagers() -> Iterator[list[str]]:
    """What could show plain text here, the reader's own wish first."""
    for wish in (os.environ.get("MANPAGER"), os.environ.get("PAGER"), "less", "more"):
        try:
            argv = shlex.split(wish or "")
        except ValueError:
            continue
        if argv and shutil.which(argv[0]):
            yield argv


def run(arguments: Arguments) -> int:
    source = SOURCE.read_text(encoding="utf-8")
    if sys.stdout.isatty():
        from tui.base.process import in_front

        # man asks the reader's pager itself.
        if shutil.which("man") and in_front(["man", "-l", str(SOURCE)]):
            return Exit.OK
        for pager in pagers():
            if in_front(pager, f"{plain(source)}\n".encode()):
                return Exit.OK
    say(plain(source))
    return Exit.OK


COMMAND = Command("manual", PAGE, run)
