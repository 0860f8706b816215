"""What the program takes for granted: what this look shows of it, or why nothing that may be asked does. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from tui.base.assumptions import ASSUMPTIONS
from tui.base.limits import ACROSS_VENDORS, STREAMS, WARNED_SKEW, Limit, Mark, limits
from tui.base.problem import Problem
from tui.base.text import counted
from tui.connections.connection import Org
from tui.connections.evidence import Evidence, Read, Unreadable, value_of
from tui.contract.asking import OrgLook, TenantLook
from tui.contract.model import Fact, Group, Verdict
from tui.rules.audit_actions import Topic, known
from tui.rules.login_texts import is_english
from tui.rules.required_permissions import EVENT_MONITORING

Shown = tuple[bool | None, str]
"""Whether it is so (None: this look does not show it), and what was found."""


@dataclass(frozen=True)
class Seen:
    """All that a look has read."""

    org: Org
    look: OrgLook
    evidence: Mapping[str, Evidence]
    tenants: Mapping[str, TenantLook]
    unknown_texts: tuple[str, ...]
    offset: timedelta | None
    calls: int
    """API calls that the org answered, or refused."""

    @property
    def any(self) -> Evidence | None:
        return next(iter(self.evidence.values()), None)


def _client_credentials(seen: Seen) -> Shown:
    if seen.org.sign_in.way != "client_credentials":
        return None, "you sign in another way"
    if not seen.calls:
        return None, "this sign-in was not taken"
    return True, "this sign-in was taken"


def _dependencies(seen: Seen) -> Shown:
    part = seen.any.dependencies if seen.any is not None else None
    if not isinstance(part, Read):
        return None, part.reason if part is not None else "not asked"
    return bool(part.value), f"{len(part.value)} that matter here"


def _grouping(seen: Seen) -> Shown:
    looks = [look for look in seen.tenants.values() if look.has_events]
    if not looks:
        return None, "there is no Salesforce event to group"
    refused = [look.groups for look in looks if isinstance(look.groups, Problem)]
    return not refused, f"{refused[0].title}: {refused[0].message}" if refused else "it was answered"


def _search(seen: Seen) -> Shown:
    if not seen.tenants:
        return None, "no tenant is configured"
    refused = [look.found for look in seen.tenants.values() if isinstance(look.found, Problem)]
    if any(problem.no_answer for problem in refused):
        return None, f"{refused[0].title}: {refused[0].message}"
    return not refused, f"{refused[0].title}: {refused[0].message}" if refused else "it was answered"


def _english(seen: Seen) -> Shown:
    if isinstance(seen.look.counts["Status"], Problem) and not seen.unknown_texts:
        return None, "no text was read"
    foreign = [text for text in seen.unknown_texts if not is_english(text)]
    return not foreign, f"“{foreign[0]}” has none" if foreign else "every text has one"


def _event_monitoring(seen: Seen) -> Shown:
    evidence = seen.any
    if evidence is None or isinstance(evidence.fields, Unreadable) or not isinstance(evidence.streams, Read):
        return None, "fields or streams could not be read"
    field = EVENT_MONITORING in evidence.fields.value
    stream = any(each.entity in STREAMS for each in evidence.streams.value)
    return field == stream, f"the permission is {_there(field)}, the streams are {_there(stream)}"


def _there(is_there: bool) -> str:
    return "there" if is_there else "not there"


def _by_day(seen: Seen) -> Shown:
    found = seen.look.days
    if isinstance(found, Problem):
        return (None if found.no_answer else False), f"{found.title}: {found.message}"
    return True, f"it was counted, in {counted(found, 'group')}"


def _streaming_action(seen: Seen) -> Shown:
    rows = seen.look.displays
    if isinstance(rows, Problem):
        return None, f"{rows.title}: {rows.message}"
    found = [row.Action for row in rows if (a := known(row.Action)) and a.topic is Topic.STREAMING]
    return (True, f"“{found[0]}”") if found else (None, "no streaming was switched lately")


def _standard_profiles(seen: Seen) -> Shown:
    own = [g for e in seen.evidence.values() for g in value_of(e.grants) or () if g.kind == "profile"]
    told = [grant for grant in own if grant.custom is not None]
    if not told:
        return None, "no profile of an account was read"
    return None, "the org itself says which profiles are custom; a refusal shows with a repair alone"


def _clocks(seen: Seen) -> Shown:
    offsets = [o for o in (seen.offset, *(look.offset for look in seen.tenants.values())) if o is not None]
    if len(offsets) < 2:
        return None, "there is only one clock to compare"
    apart = max(offsets) - min(offsets)
    return apart <= ACROSS_VENDORS, f"{apart.total_seconds():.0f} s apart"


def _own_clock(seen: Seen) -> Shown:
    if seen.offset is None:
        return None, "no answer carried a time"
    return abs(seen.offset) < WARNED_SKEW, f"{seen.offset.total_seconds():+.0f} s"


TRIED: Mapping[str, Callable[[Seen], Shown]] = {
    "client_credentials_basic": _client_credentials,
    "dependencies_everywhere": _dependencies,
    "detector_grouping": _grouping,
    "english_login_texts": _english,
    "event_monitoring_fields": _event_monitoring,
    "event_query_terms": _search,
    "sign_ins_by_day": _by_day,
    "standard_profiles": _standard_profiles,
    "streaming_action": _streaming_action,
    "ACROSS_VENDORS": _clocks,
    "WARNED_SKEW": _own_clock,
}
"""How each is tried, by its id in the registry, or the name of the limit."""

_PAGE = "only a page of Setup shows it"
_REPAIR = "only a repair shows it, and this look changes nothing"
_OUTAGE = "only an outage shows it"
UNTRIED: Mapping[str, str] = {
    "automation_names": "only you know who is a person",
    "connected_apps_page": _PAGE,
    "moved_hosts": "only an org that moved shows it",
    "muting_counted": "only a muted permission of the account shows it",
    "my_domain_hosts": "only an address that is given to `add` shows it",
    "noticed_alike": _OUTAGE,
    "quota_hour": "only a used-up quota shows it",
    "repair_rights": _REPAIR,
    "reports_permission": "only the Incydr console shows it",
    "set_named_after_app": "only a deleted set shows it",
    "setup_addresses": _PAGE,
    "terminal_sequence": "only your terminal shows it",
    "userinfo_is_free": "other programs use the org at the same time",
    "SAME_MOMENT": _OUTAGE,
    "AUDIT_LATE": _OUTAGE,
    "refusals": "only a refused sign-in of yours shows them",
}
"""Why it cannot be tried. `refusals` are the texts of refused sign-ins that nobody has seen, all together."""

LIMITS: Mapping[str, str] = {
    "ACROSS_VENDORS": "difference that the clocks of two vendors may have",
    "WARNED_SKEW": "difference of this machine's clock from an org's that is worth a warning",
    "SAME_MOMENT": "time between a record's last change and its row in the audit trail",
    "AUDIT_LATE": "time after which a row of the audit trail may still become visible",
}


def facts(seen: Seen) -> Iterator[Fact]:
    """One for each."""
    for id, (what, otherwise) in registry().items():
        if id in UNTRIED:
            yield Fact(Group.ASSUMED, what, "so", UNTRIED[id], Verdict.UNTRIED)
            continue
        holds, found = TRIED[id](seen)
        verdict = Verdict.UNTRIED if holds is None else Verdict.HOLDS if holds else Verdict.DIFFERS
        yield Fact(Group.ASSUMED, what, "so", found, verdict, otherwise if holds is False else "")


def registry() -> dict[str, tuple[str, str]]:
    """All of it by id: what is taken for granted, and what goes wrong otherwise."""
    found: dict[str, tuple[str, str]] = {id: (each.what, each.otherwise) for id, each in ASSUMPTIONS.items()}
    found |= {_limit_id(each): (_sentence(each), "") for each in limits() if each.mark is Mark.INFERRED}
    return found | {"refusals": ("The texts of refused sign-ins mean what they seem to mean.", "")}


def _limit_id(limit: Limit) -> str:
    return next((id for id, what in LIMITS.items() if what == limit.what), limit.what)


def _sentence(limit: Limit) -> str:
    seconds = limit.value.total_seconds() if isinstance(limit.value, timedelta) else 0
    return f"{limit.what[:1].upper()}{limit.what[1:]}: {seconds:.0f} s."
