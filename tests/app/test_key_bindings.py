"""Keys in the configuration: any key by any usual name, clashes told by the names of both commands."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.app.scenes import READINGS, SCENES
from tests.app.stage import config, frozen, stage
from tests.evidence import ago
from tui.app.palette import CommandsProvider
from tui.base.problem import ConfigProblem
from tui.config import AppSettings
from tui.connections.state import Status
from tui.keys import COMMANDS, bound, check, clashes, key_name
from tui.keys.binding import key_of
from tui.watching.entry import Entry, EntryKind

EMEA = "Acme EMEA"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("n", "n"),
        ("N", "N"),
        ("/", "slash"),
        ("?", "question_mark"),
        ("esc", "escape"),
        ("Return", "enter"),
        ("F5", "f5"),
        ("ctrl+r", "ctrl+r"),
        ("Ctrl+R", "ctrl+R"),
        ("slash", "slash"),
        ("-", "minus"),
        ("pgup", None),
        ("f25", None),
        ("ctrl+", None),
        ("ab", None),
        ("", None),
    ],
)
def test_a_key_may_be_written_as_people_write_it(written: str, key: str | None) -> None:
    assert key_of(written) == key


def test_a_key_is_read_back_as_people_read_it() -> None:
    assert [key_name(k) for k in ("escape", "slash", "question_mark", "n")] == ["esc", "/", "?", "n"]


def test_the_keys_of_the_table_do_not_clash() -> None:
    assert clashes({}) == ()


def test_no_key_of_the_table_is_one_that_terminals_or_multiplexers_take() -> None:
    taken = re.compile(r"(ctrl|alt|shift)\+|f\d+$|tab$")
    # Ctrl+L draws the screen again in every terminal program.
    assert [c.id for c in COMMANDS if taken.match(c.key)] == ["redraw"]


def test_two_commands_on_one_key_are_told_by_name() -> None:
    told = clashes({"check_now": "p"})
    assert told == ("keys.check_now and keys.pause: both are p (Check now, Pause).",)


def test_commands_that_trade_keys_do_not_clash() -> None:
    assert clashes({"check_now": "p", "pause": "r"}) == ()


def test_commands_that_are_never_shown_together_may_share_a_key() -> None:
    assert clashes({"sort": "s"}) == ()


@pytest.mark.parametrize(("key", "why"), [("j", "moves the cursor"), ("ctrl+c", "has a fixed meaning")])
def test_a_key_with_another_use_is_refused(key: str, why: str) -> None:
    assert clashes({"check_now": key}) == (f"keys.check_now: {key} {why} already.",)


def test_what_is_no_key_is_told_with_what_is_expected() -> None:
    assert clashes({"check_now": "space bar"}) == (
        'keys.check_now: found "space bar", expected one key such as n, ?, f5 or ctrl+r.',
    )


def test_an_unknown_command_is_a_problem_of_the_configuration_with_the_nearest_name() -> None:
    with pytest.raises(ConfigProblem, match=r"app\.keys\.chek_now: there is no such command.*check_now"):
        check({"chek_now": "z"}, "config.toml")


def test_a_clash_is_a_problem_of_the_configuration() -> None:
    with pytest.raises(ConfigProblem, match=r"config\.toml: app\.keys\.check_now and keys\.pause"):
        check({"check_now": "p"}, "config.toml")


def test_a_clash_ends_the_program_with_78_before_it_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from tui.cli import invoke

    path = tmp_path / "config.toml"
    path.write_text('[app.keys]\ncheck_now = "p"\n')
    path.chmod(0o600)
    assert invoke(["list", "--config", str(path)]) == 78
    assert "both are p (Check now, Pause)" in capsys.readouterr().err


def test_a_rebound_key_leaves_its_old_neighbours_alone() -> None:
    keys = bound({"fix": "f5"})
    assert (keys["fix"], keys["done"], keys["details"]) == ("f5", "enter", "enter")


async def test_enter_still_works_in_the_walkthrough_when_fix_has_another_key() -> None:
    rebound = replace(config(EMEA), app=AppSettings(keys={"fix": "f5"}))
    async with stage(setting=rebound, readings={EMEA: frozen()}) as s:
        await s.press("enter")
        assert "1 of 4" not in s.text()
        await s.press("f5")
        assert "1 of 4" in s.text()
        await s.press("enter")
        assert "2 of 4" in s.text()


async def test_help_shows_the_rebound_key() -> None:
    rebound = replace(config(EMEA), app=AppSettings(keys={"filter": "ctrl+f"}))
    async with stage(setting=rebound, readings={EMEA: frozen()}) as s:
        await s.press("question_mark")
        assert "ctrl+f  Filter" in s.text()


async def test_a_rebound_filter_key_still_comes_before_the_keys_that_follow_it() -> None:
    rebound = replace(config(EMEA, "Acme US"), app=AppSettings(keys={"filter": "z"}))
    async with stage(setting=rebound, readings={EMEA: frozen()}) as s:
        await s.press("z", "u", "s")
        assert s.app.main.connections.current == "Acme US"


async def test_the_palette_offers_what_works_now_first() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        helps = [str(hit.help) async for hit in CommandsProvider(s.app.main).discover()]
        places = [told.startswith("not now: ") + 2 * told.startswith("not here: ") for told in helps]
        assert places == sorted(places)
        assert "not now: No other connection in the list has a problem." in helps
        assert "not here: It works in the walkthrough." in helps


async def test_the_palette_finds_every_command_and_says_where_it_works() -> None:
    async with stage(EMEA, readings={EMEA: frozen()}) as s:
        named = [str(hit.text) async for hit in CommandsProvider(s.app.main).discover()]
        assert all(any(name.startswith(c.label) for name in named) for c in COMMANDS if c.id != "palette")
        await s.app.main.commands.run("skip")
        await s.settle()
        assert "It works in the walkthrough." in s.toasts()


OTHERS = {
    "word": "M",
    "pause": "P",
    "copy_link": "ctrl+y",
    "copy_user": "U",
    "experience": "X",
    "history": "H",
    "report": "W",
    "explain": "E",
    "leave": "Z",
    "close": "f2",
}


async def rebound_texts(scene: str) -> str:
    """What this screen says once every key that a sentence names has another one."""
    rebound = replace(config(*READINGS), app=AppSettings(keys=OTHERS))
    async with stage(setting=rebound, readings=READINGS, size=(120, 50)) as s:
        past = (
            Entry(ago(minutes=n), EMEA, EntryKind.STATUS, str(n), status=Status.MONITORING) for n in range(5)
        )
        await s.remembers(*past)
        await SCENES[scene](s)
        await s.settle()
        return s.text()


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        ("list", "H shows 2 more"),
        ("step", "ctrl+y copies"),
        ("step", "U copies"),
        ("step", "X Classic"),
        ("waiting", "M when you see Monitoring in the Incydr console."),
        ("overdue", "E (Explain) tells which cause it"),
        ("returned", "W writes the report for the ticket, f2 or Z goes back to the list."),
    ],
)
async def test_every_sentence_names_the_key_that_works(scene: str, said: str) -> None:
    assert said in await rebound_texts(scene)


async def test_a_pause_names_the_key_that_ends_it() -> None:
    rebound = replace(config(EMEA), app=AppSettings(keys=OTHERS))
    async with stage(setting=rebound, readings={EMEA: frozen()}) as s:
        await s.press("enter", "P")
        assert "Paused. P goes on." in s.text()


@pytest.mark.parametrize(("command", "key"), [("help", "H"), ("who", "I"), ("view", "V")])
async def test_a_key_bound_anew_closes_what_it_opened(command: str, key: str) -> None:
    rebound = replace(config(EMEA), app=AppSettings(keys={command: key}))
    async with stage(setting=rebound, readings={EMEA: frozen()}) as s:
        await s.press(key)
        assert s.app.screen is not s.app.main
        await s.press(key)
        assert s.app.screen is s.app.main
