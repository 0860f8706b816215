"""What this program takes for granted although no document and no recording shows it.

Where the code relies on one of these, a comment names it: `# inferred: ID - …`. A row of a table with
`Mark.INFERRED` names itself.
"""

from typing import NamedTuple


class Assumption(NamedTuple):
    """`what` is taken for granted, as a sentence; `otherwise` is what goes wrong where it is not so."""

    what: str
    otherwise: str


STAND_IN: dict[str, str] = {
    "stand_in_incydr": "How often Incydr looks, that a freeze ends its sessions, and most texts of its console.",
    "stand_in_permissions": "Which permissions bring others with them, but for two that are documented.",
    "stand_in_queries": "Some wordings of refused queries, and the shape of a query's columns.",
    "stand_in_sign_ins": "What a frozen user, a blocked app or a locked password hears; how far clocks may differ.",
}
"""What the demo's stand-ins do that no document and no recording shows: nothing is decided by it."""

ASSUMPTIONS: dict[str, Assumption] = {
    "automation_names": Assumption(
        "A name with bot, integration, okta, sync … belongs to automation, not to a person.",
        "A person is called automation, or automation a person.",
    ),
    "client_credentials_basic": Assumption(
        "The sign-in by client credentials takes the app's id and secret by HTTP Basic.",
        "That way of signing in is refused.",
    ),
    "connected_apps_page": Assumption(
        "Setup keeps the users of an app under Connected Apps OAuth Usage.",
        "A step about revoked access names the wrong page.",
    ),
    "dependencies_everywhere": Assumption(
        "Every org has dependencies between permissions.",
        "Where none are there, they are called hidden.",
    ),
    "detector_grouping": Assumption(
        "File events can be grouped by the connection's name.",
        "`add` finds the Display names by a search alone.",
    ),
    "english_login_texts": Assumption(
        "A status of the login history with none of Salesforce's English terms is in another language.",
        "An unknown text is not called a refusal.",
    ),
    "event_monitoring_fields": Assumption(
        "Without Event Monitoring neither the permission for its data nor any stream exists in an org.",
        "The missing licence is not found, or found where it is there.",
    ),
    "event_query_terms": Assumption(
        "The documented terms of file events may stand together in one query.",
        "A tenant refuses the search, and the strongest proof is missing.",
    ),
    "moved_hosts": Assumption(
        "A moved org is found under salesforce.com, force.com or salesforce.mil.",
        "A move to another address has to be written into the configuration.",
    ),
    "muting_counted": Assumption(
        "What a group of permission sets mutes is already left out of the permissions that Salesforce reports.",
        "A muted permission counts as held.",
    ),
    "my_domain_hosts": Assumption(
        "The domains of Salesforce that are not an org's own are known.",
        "`add` takes an address for the org's that is not.",
    ),
    "noticed_alike": Assumption(
        "Incydr notices a sign-in allowed again, and streaming switched on again, as fast as a user unfrozen.",
        "Such a recovery is called overdue too early or too late.",
    ),
    "quota_hour": Assumption(
        "The hourly limit ends an hour after the first, or after the last, refused sign-in.",
        "The time at which it ends is wrong.",
    ),
    "repair_rights": Assumption(
        "Manage Users, Assign Permission Sets, Manage Profiles and Permission Sets are what the repairs need.",
        "A repair is offered that Salesforce refuses, or not offered although you may apply it.",
    ),
    "reports_permission": Assumption(
        "Monitoring goes on without Manage All Private Reports and Dashboards.",
        "A cause is shown as a warning alone.",
    ),
    "set_named_after_app": Assumption(
        "A deleted permission set named after Incydr was the service account's.",
        "The wrong person is named as probably having taken a permission.",
    ),
    "setup_addresses": Assumption(
        "Setup opens a user's edit page, and a profile or set in Classic, at the address that a browser shows.",
        "A link leads to the wrong page; the text next to it says where to look.",
    ),
    "sign_ins_by_day": Assumption(
        "The login history can be counted by day.",
        "The usual quiet time is learned from the readings alone.",
    ),
    "standard_profiles": Assumption(
        "Salesforce's own profiles refuse changes to their permissions; they are known by their names.",
        "A repair is offered that Salesforce refuses, or another one instead of it.",
    ),
    "streaming_action": Assumption(
        "The audit trail names a switched stream by an action that begins with realTimeEvent.",
        "Nobody is named for streaming switched off.",
    ),
    "terminal_sequence": Assumption(
        "Terminals take up to 100,000 bytes for the clipboard.",
        "A long text does not reach the clipboard; it is shown too.",
    ),
    "userinfo_is_free": Assumption(
        "Asking who you are (userinfo) is no API call of the org's daily limit.",
        "The number of API calls shown is too low by one.",
    ),
}
