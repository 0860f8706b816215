"""Which file systems are network ones, by the table of mounts."""

from pathlib import Path

import pytest

from tui.watching.database import on_network, type_of

MOUNTS = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /home rw shared:5 - nfs4 server:/home rw,vers=4.2
31 30 0:41 / /home/jane/local rw - xfs /dev/vdb rw
32 22 0:42 / /mnt/with\040blank rw master:3 - cifs //server/share rw
33 22 0:43 / /mnt/sshfs rw - fuse.sshfs jump:/ rw
34 22 0:44 / /mnt/twice rw - ext4 /dev/vdc rw
35 34 0:45 / /mnt/twice rw - 9p hostshare rw
36 22 0:46 / /mnt/fuse rw - fuse.encfs encfs rw
"""


@pytest.mark.parametrize(
    ("path", "kind", "network"),
    [
        ("/var/lib/remonitor", "ext4", False),
        ("/home/jane/.local/state", "nfs4", True),
        ("/home/jane/local/state", "xfs", False),
        ("/homes/jane", "ext4", False),
        ("/mnt/with blank/state", "cifs", True),
        ("/mnt/sshfs", "fuse.sshfs", True),
        ("/mnt/twice/state", "9p", True),
        ("/mnt/fuse/state", "fuse.encfs", False),
    ],
)
def test_the_mount_that_holds_the_path_decides(tmp_path: Path, path: str, kind: str, network: bool) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS)
    assert type_of(Path(path), MOUNTS) == kind
    assert on_network(Path(path), table) is network


@pytest.mark.parametrize("text", ["", "garbage\n", "1 2 3 - \n - ext4\n"])
def test_a_table_that_says_nothing_means_a_local_one(tmp_path: Path, text: str) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(text)
    assert not on_network(tmp_path, table)
    assert not on_network(tmp_path, tmp_path / "none")
