"""A cause's fix as ordered changes over the API, as data that can be shown, sent and journalled."""

from msgspec import Struct

Value = bool | str | None


class Update(Struct, frozen=True, tag="update"):
    """Set fields of one record. `label` names it for people; `before` is what is expected there now."""

    object: str
    id: str
    label: str
    before: dict[str, Value]
    after: dict[str, Value]


class Create(Struct, frozen=True, tag="create"):
    """Create one record. A value `@{name}` is the id of the earlier create called `name`."""

    object: str
    name: str
    label: str
    fields: dict[str, Value]


Change = Update | Create


class Repair(Struct, frozen=True, tag="repair"):
    """Everything that mends one cause, in order. `needs`: the operator needs one of each inner tuple."""

    cause: str
    title: str
    """The verb for a button: "Unfreeze"."""
    changes: tuple[Change, ...]
    needs: tuple[tuple[str, ...], ...] = ()
    confirm_username: str | None = None
    """Set where another person or automation did it: this username must be typed first."""
    ask_first: str | None = None
    """The name of that person or automation."""


class NoRepair(Struct, frozen=True, tag="no_repair"):
    """Why the program cannot apply a fix for this cause here; a whole sentence."""

    cause: str
    reason: str


class Outcome(Struct, frozen=True):
    """What became of one sent change: `applied`, `refused`, `changed_before` (nothing sent) or `unknown`."""

    result: str
    message: str = ""
    next_step: str = ""
    error_code: str = ""
