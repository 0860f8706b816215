"""What people paste as an org or a tenant, and what becomes of it."""

import pytest

from tui.base.problem import Problem
from tui.config import parse
from tui.onboarding import questions
from tui.onboarding.flow import Flow
from tui.onboarding.needs import AnswerProblem, Lookup, Question
from tui.onboarding.orgs import KnownOrgs, free_name
from tui.onboarding.tenants import place
from tui.salesforce.sign_in.sf_cli import KnownOrg

CONFIG = """
[orgs.acme]
api_url = "https://acme.my.salesforce.com"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "sf_cli", target_org = "acme" }
"""
SF = (
    KnownOrg("prod", "ops@acme.example", "https://acme.my.salesforce.com"),
    KnownOrg("uat", "ops@acme.example.uat", "https://acme--uat.sandbox.my.salesforce.com"),
)


def question(text: str = "") -> Question:
    return questions.org(parse(text, "config.toml"), KnownOrgs(SF))


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("https://b.my.salesforce.com", "https://b.my.salesforce.com"),
        ("b.my.salesforce.com", "https://b.my.salesforce.com"),
        ("https://b.my.salesforce.com/lightning/setup/SetupOneHome/home", "https://b.my.salesforce.com"),
        ("https://b.lightning.force.com/lightning/page/home", "https://b.my.salesforce.com"),
        ("https://b--uat.sandbox.lightning.force.com", "https://b--uat.sandbox.my.salesforce.com"),
        (
            "https://b.my.salesforce-setup.com/lightning/setup/SetupOneHome/home",
            "https://b.my.salesforce.com",
        ),
        ("B--UAT.sandbox.my.salesforce-setup.com", "https://b--uat.sandbox.my.salesforce.com"),
        ("https://b--c.vf.force.com/apex/Page", "https://b.my.salesforce.com"),
        ("https://b--uat--c.sandbox.vf.force.com/apex/Page?id=1", "https://b--uat.sandbox.my.salesforce.com"),
        ("https://b--dev--ns.scratch.vf.force.com", "https://b--dev.scratch.my.salesforce.com"),
        ("https://b--c.visualforce.com", "https://b.my.salesforce.com"),
        ("https://b--c.develop.vf.force.com", "https://b.develop.my.salesforce.com"),
        ("https://b.my.site.com/customers/s/", "https://b.my.salesforce.com"),
        ("https://b--uat.sandbox.my.site.com/s", "https://b--uat.sandbox.my.salesforce.com"),
        ("b.my.salesforce.com:443", "https://b.my.salesforce.com:443"),
        ("https://na139.salesforce.com/home", "https://na139.salesforce.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("uat", "sf:uat"),
        ("sf:uat", "sf:uat"),
    ],
)
def test_an_org_is_taken_as_people_have_it_at_hand(typed: str, taken: str) -> None:
    assert question().taken(typed) == taken


def test_the_address_of_a_configured_org_is_that_org() -> None:
    assert question(CONFIG).taken("https://acme.my.salesforce.com/home") == "acme"


def test_an_org_that_is_configured_is_not_offered_a_second_time() -> None:
    assert [option.value for option in question(CONFIG).options] == ["acme", "sf:uat"]


@pytest.mark.parametrize(
    "typed",
    [
        "https://login.salesforce.com",
        "LOGIN.salesforce.com:443",
        "test.salesforce.com",
        "https://my.salesforce.com",
        "https://help.salesforce.com/s/articleView?id=1",
        "https://c.na1.visual.force.com/apex/Page",
        "https://b.file.force.com",
        "https://b.builder.salesforce-experience.com",
        "https://customers.site.com",
        "https://[b",
        "https://user:pw@b.my.salesforce.com",
        "acme",
        "",
        "http://b.example",
    ],
)
def test_what_is_no_orgs_own_address_is_refused(typed: str) -> None:
    with pytest.raises(AnswerProblem):
        question().taken(typed)


def test_an_org_of_the_cli_needs_no_further_question_to_sign_in() -> None:
    flow = Flow("config.toml").learned(Lookup.ORGS, KnownOrgs(SF))
    flow = flow.answer(question(), "uat")
    assert flow.next() is Lookup.SIGN_IN
    assert flow.org.sign_in.settings == {"target_org": "uat"}
    assert flow.org.my_domain == "acme--uat.sandbox.my.salesforce.com"
    assert flow.org.id == "acme--uat"


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("us2", "us2"),
        ("https://console.us.code42.com/app", "https://api.us.code42.com"),
        ("console.us.code42.com", "https://api.us.code42.com"),
        ("https://api.ie.code42.com", "https://api.ie.code42.com"),
        ("mars", None),
    ],
)
def test_a_tenant_is_a_region_or_an_address(typed: str, taken: str | None) -> None:
    if taken is None:
        with pytest.raises(Problem):
            place("config.toml")(typed)
    else:
        assert place("config.toml")(typed) == taken


def test_a_taken_name_gets_a_number() -> None:
    assert free_name("acme", ("acme", "acme-2")) == "acme-3"
