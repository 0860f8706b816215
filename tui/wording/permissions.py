"""The permissions of the service account as lines: held through what, or lost when and by whom."""

from collections.abc import Sequence

from tui.connections.connection import Need
from tui.connections.evidence import Rights
from tui.connections.finding import EXPIRY, Actor, How, PermissionLine, Sign, Source
from tui.wording.evidence_table import Row
from tui.wording.statuses import actor
from tui.wording.times import Times, at_time, clock_time

_KINDS = {"profile": "profile", "set": "permission set", "group": "permission set group"}
_MISSING = {Need.BLOCKS: Sign.BAD, Need.WARNS: Sign.WARNING}


def permission_rows(lines: Sequence[PermissionLine], times: Times) -> tuple[Row, ...]:
    """One row a permission: its sign, its label, and where it comes from or what it is needed for."""
    return tuple(_row(line, times) for line in lines)


def _row(line: PermissionLine, times: Times) -> Row:
    label, sources = line.requirement.label, "; ".join(_source(each, times) for each in line.sources)
    if line.held:
        return Row(Sign.GOOD, label, f"from {sources}")
    if line.held is None:
        return Row(Sign.UNREAD, label, f"not known: {line.reason}")
    parts = ["not granted"]
    parts += [_lost(line.lost, times)] if line.lost is not None else []
    parts += [sources] if sources else []
    sign = _MISSING.get(line.requirement.need, Sign.INFO)
    return Row(sign, label, " · ".join([*parts, line.requirement.purpose]))


def _lost(by: Actor, times: Times) -> str:
    at = f" {at_time(by.at, times)}" if by.at else ""
    if by.name == EXPIRY:
        return f"expired{at}"
    return f"{'' if by.certain else 'probably '}removed by {actor(by)}{at}"


def _source(source: Source, times: Times) -> str:
    told = f"{_KINDS.get(source.kind, source.kind)} {source.name}"
    if source.how is not How.IN_FORCE:
        told += f", {source.how}"
    if source.until is not None:
        told += f" {'since' if source.how is How.EXPIRED else 'until'} {clock_time(source.until, times)}"
    return told


_ALLOWS = (
    (("ApiEnabled",), "API Enabled", "needed for every request"),
    (("ManageUsers",), "Manage Users", "see freezes and sign-ins, unfreeze, reactivate"),
    (("MonitorLoginHistory", "ManageUsers"), "Monitor Login History", "see sign-ins"),
    (("CustomizeApplication",), "Customize Application", "see the app's tokens and the streaming settings"),
    (("ViewSetup",), "View Setup and Configuration", "see the audit trail: who did it"),
    (("ManageProfilesPermissionsets",), "Manage Profiles and Permission Sets", "give permissions back"),
    (("AssignPermissionSets",), "Assign Permission Sets", "assign a permission set"),
)
"""Rights that help, any of which is enough, the label, and what for."""


def rights_lines(rights: Rights) -> tuple[tuple[bool, str], ...]:
    """Each right that matters: whether the operator has it, and its label with what it is for."""
    return tuple((rights.may(*any_of), f"{label}: {purpose}") for any_of, label, purpose in _ALLOWS)
