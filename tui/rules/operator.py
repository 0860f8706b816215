"""Who the operator is beside the service account."""

from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, value_of


def is_service_account(connection: Connection, evidence: Evidence) -> bool:
    """Whether the operator is signed in as the service account itself, by Id or by username; unread: no."""
    rights, user = value_of(evidence.rights), value_of(evidence.user)
    if rights is None:
        return False
    if user is not None and rights.user_id[:15] == user.id[:15]:
        return True
    usernames = {connection.service_account.casefold(), user.username.casefold() if user else ""}
    return bool(rights.username) and rights.username.casefold() in usernames
