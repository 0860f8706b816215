"""Takes a recording: reads connections, puts stand-ins for what is somebody's, holds its replay against life."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from msgspec import structs

from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.config import Config
from tui.connections.state import Status
from tui.console.playing import Played, changed_by_stand_ins, play, read
from tui.console.watcher import only
from tui.net.proxies import LOOPBACK
from tui.recordings import format
from tui.recordings.format import Expected, Recording, Verdict
from tui.recordings.pseudonyms import Pseudonyms
from tui.recordings.recorder import Recorder
from tui.recordings.redaction import Redaction
from tui.recordings.vocabulary import KEPT_WORDS, PRODUCTS
from tui.watching.entry import EntryKind
from tui.watching.journal import Journal, JournalProblem

Words = dict[str, str]
"""What the Incydr console shows, by connection; a connection that nobody looked up is not in it."""
AskConsole = Callable[[Played], Awaitable[Words]]
KEY_BYTES = 32


@dataclass(frozen=True)
class Taken:
    """What was heard as it came, what the program said after each reading, and what the console showed then."""

    recording: Recording
    played: Sequence[Played]
    shown: Sequence[Words]


@dataclass(frozen=True)
class Disguised:
    """The recording that may leave the house; `unknown`: values that no vocabulary has, and what stands there."""

    recording: Recording
    names: Pseudonyms
    unknown: dict[tuple[str, str], str]


def narrowed(config: Config, names: Sequence[str]) -> Config:
    """The configuration of these connections, and of nothing else; what their console says is asked for."""
    chosen = only(config, names)
    connections = tuple(structs.replace(each, status_command=()) for each in chosen.connections)
    orgs, tenants = {each.org for each in connections}, {each.tenant for each in connections}
    return structs.replace(
        chosen,
        connections=connections,
        orgs={name: org for name, org in config.orgs.items() if name in orgs},
        tenants={name: tenant for name, tenant in config.tenants.items() if name in tenants},
    )


def origin_of(config: Config) -> Literal["org", "demo"]:
    """`demo` where every org is a stand-in on this machine."""
    hosts = {urlsplit(org.api_url).hostname for org in config.orgs.values()}
    return "demo" if hosts <= set(LOOPBACK) else "org"


async def take(
    config: Config,
    clock: Clock,
    net: Recorder,
    folder: Path,
    span: timedelta,
    ask_console: AskConsole,
    noted: Callable[[], Awaitable[Words]],
) -> Taken:
    """One reading, or all of `span`, as the program's own intervals have them; Ctrl+C ends the span. Raises Problem.

    `folder` is for a journal of its own: what another journal remembers, the recording could not say. `noted` is what
    somebody wrote down elsewhere since it was asked last.
    """
    end = clock.now() + span
    played: list[Played] = []
    shown: list[Words] = []
    while True:
        net.begin()
        played.append(await read(config, clock, net, folder=folder))
        changed = len(played) == 1 or _statuses(played[-1]) != _statuses(played[-2])
        asked = await ask_console(played[-1]) if changed else {}
        shown.append(await noted() | asked)
        well = all(state.status is Status.MONITORING for state in played[-1].states)
        seconds = config.app.intervals.monitoring if well else config.app.intervals.error
        following = clock.now() + timedelta(seconds=seconds)
        if following > end or not await _waited(clock, following):
            return Taken(net.recording(origin_of(config)), played, shown)


class Noted:
    """What an app beside the recording writes into the program's own journal: what the console shows."""

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self._path = path
        self._names = names
        self._known: set[str] = set()

    async def new(self) -> Words:
        """The newest word for each connection since this was asked last; nothing where there is no journal."""
        if not self._path.exists():
            return {}
        journal = Journal(self._path)
        try:
            await journal.open()
            lines = {name: await journal.history(name) for name in self._names}
        except JournalProblem:
            return {}
        finally:
            await journal.close()
        words = {}
        for name, entries in lines.items():
            fresh = [e for e in entries if e.kind is EntryKind.WORD and e.text and e.key not in self._known]
            self._known.update(entry.key for entry in fresh)
            if fresh:
                words[name] = max(fresh, key=lambda entry: entry.at).text
        return words


async def _waited(clock: Clock, moment: datetime) -> bool:
    """Wait for the moment; False where somebody does not want to wait, and wants what there is."""
    try:
        await clock.sleep_until(moment)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in one
        task.uncancel()
        return False
    return True


def disguised(taken: Taken, consented: Collection[str] = ()) -> Disguised:
    """The recording with stand-ins by a key that ends with this call; expected is what the console showed."""
    while True:
        names = Pseudonyms(secrets.token_bytes(KEY_BYTES), KEPT_WORDS, PRODUCTS)
        redaction = Redaction(names, consented)
        recording = redaction.of(taken.recording)
        if not names.clashes:
            break
    expected = [
        _expected(played, words, names) for played, words in zip(taken.played, taken.shown, strict=True)
    ]
    readings = [
        structs.replace(reading, expected=right)
        for reading, right in zip(recording.readings, expected, strict=False)
    ]
    if readings:
        readings[-1] = structs.replace(readings[-1], expected=None)
    about = f"recorded: {', then '.join(dict.fromkeys(_about(played) for played in taken.played))}"
    whole = structs.replace(recording, about=about, readings=tuple(readings), expected=expected[-1])
    return Disguised(whole, names, redaction.unknown)


async def proven(taken: Taken, disguised: Disguised, folder: Path) -> bytes:
    """The file's bytes, where its replay says what the program said in life. Raises Problem."""
    if len(taken.recording.readings) < len(taken.played):
        raise _not_written("not every reading was answered", "remonitor doctor shows where the way ends.")
    data = format.encode(disguised.recording)
    if len(data) > format.MAX_BYTES:
        raise _not_written(
            f"it would have more than {format.MAX_BYTES // 1_000_000} MB", "Record a shorter while."
        )
    again = await play(format.decode(data, "the recording"), folder)
    if wrong := changed_by_stand_ins(taken.played, again, disguised.names):
        hint = "Record once more: something may have changed within the reading."
        if any(kept != value for (_, value), kept in disguised.unknown.items()):
            hint += " Values that were not kept may matter: --keep VALUE keeps one."
        raise _not_written(f"its replay does not say the same: {'; '.join(wrong[:5])}", hint)
    return data


def requests_made(recording: Recording) -> tuple[int, int]:
    """Requests to orgs, and to tenants."""
    places = [exchange.request.place for reading in recording.readings for exchange in reading.exchanges]
    tenants = sum(place.startswith("tenant:") for place in places)
    return len(places) - tenants, tenants


def _expected(played: Played, words: Words, names: Pseudonyms) -> Expected:
    """Only what somebody saw: without it a connection is there for its shapes."""
    return Expected(
        {
            names.text(state.connection.name): Verdict(status=words.get(state.connection.name))
            for state in played.states
        }
    )


def _about(played: Played) -> str:
    told = (
        " ".join(
            [state.status.value, *([f"({', '.join(causes)})"] if (causes := state.diagnosis.causes) else [])]
        )
        for state in played.states
    )
    return " and ".join(dict.fromkeys(told))


def _statuses(played: Played) -> list[Status]:
    return [state.status for state in played.states]


def _not_written(why: str, next_step: str) -> Problem:
    return Problem("The recording was not written", f"{why[:1].upper()}{why[1:]}.", next_step)
