"""How this program was installed, and so which commands add an extra to it and bring a newer version."""

import shlex
import sys
import sysconfig
import tomllib
from pathlib import Path

EXTRAS = {"demo": "starlette uvicorn", "jwt": "'pyjwt[crypto]'", "keyring": "keyring"}
"""The packages of each extra."""
UV_RECEIPT = "uv-receipt.toml"
"""What uv keeps of a tool beside it: where it came from, and with which extras."""


def command_adding(extra: str) -> str:
    """The command that adds `extra`: by pipx, by uv or by pip, whichever keeps this very installation."""
    prefix = Path(sys.prefix)
    if _by_pipx(prefix):
        return f"pipx inject {shlex.quote(prefix.name)} {EXTRAS[extra]}"
    if (prefix / UV_RECEIPT).exists():
        return f"uv tool install {shlex.quote(_with_extra(prefix / UV_RECEIPT, extra))}"
    python = shlex.quote(sys.executable)
    if _made_by_uv(prefix):
        # uv leaves pip out of the environments that it makes.
        return f"uv pip install --python {python} 'remonitor[{extra}]'"
    managed = Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
    if sys.prefix == sys.base_prefix and managed.exists():
        # pip refuses to change a Python that belongs to the distribution.
        return f"pipx install 'remonitor[{extra}]'"
    return f"{python} -m pip install 'remonitor[{extra}]'"


def how_to_update() -> str:
    """What brings a newer version of this installation, as a sentence; a checkout's is not known."""
    prefix = Path(sys.prefix)
    if _by_pipx(prefix):
        return f"Update remonitor: pipx upgrade {shlex.quote(prefix.name)}"
    if (prefix / UV_RECEIPT).exists():
        return "Update remonitor: uv tool upgrade remonitor"
    return "Install a newer version of remonitor."


def _by_pipx(prefix: Path) -> bool:
    return (prefix / "pipx_metadata.json").exists()


def _with_extra(receipt: Path, extra: str) -> str:
    """What uv installs anew: from where it came, with the extras that it has already."""
    try:
        (known, *_) = tomllib.loads(receipt.read_text())["tool"]["requirements"]
    except (OSError, ValueError, KeyError):
        known = {}
    source = next((known[key] for key in ("directory", "editable", "path") if key in known), "remonitor")
    return f"{source}[{','.join(sorted({*known.get('extras', ()), extra}))}]"


def _made_by_uv(prefix: Path) -> bool:
    try:
        return any(line.startswith("uv =") for line in (prefix / "pyvenv.cfg").read_text().splitlines())
    except (OSError, UnicodeDecodeError):
        return False
