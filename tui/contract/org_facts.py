"""What an org offers, held against what the program's queries need and what its tables know. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from tui.base.limits import QUERY_PAGE, WARNED_SKEW
from tui.base.problem import Problem
from tui.base.text import clean, counted
from tui.connections.evidence import Evidence, Read
from tui.contract.asking import Counts, Description, OrgLook
from tui.contract.model import Fact, Group, Verdict, compared
from tui.contract.needs import GOES_ON, LOOK
from tui.rules.audit_actions import known
from tui.rules.audit_names import english_form
from tui.rules.login_texts import is_english
from tui.salesforce import evidence_parts, wire
from tui.salesforce.session import TESTED, Session, api_usage
from tui.salesforce.soql import FieldUse, Use

SHOWN = 8
"""So many values of a kind are named in a line."""
NOT_REACHED = "the org was not reached"
Uses = Mapping[FieldUse, tuple[str, ...]]
"""Each use of a field with what is lost without it."""


def unread(group: Group, name: str, expected: str, problem: Problem, effect: str = "") -> Fact:
    why = f"{problem.title}: {problem.message}"
    return Fact(group, name, expected, clean(why, 300), Verdict.UNREAD, effect)


def versions(session: Session) -> Fact:
    """Which API versions are offered, and which one is spoken."""
    expected = f"{TESTED}.0, with which this program was tested"
    if not session.offered:
        return Fact(Group.VERSION, "API version", expected, NOT_REACHED, Verdict.UNREAD)
    low, high = session.offered[0], session.offered[-1]
    used = session.versions[-1]
    found = f"{used}.0 is used; {low}.0 to {high}.0 are offered"
    effect = "An older version may lack fields: what is missing is listed below."
    return compared(Group.VERSION, "API version", expected, found, used == TESTED, effect)


def limit_header(session: Session) -> Fact:
    """The shape of Sforce-Limit-Info: the names of its directives, and whether the day's calls are told."""
    header = session.limit_info
    if not session.calls:
        return Fact(Group.VERSION, "Sforce-Limit-Info", "api-usage=USED/LIMIT", NOT_REACHED, Verdict.UNREAD)
    found = "no such header"
    if header is not None:
        names = re.findall(r"([^;,=()\s]+)\s*=", re.sub(r"\([^()]*\)", "", header))
        found = ", ".join(names[:SHOWN]) or f"“{clean(header, 80)}”"
    good = header is not None and api_usage(header) is not None
    effect = "The calls of the day are not known, so readings cannot slow down before they are used up."
    return compared(Group.VERSION, "Sforce-Limit-Info", "api-usage=USED/LIMIT", found, good, effect)


def clock(name: str, offset: timedelta | None) -> Fact:
    """A vendor's clock against this machine's."""
    expected = f"within {WARNED_SKEW.total_seconds():.0f} s of this machine's"
    if offset is None:
        return Fact(Group.VERSION, name, expected, "no answer carried a time", Verdict.UNREAD)
    seconds = offset.total_seconds()
    effect = "Set this machine's clock (NTP): a signed sign-in fails at minutes."
    return compared(Group.VERSION, name, expected, f"{seconds:+.0f} s", abs(offset) < WARNED_SKEW, effect)


def fields(look: OrgLook, uses: Uses) -> Iterator[Fact]:
    """Each use of each field; of an object that is not there, one fact."""
    objects = dict.fromkeys(use.object for use in uses)
    for name in objects:
        described = look.descriptions.get(name)
        mine = {use: effects for use, effects in uses.items() if use.object == name}
        if isinstance(described, Problem):
            yield _object_unread(name, described, mine)
        elif described is not None:
            yield compared(Group.OBJECTS, name, "there, and you see it", "there", True)
            for use, effects in mine.items():
                yield _field(use, described, effects)


def _object_unread(name: str, problem: Problem, uses: Uses) -> Fact:
    lost = dict.fromkeys(effect for effects in uses.values() for effect in effects)
    effect = " ".join(effect for effect in lost if effect not in (GOES_ON, LOOK)) or GOES_ON
    if _is_absent(problem):
        return Fact(
            Group.OBJECTS, name, "there, and you see it", "not there, or not for you", Verdict.DIFFERS, effect
        )
    return unread(Group.OBJECTS, name, "there, and you see it", problem, effect)


def _is_absent(problem: Problem) -> bool:
    # A describe of what is not there, or hidden, is 404 (documented).
    return getattr(problem, "status", 0) == 404 or getattr(problem, "code", "") == "INVALID_TYPE"


def _field(use: FieldUse, described: Description, effects: tuple[str, ...]) -> Fact:
    expected = "there" if use.use is Use.READ else use.use.value
    allowed = _allowed(use, described)
    effect = " ".join(effects)
    if allowed is None:
        return Fact(Group.OBJECTS, use.name, expected, "not said", Verdict.UNREAD, effect)
    missing = "not there" if use.field not in described else f"not {use.use.value}"
    return compared(Group.OBJECTS, use.name, expected, expected if allowed else missing, allowed, effect)


def _allowed(use: FieldUse, described: Description) -> bool | None:
    field = described.get(use.field)
    if field is None:
        return False
    return True if use.use is Use.READ else getattr(field, use.use.value)


def lacking(look: OrgLook, uses: Iterable[FieldUse]) -> tuple[FieldUse, ...]:
    """The uses that this org does not allow."""
    found = []
    for use in uses:
        described = look.descriptions.get(use.object)
        gone = isinstance(described, Problem) and _is_absent(described)
        if gone or (isinstance(described, Mapping) and _allowed(use, described) is False):
            found.append(use)
    return tuple(sorted(found))


RIGHTS = (
    (("ApiEnabled",), "API Enabled", "Nothing can be read."),
    (evidence_parts.SEES_USERS, "Manage Users, View All Users or View All Data", "A missing account cannot be seen."),
    (evidence_parts.SEES_FREEZE, "Manage Users", "A freeze cannot be seen."),
    (evidence_parts.SEES_SIGN_INS, "Manage Users or Monitor Login History", "Sign-ins of the account cannot be seen."),
    (evidence_parts.SEES_TOKENS, "Customize Application", "Revoked access and streaming cannot be seen."),
    (evidence_parts.SEES_AUDIT, "View Setup and Configuration", "Nobody can be named."),
)  # fmt: skip
"""What you need to see a part: any of these permissions, their labels, and what your lack hides."""


def rights(evidence: Evidence) -> Iterator[Fact]:
    """What the operator's own rights hide."""
    for any_of, label, effect in RIGHTS:
        if not isinstance(evidence.rights, Read):
            yield Fact(Group.RIGHTS, label, "yours", evidence.rights.reason, Verdict.UNREAD, effect)
            continue
        has = evidence.rights.value.may(*any_of)
        yield compared(Group.RIGHTS, label, "yours", "yours" if has else "not yours", has, effect)


def sign_in_texts(counts: Counts | Problem, unknown: Sequence[str]) -> Iterator[Fact]:
    """Whether all texts are known, and in which language they are."""
    if isinstance(counts, Problem):
        yield unread(
            Group.SIGN_INS,
            "texts",
            "known texts",
            counts,
            "remonitor cannot see new texts before they matter.",
        )
    else:
        effect = "remonitor shows such a refusal as it is, but cannot say why Salesforce refuses."
        yield compared(
            Group.SIGN_INS, "texts", "known texts", _told(unknown, len(counts)), not unknown, effect
        )
    foreign = [text for text in unknown if not is_english(text)]
    if isinstance(counts, Problem) and not foreign:
        return
    effect = "remonitor does not understand refusals in another language: their meaning is Unknown."
    found = f"none of Salesforce's English words in {listed(foreign)}" if foreign else "English"
    yield compared(Group.SIGN_INS, "language of the texts", "English", found, not foreign, effect)


def sign_in_types(counts: Counts | Problem, unknown: Sequence[str]) -> Fact:
    effect = "remonitor cannot tell whether such a sign-in is Incydr's."
    if isinstance(counts, Problem):
        return unread(Group.SIGN_INS, "login types", "known types", counts, effect)
    return compared(
        Group.SIGN_INS, "login types", "known types", _told(unknown, len(counts)), not unknown, effect
    )


def applications(counts: Counts | Problem, unknown: Sequence[str], pinned: Collection[str]) -> Fact:
    effect = "If this is Incydr's app, set it as incydr_app: its sign-ins then show that Incydr works."
    expected = (
        f"of names like Incydr's only {listed(sorted(pinned))}" if pinned else "Incydr's app in incydr_app"
    )
    if isinstance(counts, Problem):
        return unread(Group.SIGN_INS, "applications", expected, counts, effect)
    return compared(
        Group.SIGN_INS, "applications", expected, _told(unknown, len(counts)), not unknown, effect
    )


def audit_actions(rows: tuple[wire.ActionRow, ...] | Problem, unknown: Sequence[str], now: datetime) -> Fact:
    """How many unknown actions there are among the newest such rows, and how far back these reach."""
    expected, effect = "known actions", "If one of them explains a cause, remonitor names nobody for it."
    if isinstance(rows, Problem):
        return unread(Group.AUDIT, "actions", expected, rows, effect)
    if not rows:
        return compared(Group.AUDIT, "actions", expected, "there is no row of any other action", True)
    oldest = wire.moment(rows[-1].CreatedDate, "SetupAuditTrail.CreatedDate")
    age = f", the oldest {(now - oldest).days} days old" if oldest is not None else ""
    full = f" (the newest {QUERY_PAGE:,} of them)" if len(rows) >= QUERY_PAGE else ""
    found = f"{counted(len(unknown), 'unknown action')} in {counted(len(rows), 'row')}{full}{age}: {listed(unknown)}"
    return compared(Group.AUDIT, "actions", expected, found, not unknown, effect)


def display_language(rows: tuple[wire.ActionRow, ...] | Problem) -> Fact:
    """Whether the displays are in the English forms of the table."""
    name, expected = "language of the displays", "the English forms that are known"
    effect = "remonitor finds such rows only by action, Id and exact name."
    if isinstance(rows, Problem):
        return unread(Group.AUDIT, name, expected, rows, effect)
    forms = [(row, about) for row in rows if (about := known(row.Action)) and about.displays]
    if not forms:
        return Fact(Group.AUDIT, name, expected, "there is no row to compare", Verdict.UNTRIED)
    others = [row for row, action in forms if english_form((row.Display or "").strip(), action) is None]
    actions = listed(list(dict.fromkeys(row.Action for row in others)))
    found = f"{len(forms) - len(others)} of {counted(len(forms), 'row')}"
    if others:
        found += f"; in another language or form: {actions}"
    return compared(Group.AUDIT, name, expected, found, not others, effect)


def _told(unknown: Sequence[str], known: int) -> str:
    return f"{len(unknown)} unknown: {listed(unknown)}" if unknown else f"all of {known} known"


def listed(values: Sequence[str]) -> str:
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(f"“{value}”" for value in values[:SHOWN]) + more
