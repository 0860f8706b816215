"""What a walkthrough shows and offers at one moment, whoever shows it. Pure."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from tui import wording
from tui.connections.connection import Org, Requirements
from tui.connections.finding import Finding, Kind
from tui.connections.repair import NoRepair, Repair
from tui.connections.state import State
from tui.connections.step import Sketch, Step, StepText, Subject
from tui.connections.walkthrough import Phase, Walkthrough, phase_of
from tui.keys import BY_ID, Command, Context
from tui.pictures.quota import Quota, quota_of
from tui.pictures.timeline import Timeline, sentences, timeline_of
from tui.walkthrough.marks import StepMark, marked, unfinished_step
from tui.walkthrough.terms import ACTIONS, EXPERIENCES, OTHER, Terms
from tui.watching.schedule import ReadingProgress


class Moment(Struct, frozen=True):
    """Everything that the page of one connection's walkthrough is made of.

    `steps` are those of the walkthrough's items; `opening`: the walkthrough is still to come; `busy`: what is being
    sent to Salesforce; `recurring` says that the cause came before, `notice` what is news just now.
    """

    state: State
    walk: Walkthrough | None
    steps: tuple[Step, ...]
    org: Org
    times: wording.Times
    terms: Terms
    progress: ReadingProgress
    opening: bool = False
    notice: str = ""
    busy: str = ""
    recurring: tuple[str, ...] = ()
    holder: str = ""
    """The other process that watches the org."""

    @property
    def phase(self) -> Phase:
        return phase_of(self.state, self.walk, opening=self.opening)

    @property
    def step(self) -> Step | None:
        return self.steps[self.walk.current] if self.walk is not None else None

    @property
    def text(self) -> StepText:
        """The words of the current step in the walk's experience."""
        if self.step is None or self.walk is None:
            return StepText(())
        subject = Subject(self.state.connection, self.org, self.state.evidence)
        return self.step.text(subject, self.walk.experience)

    @property
    def unfinished(self) -> int | None:
        """While Incydr is awaited: the place of the step that is still to be done."""
        return unfinished_step(self.state, self.walk, self.steps)

    @property
    def finding(self) -> Finding | None:
        """The finding that the current step is about."""
        cause = self.walk.item.cause if self.walk is not None else ""
        return next((f for f in self.state.diagnosis.findings if f.cause == cause), None)

    @property
    def undoes(self) -> bool:
        """The current step is the first of its cause that changes something."""
        if self.walk is None or self.step is None or self.step.prepares:
            return False
        before = zip(self.walk.items[: self.walk.current], self.steps, strict=False)
        return all(item.cause != self.walk.item.cause or step.prepares for item, step in before)

    @property
    def healing(self) -> Finding | None:
        """The finding that ends by itself, on its step and while Incydr is awaited."""
        shown = self.state.diagnosis.findings if self.phase is not Phase.STEP else (self.finding,)
        return next((f for f in shown if f is not None and f.kind is Kind.SELF_HEALING), None)


class Role(StrEnum):
    """What a line of the page is for."""

    NOTICE = "notice"
    """A warning, or what a reading changed."""
    TEXT = "text"
    """What to do, what is awaited, or how it ended."""
    PROOF = "proof"
    """Incydr is back, and what shows it."""
    RESET = "reset"
    """When a cause that needs nobody ends."""
    QUOTA = "quota"
    """Who used the hourly quota."""
    CAUTION = "caution"
    """Whom to ask before it is undone."""
    WHERE = "where"
    """The way through Setup."""
    LINK = "link"
    USER = "user"
    DOCS = "docs"
    """The vendor's own page, by its title."""
    WHY = "why"
    """The reason behind a status without findings."""
    LIFE = "life"
    """When Incydr was last seen, where there is no outage to tell of."""
    TIMELINE = "timeline"
    """The outage in sentences; a face that draws shows the page's timeline in their place."""
    WORD = "word"
    """When the operator's own word is wanted."""
    BESIDE = "beside"
    """Who else has the org open."""
    AFTER = "after"
    """What can be done after the return."""


class Line(Struct, frozen=True):
    """A sentence, or a value such as a link. `key`: the key that acts on it; `address`: what the text links to."""

    role: Role
    text: str
    key: str = ""
    address: str = ""


class Page(Struct, frozen=True):
    """What a walkthrough shows at one moment; how it looks or sounds is each face's own."""

    state: State
    phase: Phase
    status: str
    """In a word, and whose word it is where nothing else shows it."""
    headlines: tuple[str, str]
    """What is wrong, in full and in brief."""
    found: tuple[str, ...]
    """The status and each cause with who did it, as sentences."""
    experience: str
    switch: str
    """The key of the other experience, and its name."""
    steps: tuple[tuple[StepMark, str], ...]
    current: int
    title: str
    step: str
    """Position and title of the current step: "3 of 4: Unfreeze the user"."""
    body: tuple[tuple[Line, ...], ...]
    """Paragraphs."""
    testable: bool
    """Salesforce can answer whether the current step is done."""
    verdict: str
    """What it answers."""
    healing: Finding | None
    progress: float | None
    """How much of the wait is over, from 0 to 1; None where no clock runs."""
    left: str
    until_reset: str
    timeline: Timeline | None
    """The outage as a picture."""
    quota: Quota | None
    """Who used the hourly quota, as bars; None where the cause has nothing to do with it."""
    sketch: Sketch | None
    """Where on its page the thing to press is."""
    pulse: str
    """The newest reading and the next one: changes by the second."""
    link: str | None

    def texts(self, *roles: Role) -> tuple[str, ...]:
        """The lines of these roles, in order."""
        return tuple(line.text for paragraph in self.body for line in paragraph if line.role in roles)


def page_of(moment: Moment) -> Page:
    """The page at this moment."""
    state, walk, phase, times = moment.state, moment.walk, moment.phase, moment.times
    position = wording.position(walk) if walk is not None else ""
    timeless = phase in (Phase.STEP, Phase.RETURNED)
    switch = walk is not None and phase is not Phase.RETURNED
    healing = moment.healing
    resetting = None if phase is Phase.RETURNED else healing or moment.finding
    return Page(
        state=state,
        phase=phase,
        status=f"{wording.status_word(state)} {wording.word_note(state, times)}".rstrip(),
        headlines=_headlines(moment),
        found=(f"{state.connection.name}: {wording.status_line(state, times)}", *_found(state, times)),
        experience=EXPERIENCES[walk.experience] if walk is not None and switch else "",
        switch=f"{moment.terms.keys.of('experience')} {OTHER[walk.experience]}" if walk and switch else "",
        steps=tuple(marked(state, walk, moment.steps, over=phase is Phase.RETURNED)),
        current=walk.current if walk is not None else 0,
        title=_title(moment, position),
        step=f"{position}: {moment.step.title}" if moment.step is not None else "",
        body=tuple(paragraph for paragraph in _body(moment) if paragraph),
        testable=phase is Phase.STEP and moment.step is not None and moment.step.test is not None,
        verdict=_verdict(moment),
        healing=healing,
        progress=None if timeless else wording.progress(state, times.now),
        left=wording.left(state, times.now),
        until_reset=wording.until_reset(resetting, state, times.now) if resetting is not None else "",
        timeline=timeline_of(state, times),
        quota=quota_of(state) if healing is not None and healing.quota else None,
        sketch=moment.text.sketch if phase is Phase.STEP else None,
        pulse=_pulse(moment),
        link=moment.text.link if phase is Phase.STEP else None,
    )


def steps_of(walk: Walkthrough | None, requirements: Requirements) -> tuple[Step, ...]:
    """The steps that the items of a walkthrough name."""
    if walk is None:
        return ()
    # Where there is none the first frame does without the causes.
    from tui.diagnosis.guide import step_of

    return tuple(step_of(item, requirements) for item in walk.items)


def offered(context: Context, ids: Sequence[str] = ACTIONS) -> tuple[Command, ...]:
    """The commands that work now."""
    commands = (BY_ID[id] for id in ids)
    return tuple(c for c in commands if c.shown(context) and c.why_not(context) is None)


def repair_of(walk: Walkthrough | None, offers: Sequence[Repair | NoRepair]) -> Repair | None:
    """The repair that is offered now: of the current step's cause, else the first there is."""
    cause = walk.item.cause if walk is not None else ""
    repairs = [offer for offer in offers if isinstance(offer, Repair)]
    return next((r for r in repairs if r.cause == cause), next(iter(repairs), None))


def _headlines(moment: Moment) -> tuple[str, str]:
    state, times = moment.state, moment.times
    finding = moment.finding or next(iter(state.diagnosis.findings), None)
    if finding is None:
        return (wording.headline(state, times),) * 2
    return wording.cause_line(finding, times), wording.cause_line(finding, times, brief=True)


def _found(state: State, times: wording.Times) -> Iterator[str]:
    """Each cause with who did it; without one why the status is what it is."""
    if not state.diagnosis.findings:
        yield from wording.why_lines(state, times)
        return
    for finding in state.diagnosis.findings:
        # The first refusal within the hour, and with it "since", moves on with the hour.
        by = wording.by_line(finding, times) if finding.kind is Kind.ACTION else ""
        yield ", ".join(part for part in (wording.done(finding), by) if part)
    yield from wording.undetermined_lines(state)


def _title(moment: Moment, position: str) -> str:
    if moment.phase is Phase.RETURNED:
        return "Monitoring is back"
    if moment.phase is Phase.OVERDUE:
        return "Repaired, Incydr not back"
    if moment.step is None:
        return "Reading the org" if moment.phase is Phase.OPENING else "Nothing to do"
    return f"{position} · {moment.step.title}"


def _body(moment: Moment) -> Iterator[tuple[Line, ...]]:
    awaited = _awaited(moment)
    if moment.notice and moment.notice not in awaited:
        yield _lines(Role.NOTICE, moment.notice)
    if moment.phase is Phase.RETURNED:
        proof, *rest = wording.returned_lines(moment.state, moment.times, repaired=False)
        off, check = rest[:-1], rest[-1:]
        yield _lines(Role.PROOF, proof)
        yield _lines(Role.TEXT, *off)
        yield _timeline(moment)
        yield _lines(Role.TEXT, *check)
        yield _lines(Role.AFTER, moment.terms.after)
    elif moment.phase is Phase.OPENING:
        yield _lines(Role.TEXT, "remonitor reads the org again first, then shows the steps.")
        yield from _known(moment)
    elif moment.phase is Phase.STEP:
        yield from _step(moment)
    elif moment.phase is Phase.NOTHING:
        yield _lines(Role.TEXT, wording.status_line(moment.state, moment.times))
        yield from _waiting(moment, awaited)
    else:
        yield from _waiting(moment, awaited)
    if moment.holder and moment.phase not in (Phase.NOTHING, Phase.RETURNED):
        yield _lines(Role.BESIDE, wording.beside(moment.holder))


def _known(moment: Moment) -> Iterator[tuple[Line, ...]]:
    """What was read last, for as long as the org lets one wait."""
    state, times = moment.state, moment.times
    read = f"Known from the last reading, {wording.ago(state.evidence.read_at, times.now, coarse=True)}:"
    yield _lines(Role.WHY, read, wording.status_line(state, times), *_found(state, times))
    yield _timeline(moment) or _lines(Role.LIFE, wording.life_line(state, times))


def _step(moment: Moment) -> Iterator[tuple[Line, ...]]:
    text, finding, keys = moment.text, moment.finding, moment.terms.keys
    yield _lines(Role.TEXT, *text.lines)
    yield _reset(moment)
    if finding is not None and moment.undoes:
        yield _lines(Role.CAUTION, wording.restraint(finding), *moment.recurring)
    yield (
        *_lines(Role.WHERE, text.breadcrumb),
        *((Line(Role.LINK, text.link, keys.of("copy_link")),) if text.link else ()),
        Line(Role.USER, moment.state.connection.service_account, keys.of("copy_user")),
        *_docs(moment),
    )
    yield _timeline(moment)


def _waiting(moment: Moment, awaited: Sequence[str]) -> Iterator[tuple[Line, ...]]:
    state, times = moment.state, moment.times
    again = moment.unfinished
    todo = (wording.unfinished(again, moment.terms.keys.of("unfinished")),) if again is not None else ()
    text, reset = _lines(Role.TEXT, *(awaited or moment.text.lines), *todo), _reset(moment)
    why = _lines(Role.WHY, *wording.why_lines(state, times, moment.terms.explain))
    yield from (text, (*reset, *why)) if reset else ((*text, *why),)
    yield _timeline(moment) or _lines(Role.LIFE, wording.life_line(state, times))
    repaired, key = state.recovery is not None and not state.diagnosis.findings, moment.terms.keys.of("word")
    word = Line(Role.WORD, "when you see Monitoring in the Incydr console.", key)
    yield (*([word] if repaired else []), *_docs(moment))


def _awaited(moment: Moment) -> tuple[str, ...]:
    """What is said about the repair while Incydr is awaited."""
    state, times = moment.state, moment.times
    if moment.phase is Phase.STEP:
        return ()
    if state.overdue:
        return wording.overdue_lines(state, times, moment.terms.explain)
    return wording.waiting_lines(state, times, timed=False)


def _timeline(moment: Moment) -> tuple[Line, ...]:
    shown = timeline_of(moment.state, moment.times)
    return _lines(Role.TIMELINE, *sentences(shown)) if shown is not None else ()


def _reset(moment: Moment) -> tuple[Line, ...]:
    """When a cause that needs nobody ends, and who used the quota."""
    finding = moment.healing
    if finding is None:
        return ()
    kind = wording.kind_line(finding, None, moment.times)
    return (*_lines(Role.RESET, kind), *_lines(Role.QUOTA, *wording.quota_lines(finding)))


def _docs(moment: Moment) -> tuple[Line, ...]:
    """The vendor's own page on the current step."""
    if moment.step is None:
        return ()
    key, page = moment.terms.keys.of("copy_docs"), moment.step.docs
    return (Line(Role.DOCS, page.title, key, page.address),)


def _verdict(moment: Moment) -> str:
    if moment.phase is not Phase.STEP or moment.step is None:
        return ""
    return wording.salesforce_verdict(moment.state, moment.step, moment.terms.done)


def _pulse(moment: Moment) -> str:
    state, now = moment.state, moment.times.now
    if moment.phase is Phase.RETURNED:
        return ""
    if moment.busy:
        return f"Sending to Salesforce: {moment.busy} …"
    if moment.progress.paused:
        return f"Paused. {moment.terms.keys.of('pause')} goes on."
    next_at = None if moment.progress.reading else moment.progress.next_at
    if moment.phase is Phase.STEP and moment.step is not None:
        return wording.salesforce_says(state, moment.step, next_at, now, moment.terms.done)
    return wording.checks(state, next_at, moment.progress.reading, moment.times)


def _lines(role: Role, *texts: str) -> tuple[Line, ...]:
    return tuple(Line(role, text) for text in texts if text)
