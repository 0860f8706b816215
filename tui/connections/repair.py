"""A cause's fix as ordered changes over the API, as data that can be shown, sent and journalled."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

Value = bool | str | None

USERNAME = "username"
PROFILE_NAME = "profile name"


class Update(Struct, frozen=True, tag="update"):
    """Set fields of one record. `label` names it for people; `before` is what is expected there now.

    `changed_at` (the org's time) and `changed_by` (a name) are the record's own last change as the preview knew it;
    None is not compared.
    """

    object: str
    id: str
    label: str
    before: Mapping[str, Value]
    after: Mapping[str, Value]
    changed_at: datetime | None = None
    changed_by: str | None = None


class Create(Struct, frozen=True, tag="create"):
    """Create one record. A value `@{name}` is the id of the earlier create called `name`."""

    object: str
    name: str
    label: str
    fields: dict[str, Value]


class Delete(Struct, frozen=True, tag="delete"):
    """Delete one record, which an earlier change created.

    `before` is what is expected in it. `holders` are the Ids of the users who may have it, a permission set; None is
    not looked at.
    """

    object: str
    id: str
    label: str
    before: Mapping[str, Value] = field(default_factory=dict)
    holders: tuple[str, ...] | None = None


Change = Update | Create | Delete


# The journal of earlier versions calls what must be typed `confirm_username`.
class Repair(Struct, frozen=True, tag="repair", rename={"confirm": "confirm_username"}):
    """Everything that mends one cause, in order. `needs`: the operator needs one of each inner tuple."""

    cause: str
    title: str
    """The verb for a button: "Unfreeze"."""
    changes: tuple[Change, ...]
    needs: tuple[tuple[str, ...], ...] = ()
    confirm: str | None = None
    """What must be typed before anything is sent, where it may be meant or reaches others too."""
    confirm_what: str = USERNAME
    """What `confirm` is: the service account's username, or a profile's name."""
    ask_first: str | None = None
    """The name of the person or automation that did it."""
    notes: tuple[str, ...] = ()
    """Whole sentences that the preview says beside the changes: whom they reach, what they go against."""
    takes_back: bool = False
    """It reverses an earlier repair: the cause is there again after it."""


class NoRepair(Struct, frozen=True, tag="no_repair"):
    """Why the program cannot apply a fix for this cause here; a whole sentence."""

    cause: str
    reason: str


class Result(StrEnum):
    """What can become of one change."""

    APPLIED = "applied"
    NOT_APPLIED = "not_applied"
    """It was sent and is not in force: found when it was read back later."""
    REFUSED = "refused"
    CHANGED_BEFORE = "changed_before"
    """Somebody changed the record meanwhile: nothing was sent."""
    UNKNOWN = "unknown"


class Outcome(Struct, frozen=True):
    """What became of one change."""

    result: Result
    message: str = ""
    next_step: str = ""
    error_code: str = ""
    already: bool = False
    """It was in force before: nothing was sent."""
    created: str = ""
    """The Id of the record that was created."""
    changed_at: datetime | None = None
    """The record's own last change, read back right after ours (the org's time)."""
