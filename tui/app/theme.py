"""Which colours the terminal gets, and why."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from textual.theme import Theme

from tui.app.terminal import few_colours, remote
from tui.base.paths import write_private

DARK = Theme(
    name="remonitor",
    primary="#5FA8D3",
    secondary="#62B6CB",
    accent="#CAE9FF",
    warning="#E9C46A",
    error="#F4717F",
    success="#7BC67E",
    foreground="#D8DEE9",
    background="#12161C",
    surface="#171C24",
    panel="#1E2630",
    variables={
        "foreground-muted": "#A3ABB7",
        "border-blurred": "#667384",
        "block-cursor-foreground": "#12161C",
        "block-cursor-blurred-background": "#5FA8D3",
        "block-cursor-blurred-foreground": "#12161C",
        "scrollbar": "#667384",
        "scrollbar-background": "#12161C",
    },
)
LIGHT = Theme(
    name="remonitor-light",
    dark=False,
    primary="#1B6698",
    secondary="#2A6674",
    accent="#0B4F7A",
    warning="#835400",
    error="#B3261E",
    success="#1E6F34",
    foreground="#1F2933",
    background="#FAFAF7",
    surface="#F1F2EF",
    panel="#DFE3E6",
    variables={
        "foreground-muted": "#505860",
        "border-blurred": "#6F7B86",
        "block-cursor-foreground": "#FAFAF7",
        "block-cursor-blurred-background": "#1B6698",
        "block-cursor-blurred-foreground": "#FAFAF7",
        "scrollbar": "#6F7B86",
        "scrollbar-background": "#FAFAF7",
    },
)
ANSI = "ansi-dark"
"""Textual's theme of the terminal's own 16 colours."""

CYCLE = (DARK.name, LIGHT.name, ANSI, "ansi-light")
"""The themes that a key goes through."""

SAID = {DARK.name: "dark", LIGHT.name: "light", ANSI: "the terminal's own colours"} | {
    "ansi-light": "the terminal's own colours, light background"
}


class Choice(Struct, frozen=True):
    """A theme's name; `monochrome`: NO_COLOR decides, and no other theme can be chosen."""

    name: str
    monochrome: bool = False


def choose(
    environ: Mapping[str, str], option: str | None, configured: str | None, kept: str | None = None
) -> Choice:
    """NO_COLOR, the command line, the configuration, then what the terminal can show and what was chosen last."""
    if environ.get("NO_COLOR"):
        return Choice(ANSI, monochrome=True)
    if named := option or configured:
        return Choice(named)
    if few_colours(environ):
        return Choice(ANSI)
    return Choice(kept or (ANSI if remote(environ) else DARK.name))


def following(name: str) -> str:
    """The theme after this one."""
    return CYCLE[(CYCLE.index(name) + 1) % len(CYCLE)] if name in CYCLE else CYCLE[0]


def told(name: str, configured: str | None, kept: bool) -> str:
    """What the operator is told about his choice; `configured` is what the next start takes all the same."""
    said = f"Colours: {SAID[name]}."
    if configured is not None:
        return f"{said} The next start takes {configured}: the configuration says so."
    return said if kept else f"{said} They could not be kept for the next start."


def read_kept(file: Path) -> str | None:
    """The theme that was chosen last on this machine, None where there is none that this program offers."""
    try:
        name = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return name if name in CYCLE else None


def keep(file: Path, name: str) -> bool:
    """Keep the choice for the next start; False where it cannot be written."""
    try:
        write_private(file, name + "\n")
    except OSError:
        return False
    return True
