"""The vendors' own pages on what this program mends: each address once, with how sure it is.

Source: public pages and public code that link to them; none was fetched by this program.
"""

from typing import Final

from msgspec import Struct

from tui.base.limits import Mark


class VendorPage(Struct, frozen=True):
    """One page of a vendor's documentation. `title`: whose it is and what it is about."""

    title: str
    address: str
    mark: Mark = Mark.RECORDED


_INCYDR = "https://mimecastsupport.zendesk.com/hc/en-us/articles"

ERRORS: Final = VendorPage("Incydr: data connection errors", f"{_INCYDR}/42666007894163")
PERMISSIONS: Final = VendorPage("Incydr: required Salesforce permissions", f"{_INCYDR}/42665979055763")
SET_UP: Final = VendorPage("Incydr: configure Salesforce for Incydr", f"{_INCYDR}/42666067515411")
FREEZE: Final = VendorPage(
    "Salesforce: freeze or unfreeze user accounts",
    "https://help.salesforce.com/s/articleView?id=sf.users_freeze.htm&type=5",
)
DEACTIVATE: Final = VendorPage(
    "Salesforce: deactivate users",
    "https://help.salesforce.com/s/articleView?id=sf.deactivating_users.htm&type=5",
)
LOGIN_HISTORY: Final = VendorPage(
    "Salesforce: monitor login history",
    "https://help.salesforce.com/s/articleView?id=sf.users_login_history.htm&type=5",
)

PAGES: Final = (ERRORS, PERMISSIONS, SET_UP, FREEZE, DEACTIVATE, LOGIN_HISTORY)
"""All of them."""
