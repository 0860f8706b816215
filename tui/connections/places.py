"""Deep links to places in Setup, on the org's My Domain.

Source: the "Places in Setup" table. Lightning pages are linked on the My Domain host too: it redirects.
`my_domain` is a bare host name; ids are Salesforce's.
"""

from urllib.parse import quote

from tui.connections.connection import Experience

_ENTITY = "noredirect=1&isUserEntityOverride=1"


def home(my_domain: str) -> str:
    """Where an administrator signs in."""
    return _url(my_domain, "/")


def users(my_domain: str, experience: Experience) -> str:
    """The list of users."""
    if experience is Experience.LIGHTNING:
        return _url(my_domain, "/lightning/setup/ManageUsers/home")
    back = quote("/ui/setup/Setup?setupid=Users", safe="")
    return _url(my_domain, f"/005?isUserEntityOverride=1&retURL={back}&setupid=ManageUsers")


def user(my_domain: str, experience: Experience, user_id: str) -> str:
    """The detail page of one user."""
    return _record(my_domain, experience, "ManageUsers", f"/{_id(user_id)}?{_ENTITY}")


def edit_user(my_domain: str, experience: Experience, user_id: str) -> str:
    """The edit page of one user."""
    # inferred: setup_addresses - also of one profile or set in Classic.
    return _record(my_domain, experience, "ManageUsers", f"/{_id(user_id)}/e?{_ENTITY}")


def profiles(my_domain: str, experience: Experience) -> str:
    """The list of profiles."""
    if experience is Experience.LIGHTNING:
        return _url(my_domain, "/lightning/setup/EnhancedProfiles/home")
    return _url(my_domain, "/00e?setupid=EnhancedProfiles")


def profile(my_domain: str, experience: Experience, profile_id: str) -> str:
    """The page of one profile."""
    return _record(my_domain, experience, "EnhancedProfiles", f"/{_id(profile_id)}")


def permission_sets(my_domain: str, experience: Experience) -> str:
    """The list of permission sets."""
    if experience is Experience.LIGHTNING:
        return _url(my_domain, "/lightning/setup/PermSets/home")
    return _url(my_domain, "/0PS?setupid=PermSets")


def permission_set(my_domain: str, experience: Experience, set_id: str) -> str:
    """The page of one permission set."""
    return _record(my_domain, experience, "PermSets", f"/{_id(set_id)}")


def login_history(my_domain: str, experience: Experience) -> str | None:
    """The org's login history; Classic has no documented address for it."""
    if experience is Experience.LIGHTNING:
        return _url(my_domain, "/lightning/setup/OrgLoginHistory/home")
    return None


def audit_trail(my_domain: str, experience: Experience) -> str:
    """The Setup audit trail."""
    if experience is Experience.LIGHTNING:
        return _url(my_domain, "/lightning/setup/SecurityEvents/home")
    return _url(my_domain, "/setup/org/orgsetupaudit.jsp?setupid=SecurityEvents")


def event_manager(my_domain: str, experience: Experience) -> str | None:
    """The Event Manager; Classic has no documented address for it."""
    if experience is Experience.LIGHTNING:
        return _url(my_domain, "/lightning/setup/EventManager/home")
    return None


def _record(my_domain: str, experience: Experience, node: str, address: str) -> str:
    if experience is Experience.LIGHTNING:
        return _url(my_domain, f"/lightning/setup/{node}/page?address={quote(address, safe='')}")
    return _url(my_domain, address)


def _id(record_id: str) -> str:
    return quote(record_id, safe="")


def _url(my_domain: str, path: str) -> str:
    return f"https://{my_domain}{path}"
