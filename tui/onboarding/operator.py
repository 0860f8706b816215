"""Who the operator is in an org, what he may do there, and which org it is: asked right after a sign-in."""

import re
from typing import Any

from msgspec import Struct

from tui.connections.evidence import OrgIdentity, Rights
from tui.salesforce import errors, queries, wire
from tui.salesforce.errors import OrgProblem
from tui.salesforce.session import Parts, Session

_NO_COLUMN = re.compile(r"No such column 'Permissions(\w+)'")


class SignedIn(Struct, frozen=True):
    """The operator with his relevant rights, and the org that took his sign-in.

    `hidden`: why the org does not say who the operator is.
    """

    rights: Rights
    org: OrgIdentity
    hidden: str = ""

    @property
    def name(self) -> str:
        """The operator's username, or words for one that the org does not tell."""
        return self.rights.username or "a user that the org does not name"


async def who_am_i(session: Session) -> SignedIn:
    """Two requests, one of them an API call. Raises Problem."""
    operator = await session.who()
    asked = list(queries.OPERATOR_RIGHTS)
    while True:
        answer = await session.composite(
            {"rights": address(queries.rights(asked)), "organization": address(queries.ORGANIZATION)}
        )
        try:
            granted = _granted(answer)
            break
        except OrgProblem as problem:
            # Which permissions there are varies with the org's licences.
            absent = _NO_COLUMN.search(problem.message)
            if absent is None or absent.group(1) not in asked:
                raise
            asked.remove(absent.group(1))
    rows = answer.rows("organization", wire.OrganizationRow)
    if not rows:
        raise errors.shape("Organization", "expected one row, found none")
    org = OrgIdentity(rows[0].Id, rows[0].Name, rows[0].IsSandbox)
    return SignedIn(Rights(operator.username, operator.user_id, granted), org, operator.hidden)


def address(query: str) -> str:
    """A query as a part of a composite call."""
    return queries.address("{base}", query)


def _granted(answer: Parts) -> tuple[str, ...]:
    rows = answer.rows("rights", dict[str, Any])
    if not rows:
        raise errors.shape("UserPermissionAccess", "expected one row, found none")
    return tuple(sorted(name.removeprefix("Permissions") for name, on in rows[0].items() if on is True))
