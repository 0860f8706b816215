"""What in a recording is the vendors' own and nobody's: fields that are kept, closed vocabularies, their words."""

import re
from collections.abc import Mapping

from tui.base.limits import STREAMS
from tui.rules.audit import AUTOMATION
from tui.rules.audit_actions import AUDIT_ACTIONS
from tui.rules.login_texts import ENGLISH, KNOWN, LOGIN_TEXTS, USERNAME_PASSWORD
from tui.rules.required_permissions import REQUIREMENTS
from tui.rules.sign_in_changes import OPENS

PRODUCTS = ("incydr", "code42", "mimecast")
"""Names of the product that may stand inside a longer word."""
KEPT_WORDS = AUTOMATION | {"salesforce"}
"""Words that stand for themselves in a name: they decide whether it is a person's."""

FIELDS: Mapping[str, str] = {
    # Salesforce: what the program's queries name.
    **dict.fromkeys(
        ("Id", "UserId", "AssigneeId", "ProfileId", "PermissionSetId", "PermissionSetGroupId", "LastModifiedById",
         "user_id", "organization_id", "id"), "id",
    ),
    **dict.fromkeys(
        ("Username", "Name", "Email", "Label", "AppName", "Application", "MasterLabel", "DeveloperName",
         "DelegateUser", "preferred_username", "username", "name", "email", "detectorDisplayName", "nextPgToken"),
        "text",
    ),
    **dict.fromkeys(
        ("LastLoginDate", "LastModifiedDate", "ExpirationDate", "SystemModstamp", "CreatedDate", "LastUsedDate",
         "earliest", "latest", "day", "@timestamp", "inserted"), "time",
    ),
    **dict.fromkeys(
        ("IsActive", "IsFrozen", "IsPasswordLocked", "IsRevoked", "IsOwnedByProfile", "IsCustom",
         "HasActivationRequired", "IsSandbox", "isEnabled", "active", "done", "filterable", "groupable", "sortable",
         "success", "times", "UseCount", "TotalLicenses", "UsedLicenses", "totalSize", "totalCount",
         "httpStatusCode", "expires_in"), "number",
    ),
    **dict.fromkeys(
        ("Profile", "UserLicense", "LastModifiedBy", "CreatedBy", "PermissionSet", "PermissionSetGroup", "Metadata",
         "realTimeEvents", "records", "compositeResponse", "body", "event", "fileEvents",
         "problems", "httpHeaders", "urls"), "tree",
    ),
    "SourceIp": "source",
    "Display": "display",
    "message": "message", "description": "message", "error_description": "message",
    "nextRecordsUrl": "path", "url": "path", "custom_domain": "path",
    "referenceId": "reference",
    "version": "version", "label": "release",
    "token_type": "token", "access_token": "token",
    "Status": "a status", "Action": "an audit action", "LoginType": "a login type",
    "LoginSubType": "a login subtype", "errorCode": "an error code", "error": "an error code",
    "Type": "a kind of permission set", "UserType": "a kind of user", "user_type": "a kind of user",
    "OrganizationType": "an edition", "entityName": "an event", "observer": "an observer",
    "Permission": "a permission", "RequiredPermission": "a permission",
}  # fmt: skip
"""Each field that is kept, and what it holds; all others are left out, key and value."""

ERROR_CODES = (
    "API_CURRENTLY_DISABLED", "API_DISABLED_FOR_ORG", "A_RECORDING", "Bad_OAuth_Token", "CANNOT_DISABLE_LAST_ADMIN",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "DUPLICATE_USERNAME", "DUPLICATE_VALUE", "ENTITY_IS_DELETED",
    "EXCEEDED_ID_LIMIT", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "FIELD_INTEGRITY_EXCEPTION", "INACTIVE_OWNER_OR_USER",
    "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "INSUFFICIENT_ACCESS_OR_READONLY",
    "INVALID_CROSS_REFERENCE_KEY", "INVALID_FIELD", "INVALID_QUERY_LOCATOR", "INVALID_SESSION_ID", "INVALID_TYPE",
    "LICENSE_LIMIT_EXCEEDED", "MALFORMED_QUERY", "MISSING_OAUTH_TOKEN", "Missing_OAuth_Token", "NOT_FOUND",
    "OAUTH_APP_BLOCKED", "OAUTH_EC_APP_NOT_FOUND", "PROCESSING_HALTED", "QUERY_TIMEOUT", "REQUEST_LIMIT_EXCEEDED",
    "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW", "UNKNOWN_EXCEPTION", "UNSUPPORTED_API_VERSION",
    "inactive_org", "inactive_user", "invalid_app_access", "invalid_client", "invalid_client_id", "invalid_grant",
    "invalid_request", "rate_limit_exceeded", "unauthorized_client", "unsupported_grant_type",
)  # fmt: skip
_EVENTS = (
    "ApiAnomalyEvent", "ApiEvent", "BulkApiResultEvent", "ConcurLongRunApexErrEvent", "CredentialStuffingEvent",
    "FileEvent", "GuestUserAnomalyEvent", "IdentityProviderEvent", "IdentityVerificationEvent", "LightningUriEvent",
    "ListViewEvent", "LoginAsEvent", "LoginEvent", "LogoutEvent", "MobileEmailEvent", "PermissionSetEvent",
    "ReportAnomalyEvent", "ReportEvent", "SessionHijackingEvent", "UriEvent",
)  # fmt: skip
CLOSED: Mapping[str, frozenset[str]] = {
    "a status": frozenset({"", "active", "disabled", "updated", "updating", "outdated", "failed", "success"}),
    "a login type": frozenset({"", *KNOWN}),
    "a login subtype": frozenset(
        {"", "uioauthwebserver", "uioauthuseragent", "oauthrefreshtoken", "oauthjwtbearer", "oauthclientcredential",
         "oauthclientcredentials", "oauthwebserver", "oauthuseragent", "oauthhybridauthcode", "n/a",
         *USERNAME_PASSWORD}
    ),
    "an error code": frozenset(code.casefold() for code in ERROR_CODES),
    "a kind of permission set": frozenset({"regular", "standard", "group", "profile", "session"}),
    "a kind of user": frozenset(
        {"standard", "powerpartner", "powercustomersuccess", "customersuccess", "csponly", "cspliteportal", "guest",
         "automatedprocess", "cloudintegrationuser"}
    ),
    "an edition": frozenset({"developer edition", "professional edition", "enterprise edition", "unlimited edition",
                             "performance edition", "essentials edition", "team edition"}),
    "an event": frozenset(
        name.casefold()
        for name in (*STREAMS, *_EVENTS, *(f"{e}{kind}" for e in _EVENTS for kind in ("Stream", "Store")))
    ),
    "an observer": frozenset({"salesforce"}),
    "a permission": frozenset(each.name.casefold() for each in REQUIREMENTS),
}  # fmt: skip
"""Vocabularies that vendors keep: a value that is not in its own is shown one by one and kept on consent alone."""
STATUS_WORDS = ENGLISH | frozenset(
    word for each in LOGIN_TEXTS for word in re.findall(r"[^\W_]+", each.text.casefold())
)
"""Words of Salesforce's own texts about a sign-in."""
MESSAGE_WORDS = frozenset(
    """
    a aggregate already and api answer apex as at be because been by call called calls cannot column concurrent
    concurrentperorglongtxn concurrentrequests currently custom daily data deleted denied disabled do does
    duplicate entity enabled entry error exceeded exist expired field fields for from has have html http id if
    in inactive installed insufficient internal invalid into is it key limit long match maximum missing must
    name no not object of on operation or org organization page parameter permission query querymore record
    request requested requests required resource row rights running search server service session sobject such
    support supported text that the this time to token too totalrequests type unavailable unexpected use used
    user users valid value version with you your app blocked admin approved hasn consumer authentication failure
    audience ip restricted access refresh activation secret unsupported grant client identifier credentials must
    be scope body head title h1 p div maintenance under try again later doctype br meta charset content utf 8
    """.split()  # noqa: SIM905 - as a page of words
)
"""Words of vendors' messages."""
LABELS = tuple(sorted((each.label for each in REQUIREMENTS), key=len, reverse=True))
"""Names of permissions on Salesforce's pages."""
DISPLAY_PHRASES = re.compile(
    "|".join(
        re.escape(phrase)
        for phrase in sorted(
            (*LABELS, *STREAMS, *OPENS, "from enabled to disabled", "from disabled to enabled",
             "to enabled", "to disabled", "admin approved users are pre-authorized",
             "enforce ip restrictions", "UserID", "User ID"),
            key=len, reverse=True,
        )
    ),
    re.IGNORECASE,
)  # fmt: skip
"""What an audit row may say beside names, wherever it says it."""
SWITCHED = frozenset({"enabled", "disabled", "true", "false", "null", "on", "off"})
"""What a setting was changed to, where it says nothing else."""
SOURCES = frozenset({"salesforce.com ip", "n/a", ""})
NO_APPLICATION = frozenset({"n/a", ""})

_ACTIONS = frozenset(each.action.casefold() for each in AUDIT_ACTIONS if not each.prefix)
_BEGUN = tuple(each.action for each in AUDIT_ACTIONS if each.prefix)
_LOGIN_TEXTS = frozenset(each.text for each in LOGIN_TEXTS)
_MORE = re.compile(
    r"|custom|standard|onoff|offon|std|cust|d|(?:std|cust)?to(?:std|cust)|(?:dis|en)abled(?:custom|standard)?",
)


def is_known(vocabulary: str, value: str) -> bool:
    """Whether the value is one of the vendor's own vocabulary."""
    plain = value.strip().casefold()
    if vocabulary == "an audit action":
        begun = prefix_of(value)
        return plain in _ACTIONS or (bool(begun) and _MORE.fullmatch(plain[len(begun) :]) is not None)
    if vocabulary == "a status":
        return plain in CLOSED[vocabulary] or plain.removeprefix("failed: ") in _LOGIN_TEXTS
    return plain in CLOSED[vocabulary]


def prefix_of(action: str) -> str:
    """The known beginning of an action; empty where it has none."""
    return max((b for b in _BEGUN if action.casefold().startswith(b.casefold())), key=len, default="")
