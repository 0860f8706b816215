"""The form for a new connection, and who the operator is: keys alone, outside text never as markup."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.app.stage import Stage, stage
from tests.evidence import OPERATOR, connection, evidence, org, rights, unreadable
from tui.app import add
from tui.app.add import Add
from tui.base.paths import log_file
from tui.base.problem import Problem
from tui.config import Config
from tui.onboarding.flow import Flow
from tui.onboarding.needs import Lookup
from tui.onboarding.orgs import KnownOrgs
from tui.salesforce.sign_in.sf_cli import KnownOrg

NASTY = "[/b]\x1b[31mJane"
EMEA = "Acme EMEA"


class LookupRunner:
    """Facts by lookup; a function is awaited with the prompter, a Problem is raised."""

    def __init__(self, **facts: Any) -> None:
        self.facts = {
            "known_orgs": KnownOrgs((KnownOrg("prod", "ops@acme.example", "https://a.my.salesforce.com"),))
        }
        self.facts |= facts

    async def run(self, lookup: Lookup, flow: Flow, prompter: Any) -> Any:
        fact = self.facts[lookup.value]
        if callable(fact):
            return await fact(prompter)
        if isinstance(fact, Problem):
            raise fact
        return fact


@asynccontextmanager
async def form(
    lookups: LookupRunner, *, ascii: bool = False
) -> AsyncIterator[tuple[Stage, list[Config | None]]]:
    ended: list[Config | None] = []
    async with stage(EMEA, readings={EMEA: evidence()}, ascii=ascii) as s:
        screen = Add(s.app.renderer, lambda: s.app.times, Flow("config.toml"), lookups, lambda done: Config())  # type: ignore[arg-type]
        s.app.push_screen(screen, ended.append)
        await s.settle()
        yield s, ended


async def test_a_failed_sign_in_is_told_over_the_question_before() -> None:
    async with form(LookupRunner(signed_in=Problem("The org refused", "It said no.", "Try another."))) as (
        s,
        _,
    ):
        await s.press("enter")
        assert "The org refused: It said no. Try another." in s.text()
        assert "Which Salesforce org?" in s.text()


async def test_an_answer_that_cannot_be_taken_is_told_and_the_question_stands() -> None:
    async with form(LookupRunner()) as (s, _):
        await s.press(*"acme", "enter")
        assert "'acme' is not a known org and not an address." in s.text()
        assert "Which Salesforce org?" in s.text()


async def test_escape_on_the_first_question_leaves() -> None:
    async with form(LookupRunner()) as (s, ended):
        await s.press("escape")
        assert ended == [None]


async def test_escape_stops_what_takes_long_and_asks_again() -> None:
    import asyncio

    async def never(prompter: Any) -> Any:
        await asyncio.Event().wait()

    async with form(LookupRunner(signed_in=never)) as (s, ended):
        await s.press("enter")
        assert "Signing in to the org …" in s.text()
        await s.press("escape")
        assert "Which Salesforce org?" in s.text()
        assert ended == []


async def test_a_browser_sign_in_shows_its_address_and_takes_what_is_pasted() -> None:
    pasted: list[str] = []

    async def web(prompter: Any) -> Any:
        prompter.show("Open this address in a browser:")
        prompter.show("https://a.my.salesforce.com/services/oauth2/authorize?state=x")
        pasted.append(await prompter.pasted())
        raise Problem("Enough", "", "")

    async with form(LookupRunner(signed_in=web)) as (s, _):
        await s.press("enter")
        assert "Open this address in a browser:" in s.text()
        assert "Address sent to the terminal's clipboard." in s.toasts()
        await s.press(*"code", "enter")
        assert pasted == ["code"]


async def test_outside_text_is_shown_as_text() -> None:
    orgs = KnownOrgs((KnownOrg(NASTY, NASTY, "https://a.my.salesforce.com"),))
    async with form(LookupRunner(known_orgs=orgs)) as (s, _):
        assert "[/b]" in s.text()
        assert "\x1b" not in s.text()


async def test_the_form_is_plain_in_ascii_mode() -> None:
    async with form(LookupRunner(), ascii=True) as (s, _):
        assert s.text().isascii()


async def test_who_am_i_shows_the_operator_of_each_org() -> None:
    async with stage(EMEA, readings={EMEA: evidence()}) as s:
        await s.press("i")
        assert f"you are {OPERATOR}" in s.text()
        assert "✓ Manage Users" in s.text()
        await s.press("escape")
        assert EMEA in s.text()


async def test_each_org_has_its_own_operator_and_rights() -> None:
    us = connection(name="Acme US", org="us")
    setting = Config(orgs={"acme": org(), "us": org(id="us")}, connections=(connection(), us))
    readings = {
        EMEA: evidence(rights=rights("alex@emea.example", "ManageUsers")),
        us.name: evidence(rights=rights("alex@us.example", "ViewSetup")),
    }
    async with stage(setting=setting, readings=readings) as s:
        await s.press("i")
        emea, _, other = s.text().partition("alex@us.example")
        assert "alex@emea.example" in emea
        assert "alex@emea.example" not in other
        assert "✓ Manage Users" in emea
        assert "✓ Manage Users" not in other


async def test_who_am_i_says_why_it_is_not_known() -> None:
    async with stage(EMEA, readings={EMEA: evidence(rights=unreadable("the org refused"))}) as s:
        await s.press("i")
        assert "the org refused" in s.text()


@pytest.mark.parametrize(
    "typed", ["[", "https://[", "https://[::1", "acme.my.salesforce.com:x", "https://a.b:99999"]
)
async def test_what_is_no_address_at_all_is_told_and_the_question_stands(typed: str) -> None:
    async with form(LookupRunner()) as (s, ended):
        await s.press(*typed, "enter")
        assert "Which Salesforce org?" in s.text()
        assert "Not an" in s.text()
        assert ended == []


async def test_an_internal_fault_leaves_the_form_and_is_said_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(prompter: Any) -> Any:
        raise RuntimeError("hunter2")

    async with form(LookupRunner(signed_in=broken)) as (s, ended):
        await s.press("enter")
        assert ended == [None]
        assert any("internal fault (RuntimeError): see the log" in toast for toast in s.toasts())
        assert "hunter2" not in "".join(s.toasts())
    assert "adding a connection ended by an internal fault" in caplog.text


async def test_whatever_fails_beside_the_screen_is_said_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> None:
        raise OverflowError

    async def told() -> None:
        raise Problem("It did not work", "Because.", "Again.")

    async with stage(EMEA, readings={EMEA: evidence()}) as s:
        s.app.beside(broken(), "copying")
        s.app.beside(told(), "asking")
        await s.settle()
        fault = f"Copying ended by an internal fault (OverflowError): see the log, {log_file()}"
        assert fault in s.toasts()
        assert "It did not work: Because. Again." in s.toasts()
    assert "copying ended by an internal fault" in caplog.text


def test_no_work_beside_the_screen_can_fail_unseen() -> None:
    sources = Path(add.__file__).parent.glob("*.py")
    users = {path.name for path in sources if "run_worker(" in path.read_text()}
    assert users == {"app.py"}
