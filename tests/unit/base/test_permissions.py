"""Who else could write or read a file: one table of modes, owners and groups, for every kind of user."""

from pathlib import Path

import pytest

from tui.base import paths, permissions
from tui.base.permissions import Entry, Me
from tui.base.problem import ConfigProblem

OPS = Me(1000, frozenset({1000, 50}), frozenset({1000}), "ops")
ROOT = Me(0, frozenset({0}), frozenset({0}), "root")
SUDO = Me(0, frozenset({0}), frozenset({0, 1000}), "root", 1000)

MINE = (0o755, 1000, 1000)
TMP = (0o1777, 0, 0)
MOUNT = (0o777, 0, 0)
ETC = (0o755, 0, 0)

Facts = tuple[int, int, int]


def entry(path: str, facts: Facts) -> Entry:
    return Entry(path, *facts)


@pytest.mark.parametrize(
    ("me", "file", "folder", "command"),
    [
        # what is ordinary
        (OPS, (0o600, 1000, 1000), MINE, None),
        (OPS, (0o664, 1000, 1000), (0o775, 1000, 1000), None),
        (OPS, (0o644, 0, 0), ETC, None),
        (OPS, (0o640, 0, 50), ETC, None),
        (OPS, (0o600, 1000, 1000), TMP, None),
        (ROOT, (0o644, 0, 0), ETC, None),
        (ROOT, (0o664, 0, 0), (0o775, 0, 0), None),
        (ROOT, (0o600, 0, 0), TMP, None),
        (OPS, (0o600, 1000, 1000), None, None),
        # mounts of containers
        (OPS, (0o644, 0, 0), MOUNT, None),
        (OPS, (0o644, 0, 0), TMP, None),
        (OPS, (0o440, 0, 50), (0o3777, 0, 50), None),
        (OPS, (0o666, 0, 0), MOUNT, "sudo chmod o-w /f/c"),
        (OPS, (0o664, 0, 50), MOUNT, "sudo chmod g-w /f/c"),
        # sudo
        (SUDO, (0o664, 1000, 1000), (0o775, 1000, 1000), None),
        (SUDO, (0o600, 1001, 1001), ETC, "chown root /f/c"),
        (ROOT, (0o600, 1000, 1000), ETC, "chown root /f/c"),
        # everybody, the group, a stranger
        (OPS, (0o666, 1000, 1000), MINE, "chmod o-w /f/c"),
        (OPS, (0o1666, 1000, 1000), MINE, "chmod o-w /f/c"),
        (OPS, (0o602, 1000, 1000), None, "chmod o-w /f/c"),
        (OPS, (0o660, 1000, 50), MINE, "chmod g-w /f/c"),
        (OPS, (0o600, 1001, 1000), MINE, "sudo chown ops /f/c"),
        (OPS, (0o600, 1000, 1000), (0o777, 1000, 1000), "chmod o-w /f"),
        (OPS, (0o600, 1000, 1000), (0o775, 1000, 50), "chmod g-w /f"),
        (OPS, (0o600, 1000, 1000), (0o755, 1001, 1001), "sudo chown ops /f"),
        (OPS, (0o600, 1000, 1000), (0o1777, 1001, 1001), "sudo chown ops /f"),
        (OPS, (0o644, 0, 0), (0o775, 0, 50), "sudo chmod g-w /f"),
    ],
)
def test_who_may_write_the_configuration(
    me: Me, file: Facts, folder: Facts | None, command: str | None
) -> None:
    found = permissions.of_configuration(
        entry("/f/c", file), None if folder is None else entry("/f", folder), me
    )
    assert (found and found.command) == command


@pytest.mark.parametrize(
    ("me", "file", "command"),
    [
        (OPS, (0o600, 1000, 1000), None),
        (OPS, (0o400, 1000, 1000), None),
        (OPS, (0o440, 0, 1000), None),
        (OPS, (0o640, 0, 50), None),
        (ROOT, (0o640, 0, 0), None),
        (ROOT, (0o600, 1000, 1000), None),
        (OPS, (0o640, 0, 7), "sudo chown ops /s && sudo chmod 600 /s"),
        (OPS, (0o660, 0, 50), "sudo chown ops /s && sudo chmod 600 /s"),
        (OPS, (0o640, 1000, 1000), "chmod 600 /s"),
        (OPS, (0o604, 1000, 1000), "chmod 600 /s"),
        (OPS, (0o640, 1001, 50), "sudo chown ops /s && sudo chmod 600 /s"),
        (ROOT, (0o644, 0, 0), "chmod 600 /s"),
    ],
)
def test_who_may_read_a_secret(me: Me, file: Facts, command: str | None) -> None:
    found = permissions.of_secret(entry("/s", file), me)
    assert (found and found.command) == command


@pytest.mark.parametrize(
    ("me", "folder", "command"),
    [
        (OPS, (0o700, 1000, 1000), None),
        (OPS, (0o755, 1000, 1000), None),
        (OPS, (0o775, 1000, 1000), None),
        (OPS, (0o770, 0, 50), None),
        (ROOT, (0o755, 0, 0), None),
        (OPS, (0o770, 0, 7), "sudo chown ops /s"),
        (OPS, (0o1777, 0, 0), "sudo chmod o-w /s"),
        (OPS, (0o777, 1000, 1000), "chmod o-w /s"),
        (OPS, (0o770, 1000, 50), "chmod g-w /s"),
        (OPS, (0o700, 1001, 1001), "sudo chown ops /s"),
        (ROOT, (0o700, 1000, 1000), "chown root /s"),
    ],
)
def test_whose_the_state_folder_is(me: Me, folder: Facts, command: str | None) -> None:
    found = permissions.of_state(entry("/s", folder), me)
    assert (found and found.command) == command


def test_a_command_can_be_pasted_whatever_the_path_is() -> None:
    found = permissions.of_secret(entry("/s/it's $HOME", (0o644, 1000, 1000)), OPS)
    assert found is not None
    assert found.command == "chmod 600 '/s/it'\"'\"'s $HOME'"


def test_an_own_group_of_the_same_number_is_private_where_nobody_has_a_name() -> None:
    assert permissions._private_group(54_321, 54_321) == 54_321
    assert permissions._private_group(54_321, 50) is None


def test_a_state_folder_that_others_can_write_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o1777)
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path))
    with pytest.raises(ConfigProblem) as caught:
        paths.own_state_folder()
    assert f"chmod o-w {tmp_path}" in caught.value.next_step
    assert f"REMONITOR_STATE={tmp_path}/remonitor remonitor" in caught.value.next_step


def test_folders_that_are_made_are_for_their_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "a" / "b" / "state"))
    made = paths.own_state_folder()
    assert {p.stat().st_mode & 0o777 for p in (made, made.parent, made.parent.parent)} == {0o700}


def test_a_link_in_the_way_is_followed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "good")
    monkeypatch.setenv("REMONITOR_STATE", str(link / "state"))
    before = paths.own_state_folder()
    link.unlink()
    link.symlink_to(tmp_path / "bad")
    assert paths.own_state_folder() == before == tmp_path / "good" / "state"
