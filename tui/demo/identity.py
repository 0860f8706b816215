"""Who somebody is, as the org's identity address and its userinfo tell it."""

from typing import Any

from tui.demo.org import Org, Row
from tui.demo.soql_records import printed


def userinfo(org: Org, user: Row, base_url: str) -> dict[str, Any]:
    """The answer of /services/oauth2/userinfo."""
    return {
        "sub": f"{base_url}/id/{org.id}/{user['Id']}",
        "user_id": user["Id"],
        "organization_id": org.id,
        "preferred_username": user["Username"],
        "nickname": _nick(user),
        "username": user["Username"],
        "name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "zoneinfo": "Etc/UTC",
        "locale": "en_US",
        "language": "en_US",
        "active": user["IsActive"],
        "user_type": user["UserType"].upper(),
        "photos": _photos(org),
        "urls": _urls(org, base_url),
    }


def identity(org: Org, user: Row, base_url: str) -> dict[str, Any]:
    """The answer of /id/{org}/{user}."""
    # An identity is an https address also where the demo speaks without TLS: clients check that.
    host = base_url if base_url.startswith("https:") else f"https://{org.my_domain}"
    first, _, last = user["Name"].rpartition(" ")
    return {
        "id": f"{host}/id/{org.id}/{user['Id']}",
        "asserted_user": True,
        "user_id": user["Id"],
        "organization_id": org.id,
        "username": user["Username"],
        "nick_name": _nick(user),
        "display_name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "first_name": first or None,
        "last_name": last,
        "timezone": "Etc/UTC",
        "photos": _photos(org),
        "status": {"created_date": None, "body": None},
        "urls": _urls(org, base_url),
        "active": user["IsActive"],
        "user_type": user["UserType"].upper(),
        "language": "en_US",
        "locale": "en_US",
        "utcOffset": 0,
        "last_modified_date": printed(user["LastModifiedDate"]),
        "is_app_installed": True,
    }


def _nick(user: Row) -> str:
    return str(user["Username"]).partition("@")[0]


def _photos(org: Org) -> dict[str, str]:
    base = f"https://{org.my_domain}/profilephoto/005"
    return {"picture": f"{base}/F", "thumbnail": f"{base}/T"}


def _urls(org: Org, base_url: str) -> dict[str, str]:
    data = f"{base_url}/services/data/v{{version}}"
    return {
        "rest": f"{data}/",
        "sobjects": f"{data}/sobjects/",
        "query": f"{data}/query/",
        "custom_domain": f"https://{org.my_domain}",
    }
