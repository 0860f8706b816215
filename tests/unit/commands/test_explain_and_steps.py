"""`explain` and `steps`: without any configuration, and held against what Salesforce shows."""

import io
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from tests.evidence import (
    JANE,
    NOW,
    ago,
    connection,
    evidence,
    froze,
    history,
    login,
    rate_exceeded,
    subject,
    trail,
    unreadable,
)
from tests.states import at, finding
from tests.unit.watching.fakes import EMEA, Scene
from tui.base.vendor_pages import FREEZE
from tui.causes import user_deactivated
from tui.causes.registry import CAUSES
from tui.cli import invoke
from tui.commands import explain
from tui.connections.connection import Experience
from tui.connections.finding import Kind, Quota
from tui.connections.recovery import advance
from tui.connections.state import State
from tui.connections.step import Step, StepText
from tui.console import Exit
from tui.diagnosis.diagnose import diagnose
from tui.lines import steps
from tui.rules.required_permissions import REQUIREMENTS
from tui.watching.watcher import Watcher
from tui.wording import Times

Streams = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("own_folders")

DEACTIVATED = (
    "The Salesforce service account user that authorized this data connection has been deactivated. "
    "Reactivate the user account to return this data connection to monitoring."
)
FROZEN = DEACTIVATED.replace("deactivated", "frozen").replace("Reactivate", "Unfreeze")


def test_a_pasted_message_is_recognised_with_what_surrounds_it() -> None:
    code, answer = explain.meaning(f"Ticket 4711:\n  {DEACTIVATED.replace(' ', chr(10), 3)}\nthanks")
    assert code is Exit.OK
    assert answer.startswith("user_deactivated: ")


def test_the_frozen_message_names_both_of_its_causes() -> None:
    _, answer = explain.meaning(FROZEN)
    assert "user_frozen: " in answer
    assert "login_rate_exceeded: " in answer


def test_an_unknown_message_is_no() -> None:
    assert explain.meaning("the printer is on fire")[0] is Exit.NO


def state(name: str, **parts: Any) -> State:
    known, reading = connection(name=name), evidence(**parts)
    return advance(known, None, reading, diagnose(known, reading), None)


def frozen(name: str) -> State:
    at = ago(minutes=18)
    return state(name, freeze=login(frozen=True, modified=at), audit=trail(froze(at, JANE)))


def held(*states: State, named: bool = False) -> str:
    return explain.held_against(FROZEN, states, Times(UTC, NOW), named=named)


def test_a_message_is_held_against_each_connection_with_a_fault() -> None:
    told = held(frozen("Acme EMEA"), state("Acme US"), frozen("Acme APAC"))
    assert [line for line in told.splitlines() if line and line[0] != " "] == ["Acme EMEA", "Acme APAC"]
    assert "by Jane Doe (jane@acme.example) at 13:42:00" in told


def test_the_frozen_message_over_a_rate_limit_says_what_it_really_is() -> None:
    told = held(state("Acme EMEA", sign_ins=history(rate_exceeded(ago(minutes=5)))))
    assert "the user is not frozen" in told
    assert "the hourly limit ends" in told


def test_where_nothing_is_wrong_the_counts_say_so() -> None:
    assert held(state("Acme EMEA")) == "No connection has a fault: 1 connection · all Monitoring."


def test_a_connection_whose_freeze_cannot_be_read_may_be_the_one() -> None:
    told = held(frozen("Acme EMEA"), state("Acme Legacy", freeze=unreadable("needs Manage Users")))
    assert told.endswith("\n\nAcme Legacy\n  It is not known whether it is this cause: needs Manage Users.")


def test_a_named_connection_is_asked_although_nothing_is_wrong() -> None:
    assert "The console's message is old. Salesforce no longer shows this:" in held(
        state("Acme EMEA"), named=True
    )


def test_without_a_text_every_cause_is_explained() -> None:
    _, answer = explain.meaning(None)
    assert all(f"{cause.id}: {cause.title}" in answer for cause in CAUSES)


@pytest.mark.parametrize("cause", steps.known_causes())
@pytest.mark.parametrize("experience", list(Experience))
def test_every_cause_has_steps_that_end_with_the_wait(cause: str, experience: Experience) -> None:
    lines = steps.of_cause(cause, experience, REQUIREMENTS).splitlines()
    numbered = [line for line in lines if line[0].isdigit()]
    assert numbered[-1].endswith("Wait for Incydr")
    assert not any("link:" in line for line in lines)


@pytest.mark.parametrize(
    ("cause", "clock"),
    [
        (
            "user_frozen",
            "After the repair Incydr comes back by itself, within 20 minutes.",
        ),
        ("login_rate_exceeded", "When this has ended, Incydr comes back by itself, within"),
        ("access_revoked", "It is not known how long this takes"),
    ],
)
def test_the_wait_of_a_cause_says_when_its_clock_starts(cause: str, clock: str) -> None:
    assert clock in steps.of_cause(cause, Experience.LIGHTNING, REQUIREMENTS).splitlines()[-1]


def test_the_steps_of_a_connection_name_the_end_of_what_heals_and_who_used_the_quota() -> None:
    quota = (Quota("Data Loader", 3_588),)
    hour = (at(30), at(45))
    rate = finding("login_rate_exceeded", 0, kind=Kind.SELF_HEALING, quota=quota, reset=hour)
    both = (finding("user_frozen", 0), rate)
    told = steps.of_connection(both, subject(), Experience.CLASSIC, REQUIREMENTS, Times(UTC, at(0)))
    titles = [line for line in told.splitlines() if line[0].isdigit()]
    assert titles == [
        "1. Sign in, open Setup",
        "2. Find the user",
        "3. Unfreeze the user",
        "4. Wait for the hourly limit",
        "5. Wait for Incydr",
    ]
    assert "the hourly limit ends between 13:30 and 13:45 (estimate)" in told
    assert "Data Loader: at least 3,588" in told


def listed(watcher: Watcher, scene: Scene, experience: Experience | None = None) -> tuple[Exit, str, str]:
    """The code, the steps, and what is told beside them."""
    said, told = list[str](), list[str]()
    code = steps.of_watched(
        watcher, EMEA.name, experience, REQUIREMENTS, scene.clock, said.append, told.append
    )
    return code, "\n".join(said), "\n".join(told)


async def test_steps_are_of_the_experience_that_was_chosen_last(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    scene.world.freeze()
    async with scene.watcher() as watcher:
        await watcher.switch_experience(EMEA.name)
    async with scene.watcher() as watcher:
        code, said, told = listed(watcher, scene)
        assert (code, told) == (Exit.OK, "")
        assert said == listed(watcher, scene, Experience.CLASSIC)[1]
        assert said != listed(watcher, scene, Experience.LIGHTNING)[1]


async def test_steps_of_a_connection_that_no_longer_answers_say_of_when_they_are(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    scene.world.freeze()
    async with scene.watcher() as watcher:
        scene.world.hide()
        await scene.after(minutes=1)
        code, said, told = listed(watcher, scene)
    assert code is Exit.UNKNOWN
    assert said.startswith("Acme EMEA: Unknown since")
    assert "\n\n1. Sign in" in said
    assert "no answer" in told
    assert "These steps are for the last reading that worked " in told


async def test_where_nothing_is_wrong_there_are_no_steps(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    async with scene.watcher() as watcher:
        code, said, told = listed(watcher, scene)
    assert (code, said) == (Exit.NO, "")
    assert "Acme EMEA: Monitoring" in told


def test_the_two_experiences_differ_in_words() -> None:
    told = {steps.of_cause("user_frozen", experience, REQUIREMENTS) for experience in Experience}
    assert len(told) == 2


def test_plain_steps_are_numbered_with_place_and_link() -> None:
    text = StepText(("Press Unfreeze.",), "Setup › Users", "https://acme.my.salesforce.com/x")
    step = Step("unfreeze", "Unfreeze the user", lambda subject, experience: text, docs=FREEZE)
    assert steps.numbered([(step, text)]) == (
        "1. Unfreeze the user",
        "   Press Unfreeze.",
        "   where: Setup › Users",
        "   link: https://acme.my.salesforce.com/x",
        f"   docs: {FREEZE.title} {FREEZE.address}",
    )


def test_explain_answers_no_with_1(capsys: Streams) -> None:
    assert invoke(["explain", "the", "printer", "is", "on", "fire"]) == 1
    assert capsys.readouterr().out == ""


def test_explain_for_a_connection_needs_a_message(capsys: Streams) -> None:
    assert invoke(["explain", "--connection", "Acme EMEA"]) == 64
    assert "needs a message" in capsys.readouterr().err


def test_explain_tells_the_meaning_also_where_the_configuration_is_broken(
    capsys: Streams, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[broken")
    message = user_deactivated.MESSAGE
    assert invoke(["--config", str(path), "explain", message]) == 0
    told = capsys.readouterr()
    assert "user_deactivated: " in told.out
    assert "Not compared with Salesforce." in told.err


def test_explain_reads_stdin_whatever_its_bytes(capsys: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff user_frozen")))
    assert invoke(["explain", "-"]) == 0
    assert "user_frozen: " in capsys.readouterr().out


def test_steps_of_a_cause_need_no_configuration(capsys: Streams) -> None:
    assert invoke(["steps", "user_frozen", "--experience", "classic"]) == 0
    assert capsys.readouterr().out.startswith("1. ")
