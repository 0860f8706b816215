"""Whether a path lies on a network file system, where SQLite's shared memory does not work."""

import re
from pathlib import Path

MOUNTINFO = Path("/proc/self/mountinfo")

_NETWORK = re.compile(
    r"(nfs\d*|cifs|smb\w*|ncpfs|9p|afs|ceph|lustre|gfs2?|ocfs2|beegfs|gpfs|pvfs2|orangefs|fuse\.\w*(ssh|gluster|s3|rclone|ceph|nfs|juice|moose)\w*)"
)
"""File system types whose files other machines may have open."""


def on_network(path: Path, mountinfo: Path = MOUNTINFO) -> bool:
    """Whether the file system of `path` is a network one; False where the system does not tell."""
    try:
        table = mountinfo.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return False
    return _NETWORK.fullmatch(type_of(path.resolve(), table)) is not None


def type_of(path: Path, table: str) -> str:
    """The type of the file system that holds `path`, by the table of mounts (proc(5)); empty where unknown."""
    best, found = -1, ""
    for line in table.splitlines():
        mount, _, source = line.partition(" - ")
        fields, told = mount.split(), source.split()
        if len(fields) < 5 or not told:
            continue
        point = Path(_unescaped(fields[4]))
        # Of several mounts on one point the last one hides the others.
        if (point == path or point in path.parents) and len(point.parts) >= best:
            best, found = len(point.parts), told[0]
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), text)
