"""One thing that the operator does in Salesforce, for both experiences, with a test where there is one."""

from collections.abc import Callable

from msgspec import Struct

from tui.base.limits import Mark
from tui.base.vendor_pages import ERRORS, VendorPage
from tui.connections.connection import Connection, Experience, Org
from tui.connections.evidence import Evidence

WAIT = "wait"
"""The id of the last step of every walkthrough: wait for Incydr."""


class Press(Struct, frozen=True):
    """The thing to press or to select."""

    text: str


FILL = "\0"
"""What follows stands at the right."""

Part = str | Press
Row = tuple[Part, ...]


class Sketch(Struct, frozen=True):
    """A page of Salesforce in a few rows: what is pressed, and around it only what is known of the page.

    `how` tells the same in words. `mark`: how sure the names on the page are.
    """

    page: str
    rows: tuple[Row, ...]
    how: str
    mark: Mark = Mark.DOCUMENTED


class StepText(Struct, frozen=True):
    """A step as it reads in one experience.

    `breadcrumb` is the way through Setup, `link` a whole https URL on the org's My Domain, or None. `sketch` is None
    where nothing is pressed, or nothing is known of the page.
    """

    lines: tuple[str, ...]
    breadcrumb: str = ""
    link: str | None = None
    sketch: Sketch | None = None


class Subject(Struct, frozen=True):
    """What a step's text is about: this connection in this org, as the newest evidence shows it."""

    connection: Connection
    org: Org
    evidence: Evidence | None = None

    @property
    def account(self) -> str:
        """The service account inside a sentence; without a name where it is nobody's in particular."""
        return f"the service account {self.connection.service_account}".rstrip()


class Step(Struct, frozen=True):
    """`test` answers from the evidence: done, not yet, or None where it is not known."""

    id: str
    title: str
    text: Callable[[Subject, Experience], StepText]
    test: Callable[[Evidence], bool | None] | None = None
    still: str = ""
    """What Salesforce says while the test is not met: "still frozen"."""
    docs: VendorPage = ERRORS
    """The vendor's own page on it; without one of its own Incydr's article on these errors."""
    denied: str = ""
    """The same as a whole sentence: "Salesforce still shows the user as frozen"."""
    prepares: bool = False
    """It only leads to the page on which the next step changes something."""
