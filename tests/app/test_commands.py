"""The table of commands: what is shown where, what is greyed and why, rebinding, help, palette, demo."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace

from tests.app.stage import config, frozen, stage
from tests.evidence import NOW, evidence
from tests.states import CONNECTION, reading
from tui.app.clipboard import sequence
from tui.app.demo import ORDERS, Demo, DemoLink
from tui.app.help import table
from tui.base.problem import Problem
from tui.base.vendor_pages import FREEZE
from tui.causes.cause import Cause
from tui.causes.registry import CAUSES
from tui.causes.user_frozen import CAUSE
from tui.config import AppSettings
from tui.connections.connection import Experience
from tui.connections.finding import Diagnosis
from tui.connections.recovery import advance
from tui.connections.repair import NoRepair
from tui.connections.walkthrough import plan
from tui.demo.administrator import ACTIONS, BREAKS
from tui.keys import BY_ID, COMMANDS, Context, Pane

EMEA = "Acme EMEA"


def test_every_command_has_its_own_id() -> None:
    assert len(BY_ID) == len(COMMANDS)


@pytest.mark.parametrize("pane", list(Pane))
@pytest.mark.parametrize("hidden", [True, False])
def test_no_key_means_two_things_at_once(pane: Pane, hidden: bool) -> None:
    context = Context(pane, detail_hidden=hidden)
    keys = [command.key for command in COMMANDS if command.shown(context)]
    assert len(keys) == len(set(keys))


def test_the_first_reason_of_the_offers_says_why_nothing_is_repaired() -> None:
    context = Context(Pane.WIZARD, offers=(NoRepair("user_frozen", "You lack the right."),))
    assert BY_ID["repair"].why_not(context) == "You lack the right."


def test_while_a_change_is_under_way_no_other_is_sent() -> None:
    context = Context(Pane.WIZARD, busy="Unfreeze")
    assert BY_ID["repair"].why_not(context) == "Still sending: Unfreeze."


def test_what_was_not_read_cannot_be_fixed_yet() -> None:
    assert BY_ID["fix"].why_not(Context(Pane.LIST)) == "Not read yet: remonitor waits for the first answer."


async def test_the_footer_shows_the_keys_of_the_pane() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        assert "enter Fix  / Filter  r Check now  a Add  e Explain  h History  ? Help" in s.text()
        await s.press("enter")
        assert "enter Done, next  b Back  f Fix it for me  esc Leave" in s.text()


async def test_a_key_can_be_rebound_by_the_commands_id() -> None:
    rebound = replace(config(EMEA), app=AppSettings(keys={"check_now": "z"}))
    async with stage(setting=rebound, readings={EMEA: frozen()}) as s:
        await s.press("r")
        assert s.answers.asked == []
        await s.press("z")
        assert s.answers.asked == [(EMEA,)]
        assert "z Check now" in s.text()


async def test_help_shows_every_key_and_the_reason_of_those_that_do_not_work_now() -> None:
    async with stage(EMEA, readings={EMEA: evidence()}, size=(120, 60)) as s:
        await s.press("question_mark")
        assert "Check now" in s.text()
        assert "not now: Nothing to fix: Acme EMEA is Monitoring." in s.text()
        await s.press("escape")
        assert "not now" not in s.text()


def told(pane: Pane) -> list[str]:
    """The help's lines over this pane."""
    walk = plan([("user_frozen", step) for step in CAUSE.steps], Experience.LIGHTNING, NOW)
    context = Context(pane, walkthrough=walk if pane is Pane.WIZARD else None)
    lines = table([(command, command.key) for command in COMMANDS], context, 120)
    return ["".join(text for text, _ in line) for line in lines]


@pytest.mark.parametrize(
    ("pane", "heading", "key", "elsewhere"),
    [
        (Pane.WIZARD, "In the walkthrough", "Skip", "Filter"),
        (Pane.LIST, "In the list", "Filter", "Skip"),
        (Pane.DETAIL, "In the detail", "History", "Skip"),
        (Pane.WELCOME, "In the welcome", "Add", "Skip"),
    ],
)
def test_help_begins_with_what_works_here(pane: Pane, heading: str, key: str, elsewhere: str) -> None:
    lines = told(pane)
    here, moving, others = (lines.index(line) for line in (heading, "Moving", "Elsewhere"))
    at = {label: n for n, line in enumerate(lines) for label in (key, elsewhere) if f"  {label}  " in line}
    assert here == 0 < at[key] < moving < others < at[elsewhere]


def test_help_has_the_reason_after_all_that_works() -> None:
    lines = told(Pane.WIZARD)
    here = lines[: lines.index("Moving")]
    first = next(n for n, line in enumerate(here) if "not now: " in line) - 1
    assert here[first + 1 :: 2] == [line for line in here[first:] if "not now: " in line]


def test_help_says_how_to_move() -> None:
    assert any(line.startswith("  j k ") for line in told(Pane.LIST))
    assert any(line.startswith("  tab ") for line in told(Pane.LIST))


async def test_h_shows_the_whole_history() -> None:
    from tests.evidence import ago
    from tui.connections.state import Status
    from tui.watching.entry import Entry, EntryKind

    async with stage(EMEA, readings={EMEA: frozen()}, size=(120, 50)) as s:
        past = (
            Entry(ago(minutes=n), EMEA, EntryKind.STATUS, str(n), status=Status.MONITORING) for n in range(5)
        )
        await s.remembers(*past)
        await s.settle()
        assert "h shows 2 more" in s.text()
        await s.press("h")
        assert "h shows" not in s.text()
        assert s.text().count(":5") >= 4


async def test_u_copies_the_username_and_says_where_it_went() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("u")
        assert s.toasts() == ["Username sent to the terminal's clipboard."]


async def test_the_vendors_page_is_copied_from_list_and_walkthrough(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        sent: list[str] = []
        monkeypatch.setattr(s.app, "write", sent.append)
        await s.press("D")
        await s.press("enter", "enter", "enter", "D")
        assert sent == [sequence(FREEZE.address, s.app.environ)] * 2
        await s.press("v")
        assert FREEZE.address in s.text()


async def test_the_palette_runs_a_command_by_its_name() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("colon", *"check now")
        await s.pilot.pause(0.3)
        await s.press("enter", "enter")
        await s.pilot.pause()
        assert s.answers.asked == [(EMEA,)]


@dataclass
class Orders:
    """Stands for the network to the demo."""

    sent: list[Any] = field(default_factory=list)
    status: int = 200

    async def request(self, method: str, url: str, *, json: Any) -> Any:
        self.sent.append((method, url, json))
        return type("Answer", (), {"status": self.status, "body": b"no such [b]connection\x1b[2J"})()


async def test_in_the_demo_the_palette_acts_as_the_administrator() -> None:
    orders = Orders()
    demo = Demo(DemoLink("http://127.0.0.1:1"), orders)  # type: ignore[arg-type]
    async with stage(EMEA, readings={EMEA: frozen()}, demo=demo) as s:
        await s.press("ctrl+p", *"demo unfreeze")
        await s.pilot.pause(0.3)
        await s.press("enter")
        await s.pilot.pause()
        body = {"action": "unfreeze", "connection": EMEA}
        assert orders.sent == [("POST", "http://127.0.0.1:1/admin", body)]
        assert s.toasts() == ["Unfreeze the user: done in the demo's org, for Acme EMEA."]


async def test_on_a_demo_the_palette_says_that_it_has_the_administrators_orders() -> None:
    demo = Demo(DemoLink("http://127.0.0.1:1"), Orders())  # type: ignore[arg-type]
    async with stage(EMEA, readings={EMEA: frozen()}, demo=demo) as s:
        await s.press("ctrl+p")
        await s.pilot.pause(0.3)
        assert "demo: act as the administrator" in s.text()


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.id)
def test_every_cause_can_be_brought_about_and_ended_by_an_order(cause: Cause) -> None:
    begins, ends = BREAKS[cause.id]
    offered = {order.action for order in ORDERS}
    assert offered <= ACTIONS.keys()
    assert {begins, ends} - {None} <= offered


async def test_a_refusal_of_the_demo_is_a_problem_in_plain_text() -> None:
    demo = Demo(DemoLink("http://127.0.0.1:1"), Orders(status=404))  # type: ignore[arg-type]
    with pytest.raises(Problem, match=r"no such \[b\]connection"):
        await demo.act(ORDERS[0], EMEA)


async def test_without_the_demo_the_palette_offers_no_administrator() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        await s.press("ctrl+p", *"demo")
        await s.pilot.pause(0.3)
        assert "Demo:" not in s.text()


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"other_org": "00D000000000002AAA"}, "Another org"),
        ({"other_user": "005000000000002AAA"}, "Another user"),
    ],
)
def test_what_another_org_or_user_answers_is_never_repaired(other: dict[str, Any], words: str) -> None:
    state = advance(CONNECTION, None, reading(0), Diagnosis(**other))
    why = BY_ID["repair"].why_not(Context(Pane.WIZARD, state=state))
    assert why is not None
    assert why.startswith(words)
