"""From nothing to a connection, against the demo."""

from typing import Any

import pytest

from tests.evidence import rights
from tests.unit.onboarding.conftest import Answers, Demo
from tui.base.problem import UsageProblem
from tui.config import parse
from tui.config.writing import rendered
from tui.connections.connection import Experience
from tui.connections.evidence import OrgIdentity
from tui.connections.state import State, Status
from tui.lines.prompter import LinePrompter
from tui.onboarding import questions
from tui.onboarding.flow import Flow
from tui.onboarding.needs import Lookup, Question
from tui.onboarding.org_lookups import SignedIn, Suggestion, Suggestions
from tui.onboarding.orgs import KnownOrgs, NewOrg
from tui.onboarding.runner import Cancelled
from tui.onboarding.tenants import Detectors
from tui.salesforce.sign_in.sf_cli import KnownOrg


def values(answers: Answers, key: str) -> list[str]:
    return [option.value for option in answers.question(key).options]


async def test_a_first_connection_is_pinned_to_its_org_user_and_application(demo: Demo) -> None:
    flow = await demo.walk(Answers(demo.answers()))
    config = parse(rendered(flow.tables()), str(demo.file))
    (connection,) = config.connections
    org = config.orgs[connection.org]
    user = demo.world.orgs["acme"].user("incydr.emea@acme.example")
    assert connection.user_id == user["Id"]
    assert connection.org_id == org.org_id == demo.world.orgs["acme"].id
    assert connection.incydr_app == "Incydr"
    assert connection.tenant == "us"
    assert org.experience is Experience.LIGHTNING
    assert not org.allow_repairs


async def test_the_first_reading_says_what_is_wrong(demo: Demo) -> None:
    flow = await demo.walk(Answers(demo.answers()))
    state = flow.fact(Lookup.READING, State)
    assert state.status is Status.ERROR
    assert state.diagnosis.causes == ("user_frozen",)


async def test_users_whom_incydrs_application_signs_in_as_are_suggested(demo: Demo) -> None:
    answers = Answers(demo.answers())
    await demo.walk(answers)
    assert "incydr.emea@acme.example" in values(answers, "account")
    assert "jane@acme.example" not in values(answers, "account")


async def test_names_that_the_tenants_events_carry_are_suggested(demo: Demo) -> None:
    answers = Answers(demo.answers())
    await demo.walk(answers)
    assert "Acme EMEA" in values(answers, "name")


async def test_a_second_connection_uses_the_org_and_tenant_that_are_there(demo: Demo) -> None:
    text = rendered((await demo.walk(Answers(demo.answers()))).tables())
    second = {
        "org": "acme",
        "account": "incydr.us@acme.example",
        "app": None,
        "tenant": None,
        "name": "Acme US",
        "save": None,
    }
    answers = Answers(second)
    flow = await demo.walk(answers, text)
    assert [path for path, _ in flow.tables()] == [("connections", "Acme US")]
    assert "Acme EMEA" not in values(answers, "name")


async def test_an_org_that_was_configured_by_hand_is_pinned_by_the_connection(demo: Demo) -> None:
    text = rendered((await demo.walk(Answers(demo.answers()))).tables()).replace("org_id", "# org_id")
    second = {
        "org": "acme",
        "account": "incydr.us@acme.example",
        "app": None,
        "tenant": None,
        "name": "B",
        "save": None,
    }
    flow = await demo.walk(Answers({**second, "detector": None}), text)
    assert flow.connection.org_id == demo.world.orgs["acme"].id


async def test_without_a_tenant_only_salesforce_is_asked(demo: Demo) -> None:
    answers = Answers(demo.answers(tenant="none"))
    flow = await demo.walk(answers)
    assert Lookup.DETECTORS not in answers.done
    assert flow.connection.tenant is None
    assert flow.fact(Lookup.READING, State).evidence.events is None


async def test_who_chooses_none_gets_none_also_where_there_is_a_default(demo: Demo) -> None:
    text = rendered((await demo.walk(Answers(demo.answers()))).tables())
    text += '[defaults.connection]\ntenant = "us"\nincydr_app = "Other"\n'
    again = {"org": "acme", "account": "incydr.us@acme.example", "app": "none", "tenant": "none"}
    flow = await demo.walk(Answers({**again, "name": "Acme US", "save": None}), text)
    assert (flow.connection.tenant, flow.connection.incydr_app) == (None, None)


async def test_a_connection_that_was_renamed_keeps_the_name_of_its_events(demo: Demo) -> None:
    flow = await demo.walk(Answers(demo.answers(name="EMEA new", detector="Acme EMEA")))
    assert flow.connection.name == "EMEA new"
    assert flow.connection.detector_name == "Acme EMEA"


async def test_a_refused_secret_is_told_and_asked_for_again(demo: Demo) -> None:
    wrong, right = demo.secret("wrong", "guess"), demo.answers()["sign_in.client_secret"]
    answers = Answers(demo.answers() | {"sign_in.client_secret": [wrong, right]}, patient=True)
    flow = await demo.walk(answers)
    assert flow.connection.name == "Acme EMEA"
    (trouble,) = answers.troubles
    assert "secret" in str(trouble)
    assert "guess" not in str(trouble)


async def test_a_literal_secret_is_refused_and_not_repeated(demo: Demo) -> None:
    right = demo.answers()["sign_in.client_secret"]
    answers = Answers(demo.answers() | {"sign_in.client_secret": ["hunter2", right]}, patient=True)
    await demo.walk(answers)
    (trouble,) = answers.troubles
    assert "environment variable or a file" in str(trouble)
    assert "hunter2" not in str(trouble)


async def test_an_unknown_user_is_asked_for_again(demo: Demo) -> None:
    accounts = ["nobody@acme.example", "incydr.emea@acme.example"]
    answers = Answers(demo.answers(account=accounts), patient=True)
    await demo.walk(answers)
    assert [t.title for t in answers.troubles] == ["No such user"]


async def test_going_back_asks_the_question_before_again(demo: Demo) -> None:
    answers = Answers(
        demo.answers(app=["<", None], account=["incydr.us@acme.example", "incydr.emea@acme.example"])
    )
    flow = await demo.walk(answers)
    assert flow.connection.service_account == "incydr.emea@acme.example"


async def test_going_back_from_the_first_question_leaves(demo: Demo) -> None:
    with pytest.raises(Cancelled):
        await demo.walk(Answers({"org": "<"}))


async def test_the_sign_in_is_done_once_for_the_whole_way(demo: Demo) -> None:
    before = len(demo.world.orgs["acme"].tables["LoginHistory"])
    await demo.walk(Answers(demo.answers(tenant="none")))
    assert len(demo.world.orgs["acme"].tables["LoginHistory"]) == before + 1


async def test_being_the_service_account_is_warned_about(demo: Demo) -> None:
    flow = await demo.walk(Answers(demo.answers(account="ops@acme.example", app="Incydr")))
    assert any("you are signed in as the service account" in text for text in flow.warnings())


async def test_an_account_of_two_connections_is_warned_about(demo: Demo) -> None:
    text = rendered((await demo.walk(Answers(demo.answers()))).tables())
    again = {"org": "acme", "account": "incydr.emea@acme.example", "app": None, "tenant": "none"}
    answers = Answers({**again, "name": "Acme twin", "save": None})
    flow = await demo.walk(answers, text)
    assert any("this account is also used by Acme EMEA" in text for text in flow.warnings())
    assert flow.connection.shared
    assert answers.question("save").preface[0].startswith("Warning")


async def test_an_account_of_another_connection_is_not_the_one_that_enter_takes(demo: Demo) -> None:
    text = rendered((await demo.walk(Answers(demo.answers()))).tables())
    again = {"org": "acme", "account": "incydr.us@acme.example", "app": None, "tenant": "none"}
    answers = Answers({**again, "name": "Acme US", "save": None})
    await demo.walk(answers, text)
    offered = answers.question("account").options
    assert offered[0].value != "incydr.emea@acme.example"
    assert next(o for o in offered if o.value == "incydr.emea@acme.example").note.endswith(
        "used by Acme EMEA"
    )


def asked(question: Question) -> tuple[str | None, list[str]]:
    """What Enter takes, and what is offered."""
    return question.suggested, [option.value for option in question.options]


def test_a_cli_that_is_not_there_or_knows_no_org_is_not_what_enter_takes() -> None:
    known = KnownOrgs((KnownOrg("prod", "ops@acme.example", "https://acme.my.salesforce.com"),))
    for orgs, taken in (
        (known, "sf_cli"),
        (KnownOrgs(problem="sf is not installed"), None),
        (KnownOrgs(), None),
    ):
        new = NewOrg("https://a.my.salesforce.com", "", (), {Lookup.ORGS.value: orgs})
        suggested, offered = asked(next(new.questions("config.toml")))
        assert suggested == taken
        assert (offered[0] == "sf_cli") is (taken is not None)


def test_an_inactive_user_or_one_that_is_taken_is_not_what_enter_takes() -> None:
    users = tuple(
        Suggestion(name, name, active, "Incydr signs in as this user")
        for name, active in (
            ("old@acme.example", False),
            ("us@acme.example", True),
            ("new@acme.example", True),
        )
    )
    taken = {"us@acme.example": "Acme US"}
    here = SignedIn(rights(), OrgIdentity("00D", "Acme"))
    all_of_them = questions.account(here, Suggestions(users), taken)
    assert asked(all_of_them) == (
        "new@acme.example",
        ["new@acme.example", "old@acme.example", "us@acme.example"],
    )
    assert questions.account(here, Suggestions(users[:2]), taken).suggested is None


def test_of_several_names_none_is_what_enter_takes() -> None:
    config = parse("", "config.toml", {})
    assert questions.name(config, Detectors(("Acme EMEA",))).suggested == "Acme EMEA"
    assert questions.name(config, Detectors(("Acme EMEA", "Acme US"))).suggested is None
    assert questions.name(config, Detectors()).suggested is None


async def test_a_name_that_is_configured_already_is_refused(demo: Demo) -> None:
    text = rendered((await demo.walk(Answers(demo.answers()))).tables())
    again: dict[str, Any] = {"org": "acme", "account": "incydr.us@acme.example", "app": None, "tenant": None}
    answers = Answers({**again, "name": ["Acme EMEA", "Acme US"], "save": None}, patient=True)
    await demo.walk(answers, text)
    assert [t.title for t in answers.troubles] == ["Configured already"]


def test_a_flow_without_answers_asks_for_the_orgs_that_the_cli_knows() -> None:
    assert Flow("config.toml").next() is Lookup.ORGS


async def test_an_option_that_answers_no_question_is_refused_before_anything_is_written(demo: Demo) -> None:
    given = {key: answer for key, answer in demo.answers().items() if answer is not None}
    options = LinePrompter(given | {"detector": "EMEA old"}, None, lambda line: None, demo.clock)
    with pytest.raises(UsageProblem, match="--detector: this connection needs no such answer"):
        await demo.walk(options)
