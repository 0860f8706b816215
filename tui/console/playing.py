"""What the program says of connections after each reading, live or of a recording, and whether both are the same."""

import re
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
from tui.recordings.pseudonyms import Pseudonyms
from tui.recordings.replay import Replay, configuration
from tui.reports.text import as_text, offers_of
from tui.wording import Times

Offers = Mapping[str, Sequence[Repair | NoRepair]]
_MOMENTS = re.compile(r"\d+|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b")


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
    """What there is after each reading, oldest first. `folder` is for the stand-in of secrets and the journal."""
    config = configuration(recording, folder, recording.about or "a recording")
    first = recording.readings[0].at
    assert first is not None  # noqa: S101 - the format has seen to it
    clock = ManualClock(first)
    net = Replay(recording, config, clock)
    played = []
    for reading in recording.readings:
        assert reading.at is not None  # noqa: S101 - the same
        clock.advance(reading.at - clock.now())
        played.append(await read(config, clock, net, net.unknown, folder=folder / "state"))
    return played


async def read(
    config: Config, clock: Clock, net: Net, unknown: Sequence[str] = (), *, folder: Path | None = None
) -> Played:
    """One `check` of everything; `folder`: where its journal is, by default the program's own."""
    states = await read_once(config, (), clock, net=net, folder=folder)
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


def changed_by_stand_ins(live: Sequence[Played], again: Sequence[Played], names: Pseudonyms) -> list[str]:
    """In what the replay of a recording with stand-ins says another thing than the live readings did, as lines."""
    if len(live) != len(again):
        return [f"{len(again)} readings, not {len(live)}"]
    return [
        f"reading {number}: {difference}"
        for number, (one, other) in enumerate(zip(live, again, strict=True), 1)
        for difference in _differences(one, other, names)
    ]


def _differences(live: Played, again: Played, names: Pseudonyms) -> list[str]:
    found = (
        [] if live.exit_code == again.exit_code else [f"exit code {again.exit_code}, not {live.exit_code}"]
    )
    told = again.verdict.connections
    for name, right in live.verdict.connections.items():
        got = told.get(names.text(name))
        if got is None:
            found.append(f"{name} is not in it")
            continue
        pairs = {
            "status": (right.status, got.status),
            "causes": (right.causes, got.causes),
            "by whom": (_plain(right.who or ()), _plain(got.who or (), names)),
            "since": (tuple(at and names.moved(at) for at in right.since or ()), got.since),
            "offers": (_plain(right.offers or ()), _plain(got.offers or (), names)),
            "warnings": (_plain(right.warnings or ()), _plain(got.warnings or (), names)),
            "what cannot be read": (set(right.parts or ()), set(got.parts or ())),
        }
        found += [f"{name}: {what} differs" for what, (one, other) in pairs.items() if one != other]
    return found


def _plain(texts: Sequence[str | None], names: Pseudonyms | None = None) -> list[str]:
    """Texts that can be compared: without days and numbers, with the originals of stand-ins."""
    shown = (text or "" for text in texts)
    return [_MOMENTS.sub("#", (names.original(t) if names is not None else t).casefold()) for t in shown]


def _reason(part: Unreadable) -> str:
    return f"{part.reason} {part.next_step}".strip()
