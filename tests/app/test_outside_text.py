"""Nothing from outside is markup, and nothing from outside reaches the terminal as an order."""

from msgspec.structs import replace

from tests.app.stage import FROZEN_AT, Stage, config, stage
from tests.evidence import evidence, froze, login, org, profile, rights, trail, user
from tui.config import Config
from tui.connections.evidence import Evidence
from tui.connections.repair import Outcome, Result
from tui.walkthrough import actions
from tui.watching.entry import Entry, EntryKind

NASTY = "[/b][red]x[/] \x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil"


def setting() -> Config:
    """One connection in whose every text somebody wrote markup and escape sequences."""
    nasty = config(NASTY).connections[0]
    nasty = replace(nasty, service_account=NASTY, detector_name=NASTY)
    return Config(orgs={"acme": org(my_domain="acme.my.salesforce.com" + NASTY)}, connections=(nasty,))


def reading() -> Evidence:
    attacker = (NASTY, NASTY)
    return evidence(
        user=user(username=NASTY, name=NASTY, profile_name=NASTY),
        freeze=login(frozen=True, modified=FROZEN_AT),
        grants=(profile(name=NASTY),),
        rights=rights(NASTY + "operator"),
        audit=trail(froze(FROZEN_AT, attacker, name=NASTY)),
    )


def clean(s: Stage) -> bool:
    return not any(c in s.text() for c in "\x1b\x07\x9b\u202e")


async def test_every_pane_shows_it_as_plain_text() -> None:
    async with stage(setting=setting(), readings={NASTY: reading()}) as s:
        assert "[/b][red]x[/]" in s.text()
        assert clean(s)
        await s.press("enter", "enter", "enter")
        assert "[/b][red]x[/]" in s.text()
        assert clean(s)


async def test_the_question_before_a_repair_shows_it_as_plain_text() -> None:
    async with stage(setting=setting(), readings={NASTY: reading()}) as s:
        await s.press("enter", "f")
        assert "[/b][red]x[/]" in s.text()
        assert "IsFrozen: true → false" in s.text()
        assert clean(s)


async def test_the_palette_shows_it_as_plain_text() -> None:
    async with stage(setting=setting(), readings={NASTY: reading()}) as s:
        await s.press("ctrl+p", *"go to")
        await s.pilot.pause(0.3)
        assert "[/b]" in s.text()
        assert clean(s)


async def test_toasts_and_bells_show_it_as_plain_text() -> None:
    async with stage(setting=setting(), readings={NASTY: evidence()}) as s:
        await s.press("enter")
        assert "[/b][red]x[/]" in s.text()
        assert clean(s)


async def test_history_and_outcomes_show_it_as_plain_text() -> None:
    async with stage(setting=setting(), readings={NASTY: reading()}) as s:
        entry = Entry(FROZEN_AT, NASTY, EntryKind.ERROR, "key", by=NASTY, text=NASTY)
        await s.remembers(entry)
        s.answers.outcomes = (Outcome(Result.REFUSED, NASTY, NASTY, NASTY),)
        await s.settle()
        assert "History" in s.text()
        await s.press("enter")
        repair = s.app.main.context().repairs[0]
        commands, question = s.app.main.commands, actions.question(s.watcher, NASTY, repair)
        commands.ask(replace(question, repair=replace(repair, title=NASTY, confirm=None)))
        await s.press("y")
        assert "Salesforce refused it: [/b]" in s.text()
        assert clean(s)
