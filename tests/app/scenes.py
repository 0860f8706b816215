"""Every screen of the app, each reached from a fresh start by what an operator would do."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from textual.widgets._toast import Toast

from tests.app.stage import FROZEN_AT, Stage, frozen
from tests.evidence import NOW, ago, evidence, froze, history, signed_in, trail, unfroze, unreadable
from tui.causes import user_frozen
from tui.connections.state import Status
from tui.watching.entry import Entry, EntryKind

EMEA = "Acme EMEA"
READINGS: dict[str, Any] = {
    EMEA: frozen(),
    "Acme Legacy": evidence(user=unreadable("needs Manage Users", "Ask for the right.")),
    "Acme US": evidence(),
}
LAST_LIFE = signed_in(at=FROZEN_AT - timedelta(minutes=10), count=12)


async def nothing(s: Stage) -> None:
    pass


async def past(s: Stage) -> None:
    await s.remembers(
        Entry(FROZEN_AT, EMEA, EntryKind.ERROR, "1", cause="user_frozen", by="Jane Doe"),
        Entry(ago(hours=9), EMEA, EntryKind.STATUS, "2", status=Status.MONITORING),
    )
    await s.app.main.commands.do_details()
    await s.settle()


async def filtered(s: Stage) -> None:
    await s.press("slash", *"status:error")


async def step(s: Stage) -> None:
    await s.app.main.commands.open_wizard(EMEA)
    await s.press("enter", "enter")


async def question(s: Stage) -> None:
    await step(s)
    await s.press("f")


def repaired(minutes: int, *signs: Any) -> Any:
    at = NOW + timedelta(minutes=minutes)
    rows = trail(unfroze(NOW), froze(FROZEN_AT))
    return evidence(now=at, sign_ins=history(*signs, LAST_LIFE), audit=rows)


async def later(s: Stage, minutes: int, *signs: Any) -> None:
    await step(s)
    s.clock.advance(timedelta(minutes=minutes))
    await s.reads(EMEA, repaired(minutes, *signs))
    await quiet(s)


async def quiet(s: Stage) -> None:
    """Take the toasts away, which go by themselves after some real seconds."""
    for toast in s.app.screen.query(Toast):
        toast._expire()
    await s.settle()


async def waiting(s: Stage) -> None:
    await later(s, 4)


async def overdue(s: Stage) -> None:
    await later(s, 4)
    s.clock.advance(timedelta(minutes=26))
    await s.reads(EMEA, repaired(30))
    await quiet(s)


async def returned(s: Stage) -> None:
    await later(s, 4)
    s.clock.advance(timedelta(minutes=2))
    await s.reads(EMEA, repaired(6, signed_in(at=NOW + timedelta(minutes=5))))
    await quiet(s)


async def keys(s: Stage) -> None:
    await s.press("question_mark")


async def palette(s: Stage) -> None:
    await s.press("ctrl+p")
    await s.pilot.pause(0.1)


async def message(s: Stage) -> None:
    from textual import events
    from textual.widgets import Input

    await s.press("e")
    field = s.app.screen.query_one(Input)
    field.post_message(events.Paste(f"Error: {user_frozen.CAUSE.message}"))
    await s.settle()


async def alone(s: Stage) -> None:
    await s.press("v")


async def who(s: Stage) -> None:
    await s.press("i")


SCENES: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "list": nothing,
    "detail": past,
    "filter": filtered,
    "step": step,
    "question": question,
    "waiting": waiting,
    "overdue": overdue,
    "returned": returned,
    "help": keys,
    "palette": palette,
    "explain": message,
    "plain": alone,
    "who": who,
}
