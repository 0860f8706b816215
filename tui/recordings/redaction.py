"""A recording without what is somebody's: the same answers, in which nobody and nothing of an org can be found.

Kept are the fields that the program asks for, numbers, yes and no, and what is the vendors' own. Everything else has
a stand-in (`pseudonyms.py`) or is left out, keys included.
"""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from msgspec import structs

from tui.recordings import format, vocabulary
from tui.recordings.format import Exchange, Reading, Recording
from tui.recordings.pseudonyms import Pseudonyms
from tui.rules.audit_actions import AuditAction, known

_QUERY_WORDS = re.compile(r"[A-Za-z]+")
_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'")
_STEPS = re.compile(r"([^/?&=#]+)")
_PATH = re.compile(
    r"https?:|services|data|oauth2|token|userinfo|composite|tooling|query|queryAll|sobjects|describe|fields|Id|limits"
    r"|v\d{1,2}(?:\.\d)?|oauth|file-events|grouping|grant_type|client_credentials|async-queries|id"
    r"|User|UserLogin|PermissionSet|PermissionSetAssignment|PermissionSetGroup|PermissionSetGroupComponent"
    r"|LoginHistory|SetupAuditTrail|OauthToken|UserLicense|UserPermissionAccess|Organization|RealTimeEventSettings"
    r"|PermissionDependency|Profile|\{version\}"
)
_TERMS = ("event.observer", "event.detectorDisplayName", "event.inserted")
_NUMBERED = re.compile(r"[a-z_]{1,30}\d{0,3}")
_RELEASE = re.compile(r"(?:Spring|Summer|Winter) ['’]\d\d")
_USAGE = re.compile(r"\bapi-usage=\d{1,12}/\d{1,12}")
_KINDS = ("application/json", "text/html", "text/plain", "application/xml", "text/xml")
_PERMISSION = re.compile(r"Permissions[A-Z][A-Za-z]{1,80}")
_HOLE = re.compile(r"\{name\}|\[\^\\\]\]\*|\\S\+|\.[+*]\??")
_CONFIGURED_WORDS = {
    "experience": ("lightning", "classic"), "need": ("blocks", "warns", "shown"),
    "group": ("Administrative permissions", "General user permissions"),
}  # fmt: skip
_CONFIGURED_HOSTS = ("api_url", "base_url", "my_domain")
_CONFIGURED_IDS = ("user_id", "org_id")
_CONFIGURED_TEXTS = (
    "name", "org", "tenant", "service_account", "detector_name", "incydr_app", "label", "purpose", "source",
)  # fmt: skip
_WAYS = ("client_credentials", "access_token", "jwt", "sf", "web", "device")


class Redaction:
    """Turns recordings by `pseudonyms`. `consented`: values outside the vendors' vocabularies that may stay.

    `unknown` are all such values that were met, each with the name of its vocabulary.
    """

    def __init__(self, pseudonyms: Pseudonyms, consented: Collection[str] = ()) -> None:
        self._names = pseudonyms
        self._consented = frozenset(consented)
        self._asked: frozenset[str] = frozenset()
        self._ours: frozenset[str] = frozenset()
        self.unknown: dict[tuple[str, str], str] = {}
        """Vocabulary and value, and what stands for it in the result."""

    def of(self, recording: Recording) -> Recording:
        """The recording with a stand-in for everybody and everything; its verdicts are left out."""
        texts = [t for r in recording.readings for e in r.exchanges for t in _texts(e.request)]
        words = frozenset(w for text in texts for w in _QUERY_WORDS.findall(_LITERAL.sub("", text)))
        self._asked = frozenset(word for word in words if _PERMISSION.fullmatch(word))
        self._ours = frozenset(word.casefold() for word in words)
        return structs.replace(
            recording,
            about=self._names.text(recording.about),
            source="",
            configuration=self._configuration(recording.configuration),
            readings=tuple(self._reading(each) for each in recording.readings),
            expected=format.Expected(),
        )

    def name(self, name: str) -> str:
        """What stands for a name of the configuration."""
        return self._names.text(name)

    def display(self, text: str, action: AuditAction | None) -> str:
        """An audit row: of one in a form that is known only what fills it, of another all but a vendor's phrases."""
        for form in action.displays if action is not None else ():
            if match := _with_holes(form).fullmatch(text):
                return self._filled(match)
        return self._told(text)

    def _filled(self, match: re.Match[str]) -> str:
        text, done, end = match[0], "", match.start()
        name = match.re.groupindex["name"]
        for number in range(1, (match.re.groups or 0) + 1):
            start, stop = match.span(number)
            if start < 0:
                continue
            fill = self._names.text(text[start:stop]) if number == name else self._told(text[start:stop])
            done, end = done + text[end:start] + fill, stop
        return done + text[end:]

    def _told(self, text: str) -> str:
        if text.casefold() in vocabulary.SWITCHED:
            return text
        done, end = "", 0
        for match in vocabulary.DISPLAY_PHRASES.finditer(text):
            done += self._names.text(text[end : match.start()]) + match[0]
            end = match.end()
        return done + self._names.text(text[end:])

    def _reading(self, reading: Reading) -> Reading:
        return Reading(
            at=self._names.moved(reading.at) if reading.at is not None else None,
            exchanges=tuple(
                Exchange(self._request(each.request), self._answer(each.answer), each.after)
                for each in reading.exchanges
            ),
        )

    def _request(self, request: format.Request) -> format.Request:
        return format.Request(
            place=self._place(request.place),
            path=self._path(request.path),
            method=request.method,
            query=self._query(request.query),
            parts={self._reference(name): self._part(text) for name, text in request.parts.items()},
            search=self._search(request.search),
        )

    def _place(self, place: str) -> str:
        kind, _, name = place.partition(":")
        return f"{kind}:{self.name(name)}"

    def _part(self, text: str) -> str:
        return self._path(text) if text.startswith("/") else self._query(text)

    def _query(self, query: str) -> str:
        done, end = "", 0
        for match in _LITERAL.finditer(query):
            done += self._names.times(query[end : match.start()]) + self._literal(match[0])
            end = match.end()
        return done + self._names.times(query[end:])

    def _literal(self, literal: str) -> str:
        plain = literal[1:-1].removesuffix("%").replace("\\", "")
        if known(plain) is not None and vocabulary.is_known("an audit action", plain):
            return literal
        return f"'{self._names.text(literal[1:-1])}'"

    def _search(self, search: Any) -> Any:
        """The search in our own form: a filter that is not ours is left out."""
        if not isinstance(search, Mapping):
            return None
        kept: dict[str, Any] = {
            key: value for key in ("pgNum", "pgSize") if isinstance(value := search.get(key), int)
        }
        kept |= {
            key: search[key] for key in ("srtDir", "srtKey", "groupClause", "groupingTerm") if key in search
        }
        if isinstance(token := search.get("pgToken"), str):
            kept["pgToken"] = self._names.text(token)
        groups = search.get("groups")
        kept["groups"] = [
            {
                "filterClause": "AND",
                "filters": [self._filter(f) for f in group["filters"] if f["term"] in _TERMS],
            }
            for group in (groups if isinstance(groups, list) else ())
        ]
        return kept

    def _filter(self, each: Mapping[str, Any]) -> dict[str, Any]:
        value = str(each["value"])
        observer = each["term"] == "event.observer" and vocabulary.is_known("an observer", value)
        return {**each, "value": value if observer else self._names.text(value)}

    def _answer(self, answer: format.Answer) -> format.Answer:
        text = self._message(answer.text) if answer.text is not None else None
        if answer.text is not None and vocabulary.is_known("an error code", answer.text):
            text = answer.text
        return format.Answer(answer.status, self._headers(answer.headers), self._tree(answer.body), text)

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        kept = {
            name: self._names.http_date(headers[name]) for name in ("date", "retry-after") if name in headers
        }
        if kind := next((k for k in _KINDS if headers.get("content-type", "").lower().startswith(k)), ""):
            kept["content-type"] = kind
        if usage := _USAGE.search(headers.get("sforce-limit-info", "")):
            kept["sforce-limit-info"] = usage[0]
        return {name: value for name, value in kept.items() if value}

    def _tree(self, tree: Any, key: str = "") -> Any:
        if isinstance(tree, list):
            return [self._tree(each, key) for each in tree]
        if not isinstance(tree, dict):
            return self._value(vocabulary.FIELDS.get(key, ""), tree)
        fields = tree.get("fields")
        if isinstance(fields, list) and fields and all(isinstance(f, dict) for f in fields):
            return {"name": "PermissionSet", "fields": [f for each in fields if (f := self._described(each))]}
        kept = {k: self._tree(v, k) for k, v in tree.items() if k in vocabulary.FIELDS}
        # A permission is on or off.
        kept |= {k: v for k, v in tree.items() if k in self._asked and (v is None or isinstance(v, bool))}
        if isinstance(display := tree.get("Display"), str):
            kept["Display"] = self.display(display, known(str(tree.get("Action"))))
        return kept

    def _described(self, each: Mapping[str, Any]) -> dict[str, Any] | None:
        if each.get("name") not in self._asked:
            return None
        flags = {k: each[k] for k in ("filterable", "groupable", "sortable") if isinstance(each.get(k), bool)}
        return {"name": each["name"], **flags}

    def _value(self, kind: str, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if not isinstance(value, str):
            return value if kind == "number" else 0
        match kind:
            case "id":
                return self._names.id(value)
            case "message":
                return self._message(value)
            case "path":
                return self._path(value)
            case "reference":
                return self._reference(value)
            case "source":
                return value if value.strip().casefold() in vocabulary.SOURCES else self._names.text(value)
            case "version":
                return value if re.fullmatch(r"\d{1,3}\.\d", value) else self._names.text(value)
            case "release":
                return value if _RELEASE.fullmatch(value) else self._names.text(value)
            case "token":
                return "recorded" if value.lower() != "bearer" else value
        if kind.startswith(("a ", "an ")):
            return self._closed(kind, value)
        return value if value.strip().casefold() in vocabulary.NO_APPLICATION else self._names.text(value)

    def _closed(self, kind: str, value: str) -> str:
        if vocabulary.is_known(kind, value) or (
            kind == "a permission" and f"Permissions{value}" in self._asked
        ):
            return value
        begun = value[: len(vocabulary.prefix_of(value))] if kind == "an audit action" else ""
        words = vocabulary.STATUS_WORDS if kind == "a status" else ()
        stand_in = value if value in self._consented else begun + self._names.text(value[len(begun) :], words)
        # Of permissions only those that are asked for matter.
        if kind != "a permission":
            self.unknown[kind, value] = stand_in
        return stand_in

    def _message(self, text: str) -> str:
        return self._names.text(text, vocabulary.MESSAGE_WORDS | self._ours)

    def _path(self, path: str) -> str:
        return _STEPS.sub(lambda m: m[1] if _PATH.fullmatch(m[1]) else self._names.text(m[1]), path)

    def _reference(self, name: str) -> str:
        return name if _NUMBERED.fullmatch(name) else self._names.text(name)

    def _configuration(self, tree: Mapping[str, Any]) -> dict[str, Any]:
        return {
            table: values
            if table == "app"
            else {self._key(table, k): self._table(v) for k, v in values.items()}
            for table, values in tree.items()
        }

    def _key(self, table: str, name: str) -> str:
        return name if table == "requirements" else self.name(name)

    def _table(self, table: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._setting(key, value) for key, value in table.items()}

    def _setting(self, key: str, value: Any) -> Any:
        if isinstance(value, bool):
            return value
        if key == "sign_in":
            return {"way": value["way"]}
        if key in _CONFIGURED_HOSTS:
            scheme, separator, host = str(value).rpartition("://")
            return f"{scheme}{separator}{self._names.host(host.rstrip('/'))}"
        if key in _CONFIGURED_IDS:
            return self._names.id(str(value))
        if value in _CONFIGURED_WORDS.get(key, ()):
            return value
        return self._told(str(value)) if key == "label" else self._names.text(str(value))


def _texts(request: format.Request) -> Collection[str]:
    return (request.query, *(text for text in request.parts.values() if not text.startswith("/")))


@lru_cache(200)
def _with_holes(form: str) -> re.Pattern[str]:
    """A Display's form with a group around all that is not the vendor's."""
    holes = _HOLE.sub(lambda m: "(?P<name>.+?)" if m[0] == "{name}" else f"({m[0]})", form)
    return re.compile(holes, re.DOTALL | re.IGNORECASE)
