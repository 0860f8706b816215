"""A refusal in Salesforce's words."""

from typing import Any


class Refusal(Exception):
    """One error body: HTTP status, `errorCode`, `message`, and the fields at fault."""

    def __init__(self, status: int, code: str, message: str, fields: list[str] | None = None) -> None:
        super().__init__(message)
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


def session_invalid() -> Refusal:
    return Refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
