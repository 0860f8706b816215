"""What a change of a connection looks like to the program that is called for it."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct, field

from tui.connections.status import Status


class Change(Struct, frozen=True, kw_only=True):
    """One change of one connection, as JSON on the standard input of the hook."""

    schema: Annotated[int, Meta(description="changes when a field changes its meaning")]
    id: Annotated[str, Meta(description="of this change; the same again when it is delivered again")]
    dedup_key: Annotated[str, Meta(description="of the outage: the same from its first change to the return")]
    connection: Annotated[str, Meta(description="the Display name")]
    org: Annotated[str, Meta(description="the org's id in the configuration")]
    what: Annotated[str, Meta(description="what happened, in one sentence")]
    before: Annotated[Status | None, Meta(description="the status before; null: first seen")] = field(
        name="from"
    )
    after: Annotated[Status, Meta(description="the status now")] = field(name="to")
    at: Annotated[datetime, Meta(description="when it was seen, by this machine's clock")]
    count: Annotated[int, Meta(ge=1, description="changes that were merged into this one")] = 1
    cause: Annotated[str | None, Meta(description="id of the first cause; null: none")] = None
    who: Annotated[str | None, Meta(description="who brought it about; null: not known")] = None
    since: Annotated[datetime | None, Meta(description="since when; null: not known")] = None
    next_step: Annotated[str, Meta(description="what to do now; may be empty")] = ""
    link: Annotated[str | None, Meta(description="the page in Salesforce to begin with; null: none")] = None
