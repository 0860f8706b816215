"""The pane beside the list: what is known about one connection, and from what."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from textual.dom import DOMNode

from tui import wording
from tui.app.pictures import Picture, of_month, of_outage
from tui.app.renderer import Line, Renderer
from tui.app.text_pane import HangingLine, TextPane
from tui.app.widgets import retitle
from tui.connections.evidence import Unreadable
from tui.connections.repair import NoRepair, Repair
from tui.connections.state import State, Status
from tui.keys import KeyNames
from tui.pictures.availability import Month
from tui.pictures.timeline import timeline_of
from tui.watching.entry import Entry, newest_first
from tui.watching.mutes import Mute
from tui.watching.outages import Summary, outages, summary

TONES = {
    Status.ERROR: "$error",
    Status.DEAUTHORIZED: "$error",
    Status.RECOVERING: "$warning",
    Status.INITIALIZING: "$warning",
    Status.MONITORING: "$success",
    Status.UNKNOWN: "$secondary",
}
SIGN_TONES = {"✓": "$success", "✖": "$error", "!": "$warning"}
FEW = 3
"""Lines of history before more are asked for."""


class Page(Struct, frozen=True):
    """Everything that the detail of one connection is made of."""

    state: State
    offers: tuple[Repair | NoRepair, ...]
    history: Sequence[Entry]
    whole_history: bool
    times: wording.Times
    keys: KeyNames
    mute: Mute | None = None
    month: Month | None = None
    """How it was seen in the last 30 days; None: not known yet."""
    in_full: bool = False
    """Permissions one by one and sign-ins as bars, although nothing is wrong with them."""

    @property
    def total(self) -> Summary:
        """What the history sums up to."""
        return summary(outages(self.history), wording.org_time(self.state, self.times.now))


def tone(state: State) -> str:
    """The colour of a state; overdue looks like Error."""
    return "$error" if state.overdue else TONES[state.status]


def page_lines(page: Page) -> list[Line | Picture]:
    """The whole pane, line by line."""
    # The causes behind it are loaded with the first state, after the first frame.
    from tui.app import detail_tables

    state, times = page.state, page.times
    lines: list[Line | Picture] = [[(wording.status_line(state, times), f"bold {tone(state)}")]]
    if page.mute is not None:
        lines.append([(wording.mute_line(page.mute, times), "$foreground-muted")])
    lines += [[], *_what(page)]
    # As it was read: a picture that moves by itself would cost bytes in every quiet minute.
    if (outage := timeline_of(state, replace(times, now=state.evidence.read_at))) is not None:
        lines += [[], of_outage(outage)]
    lines += [
        [],
        [("Evidence  ", "bold"), (wording.evidence_read(state, times), "$foreground-muted")],
    ]
    for row in wording.evidence_rows(state, times):
        style = SIGN_TONES.get(row.sign.value, "$foreground-muted")
        label = f"{row.label:<13} "
        pieces = [(f" {row.sign.value} ", style), (label, "$foreground-muted"), (row.text, "")]
        lines.append(HangingLine(17, pieces))
    lines += _next_steps(state)
    lines += detail_tables.permissions(state, times, whole=page.in_full)
    lines += detail_tables.sign_ins(state, whole=page.in_full)
    for message in detail_tables.console_messages(state):
        lines += [[], HangingLine(17, [("Console message  ", "bold"), (message, "$foreground-muted")])]
    lines += detail_tables.docs(state, page.keys.of("copy_docs"))
    lines += _history(page)
    if page.month is not None and page.month.observed:
        lines += [[], of_month(page.month)]
    return lines


def _what(page: Page) -> list[Line]:
    state, times = page.state, page.times
    lines: list[Line] = [[(wording.headline(state, times), "bold")]]
    offers = {offer.cause: offer for offer in page.offers}
    for number, finding in enumerate(state.diagnosis.findings):
        if number:
            lines += [[], [(finding.title, "bold")]]
        by = wording.by_line(finding, times)
        if by:
            lines.append([(by, "")])
        lines.append([(wording.kind_line(finding, offers.get(finding.cause), times), "$foreground-muted")])
        facts = wording.fact_lines(finding, times)
        again = wording.comes_back(finding.cause, page.total)
        if again and not any("it will come back" in fact for fact in facts):
            lines.append([(again, "$warning")])
        lines += [HangingLine(4, [("  · ", "$foreground-muted"), (line, "")]) for line in facts]
    if not state.diagnosis.findings:
        headline = wording.headline(state, times)
        why = wording.why_lines(state, times, page.keys.told("explain"))
        lines += [[(line, "")] for line in why if line.rstrip(".") != headline.rstrip(".")]
        lines += [[(line, "")] for line in _recovery(page)]
    for warning in wording.warning_lines(state, times):
        lines.append([("! ", "$warning"), (warning, "")])
    return lines


def _next_steps(state: State) -> list[Line]:
    """What would mend the parts that could not be read, each advice once."""
    told = state.why.next_step if state.why is not None else ""
    events = state.evidence.events
    unread = (*state.diagnosis.undetermined, *((events,) if isinstance(events, Unreadable) else ()))
    steps = dict.fromkeys(part.next_step for part in unread if part.next_step not in ("", told))
    return [HangingLine(3, [(" → ", "$primary"), (step, "")]) for step in steps]


def _recovery(page: Page) -> Sequence[str]:
    state, times = page.state, page.times
    if state.returned is not None and state.status is Status.MONITORING:
        return wording.returned_lines(state, times, repaired=False)
    if state.overdue:
        return wording.overdue_lines(state, times, page.keys.told("explain"))
    if state.recovering is not None:
        return wording.waiting_lines(state, times, timed=False)
    return (wording.life_line(state, times),)


def _history(page: Page) -> list[Line]:
    if not page.history:
        return []
    entries = newest_first(page.history)
    entries = entries if page.whole_history else entries[:FEW]
    lines: list[Line] = [[], [("History", "bold")]]
    if page.whole_history:
        lines.append([(f"  {wording.outage_summary(page.total)}", "")])
    for entry in entries:
        lines.append(HangingLine(8, [("  ", ""), (wording.history_line(entry, page.times), "")]))
    hidden = len(page.history) - len(entries)
    if hidden:
        lines.append([(f"  {page.keys.of('history')} shows {hidden} more", "$foreground-muted")])
    return lines


class Detail(TextPane):
    """Shows one connection."""

    def __init__(self, renderer: Renderer, *, id: str | None = None) -> None:
        super().__init__(renderer, id=id)
        self.whole_history = False
        self.in_full = False
        self.about: str | None = None
        """Whose detail this is."""
        self._page: Page | None = None
        self._told = ""
        """When the evidence was read, as it stands there."""

    def _fit(self) -> None:
        self.more = "j shows more" if stands_alone(self.screen) else "tab, then j shows more"
        super()._fit()

    def announce(self, name: str | None) -> None:
        """Say whose detail this is."""
        if name != self.about:
            self.about = name
            retitle(self, self.renderer.line([(name or "", "")]))
            self.scroll_to(y=0, animate=False)

    def show(self, name: str | None, page: Page | None) -> None:
        """Show this connection; without a page as one that was not read yet."""
        self.announce(name)
        self._page = page
        if page is not None:
            self._told = _read(page)
            self.write(page_lines(page))
        else:
            said = "Not read yet: the first answer is on its way." if name else "No connection here."
            self.write([[(said, "$foreground-muted")]])

    def tick(self, times: wording.Times, mute: Mute | None) -> None:
        """Keep the day right on which the evidence was read, and a mute that begins or ends."""
        page = replace(self._page, times=times, mute=mute) if self._page is not None else None
        if (
            page is not None
            and self._page is not None
            and (_read(page) != self._told or mute != self._page.mute)
        ):
            self.show(self.about, page)


def _read(page: Page) -> str:
    return wording.evidence_read(page.state, page.times)


def stands_alone(screen: DOMNode) -> bool:
    """Whether the terminal is too narrow for the list beside it."""
    return screen.has_class("-narrow") or screen.has_class("-tiny")
