"""A walkthrough under way: what its operator does in it, and what it needs of the face that shows it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from tui import wording
from tui.base.problem import Problem
from tui.connections.connection import Requirements
from tui.connections.repair import NoRepair
from tui.connections.state import State
from tui.connections.walkthrough import Walkthrough
from tui.keys import Context, Pane
from tui.walkthrough import actions
from tui.walkthrough.actions import Watched
from tui.walkthrough.marks import unfinished_step
from tui.walkthrough.model import Moment, Page, Role, offered, page_of, repair_of, steps_of
from tui.walkthrough.questions import (
    Question,
    RepairQuestion,
    YesOrNo,
    before_closing,
    before_withdrawal,
    before_word,
)
from tui.walkthrough.terms import Terms

QUESTIONS: Mapping[str, Callable[[str], YesOrNo]] = {
    "word": before_word,
    "withdraw": before_withdrawal,
    "close_walk": before_closing,
}
"""What asks before a command is done, by its id."""


class Face(Protocol):
    """Whoever shows a walkthrough: the app, or plain lines."""

    def say(self, sentences: Sequence[str], *, on_page: bool) -> None:
        """Answer the operator. `on_page`: the page shows it too."""

    def ask(self, question: Question) -> None:
        """Show what would be done; what is agreed to goes to `Session.agreed`."""


class Session:
    """One connection's walkthrough, from its opening on."""

    def __init__(
        self, watcher: Watched, name: str, face: Face, terms: Terms, requirements: Requirements
    ) -> None:
        self.watcher = watcher
        self.name = name
        self.face = face
        self.terms = terms
        self.requirements = requirements
        self.notice = ""
        """A warning or news, until the next act that moves."""
        self._taking_back = False
        """A repair is being taken back: its cause is there again with the next reading."""
        self._held = ""
        """The step that was called done against Salesforce's answer: once more goes on."""
        self.busy = ""
        """What is being sent to Salesforce."""
        self.opening = False
        self._walk: Walkthrough | None = None

    def open(self) -> None:
        """Show it anew: the walkthrough is still to come, the org may have to be read first."""
        self.notice, self._held, self.opening, self._walk = "", "", True, None

    async def begin(self) -> Walkthrough | None:
        """Begin or resume; None where there is nothing to repair or to wait for. Raises Problem."""
        try:
            await self.watcher.walk(self.name)
        finally:
            self.opening = False
        return self.watcher.walkthrough(self.name)

    def page(self, state: State, times: wording.Times, recurring: tuple[str, ...] = ()) -> Page:
        """What to show now; `recurring` says that the cause came before."""
        # The watcher closes a walk when Incydr is back; its steps stay until the operator leaves.
        self._walk = self.watcher.walkthrough(self.name) or self._walk
        return page_of(
            Moment(
                state=state,
                walk=self._walk,
                steps=steps_of(self._walk, self.requirements),
                org=self.watcher.org(self.name),
                times=times,
                terms=self.terms,
                progress=self.watcher.progress(self.name),
                opening=self.opening,
                notice=self.notice,
                busy=self.busy,
                recurring=recurring,
                holder=self.watcher.holder(self.name) or "",
            )
        )

    @property
    def unfinished(self) -> int | None:
        """While Incydr is awaited: the place of the step that is still to be done."""
        state, walk = self.watcher.state(self.name), self.watcher.walkthrough(self.name)
        if state is None or walk is None or not walk.waiting:
            return None
        return unfinished_step(state, walk, steps_of(walk, self.requirements))

    def context(self) -> Context:
        """What decides which of its commands work now."""
        return Context(
            Pane.WIZARD,
            self.watcher.state(self.name),
            self.watcher.walkthrough(self.name),
            self.watcher.repair_offers(self.name),
            unfinished=self.unfinished,
            busy=self.busy,
        )

    def on_state(self, before: State | None, state: State, times: wording.Times) -> None:
        """Tell what a reading changed: somebody else repaired it, or something new went wrong."""
        if before is None or before is state:
            return
        walk = self.watcher.walkthrough(self.name)
        if self._held and (walk is None or walk.item.step != self._held):
            # Salesforce has confirmed the step meanwhile.
            self._held = self.notice = ""
        if self._taking_back and state.diagnosis.findings:
            # What this brings back was said before it was sent.
            self._taking_back = False
            return
        news = wording.news(before, state, times)
        if news or state.returned is not None:
            self.notice = news if state.returned is None else ""
        # The wait begins with who repaired it, the return says it again.
        if news and news not in self.page(state, times).texts(Role.TEXT):
            self.face.say((news,), on_page=True)

    async def act(self, command: str) -> None:
        """Do what one of `model.ACTIONS` says, where it works now. Raises Problem."""
        match command:
            case "done":
                await self._done()
            case "unfinished":
                if (index := self.unfinished) is not None:
                    await self.watcher.step_again(self.name, index)
                self._note("")
            case "back" | "skip" | "experience":
                await actions.MOVES[command](self.watcher, self.name)
                self._note("")
            case "word" | "withdraw" | "close_walk":
                self.face.ask(QUESTIONS[command](self.name))
            case "pause":
                said = actions.pause(self.watcher, self.name, self.terms.keys.of("pause"))
                self.face.say((said,), on_page=True)
            case "check_now":
                self.watcher.check_now(self.name)
            case "repair":
                offers = self.watcher.repair_offers(self.name)
                if (repair := repair_of(self.watcher.walkthrough(self.name), offers)) is not None:
                    self.face.ask(actions.question(self.watcher, self.name, repair))
            case "undo":
                offer = await self.watcher.undo_offer(self.name)
                if isinstance(offer, NoRepair):
                    self.face.say((offer.reason,), on_page=False)
                else:
                    self.face.ask(actions.question(self.watcher, self.name, offer))
            case _:
                raise KeyError(command)

    async def _done(self) -> None:
        """The current step is done; against Salesforce's answer only when it is said twice."""
        found = actions.verdict(self.watcher, self.name, self.requirements)
        if found is None:
            return
        step, verdict = found
        if verdict is False and self._held != step.id:
            self._held = step.id
            self.watcher.check_now(self.name)
            self._say_and_keep(wording.held(step, self.terms.done, self._instead()))
            return
        await self.watcher.step_done(self.name)
        self._note(wording.unverified(verdict, step))

    def _instead(self) -> Iterator[str]:
        """What else can be done about a step that is not done."""
        able = {command.id for command in offered(self.context(), ("repair", "back"))}
        told = {"repair": "to let the program fix it", "back": "to go back"}
        return (f"{self.terms.keys.of(id)} {what}" for id, what in told.items() if id in able)

    async def agreed(self, question: Question) -> None:
        """Do what was agreed to, and tell what became of it."""
        if isinstance(question, RepairQuestion):
            await self.send(question)
        else:
            answer = await actions.DECISIONS[question.id](self.watcher, self.name)
            self.face.say((answer,), on_page=False)

    async def send(self, question: RepairQuestion) -> None:
        """Send what was agreed to, and tell what became of it."""
        self.busy, self._taking_back = question.repair.title, question.repair.takes_back
        self.face.say((f"Sending to Salesforce: {self.busy}.",), on_page=True)
        try:
            answer = await actions.repair(self.watcher, self.name, question.repair)
            self._taking_back = self._taking_back and answer.applied
            self._note(*answer.sentences(self.terms.keys.of("repair")))
        except Problem as problem:
            self._note(str(problem))
        finally:
            self.busy = ""

    def _note(self, *sentences: str) -> None:
        """Say what became of an act that moved, and keep it on the page."""
        self._held = ""
        self._say_and_keep(*sentences)

    def _say_and_keep(self, *sentences: str) -> None:
        self.notice = " ".join(sentences)
        self.face.say(sentences, on_page=True)
