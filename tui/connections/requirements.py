"""Which permissions the service account needs, as data that the configuration can override.

Source: the vendor's set-up article, which stays the authority; how sure each line is stands in `source`.
"""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct


class Need(StrEnum):
    """`blocks`: monitoring stops without it; `warns`: listed, its need not shown; `shown`: never blocks."""

    BLOCKS = "blocks"
    WARNS = "warns"
    SHOWN = "shown"


class Requirement(Struct, frozen=True):
    """One permission: Salesforce's label, API name (without `Permissions`), its place on the profile page."""

    label: str
    name: str
    need: Need
    group: str
    """`Administrative permissions` or `General user permissions`."""
    purpose: str
    """What stops working without it."""
    source: str


Requirements = Sequence[Requirement]
