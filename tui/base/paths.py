"""Where this program keeps its files, and how it writes them: folders 0700, files 0600 but for answers, never half."""

import contextlib
import os
import tempfile
from pathlib import Path


def config_file() -> Path:
    """`REMONITOR_CONFIG`, else `config.toml` in the user's configuration folder."""
    if named := os.environ.get("REMONITOR_CONFIG"):
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_config_path("remonitor") / "config.toml"


def state_folder() -> Path:
    """`REMONITOR_STATE`, else the user's state folder: the journal, the log, the lock."""
    if named := os.environ.get("REMONITOR_STATE"):
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_state_path("remonitor")


def make_folder(folder: Path) -> Path:
    """Create `folder` readable by its owner alone. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def write_private(path: Path, data: str) -> None:
    """Replace `path` in one step with a file of mode 0600. Raises OSError."""
    make_folder(path.parent)
    _replace(path, data, 0o600)


def write_shared(path: Path, data: str) -> None:
    """Replace `path` in one step with a file that everybody may read (0644); its folder must be there.

    What is no regular file (a device, a pipe) is written to. Raises OSError.
    """
    if path.exists() and not path.is_file():
        path.write_text(data, encoding="utf-8")
    else:
        _replace(path, data, 0o644)


def _replace(path: Path, data: str, mode: int) -> None:
    # Hidden, and without the ending of `path`: a collector that looks for it finds whole files alone.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(data)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
