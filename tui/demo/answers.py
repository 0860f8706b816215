"""What the stand-in org answers: a reply, or a refusal in Salesforce's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tui.demo.org import Row


class Refusal(Exception):
    """One error body: HTTP status, `errorCode`, `message`, the fields at fault, headers."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: list[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.headers = headers or {}
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def body(self) -> list[dict[str, Any]]:
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return [error]


def no_access() -> Refusal:
    return Refusal(
        400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", fields=[]
    )


def not_found() -> Refusal:
    return Refusal(404, "NOT_FOUND", "The requested resource does not exist")


CONCURRENT = (
    "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    "ConcurrentPerOrgLongTxn Limit exceeded.",
)
"""What a refusal says where too many long requests run at once (documented)."""


def concurrent(message: str) -> Refusal:
    return Refusal(403, "REQUEST_LIMIT_EXCEEDED", message)


def session_invalid() -> Refusal:
    return Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")


@dataclass(frozen=True)
class Reply:
    """What the API answers. `body` None means an empty body."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Caller:
    """Who asks, and where the asker reached the org (scheme and host, no slash at the end).

    `batch_size` is how many rows he wants on a page; `queries_time_out` has each of his queries run too long.
    """

    user: Row
    base_url: str
    batch_size: int | None = None
    queries_time_out: bool = False
