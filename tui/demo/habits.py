"""The habits of the vendors, one place for all: switched by tests over the control address, drawn by a simulated day.

What only the vendors know for certain is a habit; `recorded` and `documented` mark those that have been seen.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, get_type_hints

LIMIT_HEADERS = ("plain", "bursts", "per_app")
"""Forms of Sforce-Limit-Info: one directive, or several (both documented)."""
ODD_HEADERS = ("none", "odd")
"""No such header, and one in a form that nobody has seen."""


@dataclass
class OrgHabits:
    """How one stand-in org behaves where Salesforce leaves room."""

    skew: Annotated[timedelta, "how far this vendor's clock is ahead of everybody else's"] = timedelta(0)
    failed_as_na: Annotated[bool, "failed sign-ins name the application N/A instead of the app"] = False
    suppresses_rate_rows: Annotated[
        bool, "over the hourly limit only one LoginHistory row an hour is written, else one in five minutes"
    ] = False
    failures_move_last_used: Annotated[
        bool, "OauthToken.LastUsedDate and UseCount move on failed sign-ins too"
    ] = True
    refuses_missing_rights: Annotated[
        bool, "an object that the user may not see is refused as unknown, else it answers without rows"
    ] = False
    api_off_stops_sign_in: Annotated[bool, "a user without API Enabled cannot even sign in by OAuth"] = False
    group_delay: Annotated[
        timedelta, "how long a permission set group takes until it is calculated again"
    ] = timedelta(0)
    limit_header: Annotated[
        str, "the form of Sforce-Limit-Info (documented)", (*LIMIT_HEADERS, *ODD_HEADERS)
    ] = "plain"
    userinfo_refused: Annotated[
        bool, "userinfo and identity answer 403 Bad_OAuth_Token also to good tokens, as without their scope"
    ] = False
    absent_permissions: Annotated[
        frozenset[str], "permissions whose fields this org does not have (recorded)"
    ] = frozenset()
    absent_fields: Annotated[
        frozenset[str], "fields, such as LoginHistory.LoginSubType, that this org does not have (recorded)"
    ] = frozenset()
    absent_objects: Annotated[
        frozenset[str], "objects that are not there, or that nobody may see; also of the tooling API"
    ] = frozenset()
    refused_uses: Annotated[
        frozenset[str],
        "what a query may not do with a field: LoginHistory.LoginSubType groupable (filterable, sortable)",
    ] = frozenset()
    newest_version: Annotated[int, "the highest API version on offer"] = 66
    concurrent_refusals: Annotated[
        float, "share of calls refused because too many long ones run at this moment (documented)"
    ] = 0.0
    query_timeouts: Annotated[float, "share of calls whose queries run for too long (documented)"] = 0.0
    lockouts_move_login: Annotated[bool, "a password lock-out moves UserLogin.LastModifiedDate"] = False
    forgets_idle_after: Annotated[
        timedelta, "connections without traffic for so long are dead, in real seconds; 0 is never"
    ] = timedelta(0)
    resets_idle: Annotated[bool, "a dead connection is reset, else what comes over it is dropped"] = False


@dataclass
class IncydrHabits:
    """How the stand-in Incydr treats one connection."""

    every: Annotated[timedelta, "between two rounds while all is well"] = timedelta(minutes=10)
    notices_within: Annotated[timedelta, "the longest time between two rounds in Error"] = timedelta(
        minutes=17
    )
    long_session: Annotated[bool, "keeps its session while it works instead of signing in each round"] = False
    quiet_in_permission_errors: Annotated[
        bool, "does not sign in while a permission or the streaming is gone, if its session still works"
    ] = False
    late_events: Annotated[
        bool, "events are stored 40 to 58 minutes after they happened (recorded: 48 min 45 s)"
    ] = False
    nameless_events: Annotated[bool, "events carry no detector name (recorded)"] = False
    replays_events: Annotated[bool, "after a return the events of the gap are fetched and stored"] = False
    slow_console: Annotated[bool, "needs 25 to 50 minutes to notice a repair"] = False


@dataclass
class TenantHabits:
    """How the stand-in Incydr API behaves."""

    skew: Annotated[timedelta, "how far this vendor's clock is ahead of everybody else's"] = timedelta(0)
    forgets_idle_after: Annotated[
        timedelta, "connections without traffic for so long are dead, in real seconds; 0 is never"
    ] = timedelta(0)
    resets_idle: Annotated[bool, "a dead connection is reset, else what comes over it is dropped"] = False


Habits = OrgHabits | IncydrHabits | TenantHabits


def meanings(of: type[Habits]) -> dict[str, str]:
    """What each habit of a holder means, by name."""
    return {name: hint.__metadata__[0] for name, hint in get_type_hints(of, include_extras=True).items()}


def switch(habits: Habits, name: str, value: Any) -> None:
    """Set one habit from what JSON carries: durations in seconds, names as a list. Raises ValueError."""
    known = get_type_hints(type(habits), include_extras=True)
    if name not in known:
        raise ValueError(f"no habit is called {name}; there are {', '.join(known)}")
    choices = [one for some in known[name].__metadata__[1:] for one in some]
    if choices and value not in choices:
        raise ValueError(f"{name} is one of {', '.join(choices)}")
    try:
        match getattr(habits, name):
            case bool():
                made: Any = bool(value)
            case int():
                made = int(value)
            case timedelta():
                made = timedelta(seconds=float(value))
            case float():
                made = min(1.0, max(0.0, float(value)))
            case frozenset():
                made = frozenset(str(each).removeprefix("Permissions") for each in value)
            case _:
                made = str(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} cannot be {value!r}") from error
    setattr(habits, name, made)
