"""Moments of one outage, by the real rules: frozen by Jane Doe, unfrozen by her, then Incydr is back or overdue."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

from msgspec.structs import replace

from tests.evidence import (
    NOW,
    connection,
    evidence,
    froze,
    history,
    login,
    org,
    repair_for,
    signed_in,
    trail,
    unfroze,
)
from tui.connections import walkthrough as walks
from tui.connections.connection import Experience, Org
from tui.connections.evidence import Evidence
from tui.connections.recovery import advance
from tui.connections.repair import NoRepair, Outcome, Repair, Result
from tui.connections.state import State
from tui.connections.step import Subject
from tui.connections.walkthrough import Walkthrough
from tui.diagnosis.diagnose import diagnose
from tui.keys import KeyNames, bound
from tui.rules.required_permissions import REQUIREMENTS
from tui.walkthrough.face import Session
from tui.walkthrough.questions import Question, RepairQuestion, YesOrNo
from tui.walkthrough.terms import Terms, terms_of_keys, terms_of_lines
from tui.watching import walking
from tui.watching.schedule import ReadingProgress
from tui.wording import Times

NAME = "Acme EMEA"
FROZEN_AT = NOW - timedelta(minutes=18)
KEYS = KeyNames(bound({}))
BY_KEYS = terms_of_keys(KEYS)
BY_LINES = terms_of_lines(KEYS, "remonitor report 'Acme EMEA'")


def frozen(**parts: Any) -> Evidence:
    seen = {"freeze": login(frozen=True, modified=FROZEN_AT), "audit": trail(froze(FROZEN_AT))}
    return evidence(**(seen | parts))


def repaired(minutes: float) -> Evidence:
    """Unfrozen two minutes after the first reading; Incydr has not signed in since."""
    return evidence(
        now=NOW + timedelta(minutes=minutes),
        sign_ins=history(signed_in(at=FROZEN_AT - timedelta(minutes=10), count=12)),
        freeze=login(modified=NOW + timedelta(minutes=2)),
        audit=trail(unfroze(NOW + timedelta(minutes=2)), froze(FROZEN_AT)),
    )


def returned() -> Evidence:
    at = NOW + timedelta(minutes=5)
    return evidence(now=at, sign_ins=history(signed_in(at=at, count=13)), audit=trail(froze(FROZEN_AT)))


@dataclass
class FakeWatcher:
    """What a walkthrough needs of the watcher, over readings that a test hands in."""

    known: State | None = None
    walked: Walkthrough | None = None
    now: Any = NOW
    paused: bool = False
    asked: list[str | None] = field(default_factory=list)
    sent: list[Repair] = field(default_factory=list)
    outcomes: tuple[Outcome, ...] = (Outcome(Result.APPLIED),)
    offers: Sequence[Repair | NoRepair] | None = None
    undo: Repair | None = None
    held_by: str | None = None
    word_counts: bool = True
    said_by: str = ""

    def reads(self, reading: Evidence) -> tuple[State | None, State]:
        """The state before this reading and after it; its walkthrough follows."""
        before, self.now = self.known, reading.read_at
        of = diagnose(connection(), reading)
        self.known = state = advance(connection(), before, reading, of)
        if self.walked is not None:
            walk, over = walking.refreshed(self.walked, state, self.now, REQUIREMENTS)
            self.walked = None if over else walk
        return before, state

    def state(self, name: str) -> State | None:
        return self.known

    def progress(self, name: str) -> ReadingProgress:
        return ReadingProgress(next_at=self.now + timedelta(minutes=1), paused=self.paused)

    def org(self, name: str) -> Org:
        return org()

    def holder(self, name: str) -> str | None:
        return self.held_by

    def check_now(self, name: str | None = None) -> None:
        self.asked.append(name)

    def pause(self, name: str, on: bool) -> None:
        self.paused = on

    def walkthrough(self, name: str) -> Walkthrough | None:
        return self.walked

    async def walk(self, name: str) -> None:
        if self.walked is None:
            self.walked = walking.begin(self.known, Experience.LIGHTNING, self.now, REQUIREMENTS)

    async def step_done(self, name: str) -> None:
        assert self.walked is not None
        self.walked = walks.done(self.walked, self.now)

    async def step_back(self, name: str) -> None:
        assert self.walked is not None
        self.walked = walks.back(self.walked)

    async def step_again(self, name: str, index: int) -> None:
        assert self.walked is not None
        self.walked = walks.go_to(self.walked, index)

    async def step_skip(self, name: str) -> None:
        assert self.walked is not None
        self.walked = walks.skip(self.walked, self.now)

    async def switch_experience(self, name: str) -> None:
        assert self.walked is not None
        self.walked = replace(self.walked, experience=Experience.CLASSIC)

    async def say_monitoring(self, name: str, by: str) -> bool:
        self.said_by = by
        return self.word_counts

    async def withdraw_monitoring(self, name: str, by: str) -> bool:
        self.said_by = ""
        return self.word_counts

    async def close_walk(self, name: str) -> None:
        self.walked = None

    async def repair(self, name: str, repair: Repair) -> tuple[Outcome, ...]:
        self.sent.append(repair)
        return self.outcomes

    async def undo_offer(self, name: str) -> Repair | NoRepair:
        return self.undo or NoRepair("", "Nothing was repaired.")

    def repair_offers(self, name: str) -> tuple[Repair | NoRepair, ...]:
        if self.offers is not None or self.known is None:
            return tuple(self.offers or ())
        subject = Subject(connection(), org(), self.known.evidence)
        return tuple(repair_for(finding, subject) for finding in self.known.diagnosis.findings)


@dataclass
class FakeFace:
    """Keeps what it is told."""

    said: list[tuple[str, bool]] = field(default_factory=list)
    """Each sentence, and whether the page shows it too."""
    asked: list[RepairQuestion] = field(default_factory=list)
    choices: list[YesOrNo] = field(default_factory=list)

    def say(self, sentences: Sequence[str], *, on_page: bool) -> None:
        self.said += [(sentence, on_page) for sentence in sentences if sentence]

    def ask(self, question: Question) -> None:
        if isinstance(question, RepairQuestion):
            self.asked.append(question)
        else:
            self.choices.append(question)


async def under_way(reading: Evidence, terms: Terms = BY_KEYS) -> tuple[Session, FakeWatcher, FakeFace]:
    """A walkthrough begun on this reading."""
    watcher, face = FakeWatcher(), FakeFace()
    watcher.reads(reading)
    session = Session(watcher, NAME, face, terms, REQUIREMENTS)
    await session.begin()
    return session, watcher, face


def times(watcher: FakeWatcher) -> Times:
    return Times(UTC, watcher.now)
