"""Who is asked first: one table, held against headline, every step, preview and `fix` alike."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.evidence import ACCOUNT, OPERATOR, ago, connection, evidence, froze, subject, trail, unreadable
from tests.unit.lines.talk import Person
from tests.unit.watching.fakes import EMEA, Scene
from tui import wording
from tui.connections.connection import Experience
from tui.connections.evidence import UserLogin
from tui.connections.repair import Repair
from tui.console.exits import Exit
from tui.diagnosis.diagnose import diagnose
from tui.lines.fix import Fix, FixOptions
from tui.walkthrough.actions import RepairQuestion

AT = ago(minutes=5)
HIDDEN = unreadable("you lack View Setup")


@dataclass(frozen=True)
class Case:
    """A freeze: what the trail says of it, what the record says of itself, who is asked first."""

    audit: Any
    author: str | None
    author_id: str | None
    asked: str | None


def row(**more: Any) -> Any:
    return trail(replace(froze(AT), **more))


CASES = {
    "another person": Case(row(), "Jane Doe", "005J", "Jane Doe"),
    "a name without username": Case(row(by_username=None), "Jane Doe", "005J", "Jane Doe"),
    "own name without username": Case(
        row(by_name="Alex Kim", by_username=None), "Alex Kim", None, "Alex Kim"
    ),
    "the operator": Case(row(by_name="Alex Kim", by_username=OPERATOR.upper()), "Alex Kim", None, None),
    "own Login-As": Case(row(delegate=OPERATOR), "Jane Doe", "005J", None),
    "another's Login-As as the operator": Case(
        row(by_name="Alex Kim", by_username=OPERATOR, delegate="root@acme.example"),
        "Alex Kim",
        None,
        "root@acme.example",
    ),
    "automation": Case(
        row(by_name="Okta Sync", by_username="okta@acme.example"), "Okta Sync", None, "Okta Sync"
    ),
    "trail unreadable": Case(HIDDEN, "Jane Doe", "005J", "Jane Doe"),
    "trail unreadable, automation": Case(HIDDEN, "HR Sync", "005H", "HR Sync"),
    "trail unreadable, author without Id": Case(HIDDEN, "Jane Doe", None, "Jane Doe"),
    "trail unreadable, own change": Case(HIDDEN, "Alex Kim", "005000000000009AAA", None),
    "trail unreadable, nobody known": Case(HIDDEN, None, None, None),
    "no row": Case(trail(), "Jane Doe", "005J", "Jane Doe"),
}


def parts(case: Case) -> dict[str, Any]:
    login = UserLogin("0Yw1", "0051", True, False, AT, case.author, case.author_id)
    return {"freeze": login, "audit": case.audit}


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


def test_headline_and_the_word_before_every_step_name_the_same(case: Case) -> None:
    (finding,) = diagnose(connection(), evidence(**parts(case))).findings
    assert wording.ask_first(finding) == case.asked
    assert (case.asked or "") in wording.restraint(finding)
    assert bool(wording.restraint(finding)) is (case.asked is not None)


@pytest.mark.parametrize("experience", list(Experience))
def test_both_previews_name_him_and_want_the_username(case: Case, experience: Experience) -> None:
    of = evidence(**parts(case))
    known = subject(of, experience=experience)
    (offer,) = diagnose(connection(), of, org=known.org).offers
    assert isinstance(offer.repair, Repair)
    assert offer.repair.ask_first == case.asked
    assert offer.repair.confirm == (ACCOUNT if case.asked else None)
    question = RepairQuestion(connection(), known.org, offer.repair, OPERATOR)
    assert [line for line in question.preview if "ask first" in line] == (
        [f"{case.asked} did this: ask first."] if case.asked else []
    )
    assert (case.asked or "") in question.restraint
    assert bool(question.restraint) is (case.asked is not None)
    assert question.agrees("y") is (case.asked is None)


async def test_fix_sends_it_by_yes_only_where_nobody_is_asked(case: Case, tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    scene.world.show(**parts(case))
    if case.audit is not HIDDEN:
        scene.world.rows = case.audit.rows
    else:
        scene.world.deepen = _unread(scene)  # type: ignore[method-assign]
    person, told = Person(), list[str]()
    async with scene.watcher(standing=False) as watcher:
        fix = Fix(watcher, EMEA.name, FixOptions(yes=True), scene.clock, person, person.hear, told.append)
        code = await fix.run()
    assert len(scene.world.sent) == (0 if case.asked else 1)
    assert (code is Exit.NO) is (case.asked is not None)
    assert (f"--confirm {ACCOUNT}" in "\n".join(told)) is (case.asked is not None)


def _unread(scene: Scene) -> Any:
    async def deepen(connections: Any, found: Any, deep: Any) -> Any:
        return {each.name: replace(found[each.name], audit=HIDDEN) for each in connections}

    return deepen
