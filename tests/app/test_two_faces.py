"""The app and the plain lines say the same of one moment of a walkthrough, and offer the same commands."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.app import scenes
from tests.app.scenes import EMEA
from tests.app.stage import Stage, frozen, stage
from tests.unit.walkthrough.moments import BY_LINES, FakeFace
from tui.connections.walkthrough import Phase
from tui.lines.follow import topics
from tui.rules.required_permissions import REQUIREMENTS
from tui.walkthrough.face import Session
from tui.walkthrough.model import Page, Role, offered

LABELS = ("where: ", "link: ", "user: ", "docs: ")


async def opening(s: Stage) -> None:
    """The org is still being read before the walkthrough begins."""

    async def reads_on(name: str) -> None:
        await asyncio.Event().wait()

    s.watcher.walk = reads_on  # type: ignore[method-assign]  # a reading that lasts
    await s.press("enter")


async def first_step(s: Stage) -> None:
    await s.press("enter")


async def paused(s: Stage) -> None:
    await s.press("enter", "p")


async def sending(s: Stage) -> None:
    """A repair is on its way to Salesforce."""
    await s.press("enter")
    in_app(s).busy = "Unfreeze"
    s.app.main.draw()
    await s.settle()


def in_app(s: Stage) -> Session:
    session = s.app.main.commands.walked
    assert session is not None
    return session


MOMENTS: dict[str, tuple[Callable[[Stage], Awaitable[None]], Phase]] = {
    "opening": (opening, Phase.OPENING),
    "step": (first_step, Phase.STEP),
    "tested step": (scenes.step, Phase.STEP),
    "waiting": (scenes.waiting, Phase.WAITING),
    "overdue": (scenes.overdue, Phase.OVERDUE),
    "returned": (scenes.returned, Phase.RETURNED),
    "paused": (paused, Phase.STEP),
    "sending": (sending, Phase.STEP),
}


def said_by_lines(page: Page, s: Stage) -> list[str]:
    """What the lines say of the moment, without what is theirs alone: labels, headings, the command that reports."""
    said = {topic.name: topic.lines for topic in topics(page, "", "")}
    sentences = [
        line for name in ("step", "wait", "returned", "caution", "reset") for line in said.get(name, ())
    ]
    if not page.pulse.startswith(("Paused", "Sending")):
        sentences += said.get("says", ())
    for label in LABELS:
        sentences = [sentence.removeprefix(label) for sentence in sentences]
    # Where a title can be a link it stands without its address.
    titles = {
        f"{line.text} {line.address}": line.text for lines in page.body for line in lines if line.address
    }
    sentences = [titles.get(sentence, sentence) for sentence in sentences]
    alone = page.texts(Role.AFTER)
    return [line for line in sentences if line and line not in alone and not line.startswith("Step ")]


@pytest.mark.parametrize("name", MOMENTS)
async def test_both_faces_say_the_same_and_offer_the_same(name: str) -> None:
    reach, phase = MOMENTS[name]
    async with stage(EMEA, readings={EMEA: frozen()}, size=(240, 50)) as s:
        await reach(s)
        lines, state = Session(s.watcher, EMEA, FakeFace(), BY_LINES, REQUIREMENTS), s.watcher.state(EMEA)
        assert state is not None
        lines.busy, lines.opening = in_app(s).busy, in_app(s).opening
        page, screen = lines.page(state, s.app.times), s.text()
        assert page.phase is phase
        said = said_by_lines(page, s)
        assert said
        # The one draws what the other tells of the outage.
        moments = page.timeline.moments if page.timeline is not None and page.texts(Role.TIMELINE) else ()
        for sentence in (*said, *(moment.label for moment in moments), page.title, page.pulse):
            # What is typed on a line is a key in the app.
            there = sentence.replace("ress Enter", "ress enter").replace("remonitor explain", "e (Explain)")
            assert there in screen
        assert [c.id for c in offered(s.app.main.context())] == [c.id for c in offered(lines.context())]
