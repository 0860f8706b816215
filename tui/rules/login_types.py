"""By which door a sign-in came (LoginHistory.LoginType, LoginSubType): only OAuth ones can be Incydr's.

Source: Salesforce's documentation of both pick lists; an answer carries the label or the value.
"""

OAUTH = frozenset({"remote access 2.0", "oauth2", "remote access client", "oauth"})
"""OAuth 2 and OAuth 1: label and value of each."""

USERNAME_PASSWORD = frozenset({"oauthusernamepassword", "oauth username-password"})
"""The flow in which a client sends a password: Incydr never does."""

KNOWN = OAUTH | frozenset(
    {
        "ajax toolkit", "apex office toolkit", "appexchange", "application", "appstore", "certificate",
        "certificate-based login", "chatter communities external user",
        "chatter communities external user third party sso", "chattercommunityportalunpwd",
        "chattercommunitythirdpartysso", "community", "cross tenant login", "crosstenantlogin",
        "customer service portal", "customer service portal third-party sso", "datajunction", "db replication",
        "employee login to community", "employeelogintocommunity", "excel integration", "help and training",
        "helpandtraining", "hotp yubikey", "ieofflineclient", "lightning login", "lightninglogin",
        "networks portal api only", "networksportalapionly", "offline client", "order center", "other apex api",
        "otherapi", "outlook integration", "partner", "partner portal", "partner portal third-party sso",
        "partner product", "passwordless login", "passwordlesslogin", "portal", "portalthirdpartysso", "prmportal",
        "prmportalthirdpartysso", "sales anywhere", "salesforce outlook integration", "salesforce.com website",
        "saml chatter communities external user sso", "saml customer service portal sso", "saml idp initiated sso",
        "saml partner portal sso", "saml sfdc initiated sso", "saml site sso", "samlchatternetworks",
        "samlcspportal", "samlidp", "samlprmportal", "samlsfdc", "samlsite", "self-service", "selfservice",
        "signup", "sync", "third party sso", "thirdpartysso",
    }
)  # fmt: skip


def is_oauth(login_type: str | None, sub_type: str | None) -> bool:
    """Whether this is an OAuth sign-in other than by username and password."""
    return _plain(login_type) in OAUTH and _plain(sub_type) not in USERNAME_PASSWORD


def is_known(login_type: str | None) -> bool:
    return _plain(login_type) in KNOWN


def _plain(text: str | None) -> str:
    return (text or "").strip().casefold()
