"""What an org's administrator allows a sign-in: which apps, for whom, from where, when."""

from collections import defaultdict
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.demo.org import Org, Row

NOT_APPROVED = "Failed: Not approved for access"
DELETED = "Failed: Consumer Deleted"
NOT_INSTALLED = "Package for this consumer is not installed in your organization"
RESTRICTED_IP = "Restricted IP"
RESTRICTED_TIME = "Restricted time"

ORG_TEXTS = (
    "Organization closed", "Organization suspended", "Organization is inactive", "Trial Expired",
)  # fmt: skip


@dataclass
class AppPolicy:
    """One connected app in one org. `allowed` are the Ids of profiles and permission sets that may use it."""

    blocked: bool = False
    installed: bool = True
    deleted: bool = False
    admin_approved: bool = False
    allowed: set[str] = field(default_factory=set)
    relaxes_ip: bool = False


@dataclass
class Policies:
    """All of one org: apps by name, ranges and hours by profile Id.

    `hours` are the first and the last minute of a day (UTC) in which the users of a profile may sign in;
    `unavailable` is the LoginHistory.Status that every sign-in gets while the org itself is closed.
    """

    apps: defaultdict[str, AppPolicy] = field(default_factory=lambda: defaultdict(AppPolicy))
    ranges: defaultdict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    hours: dict[str, tuple[int, int]] = field(default_factory=dict)
    approved_apps_only: bool = False
    unavailable: str | None = None


def refusal(org: "Org", user: "Row", app: str, source_ip: str) -> str | None:
    """The LoginHistory.Status with which this sign-in is refused by a policy, or None."""
    policies, policy = org.policies, org.policies.apps[app]
    if policy.deleted:
        return DELETED
    if not policy.installed:
        return NOT_INSTALLED
    if policy.blocked:
        # inferred: stand_in_sign_ins - what LoginHistory says of a blocked app.
        return NOT_APPROVED
    if (policy.admin_approved or policies.approved_apps_only) and not policy.allowed & _holders(org, user):
        return NOT_APPROVED
    ranges = policies.ranges[user["ProfileId"]]
    if ranges and not policy.relaxes_ip and not any(_between(source_ip, *ends) for ends in ranges):
        return RESTRICTED_IP
    if hours := policies.hours.get(user["ProfileId"]):
        now = org.now()
        if not hours[0] <= now.hour * 60 + now.minute <= hours[1]:
            return RESTRICTED_TIME
    return None


def _holders(org: "Org", user: "Row") -> set[str]:
    """The Ids of the user's profile and permission sets."""
    sets = {assignment["PermissionSetId"] for assignment in org.assignments_of(user["Id"])}
    return sets | {user["ProfileId"]}


def _between(address: str, first: str, last: str) -> bool:
    try:
        found = ip_address(address)
        return IPv4Address(first) <= IPv4Address(int(found)) <= IPv4Address(last)
    except ValueError:
        return False
