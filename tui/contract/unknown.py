"""What an org wrote that the program does not know: as it was found, and as far as it is still so. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from msgspec.structs import replace

from tui.base.problem import Problem
from tui.base.text import clean
from tui.connections.evidence import Evidence, SignIns, value_of
from tui.connections.signs_of_life import went_through
from tui.contract.asking import Counts
from tui.onboarding.org_lookups import PATTERN
from tui.rules.audit_actions import known
from tui.rules.login_texts import is_known, meaning
from tui.salesforce import wire
from tui.salesforce.remembered_facts import Learned

MOST = 50
"""So many values of a kind are kept."""


def texts(counts: Counts | Problem, evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """Texts of the login history that the program does not know, most often first."""
    seen = _with_rows(counts, (row.status for row in _rows(evidence)))
    return _values(text for text in seen if text and not went_through(text) and not meaning(text).known)


def login_types(counts: Counts | Problem, evidence: Iterable[Evidence]) -> tuple[str, ...]:
    seen = _with_rows(counts, (row.login_type or "" for row in _rows(evidence)))
    return _values(each for each in seen if each and not is_known(each))


def applications(
    counts: Counts | Problem, evidence: Iterable[Evidence], pinned: Collection[str]
) -> tuple[str, ...]:
    """Applications that may be Incydr's and are in no connection's configuration."""
    seen = _with_rows(counts, (row.application for row in _rows(evidence)))
    return _values(name for name in seen if PATTERN.search(name) and name not in pinned)


def _rows(evidence: Iterable[Evidence]) -> Iterator[SignIns]:
    for each in evidence:
        if (history := value_of(each.sign_ins)) is not None:
            yield from (*history.window, *history.hour)


def _with_rows(counts: Counts | Problem, rows: Iterable[str]) -> list[str]:
    known = counts if isinstance(counts, Mapping) else {}
    return list(dict.fromkeys((*sorted(known, key=lambda value: -known[value]), *rows)))


def _values(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(clean(text, 120) for text in texts)[:MOST]


def actions(rows: tuple[wire.ActionRow, ...] | Problem) -> tuple[str, ...]:
    """Actions of the audit trail that are not in the table, most often first."""
    if isinstance(rows, Problem):
        return ()
    counts: dict[str, int] = {}
    for row in rows:
        if known(row.Action) is None:
            counts[row.Action] = counts.get(row.Action, 0) + 1
    return _values(sorted(counts, key=lambda action: -counts[action]))


def still_unknown(learned: Learned) -> Learned:
    """What of it this program does not know either."""
    return replace(
        learned,
        texts=tuple(text for text in learned.texts if not meaning(text).known),
        login_types=tuple(each for each in learned.login_types if not is_known(each)),
        actions=tuple(action for action in learned.actions if known(action) is None),
    )
