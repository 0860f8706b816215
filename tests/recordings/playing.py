"""`check` on a recording: each reading at its time, by processes that share a journal, as from cron."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from msgspec.structs import replace

from tui.base.clock import Clock, ManualClock
from tui.config import Config
from tui.connections.evidence import Unreadable, value_of
from tui.connections.repair import NoRepair, Repair
from tui.connections.state import State
from tui.console import exit_of, worst
from tui.console.watcher import read_once, rows_of
from tui.net import Net
from tui.recordings.format import Expected, Recording, Verdict
from tui.recordings.replay import Replay, configuration
from tui.reports.text import as_text, offers_of
from tui.wording import Times

HERE = Path(__file__).parent
Offers = Mapping[str, Sequence[Repair | NoRepair]]


@dataclass(frozen=True)
class Played:
    """What `check` knew and said after a reading; `unknown` is what the recording could not answer."""

    states: tuple[State, ...]
    offers: Offers
    exit_code: int
    text: str
    unknown: tuple[str, ...] = ()

    @property
    def verdict(self) -> Expected:
        """All that an expectation can say, as the program says it."""
        verdicts = {s.connection.name: verdict_of(s, self.offers[s.connection.name]) for s in self.states}
        return Expected(verdicts, self.exit_code)

    @property
    def lasting(self) -> Expected:
        """The verdict without what depends on how this version asks: rows that were asked for, and calls."""
        verdicts = {
            name: replace(told, actions=None, calls=None) for name, told in self.verdict.connections.items()
        }
        return Expected(verdicts, self.exit_code)


async def play(recording: Recording, folder: Path) -> list[Played]:
    """What there is after each reading, oldest first.

    `folder` is for the stand-in of secrets; REMONITOR_STATE names where the journal goes.
    """
    config = configuration(recording, folder, recording.about or "a recording")
    first = recording.readings[0].at
    assert first is not None
    clock = ManualClock(first)
    replay = Replay(recording, config, clock)
    played = []
    for reading in recording.readings:
        assert reading.at is not None
        clock.advance(reading.at - clock.now())
        played.append(await read(config, clock, replay, replay.unknown))
    return played


async def read(config: Config, clock: Clock, net: Net, unknown: Sequence[str] = ()) -> Played:
    """One `check` of everything."""
    states = await read_once(config, (), clock, net=net)
    offers = offers_of(states)
    text = as_text(rows_of(states), Times(UTC, clock.now()), offers=offers)
    return Played(tuple(states), offers, int(worst(exit_of(state) for state in states)), text, tuple(unknown))


def verdict_of(state: State, offers: Sequence[Repair | NoRepair]) -> Verdict:
    findings = state.diagnosis.findings
    trail = value_of(state.evidence.audit)
    used, limit = state.evidence.api_used, state.evidence.api_limit
    return Verdict(
        status=state.status.value,
        causes=state.diagnosis.causes,
        who=tuple(f.by.name if f.by is not None else None for f in findings),
        since=tuple(f.since for f in findings),
        offers=tuple(o.title if isinstance(o, Repair) else None for o in offers),
        warnings=tuple(fact.text for fact in state.diagnosis.warnings),
        actions=tuple(sorted({row.action for row in trail.rows} if trail is not None else ())),
        parts={
            name: _reason(part)
            for name in state.evidence.__struct_fields__
            if isinstance(part := getattr(state.evidence, name), Unreadable)
        },
        calls=(used, limit) if used is not None and limit is not None else None,
    )


def differences(expected: Expected, played: Played) -> list[str]:
    """What is not as expected, each as one line."""
    found = [
        line
        for name, verdict in expected.connections.items()
        for line in _different(name, verdict, played.verdict.connections[name])
    ]
    if expected.exit_code is not None and expected.exit_code != played.exit_code:
        found.append(f"exit code {played.exit_code}, expected {expected.exit_code}")
    reasons = [
        reason for told in played.verdict.connections.values() for reason in (told.parts or {}).values()
    ]
    text = " ".join(" ".join((played.text, *reasons)).split())
    found += [f"does not say: {words}" for words in expected.says if words not in text]
    found += [f"says: {words}" for words in expected.never_says if words in text]
    return found


def _different(name: str, right: Verdict, told: Verdict) -> list[str]:
    found = []
    for field in ("status", "causes", "who", "since", "offers", "calls"):
        wanted, got = getattr(right, field), getattr(told, field)
        if wanted is not None and wanted != got:
            found.append(f"{name}: {field} {got}, expected {wanted}")
    if right.warnings is not None:
        told_ones = told.warnings or ()
        missing = [words for words in right.warnings if not any(words in text for text in told_ones)]
        if missing or len(told_ones) != len(right.warnings):
            found.append(f"{name}: warnings {told_ones}, expected {right.warnings}")
    if missed := set(right.actions or ()) - set(told.actions or ()):
        found.append(f"{name}: the audit trail was read without {', '.join(sorted(missed))}")
    for part, words in (right.parts or {}).items():
        reason = (told.parts or {}).get(part, "read")
        if words not in reason:
            found.append(f"{name}: {part}: {reason!r}, expected {words!r}")
    return found


def _reason(part: Unreadable) -> str:
    return f"{part.reason} {part.next_step}".strip()
