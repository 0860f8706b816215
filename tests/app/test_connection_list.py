"""The list of connections: order, cursor, filter."""

from datetime import timedelta
from itertools import pairwise, product

from tests.app.stage import frozen, named, stage, state_of
from tests.evidence import NOW, evidence, unreadable
from tui.app.connection_list import Row
from tui.connections.evidence import Evidence
from tui.connections.state import State, Status
from tui.wording.statuses import NOT_READ

BESIDE = (110, 36)
"""A terminal in which list and detail stand side by side, without room for more in the list."""
THREE = ("Acme APAC", "Acme EMEA", "Acme US")


def names(text: str) -> list[str]:
    """The connections in the order in which the list shows them."""
    lines = [line[2:38] for line in text.splitlines() if line.startswith("│ ")]
    return [name for line in lines for name in THREE if name in line]


def known(readings: dict[str, Evidence]) -> list[State]:
    """States that are remembered; the org has not answered yet."""
    return [state_of(named(name), reading) for name, reading in readings.items()]


async def test_the_worst_connection_stands_first() -> None:
    async with stage(*THREE, states=known({"Acme APAC": evidence(), "Acme EMEA": frozen()})) as s:
        assert names(s.text()) == ["Acme EMEA", "Acme US", "Acme APAC"]


async def test_a_status_is_a_sign_and_a_word() -> None:
    readings = {"Acme EMEA": frozen(), "Acme US": evidence()}
    async with stage(*readings, readings=readings, size=BESIDE) as s:
        assert "✖ Acme EMEA              Error   18m" in s.text()
        assert "● Acme US           Monitoring" in s.text()


async def test_the_cursor_stays_on_its_connection_when_the_order_changes() -> None:
    async with stage(*THREE, readings={name: evidence() for name in THREE}) as s:
        await s.press("j")
        assert s.app.main.connections.current == "Acme EMEA"
        await s.reads("Acme EMEA", frozen())
        assert names(s.text())[0] == "Acme EMEA"
        assert s.app.main.connections.current == "Acme EMEA"


async def test_a_new_reading_of_another_connection_leaves_the_detail_alone() -> None:
    async with stage("Acme EMEA", "Acme US", readings={"Acme EMEA": frozen()}) as s:
        await s.reads("Acme US", evidence())
        assert "The service account is frozen" in s.text()


async def test_j_and_k_move_and_stop_at_the_ends() -> None:
    async with stage(*THREE) as s:
        await s.press("k")
        assert s.app.main.connections.current == "Acme APAC"
        await s.press("j", "j", "j", "j")
        assert s.app.main.connections.current == "Acme US"


async def test_the_detail_follows_the_resting_cursor() -> None:
    async with stage("Acme EMEA", "Acme US", readings={"Acme EMEA": frozen(), "Acme US": evidence()}) as s:
        await s.press("down")
        assert "No fault found" in s.text()
        assert "╭─ Acme US " in s.text()


async def test_the_filter_narrows_as_it_is_typed() -> None:
    async with stage(*THREE) as s:
        await s.press("slash", "a", "p")
        assert names(s.text()) == ["Acme APAC"]


async def test_the_filter_also_finds_a_status() -> None:
    async with stage(*THREE, states=known({"Acme EMEA": frozen(), "Acme US": evidence()})) as s:
        await s.press("slash", *"error")
        assert names(s.text()) == ["Acme EMEA"]


async def test_the_cursor_stays_on_its_connection_under_the_filter() -> None:
    async with stage(*THREE) as s:
        await s.press("end", "slash", *"us")
        assert s.app.main.connections.current == "Acme US"


async def test_escape_takes_the_filter_away() -> None:
    async with stage(*THREE) as s:
        await s.press("slash", *"apac", "escape")
        assert len(names(s.text())) == 3


async def test_letters_that_are_commands_are_text_in_the_filter() -> None:
    async with stage(*THREE) as s:
        await s.press("slash", "q", "r")
        assert s.app.is_running
        assert s.answers.asked == []
        assert "nothing matches the filter" in s.text()


async def test_the_list_scrolls_with_its_cursor() -> None:
    many = tuple(f"Connection {number:03}" for number in range(200))
    async with stage(*many) as s:
        await s.press("end")
        assert "Connection 199" in s.text()
        assert "Connection 000" not in s.text()


async def test_a_held_key_moves_the_list_on_by_a_third_of_its_height_at_a_time() -> None:
    many = tuple(f"Connection {number:03}" for number in range(200))
    async with stage(*many) as s:
        list_ = s.app.main.connections
        tops = []
        for _ in range(2 * list_.size.height):
            await s.press("down")
            tops.append(list_.scroll_offset.y)
        steps = {after - before for before, after in pairwise(tops)}
        assert steps == {0, list_.size.height // 3 + 1}
        assert list_.current == f"Connection {2 * list_.size.height:03}"


async def test_a_name_too_long_for_its_column_is_cut() -> None:
    async with stage("A connection with a name that is very long indeed", size=BESIDE) as s:
        assert "A connection wit…" in s.text()


async def test_an_unknown_connection_says_so_and_why() -> None:
    reading = evidence(user=unreadable("needs Manage Users", "Ask for the right."))
    async with stage("Acme Legacy", readings={"Acme Legacy": reading}, size=BESIDE) as s:
        assert "? Acme Legacy          Unknown" in s.text()
        assert "needs Manage Users" in s.text()


async def test_before_the_first_answer_the_rows_stand_there_unread() -> None:
    async with stage("Acme EMEA", size=BESIDE) as s:
        assert "? Acme EMEA             unread" in s.text()
        assert s.clock.now() == NOW


async def test_a_wide_list_shows_the_last_24_hours_and_a_wider_one_cause_author_and_org() -> None:
    readings = {"Acme EMEA": frozen(), "Acme US": evidence()}
    async with stage(*readings, readings=readings, size=(120, 36)) as s:
        row = s.text().splitlines()[2][:64]
        assert row.startswith("│ ✖ Acme EMEA        ·······················█      Error   18m")
        await s.pilot.resize_terminal(200, 36)
        await s.settle()
        row = s.text().splitlines()[2][:100]
        assert "frozen · Jane Doe · acme" in row
        assert "·······················█      Error   18m" in row


async def test_the_hours_are_asked_for_once_an_hour() -> None:
    async with stage("Acme EMEA", readings={"Acme EMEA": evidence()}) as s:
        known = s.app.main.observed.hours
        s.app.main.tick()
        await s.settle()
        assert s.app.main.observed.hours is known is not None
        s.clock.advance(timedelta(hours=1))
        s.app.main.tick()
        await s.settle()
        assert s.app.main.observed.hours is not known


SHORTS = ("", "5s", "21m", "365d", "muted", "paused", "7:42", "1:10:04", "123:10:04")


async def test_no_column_runs_into_the_next_however_long_each_is() -> None:
    async with stage("Acme EMEA") as s:
        for width, word, mark, short in product(
            range(20, 110), [*Status, "overdue", NOT_READ], ("", "!"), SHORTS
        ):
            hours = (("█" * 24, "quiet"),)
            row = Row("", "✖", "W" * 60, word, short, "error", mark=mark, cells=hours, about="A" * 60)
            shown = s.app.main.connections._draw(row, width, 0).text
            assert len(shown) == width
            assert width <= 34 or f" {word} " in shown
            assert width <= 34 or not short or shown.endswith(f" {short} ")
            assert width <= 34 or not mark or f" {mark} " in shown
