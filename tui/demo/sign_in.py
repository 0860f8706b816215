"""What happens when somebody signs in to the stand-in org: the rules, the history row, the answer."""

from datetime import datetime, timedelta
from ipaddress import IPv4Address, ip_address

from tui.base.limits import SIGN_INS_PER_HOUR
from tui.demo.org import Org, Row

SIGN_INS_AN_HOUR = SIGN_INS_PER_HOUR
"""More sign-ins per user and hour are refused."""

HOUR = timedelta(hours=1)

NOT_APPROVED = "Failed: Not approved for access"
DELETED = "Failed: Consumer Deleted"
NOT_INSTALLED = "Package for this consumer is not installed in your organization"
RESTRICTED_IP = "Restricted IP"
RESTRICTED_TIME = "Restricted time"

ORG_TEXTS = (
    "Organization closed", "Organization suspended", "Organization is inactive", "Trial Expired",
)  # fmt: skip


class SignInRefused(Exception):
    """The token endpoint's refusal, in OAuth's words."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


# inferred: stand_in_sign_ins - the plain answer for a frozen user.
_ANSWERS = {
    "User is inactive": ("invalid_grant", "inactive user"),
    "User is frozen": ("invalid_grant", "authentication failure"),
    "Login rate exceeded": ("rate_limit_exceeded", "login rate exceeded"),
    "Failed: Invalid Token": ("invalid_grant", "expired access/refresh token"),
    "Failed: OAuth API access disabled": ("invalid_app_access", "user is not authorized for the API"),
    "Restricted IP": ("invalid_grant", "ip restricted"),
    NOT_APPROVED: ("invalid_grant", "user hasn't approved this consumer"),
    DELETED: ("invalid_client_id", "client identifier invalid"),
    NOT_INSTALLED: ("invalid_client", "app must be installed into org"),
    **dict.fromkeys(ORG_TEXTS, ("invalid_grant", "inactive organization")),
}


def sign_in(org: Org, user: Row, app: str, subtype: str, source_ip: str) -> str:
    """Sign `user` in by OAuth and return a bearer token. Raises SignInRefused."""
    status = _status(org, user, app, source_ip)
    _record(org, user, app, subtype, source_ip, status)
    if status == NOT_APPROVED and org.policies.apps[app].blocked:
        raise SignInRefused("OAUTH_APP_BLOCKED", "this app is blocked by admin")
    if status != "Success":
        raise SignInRefused(*_ANSWERS.get(status, ("invalid_grant", "authentication failure")))
    return org.open_session(user["Id"], app)


def refused_token(org: Org, user: Row, app: str, source_ip: str) -> SignInRefused:
    """Write the row of a sign-in with a revoked token and return its refusal."""
    _record(org, user, app, "OauthRefreshToken", source_ip, "Failed: Invalid Token")
    return SignInRefused(*_ANSWERS["Failed: Invalid Token"])


def used_this_hour(org: Org, user_id: str) -> int:
    """Sign-in attempts of the user within the last hour; the hour slides."""
    attempts = org.attempts[user_id]
    oldest = org.now() - HOUR
    while attempts and attempts[0] <= oldest:
        attempts.popleft()
    return len(attempts)


def _status(org: Org, user: Row, app: str, source_ip: str) -> str:
    user_id = user["Id"]
    # inferred: stand_in_sign_ins - the operator's own app gets in, or nobody could see what the others get.
    operators = {client.app for client in org.clients.values() if client.run_as is not None}
    if org.policies.unavailable and app not in operators:
        return org.policies.unavailable
    if not user["IsActive"]:
        return "User is inactive"
    if org.is_frozen(user_id):
        return "User is frozen"
    if used_this_hour(org, user_id) >= SIGN_INS_AN_HOUR:
        return "Login rate exceeded"
    if user_id in org.blocked:
        return org.blocked[user_id]
    if refused := _policy_refusal(org, user, app, source_ip):
        return refused
    if org.habits.api_off_stops_sign_in and "ApiEnabled" not in org.effective_permissions(user_id):
        return "Failed: OAuth API access disabled"
    return "Success"


def _policy_refusal(org: Org, user: Row, app: str, source_ip: str) -> str | None:
    """The LoginHistory.Status with which this sign-in is refused by a policy, or None."""
    policies, policy = org.policies, org.policies.apps[app]
    if policy.deleted:
        return DELETED
    if not policy.installed:
        return NOT_INSTALLED
    if policy.blocked:
        # inferred: stand_in_sign_ins - what LoginHistory says of a blocked app.
        return NOT_APPROVED
    if (policy.admin_approved or policies.approved_apps_only) and not policy.allowed & _holders(org, user):
        return NOT_APPROVED
    ranges = policies.ranges[user["ProfileId"]]
    if ranges and not policy.relaxes_ip and not any(_between(source_ip, *ends) for ends in ranges):
        return RESTRICTED_IP
    if hours := policies.hours.get(user["ProfileId"]):
        now = org.now()
        if not hours[0] <= now.hour * 60 + now.minute <= hours[1]:
            return RESTRICTED_TIME
    return None


def _holders(org: Org, user: Row) -> set[str]:
    """The Ids of the user's profile and permission sets."""
    sets = {assignment["PermissionSetId"] for assignment in org.assignments_of(user["Id"])}
    return sets | {user["ProfileId"]}


def _between(address: str, first: str, last: str) -> bool:
    try:
        found = ip_address(address)
        return IPv4Address(first) <= IPv4Address(int(found)) <= IPv4Address(last)
    except ValueError:
        return False


def _record(org: Org, user: Row, app: str, subtype: str, source_ip: str, status: str) -> None:
    now, user_id = org.now(), user["Id"]
    if status == "Success":
        user["LastLoginDate"] = now
    if status == "Success" or org.habits.failures_move_last_used:
        _touch_token(org, user_id, app, now)
    org.attempts[user_id].append(now)
    if status == "Login rate exceeded":
        # Salesforce writes at least one row, not one for each refusal.
        pause = HOUR if org.habits.suppresses_rate_rows else timedelta(minutes=5)
        last = org.last_rate_row.get((user_id, app))
        if last is not None and now - last < pause:
            return
        org.last_rate_row[user_id, app] = now
    shown = "N/A" if org.habits.failed_as_na and status != "Success" else app
    history_row(org, user_id, shown, status, now, subtype, source_ip)


def _touch_token(org: Org, user_id: str, app: str, now: datetime) -> None:
    for token in org.tables["OauthToken"].values():
        if token["UserId"] == user_id and token["AppName"] == app:
            token["LastUsedDate"] = now
            token["UseCount"] += 1


def history_row(
    org: Org,
    user_id: str,
    app: str,
    status: str,
    at: datetime,
    subtype: str | None = "OauthRefreshToken",
    source_ip: str = "203.0.113.10",
    login_type: str = "Remote Access 2.0",
    api_type: str = "N/A",
) -> None:
    """Write one LoginHistory row; of an OAuth sign-in unless `login_type` says otherwise."""
    org.add("LoginHistory", UserId=user_id, LoginTime=at, Status=status, LoginType=login_type,
            LoginSubType=subtype, Application=app, SourceIp=source_ip, LoginUrl=org.my_domain,
            ClientVersion="N/A", Browser="Unknown", Platform="Unknown", ApiType=api_type, ApiVersion="N/A")  # fmt: skip


def burn_quota(org: Org, user: Row, app: str, source_ip: str, at: datetime | None = None) -> None:
    """Let another integration use up the user's hour, as sign-ins up to `at` in quick succession."""
    end = at or org.now()
    start = end - timedelta(minutes=2)
    user_id = user["Id"]
    # One attempt more than allowed: it is the one that is refused.
    times = [
        start + timedelta(milliseconds=int(120_000 * n / SIGN_INS_AN_HOUR)) for n in range(SIGN_INS_AN_HOUR)
    ]
    for time in times:
        history_row(org, user_id, app, "Success", time.replace(microsecond=0), source_ip=source_ip)
    merged = sorted([*org.attempts[user_id], *times, end])
    org.attempts[user_id].clear()
    org.attempts[user_id].extend(merged)
    user["LastLoginDate"] = end
    history_row(org, user_id, app, "Login rate exceeded", end, source_ip=source_ip)
    org.last_rate_row[user_id, app] = end


LOCKED_AFTER = 10
"""Wrong passwords after which the account is locked: the org's longest setting."""


def spray(
    org: Org, user: Row, attempts: int, addresses: int, client: str, at: datetime | None = None
) -> None:
    """Let a stranger try passwords on an account until `at`, ten seconds apart.

    `client` is soap (recorded: Application N/A, LoginType "Other Apex API") or browser (LoginType "Application").
    Only passwords are refused: OAuth apps keep signing in, also while the password is locked.
    """
    # inferred: stand_in_sign_ins - a locked password stops no token.
    end = at or org.now()
    login = org.user_login(user["Id"])
    soap = client == "soap"
    for number in range(attempts):
        locked = number >= LOCKED_AFTER
        moment = end - timedelta(seconds=10 * (attempts - 1 - number))
        if number == LOCKED_AFTER and login is not None:
            login["IsPasswordLocked"] = True
            if org.habits.lockouts_move_login:
                login["LastModifiedDate"] = moment
        history_row(
            org,
            user["Id"],
            "N/A" if soap else "Browser",
            "Password Lockout" if locked else "Invalid Password",
            moment.replace(microsecond=0),
            subtype=None,
            source_ip=_address(number % addresses),
            login_type="Other Apex API" if soap else "Application",
            api_type="SOAP Partner" if soap else "N/A",
        )


def _address(number: int) -> str:
    """One of 60,000 addresses of strangers."""
    block, rest = divmod(number, 250)
    return f"192.0.2.{1 + rest}" if block == 0 else f"198.18.{block}.{rest}"
