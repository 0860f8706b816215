"""Finding a connection: words and fields in the filter, the order of the list, the next problem, a thousand rows."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.app.stage import frozen, named, stage
from tests.evidence import NOW, connection, evidence, history, org, rate_exceeded, unreadable
from tui import wording
from tui.app.connection_list import ConnectionList
from tui.app.rows import Order, Term, matches, terms
from tui.config import Config
from tui.connections.evidence import Evidence
from tui.connections.state import State, rank
from tui.diagnosis.diagnose import first_state

UNKNOWN = evidence(user=unreadable("needs Manage Users", "Ask for the right."))
FOUR = {"Acme APAC": evidence(), "Acme EMEA": frozen(), "Acme Legacy": UNKNOWN, "Acme US": evidence()}


def state(reading: Evidence) -> State:
    return first_state(connection(), reading)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("emea", True),
        ("EMEA acme", True),
        ("emea us", False),
        ("!us", True),
        ("!emea", False),
        ("status:error", True),
        ("!status:error", False),
        ("status:monitoring", False),
        ("org:acme", True),
        ("user:incydr.svc", True),
        ("name:svc", False),
        ("cause:frozen", True),
        ("frozen", False),
        ("error", True),
    ],
)
def test_the_filter_asks_for_words_and_fields(typed: str, found: bool) -> None:
    assert matches(connection(), state(frozen()), terms(typed)) is found


@pytest.mark.parametrize("typed", ["", "!", "status:", "!status:"])
def test_what_is_still_being_typed_hides_nothing(typed: str) -> None:
    assert terms(typed) == ()


def test_a_colon_in_a_name_is_part_of_the_word() -> None:
    assert terms("eu:west") == (Term("eu:west"),)


def test_what_was_not_read_yet_can_be_asked_for() -> None:
    assert matches(connection(), None, terms("status:unread"))


async def test_the_list_says_how_many_of_how_many_it_shows() -> None:
    async with stage(*FOUR, readings=FOUR) as s:
        await s.press("slash", *"!status:monitoring")
        assert "Connections · 2 of 4" in s.text()
        await s.press("escape")
        assert "of 4" not in s.text()


async def shown(order_presses: int) -> tuple[list[str], str]:
    setting = Config(
        orgs={"zeta": org(id="zeta"), "beta": org(id="beta")},
        connections=(
            connection(name="Cedar", org="zeta"),
            connection(name="Alder", org="zeta"),
            connection(name="Birch", org="beta"),
        ),
    )
    readings = {"Cedar": evidence(), "Alder": frozen(), "Birch": evidence()}
    async with stage(setting=setting, readings=readings) as s:
        await s.press(*["o"] * order_presses)
        return [row.name for row in s.app.main.connections.rows], s.text()


async def test_the_worst_comes_first_then_the_configurations_order() -> None:
    names, _ = await shown(0)
    assert names == ["Alder", "Cedar", "Birch"]


async def test_o_sorts_by_name() -> None:
    names, text = await shown(1)
    assert names == ["Alder", "Birch", "Cedar"]
    assert "Connections · by name" in text


async def test_o_again_sorts_by_org_the_worst_first_in_each() -> None:
    names, text = await shown(2)
    assert names == ["Birch", "Alder", "Cedar"]
    assert "Connections · by org" in text


async def test_o_three_times_is_as_before() -> None:
    names, text = await shown(3)
    assert names == ["Alder", "Cedar", "Birch"]
    assert "by org" not in text


def test_an_order_has_a_successor_and_the_last_leads_to_the_first() -> None:
    assert Order.ORG.following is Order.WORST


def test_overdue_ranks_with_error() -> None:
    broken = state(frozen())
    assert broken.recovery is not None
    late = replace(broken, recovery=replace(broken.recovery, overdue=True))
    assert rank(late) == rank(broken) == (0, False)


def test_an_error_that_clears_by_itself_stands_between_those_that_do_not_and_the_unknown() -> None:
    heals = evidence(sign_ins=history(rate_exceeded(at=NOW - timedelta(minutes=5))))
    in_order = [state(frozen()), state(heals), state(UNKNOWN)]
    assert [s.diagnosis.heals for s in in_order] == [False, True, False]
    ranks = [rank(s) for s in in_order]
    assert ranks == sorted(set(ranks))


async def test_n_goes_through_the_problems_and_round_the_end() -> None:
    async with stage(*FOUR, readings=FOUR) as s:
        await s.press("home")
        seen = []
        for _ in range(3):
            seen.append(s.app.main.connections.current)
            await s.press("n")
        assert seen == ["Acme EMEA", "Acme Legacy", "Acme EMEA"]


async def test_capital_n_goes_back_to_the_problem_before() -> None:
    async with stage(*FOUR, readings=FOUR) as s:
        await s.press("end", "N")
        assert s.app.main.connections.current == "Acme Legacy"


async def test_n_says_where_there_is_no_other_problem() -> None:
    async with stage("Acme EMEA", "Acme US", readings={"Acme EMEA": frozen(), "Acme US": evidence()}) as s:
        await s.press("n")
        assert s.toasts() == ["No other connection in the list has a problem."]


async def test_n_keeps_to_what_the_filter_shows() -> None:
    async with stage(*FOUR, readings=FOUR) as s:
        await s.press("slash", *"!legacy", "enter", "n")
        assert s.app.main.connections.current == "Acme EMEA"


MANY = tuple(f"Connection {number:04}" for number in range(1000))


async def test_of_a_thousand_rows_only_those_in_sight_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(*MANY) as s:
        drawn: list[str] = []
        draw = ConnectionList._draw

        def noted(self: ConnectionList, row: object, width: int, lit: int) -> object:
            drawn.append(row.name)  # type: ignore[attr-defined]
            return draw(self, row, width, lit)  # type: ignore[arg-type]

        monkeypatch.setattr(ConnectionList, "_draw", noted)
        await s.pilot.press(*["down"] * 60)
        await s.settle()
        assert s.app.main.connections.current == "Connection 0060"
        # Each line that comes into sight, and the two that the cursor leaves and reaches.
        assert len(drawn) <= 3 * 60


async def test_while_the_cursor_runs_the_detail_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(*MANY) as s:
        from tui.app.detail import Detail

        shown: list[str | None] = []
        monkeypatch.setattr(Detail, "show", lambda self, name, *rest: shown.append(name))
        for _ in range(30):
            s.app.main.connections.action_move(1)
            s.app.main.highlighted()
        await s.settle()
        assert set(shown) == {"Connection 0030"}


async def test_a_thousand_readings_at_once_are_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async with stage(*MANY) as s:
        drawings: list[bool] = []
        draw = s.app.main.draw

        def drawn(**given: Any) -> None:
            drawings.append(True)
            draw(**given)

        monkeypatch.setattr(s.app.main, "draw", drawn)
        healthy = evidence()
        s.answers.shows(**dict.fromkeys(MANY, healthy))
        await s.settle()
        assert "all Monitoring" in s.text()
        assert len(drawings) < 20


async def test_rows_are_made_anew_only_for_what_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    one, *others = map(named, MANY)
    setting = Config(orgs={"acme": org(), "us": org(id="us")}, connections=(*others, replace(one, org="us")))
    async with stage(setting=setting, readings=dict.fromkeys(MANY, evidence())) as s:
        made: list[object] = []
        age = wording.age

        def aged(*given: Any) -> str:
            made.append(given)
            return age(*given)

        monkeypatch.setattr(wording, "age", aged)
        await s.reads(one.name, frozen())
        assert len(made) == 1


async def test_the_row_under_the_cursor_stays_when_its_connection_becomes_the_worst_of_a_thousand() -> None:
    async with stage(*MANY, readings=dict.fromkeys(MANY, evidence())) as s:
        await s.press("end")
        await s.reads(MANY[-1], frozen())
        assert s.app.main.connections.current == MANY[-1]
        assert s.app.main.connections.cursor == 0


async def test_the_age_of_an_error_moves_every_ten_seconds_at_most() -> None:
    async with stage("Acme EMEA", readings={"Acme EMEA": frozen()}) as s:
        before = s.app.main.connections.rows
        s.clock.advance(timedelta(seconds=9))
        s.app.main.tick()
        assert s.app.main.connections.rows == before
