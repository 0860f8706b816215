"""What the wizard shows at one moment, line by line. Pure."""

from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec import Struct

from tui import wording
from tui.app.detail import tone
from tui.app.text_pane import Line
from tui.connections.connection import Experience, Org
from tui.connections.finding import Finding, Kind
from tui.connections.state import State
from tui.connections.step import Step, StepText, Subject
from tui.connections.walkthrough import Item, Mark, Phase, Walkthrough, phase_of
from tui.keys import KeyNames

NAMES = {Experience.LIGHTNING: "Lightning Experience", Experience.CLASSIC: "Salesforce Classic"}
OTHER = {Experience.LIGHTNING: "Classic", Experience.CLASSIC: "Lightning"}
MARKS = {
    Mark.SALESFORCE: ("✓", "$success"),
    Mark.OPERATOR: ("✓", "$warning"),
    Mark.SKIPPED: ("–", "$foreground-muted"),
}


class Scene(Struct, frozen=True):
    """Everything that the wizard of one connection is made of."""

    state: State
    walk: Walkthrough | None
    org: Org
    step_of: Callable[[Item], Step]
    next_at: datetime | None
    reading: bool
    paused: bool
    opening: bool
    notice: str
    busy: str
    times: wording.Times
    keys: KeyNames

    @property
    def phase(self) -> Phase:
        return phase_of(self.state, self.walk, opening=self.opening)

    @property
    def step(self) -> Step | None:
        return self.step_of(self.walk.item) if self.walk is not None else None

    @property
    def text(self) -> StepText:
        """The words of the current step in the walk's experience."""
        if self.step is None or self.walk is None:
            return StepText(())
        subject = Subject(self.state.connection, self.org, self.state.evidence)
        return self.step.text(subject, self.walk.experience)

    @property
    def finding(self) -> Finding | None:
        """The finding that the current step is about."""
        cause = self.walk.item.cause if self.walk is not None else ""
        return next((f for f in self.state.diagnosis.findings if f.cause == cause), None)

    @property
    def healing(self) -> Finding | None:
        """The finding that clears by itself, on its step and while Incydr is awaited."""
        shown = self.state.diagnosis.findings if self.phase is not Phase.STEP else (self.finding,)
        return next((f for f in shown if f is not None and f.kind is Kind.SELF_HEALING), None)


class View(Struct, frozen=True):
    """Head line, steps, title and body of the current step, and below it what ticks."""

    heads: tuple[tuple[Line, str], ...]
    """What stands at its two ends, the fullest first."""
    steps: tuple[Line, ...]
    current: int
    title: str
    body: tuple[Line, ...]
    tail: tuple[Line, ...]


def view(scene: Scene, width: int) -> View:
    """The wizard at this moment; `width` of the step's text in cells."""
    return View(
        heads=tuple(_heads(scene)),
        steps=_steps(scene),
        current=scene.walk.current if scene.walk is not None else 0,
        title=_title(scene),
        body=tuple(_body(scene, width)),
        tail=tuple(_tail(scene, width)),
    )


def _heads(scene: Scene) -> Iterator[tuple[Line, str]]:
    """Connection, status and cause, and the experience: the less room, the less of all that is not the cause."""
    state, times = scene.state, scene.times
    finding = scene.finding or next(iter(state.diagnosis.findings), None)
    if finding is None:
        full = brief = wording.headline(state, times)
    else:
        full = wording.cause_line(finding, times)
        brief = wording.cause_line(finding, times, brief=True)
    name, key = _experience(scene)
    for what, experience in ((full, name + key), (brief, name + key), (brief, key), (brief, "")):
        yield (
            [
                (state.connection.name, "bold"),
                (" · ", "$foreground-muted"),
                (wording.status_word(state), f"bold {tone(state)}"),
                (f" · {what}", "$foreground-muted"),
            ],
            experience,
        )


def _experience(scene: Scene) -> tuple[str, str]:
    """Its name, and the key that switches it."""
    if scene.walk is None or scene.phase is Phase.RETURNED:
        return "", ""
    chosen = scene.walk.experience
    return f"{NAMES[chosen]}   ", f"{scene.keys.of('experience')} {OTHER[chosen]}"


def _steps(scene: Scene) -> tuple[Line, ...]:
    if scene.walk is None:
        return ()
    lines: list[Line] = []
    for index, item in enumerate(scene.walk.items):
        step = scene.step_of(item)
        here = index == scene.walk.current and scene.phase is not Phase.RETURNED
        sign, style = MARKS[item.mark] if item.mark is not None else (" ", "")
        if here:
            sign, style = "▸", "bold $primary"
        elif scene.phase is Phase.RETURNED and item.mark is None:
            sign, style = "✓", "$success"
        title_style = "bold" if here else "$foreground-muted" if item.mark is not None else ""
        lines.append([(f"{sign} ", style), (f"{index + 1} {step.title}", title_style)])
    return tuple(lines)


def _title(scene: Scene) -> str:
    if scene.phase is Phase.RETURNED:
        return "Monitoring is back"
    if scene.phase is Phase.OVERDUE:
        return "Repaired, Incydr not back"
    if scene.walk is None or scene.step is None:
        return "Reading the org" if scene.phase is Phase.OPENING else "Nothing to walk through"
    return f"{wording.position(scene.walk)} · {scene.step.title}"


def _body(scene: Scene, width: int) -> list[Line]:
    lines: list[Line] = []
    if scene.notice and scene.notice not in _told(scene):
        lines += [[(scene.notice, "bold $warning")], []]
    if scene.phase is Phase.RETURNED:
        lines += [[(line, "")] for line in wording.returned_lines(scene.state, scene.times)]
        keys = (
            f"{scene.keys.of('close')} or {scene.keys.of('leave')} goes back to the list, "
            f"{scene.keys.of('report')} writes the report for the ticket."
        )
        return [*lines, [], [(keys, "$foreground-muted")]]
    if scene.phase is Phase.OPENING:
        return [*lines, [("The org is read again first, then the steps come.", "")]]
    if scene.phase is Phase.STEP:
        return lines + _step(scene, width)
    return lines + _waiting(scene)


def _step(scene: Scene, width: int) -> list[Line]:
    state, text = scene.state, scene.text
    lines: list[Line] = [[(line, "")] for line in text.lines]
    lines += _heals(scene)
    if (finding := scene.finding) is not None and (advice := wording.restraint(finding)):
        lines += [[], [(advice, "$warning")]]
    lines.append([])
    if text.breadcrumb:
        lines.append([(text.breadcrumb, "bold")])
    if text.link:
        copies: Line = [(f"   {scene.keys.of('copy_link')} copies", "$foreground-muted")]
        if len(text.link) + len(copies[0][0]) + 7 <= width:
            lines.append([("link   ", "$foreground-muted"), (text.link, "underline"), *copies])
        else:
            lines += [[("link", "$foreground-muted"), *copies], [(text.link, "underline")]]
    user = state.connection.service_account
    lines.append(
        [
            ("user   ", "$foreground-muted"),
            (user, ""),
            (f"   {scene.keys.of('copy_user')} copies", "$foreground-muted"),
        ]
    )
    return lines


def _heals(scene: Scene) -> list[Line]:
    """When a cause that needs nobody ends, and who used the quota."""
    finding = scene.healing
    if finding is None:
        return []
    lines: list[Line] = [[], [(wording.kind_line(finding, None, scene.times), "bold")]]
    return lines + [[(line, "")] for line in wording.quota_lines(finding)]


def _told(scene: Scene) -> tuple[str, ...]:
    """What is said about the repair while Incydr is awaited."""
    if scene.phase is Phase.STEP:
        return ()
    state, times = scene.state, scene.times
    if state.overdue:
        return wording.overdue_lines(state, times, scene.keys.told("explain"))
    return wording.waiting_lines(state, times)


def _waiting(scene: Scene) -> list[Line]:
    state, times = scene.state, scene.times
    told = _told(scene)
    lines: list[Line] = [[(line, "")] for line in told]
    if not told and scene.walk is not None:
        lines = [[(line, "")] for line in scene.text.lines]
    lines += _heals(scene)
    lines += [[(line, "")] for line in wording.why_lines(state, times, scene.keys.told("explain"))]
    lines += [[], [(wording.life_line(state, times), "$foreground-muted")]]
    if lost := wording.lost_events(state, times):
        lines.append([(lost, "$foreground-muted")])
    if state.recovery is not None and not state.diagnosis.findings:
        lines += [
            [],
            [
                (f"{scene.keys.of('word')} ", "bold $primary"),
                ("when you see Monitoring in the Incydr console.", "$foreground-muted"),
            ],
        ]
    return lines


def _tail(scene: Scene, width: int) -> list[Line]:
    lines = [_bar(scene, width), _hour(scene), [(_pulse(scene), "$primary")]]
    return [line for line in lines if any(text for text, _ in line)]


def _bar(scene: Scene, width: int) -> Line:
    done = (
        None
        if scene.phase in (Phase.STEP, Phase.RETURNED)
        else wording.progress(scene.state, scene.times.now)
    )
    if done is None:
        return []
    left = wording.left(scene.state, scene.times.now)
    room = max(4, min(40, width - len(left) - 2))
    full = round(done * room)
    tone = "$error" if scene.state.overdue else "$warning"
    return [("█" * full, tone), ("░" * (room - full), "$foreground-muted"), (f"  {left}", "")]


def _hour(scene: Scene) -> Line:
    finding = None if scene.phase is Phase.RETURNED else scene.healing or scene.finding
    return (
        [(wording.until_reset(finding, scene.state, scene.times.now), "$warning")]
        if finding is not None
        else []
    )


def _pulse(scene: Scene) -> str:
    if scene.phase is Phase.RETURNED:
        return ""
    if scene.busy:
        return f"Sending to Salesforce: {scene.busy} …"
    if scene.paused:
        return f"Paused: {scene.keys.of('pause')} goes on."
    next_at = None if scene.reading else scene.next_at
    if scene.phase is Phase.STEP and scene.step is not None:
        return wording.salesforce_says(
            scene.state, scene.step, next_at, scene.times.now, scene.keys.of("done")
        )
    return wording.checks(scene.state, next_at, scene.reading, scene.times.now)
