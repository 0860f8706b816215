"""One watcher an org in a state folder."""

import os
import subprocess
import sys
from pathlib import Path

from tui.watching.lock import WatcherLock, lock_path

HOLDER = """
import sys
from pathlib import Path
from tui.watching.lock import WatcherLock
lock = WatcherLock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
sys.stdin.read()
"""


def test_the_first_one_has_it_and_is_named(tmp_path: Path) -> None:
    lock = WatcherLock(tmp_path / "state" / "watcher.lock")
    assert lock.take()
    assert lock.holder().startswith(f"process {os.getpid()}")
    lock.release()


def test_the_second_one_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first, second = WatcherLock(tmp_path / "lock"), WatcherLock(tmp_path / "lock")
    first.take()
    assert not second.take()
    first.release()
    assert second.take()
    second.release()


def test_taking_it_twice_is_taking_it_once(tmp_path: Path) -> None:
    lock = WatcherLock(tmp_path / "lock")
    assert lock.take()
    assert lock.take()
    lock.release()
    assert not lock.held


def test_an_empty_file_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    assert WatcherLock(tmp_path / "lock").holder() == "another process"


def test_a_killed_process_gives_it_back(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout.readline() == b"held\n"
        lock = WatcherLock(path)
        assert not lock.take()
        assert lock.holder().startswith(f"process {child.pid}")
        child.kill()
        child.wait()
        assert lock.take()
        lock.release()


def test_orgs_have_locks_of_their_own_whatever_their_names_are(tmp_path: Path) -> None:
    ids = ["acme", "Acme", "a/b", "a:b", "../x", "ä", "", "x" * 300]
    paths = {lock_path(tmp_path, id) for id in ids}
    assert len(paths) == len(ids)
    assert all(path.parent == tmp_path and len(path.name) < 80 for path in paths)
