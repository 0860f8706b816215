"""The README's table of keys holds what the parser takes; `--refresh-pictures` writes it anew."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from tui.base.problem import ConfigProblem
from tui.config import parse
from tui.config.catalogue import (
    APP,
    CONNECTION,
    CONNECTION_DEFAULTS,
    ENTRIES,
    INTERVALS,
    ORG,
    ORG_DEFAULTS,
    REQUIREMENT,
    SIGN_IN,
    TENANT,
    WAYS,
    table,
)

README = Path(__file__).parents[3] / "README.md"
WHOLE = """
[orgs.acme]
api_url = "https://acme.my.salesforce.com"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "sf_cli", target_org = "acme" }
{ORG}
[tenants.acme]
region = "us"
{TENANT}
[connections."Acme EMEA"]
org = "acme"
service_account = "svc@acme.example"
{CONNECTION}
[app]
{APP}
[app.intervals]
{INTERVALS}
[requirements.ApiEnabled]
need = "warns"
{REQUIREMENT}
[defaults.org]
{ORG_DEFAULTS}
[defaults.connection]
{CONNECTION_DEFAULTS}
"""
PLACES = {
    ORG: "{ORG}",
    TENANT: "{TENANT}",
    CONNECTION: "{CONNECTION}",
    APP: "{APP}",
    INTERVALS: "{INTERVALS}",
    REQUIREMENT: "{REQUIREMENT}",
    ORG_DEFAULTS: "{ORG_DEFAULTS}",
    CONNECTION_DEFAULTS: "{CONNECTION_DEFAULTS}",
}


def known_to_the_parser(place: str) -> set[str]:
    """The keys that the parser names when it finds one that it does not know."""
    text = WHOLE
    for each in PLACES.values():
        text = text.replace(each, "no_such_key = 1" if each == place else "")
    with pytest.raises(ConfigProblem) as caught:
        parse(text, "config.toml")
    listed = re.search(r"one of: (.*)\.$", caught.value.message)
    assert listed, caught.value.message
    return set(listed[1].split(", "))


@pytest.mark.parametrize("where", PLACES)
def test_every_key_that_is_taken_is_told_and_no_other(where: str) -> None:
    told = defaultdict(set)
    for entry in ENTRIES:
        told[entry.table].add(entry.key)
    assert told[where] == known_to_the_parser(PLACES[where])


def test_every_key_of_every_way_to_sign_in_is_told() -> None:
    told = {entry.key for entry in ENTRIES if entry.table == SIGN_IN}
    assert told == {"way", *(key for keys in WAYS.values() for key in keys)}


def test_the_readme_holds_the_table_of_keys(request: pytest.FixtureRequest) -> None:
    begin, end = "<!-- configuration -->\n", "<!-- /configuration -->"
    before, rest = README.read_text().split(begin)
    found, after = rest.split(end)
    if request.config.getoption("--refresh-pictures"):
        README.write_text(f"{before}{begin}{table()}\n{end}{after}")
        return
    assert found.strip() == table(), "run this test with --refresh-pictures"
