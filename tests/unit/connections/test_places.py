"""Deep links to places in Setup, by Salesforce's own table of addresses."""

import pytest

from tui.connections import places
from tui.connections.connection import Experience

DOMAIN = "acme.my.salesforce.com"
LIGHTNING, CLASSIC = Experience.LIGHTNING, Experience.CLASSIC
USER = "005000000000001AAA"


def test_the_users_list_has_an_address_in_each_experience() -> None:
    assert places.users(DOMAIN, LIGHTNING) == f"https://{DOMAIN}/lightning/setup/ManageUsers/home"
    assert places.users(DOMAIN, CLASSIC) == (
        f"https://{DOMAIN}/005?isUserEntityOverride=1"
        "&retURL=%2Fui%2Fsetup%2FSetup%3Fsetupid%3DUsers&setupid=ManageUsers"
    )


def test_a_users_page_is_wrapped_in_setup_by_lightning_alone() -> None:
    assert places.user(DOMAIN, LIGHTNING, USER) == (
        f"https://{DOMAIN}/lightning/setup/ManageUsers/page"
        f"?address=%2F{USER}%3Fnoredirect%3D1%26isUserEntityOverride%3D1"
    )
    assert (
        places.user(DOMAIN, CLASSIC, USER) == f"https://{DOMAIN}/{USER}?noredirect=1&isUserEntityOverride=1"
    )


def test_a_users_edit_page_lies_below_his_page() -> None:
    assert places.edit_user(DOMAIN, CLASSIC, USER).startswith(f"https://{DOMAIN}/{USER}/e?")
    assert f"address=%2F{USER}%2Fe%3F" in places.edit_user(DOMAIN, LIGHTNING, USER)


def test_profiles_and_permission_sets_have_a_list_and_a_page_each() -> None:
    assert places.profiles(DOMAIN, LIGHTNING) == f"https://{DOMAIN}/lightning/setup/EnhancedProfiles/home"
    assert places.profiles(DOMAIN, CLASSIC) == f"https://{DOMAIN}/00e?setupid=EnhancedProfiles"
    assert places.profile(DOMAIN, LIGHTNING, "00e1").endswith("/EnhancedProfiles/page?address=%2F00e1")
    assert places.permission_sets(DOMAIN, LIGHTNING) == f"https://{DOMAIN}/lightning/setup/PermSets/home"
    assert places.permission_sets(DOMAIN, CLASSIC) == f"https://{DOMAIN}/0PS?setupid=PermSets"
    assert places.permission_set(DOMAIN, LIGHTNING, "0PS1").endswith("/PermSets/page?address=%2F0PS1")


@pytest.mark.parametrize("place", [places.login_history, places.event_manager])
def test_a_page_without_a_known_classic_address_has_no_link_there(place: object) -> None:
    assert place(DOMAIN, CLASSIC) is None  # type: ignore[operator]  # both take a domain and an experience
    assert place(DOMAIN, LIGHTNING).startswith(f"https://{DOMAIN}/lightning/setup/")  # type: ignore[operator]


def test_the_audit_trail_has_an_address_in_each_experience() -> None:
    assert places.audit_trail(DOMAIN, LIGHTNING) == f"https://{DOMAIN}/lightning/setup/SecurityEvents/home"
    assert places.audit_trail(DOMAIN, CLASSIC) == (
        f"https://{DOMAIN}/setup/org/orgsetupaudit.jsp?setupid=SecurityEvents"
    )


def test_an_id_cannot_leave_its_place_in_the_address() -> None:
    assert "/" not in places.user(DOMAIN, CLASSIC, "../x?y#z").removeprefix(f"https://{DOMAIN}/")
