"""This process and others, as the journal names them."""

import contextlib
import os
import platform
from functools import cache


@cache
def host() -> str:
    """This machine, with the name space in which its process numbers mean something."""
    space = ""
    with contextlib.suppress(OSError):
        space = os.readlink("/proc/self/ns/pid")  # noqa: PTH115 - no path, but a name
    return f"{platform.node()} {space}".strip()


def gone(host_: str, pid: int) -> bool:
    """True where this other process has certainly ended; never of another machine's, never of this one."""
    if host_ != host() or pid in (0, os.getpid()):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def terminal() -> str:
    """The terminal of this process, as `who` and `ps` name it; empty where it has none."""
    for stream in range(3):
        with contextlib.suppress(OSError):
            return os.ttyname(stream).removeprefix("/dev/")
    return ""


def short() -> str:
    """This process for programs: "jump1:4711"."""
    return f"{host().partition(' ')[0]}:{os.getpid()}"


def words(host_: str, pid: int, terminal_: str = "") -> str:
    """A process for people: "process 4711 on pts/3", with its machine where that is another one."""
    on = f" on {terminal_}" if terminal_ else ""
    name, mine = host_.partition(" ")[0], host().partition(" ")[0]
    return f"process {pid}{on}" + (f" of {name}" if name and name != mine else "")
