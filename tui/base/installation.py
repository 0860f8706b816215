"""How this program was installed, and so which command adds an extra to it."""

import shlex
import sys
import sysconfig
from pathlib import Path

EXTRAS = {"demo": "starlette uvicorn", "jwt": "'pyjwt[crypto]'", "keyring": "keyring"}
"""The packages of each extra."""


def command_adding(extra: str) -> str:
    """The command that adds `extra`: by pipx, by uv or by pip, whichever keeps this very installation."""
    prefix = Path(sys.prefix)
    if (prefix / "pipx_metadata.json").exists():
        return f"pipx inject {shlex.quote(prefix.name)} {EXTRAS[extra]}"
    if (prefix / "uv-receipt.toml").exists():
        return f"uv tool install 'remonitor[{extra}]'"
    python = shlex.quote(sys.executable)
    if _made_by_uv(prefix):
        # uv leaves pip out of the environments that it makes.
        return f"uv pip install --python {python} 'remonitor[{extra}]'"
    managed = Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
    if sys.prefix == sys.base_prefix and managed.exists():
        # pip refuses to change a Python that belongs to the distribution.
        return f"pipx install 'remonitor[{extra}]'"
    return f"{python} -m pip install 'remonitor[{extra}]'"


def _made_by_uv(prefix: Path) -> bool:
    try:
        return any(line.startswith("uv =") for line in (prefix / "pyvenv.cfg").read_text().splitlines())
    except (OSError, UnicodeDecodeError):
        return False
