"""The habits of the vendors that nobody documents for certain: switched by tests, drawn by a simulated day."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass
class OrgHabits:
    """How one stand-in org behaves where Salesforce leaves room."""

    skew: timedelta = timedelta(0)
    """How far this vendor's clock is ahead of everybody else's."""
    failed_as_na: bool = False
    """Failed sign-ins name the application N/A instead of the app."""
    suppresses_rate_rows: bool = False
    """Over the hourly limit only one LoginHistory row an hour is written, else one in five minutes."""
    failures_move_last_used: bool = True
    """OauthToken.LastUsedDate and UseCount move on failed sign-ins too."""
    refuses_missing_rights: bool = False
    """An object the user may not see is refused as unknown, else it answers without rows."""
    api_off_stops_sign_in: bool = False
    """A user without API Enabled cannot even sign in by OAuth."""
    group_delay: timedelta = timedelta(0)
    """How long a permission set group takes until it is calculated again."""


@dataclass
class IncydrHabits:
    """How the stand-in Incydr treats one connection."""

    every: timedelta = timedelta(minutes=10)
    """Between two rounds while all is well."""
    notices_within: timedelta = timedelta(minutes=17)
    """The longest time between two rounds in Error."""
    long_session: bool = False
    """Keeps its session while it works instead of signing in each round."""
    quiet_in_permission_errors: bool = False
    """Does not sign in while a permission or the streaming is gone, if its session still works."""
    late_events: bool = False
    """Events are stored 20 to 90 minutes after they happened."""
    replays_events: bool = False
    """After a return the events of the gap are fetched and stored."""
    slow_console: bool = False
    """Needs 25 to 50 minutes to notice a repair."""


@dataclass
class TenantHabits:
    """How the stand-in Incydr API behaves."""

    skew: timedelta = timedelta(0)
