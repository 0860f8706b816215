"""What there is to say of a walkthrough at one moment, topic by topic, so that only news is said. Pure."""

from collections.abc import Hashable, Iterator
from datetime import timedelta
from typing import NamedTuple

from tui.connections.finding import Finding
from tui.connections.walkthrough import Phase
from tui.walkthrough.model import Page, Role
from tui.wording import REPLAY, Times

MOVED = timedelta(minutes=10)
"""An estimate that moves within such a span is no news."""

LABELS = {Role.WHERE: "where: ", Role.LINK: "link: ", Role.USER: "user: "}


class Topic(NamedTuple):
    """Its name and its lines, said again once `news` is not as it was: by default with the lines."""

    name: str
    lines: tuple[str, ...]
    news: Hashable = None


def topics(page: Page, journal_problem: str, keys: str, times: Times) -> Iterator[Topic]:
    """Everything that is worth saying, in the order of reading. Nothing in it is news by time alone.

    `keys` says which keys work now.
    """
    yield Topic("trouble", (journal_problem,))
    yield Topic("status", page.found)
    if page.phase is Phase.RETURNED:
        yield Topic("returned", page.texts(Role.TEXT, Role.AFTER))
        return
    if page.phase is not Phase.STEP:
        yield Topic("wait", _wait(page, times))
    else:
        # The word of restraint: once, and again at the step that undoes what somebody did.
        if (caution := page.texts(Role.CAUTION)) and not page.testable:
            yield Topic("caution", caution)
        yield Topic("step", _step(page))
    if page.healing is not None:
        yield _resets(page, page.healing)
    if page.phase is Phase.STEP:
        yield Topic("says", (page.verdict,))
    yield Topic("keys", (keys,))


def _step(page: Page) -> tuple[str, ...]:
    lines = [line for paragraph in page.body for line in paragraph]
    said = {Role.TEXT, *LABELS} | ({Role.CAUTION} if page.testable else set())
    heading = f"Step {page.step} ({page.experience})"
    return (heading, *(LABELS.get(line.role, "") + line.text for line in lines if line.role in said))


def _resets(page: Page, finding: Finding) -> Topic:
    """When a cause that needs nobody ends, and who used the quota: its counts alone are no news."""
    first = finding.quota[0].application if finding.quota else ""
    end = finding.reset[1].timestamp() // MOVED.total_seconds() if finding.reset is not None else None
    return Topic("heals", page.texts(Role.RESET, Role.QUOTA), (finding.cause, first, end))


def _wait(page: Page, times: Times) -> tuple[str, ...]:
    recovery = page.state.recovery
    # Behind this limit the sentence on lost events changes with every minute.
    still = recovery is not None and times.now < recovery.began + REPLAY
    heading = f"Step {page.step}" if page.step else ""
    return (heading, *page.texts(Role.TEXT), *(page.texts(Role.LOST) if still else ()))
