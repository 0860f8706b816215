"""What cannot be seen or proven by a connection here, and the one thing to do for each. Pure."""

from collections.abc import Iterator, Sequence

from tui.base.problem import Problem
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, Unreadable, value_of
from tui.connections.finding import Diagnosis
from tui.connections.signs_of_life import by_incydr
from tui.contract import tenant_facts
from tui.contract.asking import TenantLook
from tui.contract.model import Follows
from tui.diagnosis.guide import known


def unseen_causes(connection: Connection, diagnosis: Diagnosis) -> Iterator[Follows]:
    """The causes that this reading could not decide."""
    for each in diagnosis.undetermined:
        title = known(each.cause).title
        yield Follows(
            connection.name, f"Cannot be seen: {title}", each.reason, each.next_step or "Check again later."
        )


def missing_proofs(
    connection: Connection, evidence: Evidence, look: TenantLook | None, others: Sequence[Connection]
) -> Iterator[Follows]:
    """The proofs of return that cannot be had; `others` use the same account."""
    for what, found in (
        ("a file event", _events(connection, look)),
        ("a sign-in by Incydr's app", _sign_ins(connection, evidence, others)),
    ):
        if found is not None:
            yield Follows(connection.name, f"No proof by {what}", *found)


def _events(connection: Connection, look: TenantLook | None) -> tuple[str, str] | None:
    if look is None:
        return "no tenant is configured", "Give the connection a tenant."
    if isinstance(look.found, Problem):
        return f"{look.found.title}: {look.found.message}", look.found.next_step or "Check the tenant."
    if not look.has_events:
        return (
            "no Salesforce event in 7 days",
            "Export a report as a monitored user, and look again an hour later.",
        )
    seen = tenant_facts.names(look)
    if connection.detector_name in seen:
        return None
    if seen:
        return "its name is in no event", "Set detector_name to the name in its events."
    if connection.only_connection:
        return None
    return (
        "its events name no connection",
        "If it is the tenant's only Salesforce connection, set only_connection = true.",
    )


def _sign_ins(
    connection: Connection, evidence: Evidence, others: Sequence[Connection]
) -> tuple[str, str] | None:
    if connection.incydr_app is None:
        return "Incydr's app is not configured", "Set incydr_app to its name in the login history."
    if others:
        return f"{others[0].name} uses the same account", "Give each connection an account of its own."
    if isinstance(evidence.sign_ins, Unreadable):
        return evidence.sign_ins.reason, evidence.sign_ins.next_step or "Check again later."
    history = value_of(evidence.sign_ins)
    if history is not None and not any(by_incydr(connection, row) for row in history.window):
        return (
            f"“{connection.incydr_app}” has not signed in for 7 days",
            "Compare incydr_app with the names in the login history.",
        )
    return None
