"""What a support ticket should say about this machine: versions, paths, the terminal. Nothing secret."""

import platform
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile

from tui import __version__
from tui.base import permissions
from tui.base.paths import make_folder
from tui.headless.reaching import Step

PACKAGES = ("textual", "rich", "httpx", "msgspec", "platformdirs", "pyjwt", "keyring")


def versions() -> Iterator[str]:
    yield f"remonitor {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
    yield ", ".join(f"{name} {_version(name)}" for name in PACKAGES)


def paths(config: Path, state: Path, home: str) -> Iterator[str]:
    yield f"configuration {_shown(config, home)}{_mode(config)}"
    yield f"state         {_shown(state, home)}{_mode(state)}"


def journal_place(state: Path) -> Step:
    """Whether what happens can be remembered, by this user alone."""
    try:
        make_folder(state)
        with TemporaryFile(dir=state):
            pass
    except OSError as error:
        next_step = "Make the folder yours to write, or name another one with REMONITOR_STATE."
        return Step(
            "journal", False, f"the state folder cannot be written: {error.strerror}", next_step=next_step
        )
    if (
        refused := permissions.of_state(permissions.entry(state, state.stat()), permissions.me())
    ) is not None:
        return Step("journal", False, refused.why, next_step=f"Run: {refused.command}")
    if state.stat().st_mode & 0o077:
        next_step = "Close it with chmod 700."
        return Step("journal", None, "others can look into the state folder", next_step=next_step)
    return Step("journal", True, "can be written")


async def journal_records(path: Path) -> Step:
    """What of the journal at `path` cannot be decoded."""
    from tui.watching.journal import Journal, JournalProblem

    journal = Journal(path)
    try:
        await journal.open()
        lost = await journal.undecodable()
    except JournalProblem as problem:
        return Step("records", None, f"{problem.title}: {problem.message}", next_step=problem.next_step)
    finally:
        await journal.close()
    if lost:
        next_step = "They are kept, and left out of what is shown. The log names them."
        return Step("records", None, f"{lost} records of the journal cannot be decoded", next_step=next_step)
    return Step("records", True, "all can be decoded")


def terminal(environ: Mapping[str, str], size: tuple[int, int] | None) -> Iterator[str]:
    """`size` is columns and rows, None without a terminal."""
    shown = f"{size[0]}x{size[1]}" if size else "no terminal"
    yield f"TERM {environ.get('TERM', 'not set')}, {shown}, {_colours(environ)}"
    remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"))
    yield f"over SSH: {'yes' if remote else 'no'}, {_multiplexer(environ)}"
    yield f"clipboard: {_clipboard(environ)}"
    yield f"encoding {sys.stdout.encoding or 'not known'}, LANG {environ.get('LANG', 'not set')}"


def redacted(text: str, home: str) -> str:
    """The text with the home folder as ~."""
    return text.replace(home, "~") if len(home) > 1 else text


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "NO_COLOR"
    if environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return "true colour"
    return "256 colours" if "256" in environ.get("TERM", "") else "16 colours"


def _multiplexer(environ: Mapping[str, str]) -> str:
    if environ.get("TMUX"):
        return "in tmux"
    return "in screen" if environ.get("STY") else "neither tmux nor screen"


def _clipboard(environ: Mapping[str, str]) -> str:
    if environ.get("TMUX"):
        return "by tmux load-buffer -w, then by OSC 52"
    return "by OSC 52" + (", wrapped for screen" if environ.get("TERM", "").startswith("screen") else "")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _shown(path: Path, home: str) -> str:
    return redacted(str(path), home)


def _mode(path: Path) -> str:
    try:
        return f" (mode {path.stat().st_mode & 0o777:04o})"
    except OSError:
        return " (not there yet)"
