"""The way to a new connection as a screen: one question at a time, by keys alone."""

import asyncio
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Input, Static

from tui import wording
from tui.app.renderer import Line, Renderer
from tui.app.shell import Copy, Work
from tui.app.widgets import Field, too_small, type_only_in_sight
from tui.base.clock import Clock
from tui.base.problem import Problem
from tui.config import Config
from tui.connections.state import State

if TYPE_CHECKING:
    from tui.net import Net
    from tui.onboarding.flow import Flow
    from tui.onboarding.needs import Lookup, Question
    from tui.onboarding.runner import LookupRunner

SHOWN = 8
"""Options that are on screen at the same time."""

NOWHERE = -1
"""The cursor before it was moved, where no answer is likelier than another."""


class Add(Screen[Config | None]):
    """Walks through the flow; ends with the new configuration, or None where nothing was written.

    `write` puts the finished flow into the file and returns the configuration.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("down", "move(1)", show=False, priority=True),
        Binding("escape", "back", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
    ]

    def __init__(
        self,
        renderer: Renderer,
        times: Callable[[], wording.Times],
        flow: "Flow",
        lookups: "LookupRunner",
        write: Callable[["Flow"], Config],
    ) -> None:
        super().__init__()
        self.renderer = renderer
        self.times = times
        self.flow = flow
        self.lookups = lookups
        self.write = write
        self.question: Question | None = None
        self.lookup: Lookup | None = None
        self.cursor = 0
        self.notice = ""
        self.said: list[str] = []
        """Lines of a browser sign-in."""
        self._answer: asyncio.Future[str] | None = None
        self._work: asyncio.Task[object] | None = None
        self._stopped = False
        """The operator stopped the lookup, not the program."""

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="add", can_focus=False) as box:
            box.border_title = "Add a connection"
            yield Static(id="add-text", markup=False)
        yield Field(id="add-answer")
        yield Static(id="add-keys", markup=False)
        yield too_small()

    def on_mount(self) -> None:
        self.field.focus()
        self.post_message(Work(self, self._walk(), "adding a connection"))

    @property
    def field(self) -> Input:
        return self.query_one("#add-answer", Input)

    async def _walk(self) -> None:
        from tui.onboarding.runner import Cancelled, run_flow

        try:
            done = await run_flow(self.flow, self.lookups, self)
            self.dismiss(self.write(done))
        except Cancelled:
            self.dismiss(None)
        except Exception:
            # Nobody asks on: a form that stays would be dead.
            self.dismiss(None)
            raise

    # What the flow asks of a prompter

    async def ask(self, question: "Question") -> str:
        self.question, self.lookup, self.said = question, None, []
        suggested = question.suggested
        none = 0 if question.good else NOWHERE
        self.cursor = next((n for n, o in enumerate(question.options) if o.value == suggested), none)
        return await self._awaited()

    async def during(self, lookup: "Lookup", work: Coroutine[Any, Any, object]) -> object:
        from tui.onboarding.runner import Back

        self.question, self.lookup, self.said = None, lookup, []
        self.draw()
        self._work = asyncio.ensure_future(work)
        try:
            return await self._work
        except asyncio.CancelledError:
            if not self._stopped:
                raise
            raise Back from None
        finally:
            self._work.cancel()
            self._work, self._stopped = None, False

    def report(self, problem: Problem) -> None:
        self.notice = str(problem)

    def show(self, line: str) -> None:
        self.said.append(line)
        if line.startswith("http"):
            # Longer than a line: by hand it could only be picked up in pieces.
            self.post_message(Copy(line, "address"))
        self.draw()

    async def pasted(self) -> str:
        return await self._awaited()

    async def _awaited(self) -> str:
        """What is typed or chosen next."""
        self._answer = asyncio.get_running_loop().create_future()
        self.field.value = ""
        self.draw()
        try:
            return await self._answer
        finally:
            self._answer = None

    # Keys

    @on(Input.Submitted, "#add-answer")
    def submitted(self, event: Input.Submitted) -> None:
        if self._answer is None or self._answer.done():
            return
        question = self.question
        text = event.value.strip()
        chosen = question is not None and question.default is None and self.cursor != NOWHERE
        if question is not None and not text and question.options and chosen:
            text = question.options[self.cursor].value
        elif question is not None and not text:
            text = question.suggested or ""
        self.notice = ""
        self._answer.set_result(text)

    def action_move(self, by: int) -> None:
        if self.question is not None and self.question.options:
            self.cursor = min(max(self.cursor + by, 0), len(self.question.options) - 1)
            self.draw()

    def action_page(self, by: int) -> None:
        scroll = self.query_one("#add", VerticalScroll)
        scroll.scroll_relative(y=by * max(1, scroll.size.height - 2), animate=False)

    def action_back(self) -> None:
        from tui.onboarding.runner import Back

        if self._work is not None:
            self._stopped = True
            self._work.cancel()
        elif self._answer is not None and not self._answer.done():
            self.notice = ""
            self._answer.set_exception(Back())

    def on_resize(self, event: events.Resize) -> None:
        type_only_in_sight(self.field)
        self.draw()

    # Drawing

    def draw(self) -> None:
        if not self.is_mounted:
            return
        question = self.question
        lines: list[Line] = []
        if self.notice:
            lines += [[(self.notice, "$error")], []]
        if self.lookup is not None:
            lines += [[(f"{self.lookup.doing} …", "$foreground-muted")], []]
        lines += [[(line, "")] for line in self.said]
        if question is not None:
            lines += self._of(question)
        self.query_one("#add-text", Static).update(self.renderer.lines(lines))
        free = question is None or question.free
        self.field.set_class(not free, "-closed")
        self.query_one("#add-keys", Static).update(self.renderer.line(self._keys()))

    def _of(self, question: "Question") -> list[Line]:
        preface: list[Line] = [
            [(line, "$warning" if line.startswith("Warning") else "")] for line in question.preface
        ]
        asked: list[Line] = [[(question.title, "bold")], [], *self._options(question)]
        if question.free and question.hint:
            asked.append([("   ", ""), (question.hint, "$foreground-muted")])
        if question.reading is not None:
            # The answer first: what follows may be longer than the screen.
            return [*asked, [], *reading(question.reading, self.times()), [], *preface]
        return [*preface, [], *asked] if preface else asked

    def _options(self, question: "Question") -> list[Line]:
        lines: list[Line] = []
        first = min(max(0, self.cursor - SHOWN // 2), max(0, len(question.options) - SHOWN))
        for number, option in enumerate(question.options[first : first + SHOWN], first):
            here = number == self.cursor
            lines.append(
                [
                    (" ▸ " if here else "   ", "bold $primary"),
                    (option.label, "bold" if here else ""),
                    (f"  {option.note}" if option.note else "", "$foreground-muted"),
                ]
            )
        more = len(question.options) - SHOWN
        if more > 0:
            lines.append([(f"   {len(question.options)} in all", "$foreground-muted")])
        return lines

    def _keys(self) -> Line:
        keys = [("esc", "Back" if self.lookup is None else "Stop")]
        if self.question is not None:
            keys.insert(0, ("enter", "Choose"))
            if len(self.question.options) > 1:
                keys.insert(0, ("up, down", "Move"))
        pieces: Line = []
        for key, label in keys:
            pieces += [(key, "bold $primary"), (f" {label}   ", "")]
        return pieces


def reading(state: State, times: wording.Times) -> list[Line]:
    """The first reading in a few lines."""
    lines: list[Line] = [
        [("The first reading: ", "$foreground-muted"), (wording.status_line(state, times), "bold")]
    ]
    for finding in state.diagnosis.findings:
        lines.append([(finding.title, "$error")])
        if by := wording.by_line(finding, times):
            lines.append([(by, "")])
    lines += [[(line, "")] for line in wording.why_lines(state, times)]
    lines += [[(line, "")] for line in wording.undetermined_lines(state)]
    return lines


def form(path: Path, net: "Net", clock: Clock, renderer: Renderer, times: Callable[[], wording.Times]) -> Add:
    """The form over the file as it is now. Raises ConfigProblem."""
    from tui.config.writing import add, current
    from tui.onboarding.flow import Flow
    from tui.onboarding.runner import LookupRunner

    flow = Flow(str(path), current(path), dict(os.environ))
    return Add(
        renderer,
        times,
        flow,
        LookupRunner(net, clock),
        lambda done: add(path, done.tables(), done.environment),
    )
