"""A scripted org behind httpx.MockTransport: every part of every answer can be replaced by a test."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tui.base.clock import ManualClock
from tui.base.secret import Secret
from tui.connections.connection import Connection, Org, SignIn
from tui.net import Net
from tui.salesforce.reading import OrgReader
from tui.salesforce.repairing import Repairer
from tui.salesforce.sign_in import way

API = "https://acme.my.salesforce.com"
START = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
USER = "0055g000002m2bVAAQ"
ORG = "00D5g000002m23vEAA"
OPERATOR = "0055g000002m29WAAQ"
ACME = Connection(
    "Acme EMEA", "acme", "incydr.emea@acme.example", "Acme EMEA", incydr_app="Incydr", user_id=USER
)
UNPINNED = Connection("Acme EMEA", "acme", "incydr.emea@acme.example", "Acme EMEA")
PERMISSIONS = ("ApiEnabled", "CustomizeApplication", "ViewDataLeakageEvents")
ALL_RIGHTS = ("ManageUsers", "ViewSetup", "CustomizeApplication", "MonitorLoginHistory", "ViewAllUsers")


def rows(*records: dict[str, Any], **extra: Any) -> dict[str, Any]:
    return {"totalSize": len(records), "done": True, "records": list(records), **extra}


def error(code: str, message: str = "told so") -> list[dict[str, str]]:
    return [{"message": message, "errorCode": code}]


def rights(*names: str) -> dict[str, Any]:
    return rows({"Id": "000", **{f"Permissions{name}": True for name in names}})


def user_row(**changes: Any) -> dict[str, Any]:
    return {
        "attributes": {"type": "User", "url": "/x"},
        "Id": USER,
        "Username": "incydr.emea@acme.example",
        "Name": "Incydr EMEA",
        "Email": None,
        "IsActive": True,
        "UserType": "Standard",
        "ProfileId": "00e5g000002m2F7AAI",
        "Profile": {"Name": "Incydr Integration", "UserLicense": {"Name": "Salesforce Integration"}},
        "LastLoginDate": "2026-11-22T13:50:00.000+0000",
        "LastModifiedDate": "2025-10-18T16:21:45.000+0000",
        "LastModifiedBy": {"Name": "Jane Doe"},
        **changes,
    }


def login_row(**changes: Any) -> dict[str, Any]:
    return {
        "Id": "0Yw5g000002m2bVCAQ",
        "UserId": USER,
        "IsFrozen": False,
        "IsPasswordLocked": False,
        "LastModifiedDate": None,
        "LastModifiedBy": None,
        **changes,
    }


def grant_row(**changes: Any) -> dict[str, Any]:
    carried = {
        "Name": "X00ex",
        "Label": "00ex",
        "Type": "Profile",
        "IsOwnedByProfile": True,
        "ProfileId": "00e5g000002m2F7AAI",
        "Profile": {"Name": "Incydr Integration"},
        "HasActivationRequired": False,
        "LastModifiedDate": "2026-11-20T08:00:00.000+0000",
        **{f"Permissions{name}": True for name in PERMISSIONS},
        **changes.pop("PermissionSet", {}),
    }
    return {
        "AssigneeId": USER,
        "PermissionSetId": "0PS5g000002m2F7GAI",
        "PermissionSetGroupId": None,
        "PermissionSetGroup": None,
        "IsActive": True,
        "ExpirationDate": None,
        "IsRevoked": False,
        "PermissionSet": carried,
        **changes,
    }


def sign_in_row(**changes: Any) -> dict[str, Any]:
    return {
        "UserId": USER,
        "Application": "Incydr",
        "Status": "Success",
        "earliest": "2026-11-16T10:00:00.000+0000",
        "latest": "2026-11-22T13:50:00.000+0000",
        "times": 7,
        **changes,
    }


def audit_row(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "Id": f"0Ym00000000{number:04d}",
        "Action": "frozeuser",
        "Section": "Manage Users",
        "Display": "Froze user Incydr EMEA",
        "CreatedDate": "2026-11-22T13:41:07.000+0000",
        "CreatedBy": {"Name": "Jane Doe", "Username": "jane@acme.example"},
        "DelegateUser": None,
        **changes,
    }


class FakeOrg:
    """Answers like an org. `parts` are the bodies by reference name, `refused` parts answer 400 with theirs.

    `answer`, when set, sees each authenticated request first and may answer instead.
    """

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.skew = timedelta(0)
        self.versions = ["60.0", "66.0", "68.0"]
        self.known_versions: set[str] | None = None
        self.token = "token-1"
        self.requests: list[httpx.Request] = []
        self.answer: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
        self.queries: dict[str, Callable[[str], Any]] = {}
        self.refused: dict[str, Any] = {}
        self.statuses: dict[str, int] = {}
        self.userinfo: Any = {"user_id": OPERATOR, "preferred_username": "ops@acme.example"}
        self.parts: dict[str, Any] = {
            "rights": rights(*ALL_RIGHTS),
            "tokens": rows(
                {
                    "AppName": "Incydr",
                    "UserId": USER,
                    "LastUsedDate": "2026-11-22T13:50:00.000+0000",
                    "UseCount": 3,
                    "CreatedDate": None,
                }
            ),
            "licenses": rows(
                {"Name": "Salesforce", "TotalLicenses": 5, "UsedLicenses": 4, "Status": "Active"}
            ),
            "audit": rows(audit_row()),
            "assignments": rows(),
            "around": rows(),
            "days": rows(),
            "organization": rows({"Id": ORG, "Name": "Acme", "IsSandbox": False}),
            "org": {"attributes": {"type": "Organization"}, "Id": ORG},
            "account": {"attributes": {"type": "User"}, "Id": USER},
            "describe": {"fields": [{"name": f"Permissions{n}", "length": 0} for n in (*PERMISSIONS, "X")]},
            "user": rows(user_row()),
            "freeze": rows(login_row()),
            "grants": rows(grant_row()),
            "window": rows(sign_in_row()),
            "hour": rows(sign_in_row(SourceIp="203.0.113.12", LoginSubType="OauthRefreshToken", times=2)),
        }
        self.streams: Any = rows(
            {"Metadata": {"realTimeEvents": [{"entityName": "LoginEventStream", "isEnabled": True}]}}
        )
        self.dependencies: Any = rows(
            {"Permission": "CustomizeApplication", "RequiredPermission": "ViewSetup"}
        )
        self.net = Net(transports={API: httpx.MockTransport(self._handle)})
        self.org = Org(
            "acme", API, "acme.my.salesforce.com", SignIn("access_token", {"token": "env:SF_TOKEN"})
        )
        self.resolved = 0

    async def resolve(self, reference: str | tuple[str, ...]) -> Secret:
        self.resolved += 1
        return Secret(self.token)

    def refuse(self, name: str, status: int, body: Any) -> None:
        """Answer this part with an error."""
        self.refused[name], self.statuses[name] = body, status

    def reader(self) -> OrgReader:
        sign_in = way(self.org, self.net, resolve=self.resolve)
        return OrgReader(self.org, self.net, sign_in, self.clock, permissions=PERMISSIONS)

    def repairer(self) -> Repairer:
        return Repairer(self.org, self.net, way(self.org, self.net, resolve=self.resolve), self.clock)

    def data_calls(self) -> list[httpx.Request]:
        return [r for r in self.requests if r.url.path.startswith("/services/data/v")]

    def sent_queries(self) -> dict[str, str]:
        """The SOQL of the last composite, by reference name."""
        last = next(r for r in reversed(self.requests) if r.url.path.endswith("/composite"))
        return {
            part["referenceId"]: parse_qs(urlsplit(part["url"]).query).get("q", [""])[0]
            for part in json.loads(last.content)["compositeRequest"]
        }

    def last_query(self, name: str) -> str:
        """The SOQL that was sent last under this reference name."""
        asked = [p for r in self.data_calls() if r.method == "POST" for p in self._asked(r)]
        url = next(p["url"] for p in reversed(asked) if p["referenceId"] == name)
        return str(parse_qs(urlsplit(url).query)["q"][0])

    def json(self, status: int, body: Any, **headers: str) -> httpx.Response:
        now = self.clock.now() + self.skew
        dated = {"Date": format_datetime(now, usegmt=True), "Sforce-Limit-Info": "api-usage=18/15000"}
        if body is None:
            return httpx.Response(status, headers=dated | headers)
        return httpx.Response(status, json=body, headers=dated | headers)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path
        if path == "/services/data":
            return self.json(200, [{"label": "x", "url": "/x", "version": v} for v in self.versions])
        if (answer := self.answer(request)) is not None:
            return answer
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return self.json(401, error("INVALID_SESSION_ID", "Session expired or invalid"))
        if path.endswith("/userinfo"):
            return self.json(200, self.userinfo)
        version = path.split("/")[3]
        if self.known_versions is not None and version not in self.known_versions:
            return self.json(404, error("NOT_FOUND", "The requested resource does not exist"))
        if path.endswith("/composite"):
            return self.json(200, {"compositeResponse": [self._part(p) for p in self._asked(request)]})
        query = request.url.params.get("q", "")
        if "RealTimeEventSettings" in query:
            return self.json(200, self.streams)
        if "PermissionDependency" in query:
            return self.json(200, self.dependencies)
        for text, reply in self.queries.items():
            if text in query:
                answer = reply(query)
                return answer if isinstance(answer, httpx.Response) else self.json(200, answer)
        return self.json(404, error("NOT_FOUND", path))

    def _asked(self, request: httpx.Request) -> list[dict[str, Any]]:
        asked: list[dict[str, Any]] = json.loads(request.content)["compositeRequest"]
        return asked

    def _part(self, part: dict[str, Any]) -> dict[str, Any]:
        name = part["referenceId"]
        if name not in self.parts:
            query = parse_qs(urlsplit(part["url"]).query).get("q", [""])[0]
            body = next((reply(query) for text, reply in self.queries.items() if text in query), None)
            return {"referenceId": name, "httpStatusCode": 200, "httpHeaders": {}, "body": body}
        refused = name in self.refused
        return {
            "referenceId": name,
            "httpStatusCode": self.statuses.get(name, 400) if refused else 200,
            "httpHeaders": {},
            "body": self.refused[name] if refused else self.parts[name],
        }
