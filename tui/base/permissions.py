"""Whether a file or folder may be relied on: who else could write or read it. Pure, over what `stat` tells."""

import os
import shlex
from pathlib import Path
from typing import NamedTuple

from tui.base.text import clean

ROOT = 0
STICKY = 0o1000


class Me(NamedTuple):
    """The user who runs this program."""

    uid: int
    groups: frozenset[int]
    """Effective and supplementary groups."""
    private: frozenset[int]
    """Groups that have no other member: a file that such a group may write is nobody else's."""
    name: str = ""
    sudo: int | None = None
    """As root: who became root by sudo."""

    @property
    def owners(self) -> frozenset[int]:
        """Whose files are taken at their word."""
        return frozenset({self.uid, ROOT, *([] if self.sudo is None else [self.sudo])})


class Entry(NamedTuple):
    """A file or folder, its links resolved, and what `stat` tells of it."""

    path: str
    mode: int
    uid: int
    gid: int


class Refusal(NamedTuple):
    """Why an entry is not relied on, and the command that mends it."""

    why: str
    command: str


def of_configuration(file: Entry, folder: Entry | None, me: Me) -> Refusal | None:
    """Who may write the configuration may run commands: nobody but me and root may.

    `folder` is the file's own, None for a pipe. A sticky folder keeps others off my file; a folder of root that
    everybody may write (mounts of containers) is taken where nobody else may write the file itself.
    """
    refused = _written_by_others(file, me, "")
    if refused is not None or folder is None:
        return refused
    if folder.uid == ROOT and folder.mode & 0o002:
        return None
    return _written_by_others(folder, me, "its folder ")


def of_secret(file: Entry, me: Me) -> Refusal | None:
    """A secret is read by its owner alone, or is root's and read by one of my groups."""
    if not file.mode & 0o077:
        return None
    if file.uid == ROOT and not file.mode & 0o037 and file.gid in me.groups:
        return None
    why = (
        f"the file {_shown(file)} has mode {file.mode & 0o7777:04o}, expected that only its owner can read it"
    )
    mine = file.uid == me.uid or me.uid == ROOT
    return Refusal(why, ("" if mine else f"{_chown(file, me)} && ") + _chmod("600", file, me))


def of_state(folder: Entry, me: Me) -> Refusal | None:
    """The state folder is mine, or root's with one of my groups, and others cannot write it."""
    if folder.mode & 0o002:
        return Refusal(f"everybody can write the folder {_shown(folder)}", _chmod("o-w", folder, me))
    if folder.uid != me.uid and not (folder.uid == ROOT and folder.gid in me.groups):
        return Refusal(f"the folder {_shown(folder)} belongs to {_user(folder.uid)}", _chown(folder, me))
    if folder.uid == me.uid and folder.mode & 0o020 and folder.gid not in me.private:
        return Refusal(f"its group can write the folder {_shown(folder)}", _chmod("g-w", folder, me))
    return None


def _written_by_others(entry: Entry, me: Me, what: str) -> Refusal | None:
    shown = f"{what}{_shown(entry)}" if what else "it"
    if entry.uid not in me.owners:
        return Refusal(f"{shown} belongs to {_user(entry.uid)}, who could change it", _chown(entry, me))
    kept = bool(what) and bool(entry.mode & STICKY)
    if entry.mode & 0o002 and not kept:
        return Refusal(f"everybody can write {shown}", _chmod("o-w", entry, me))
    if entry.mode & 0o020 and not kept and entry.gid not in me.private:
        return Refusal(f"its group can write {shown}", _chmod("g-w", entry, me))
    return None


def entry(path: Path, facts: os.stat_result) -> Entry:
    return Entry(str(path), facts.st_mode, facts.st_uid, facts.st_gid)


def me() -> Me:
    """The user of this process, as the machine knows him."""
    uid, gid = os.geteuid(), os.getegid()
    users = {uid: gid}
    sudo = os.environ.get("SUDO_UID", "") if uid == ROOT else ""
    known = int(sudo) if sudo.isascii() and sudo.isdigit() and len(sudo) < 11 else None
    if known is not None:
        users.setdefault(known, -1)
    private = {group for user, own in users.items() if (group := _private_group(user, own)) is not None}
    return Me(uid, frozenset({gid, *os.getgroups()}), frozenset(private), _name(uid), known)


def _private_group(uid: int, gid: int) -> int | None:
    """The user's own group where it bears his name and has nobody else; without a name, the equal number."""
    import grp
    import pwd

    try:
        user = pwd.getpwuid(uid)
        group = grp.getgrgid(user.pw_gid)
    except KeyError:
        return gid if gid == uid else None
    alone = group.gr_name == user.pw_name and not set(group.gr_mem) - {user.pw_name}
    return user.pw_gid if alone else None


def user_name() -> str:
    """Who runs this program; his number where the machine has no name for it, as in a container."""
    return _name(os.getuid())


def _name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _user(uid: int) -> str:
    name = _name(uid)
    return f"user {name}" if name != str(uid) else f"user number {uid}"


def _chmod(change: str, entry: Entry, me: Me) -> str:
    return f"{'' if me.uid in (ROOT, entry.uid) else 'sudo '}chmod {change} {_word(entry)}"


def _chown(entry: Entry, me: Me) -> str:
    return f"{'' if me.uid == ROOT else 'sudo '}chown {shlex.quote(me.name or str(me.uid))} {_word(entry)}"


def _word(entry: Entry) -> str:
    return shlex.quote(entry.path)


def _shown(entry: Entry) -> str:
    return clean(entry.path, 200)
