"""The configuration file: what is accepted, and what a mistake is answered with."""

import os
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest

from tui.base.problem import ConfigProblem
from tui.config import load, parse
from tui.connections.connection import Experience, Need, Requirement

GOOD = """
[orgs.acme]
api_url = "https://acme.my.salesforce.com/"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "client_credentials", client_id = "3MVG", client_secret = "file:secrets/acme" }
allow_repairs = true

[orgs.second]
api_url = "http://127.0.0.1:8080"
my_domain = "second.my.salesforce.com"
sign_in = { way = "access_token", token = "env:SF_TOKEN" }
experience = "classic"

[tenants.acme]
base_url = "https://api.us.code42.com"
client_id = "key-1"
client_secret = ["command", "pass", "show", "incydr"]

[connections."Acme EMEA"]
org = "acme"
service_account = "incydr.emea@acme.example"
tenant = "acme"
incydr_app = "Incydr"

[connections."Acme US"]
org = "second"
service_account = "incydr.us@acme.example"
detector_name = "Acme USA"
"""


def problem(text: str) -> ConfigProblem:
    with pytest.raises(ConfigProblem) as caught:
        parse(textwrap.dedent(text), "/etc/remonitor.toml")
    return caught.value


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def test_a_connection_names_its_org_and_tenant() -> None:
    config = parse(GOOD, "/etc/remonitor.toml")
    emea = config.connection("Acme EMEA")
    assert emea is not None
    assert (emea.org, emea.tenant, emea.incydr_app) == ("acme", "acme", "Incydr")


def test_the_detector_name_is_the_connections_name_unless_it_is_given() -> None:
    config = parse(GOOD, "c.toml")
    assert [c.detector_name for c in config.connections] == ["Acme EMEA", "Acme USA"]


def test_repairs_are_off_unless_they_are_allowed() -> None:
    config = parse(GOOD, "c.toml")
    assert (config.orgs["acme"].allow_repairs, config.orgs["second"].allow_repairs) == (True, False)


def test_an_experience_is_remembered_per_org() -> None:
    assert parse(GOOD, "c.toml").orgs["second"].experience is Experience.CLASSIC


def test_an_api_address_loses_its_closing_slash() -> None:
    assert parse(GOOD, "c.toml").orgs["acme"].api_url == "https://acme.my.salesforce.com"


def test_a_secret_file_is_looked_for_beside_the_configuration() -> None:
    settings = parse(GOOD, "/etc/remonitor.toml").orgs["acme"].sign_in.settings
    assert settings["client_secret"] == "file:/etc/secrets/acme"


@pytest.mark.parametrize("written", ['["command", "pass", "show", "x y"]', "\"command:pass show 'x y'\""])
def test_a_command_reference_becomes_an_argv_however_it_is_written(written: str) -> None:
    config = parse(changed('"env:SF_TOKEN"', written), "c.toml")
    assert config.orgs["second"].sign_in.settings["token"] == ("command", "pass", "show", "x y")


def test_two_connections_with_one_service_account_are_shared_whatever_the_case() -> None:
    text = GOOD + '[connections."Acme EMEA 2"]\norg = "acme"\nservice_account = "Incydr.EMEA@acme.example"\n'
    assert [c.shared for c in parse(text, "c.toml").connections] == [True, False, True]


def test_an_org_knows_how_many_service_accounts_its_connections_have() -> None:
    table = '[connections."{name}"]\norg = "acme"\nservice_account = "{account}"\n'
    text = GOOD + table.format(name="Acme EMEA 2", account="Incydr.EMEA@acme.example")
    text += table.format(name="Acme Asia", account="incydr.asia@acme.example")
    assert {name: org.accounts for name, org in parse(text, "c.toml").orgs.items()} == {
        "acme": 2,
        "second": 1,
    }


def test_the_same_username_in_two_orgs_is_not_shared() -> None:
    text = changed("incydr.us@acme.example", "incydr.emea@acme.example")
    assert [c.shared for c in parse(text, "c.toml").connections] == [False, False]


def test_settings_have_defaults() -> None:
    app = parse(GOOD, "c.toml").app
    assert (app.intervals.monitoring, app.intervals.error, app.window) == (300, 60, None)


def test_settings_can_be_changed() -> None:
    text = GOOD + '[app]\nwindow_hours = 36\nnotifications = false\nkeys = { fix = "F" }\n'
    app = parse(text + "intervals = { monitoring = 120 }\n", "c.toml").app
    assert (app.window, app.notifications, app.keys, app.intervals.monitoring) == (
        timedelta(hours=36),
        False,
        {"fix": "F"},
        120,
    )


@pytest.mark.parametrize(
    ("text", "key", "found", "expected"),
    [
        (
            changed("api_url", "api_ulr"),
            "orgs.acme.api_url",
            'nothing, but an unknown key "api_ulr"',
            "a text",
        ),
        (
            changed("allow_repairs", "allow_repair"),
            "orgs.acme.allow_repair",
            "did you mean allow_repairs?",
            "one of",
        ),
        (
            changed("allow_repairs = true", 'allow_repairs = "yes"'),
            "allow_repairs",
            "a text",
            "true or false",
        ),
        (changed('org = "acme"', "org = 3"), 'connections."Acme EMEA".org', "a whole number 3", "a text"),
        (
            changed('org = "acme"', 'org = "acm"'),
            'connections."Acme EMEA".org',
            '"acm" (did you mean acme?)',
            "orgs",
        ),
        (changed('tenant = "acme"', 'tenant = "x"'), '"Acme EMEA".tenant', '"x"', "one of the tenants"),
        (
            changed('"acme.my.salesforce.com"\n', '"https://acme.x/"\n'),
            "orgs.acme.my_domain",
            "https",
            "a bare host",
        ),
        (
            changed("https://acme.my", "http://acme.my"),
            "orgs.acme.api_url",
            "http://acme",
            "an https address",
        ),
        (
            changed("salesforce.com/", "salesforce.com/x"),
            "orgs.acme.api_url",
            "more than a host",
            "without a path",
        ),
        (changed("127.0.0.1:8080", "127.0.0.1:99999"), "orgs.second.api_url", "99999", "an https address"),
        (
            changed('"access_token"', '"acces_token"'),
            "orgs.second.sign_in.way",
            "did you mean access_token?",
            "one of",
        ),
        (changed("token = ", "tokens = "), "orgs.second.sign_in.token", "nothing", "a reference"),
        (changed('"command", ', ""), "tenants.acme.client_secret", "does not begin", "a reference"),
        (
            changed('experience = "classic"', 'experience = ""'),
            "orgs.second.experience",
            "an empty text",
            "a text",
        ),
        (
            changed("incydr.us@", "incydr\\u001b[31m@"),
            '"Acme US".service_account',
            "control characters",
            "plain",
        ),
        (changed('"Acme US"]', '"Acme\\nUS"]'), "Acme US", "Acme US", "one plain line"),
        (
            changed('tenant = "acme"', "status_command = [1]"),
            "status_command",
            "something else than texts",
            "a list",
        ),
        (GOOD + "[app.intervals]\nmonitoring = 30\n", "app.intervals.monitoring", "30", "from 60"),
        (GOOD + "[app]\nwindow_hours = 200\n", "app.window_hours", "200", "to 168"),
        (
            GOOD + "[requirements.ApiEnabled]\nneed = 'warn'\n",
            "requirements.ApiEnabled.need",
            "did you mean",
            "blocks",
        ),
        (GOOD + "[conections]\n", "conections", "did you mean connections?", "orgs"),
        ("orgs = 3", "orgs", "a whole number 3", "a table"),
    ],
)
def test_a_mistake_names_file_key_what_was_found_and_what_is_expected(
    text: str, key: str, found: str, expected: str
) -> None:
    message = problem(text).message
    assert message.startswith("/etc/remonitor.toml: ")
    before, after = message.split(": found ", 1)
    assert key in before
    assert found in after.split(", expected ")[0]
    assert expected in after


def test_a_name_given_twice_is_refused() -> None:
    assert "not valid TOML" in problem(GOOD + '[connections."Acme US"]\n').message


def test_a_literal_secret_is_refused_without_being_shown() -> None:
    refused = problem(changed("env:SF_TOKEN", "00Dxx!hunter2"))
    assert "orgs.second.sign_in.token" in refused.message
    assert "hunter2" not in str(refused)
    assert "refer to it" in refused.next_step


def test_a_password_in_an_address_is_not_shown() -> None:
    assert "hunter2" not in str(problem(changed("https://acme.my", "https://me:hunter2@acme.my")))


def test_a_missing_file_points_to_the_demo(tmp_path) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigProblem) as caught:
        load(tmp_path / "none.toml")
    assert "remonitor demo" in caught.value.next_step


def test_a_file_that_is_not_utf8_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "c.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigProblem, match="Configuration"):
        load(path)


API = Requirement(
    "API Enabled", "ApiEnabled", Need.BLOCKS, "Administrative permissions", "reads", "documented"
)


def test_a_requirement_can_be_weakened() -> None:
    config = parse('[requirements.ApiEnabled]\nneed = "warns"\n', "c.toml")
    (changed_requirement,) = config.required([API])
    assert (changed_requirement.need, changed_requirement.label) == (Need.WARNS, "API Enabled")


def test_a_requirement_can_be_added_with_a_label() -> None:
    config = parse('[requirements.ViewRoles]\nneed = "blocks"\nlabel = "View Roles"\n', "c.toml")
    assert [r.name for r in config.required([API])] == ["ApiEnabled", "ViewRoles"]


def test_an_unknown_requirement_without_a_label_is_refused() -> None:
    config = parse('[requirements.ApiEnable]\nneed = "warns"\n', "c.toml")
    with pytest.raises(ConfigProblem) as caught:
        config.required([API])
    assert "did you mean ApiEnabled?" in caught.value.message


ONLY = changed('incydr_app = "Incydr"\n', 'incydr_app = "Incydr"\nonly_connection = true\n')


def test_the_only_connection_of_a_tenant_may_count_events_without_a_name() -> None:
    assert [c.only_connection for c in parse(ONLY, "c.toml").connections] == [True, False]


SECOND_CLIENT = """[tenants.again]
base_url = "https://API.us.code42.com"
client_id = "key-1"
client_secret = "env:SECRET"
"""


@pytest.mark.parametrize("tenant", ["acme", "again"])
def test_only_connection_is_refused_beside_another_connection_of_that_tenant(tenant: str) -> None:
    found = problem(ONLY.replace('org = "second"', f'org = "second"\ntenant = "{tenant}"') + SECOND_CLIENT)
    assert found.message == (
        '/etc/remonitor.toml: connections."Acme EMEA".only_connection: found true, and "Acme US" is a connection of '
        "the same tenant, expected false: events that name no connection may be those of either."
    )


def test_a_connection_of_another_tenant_is_no_company() -> None:
    other = SECOND_CLIENT.replace("key-1", "key-2")
    text = ONLY.replace('org = "second"', 'org = "second"\ntenant = "again"') + other
    assert parse(text, "c.toml").connections[0].only_connection


def test_only_connection_needs_a_tenant() -> None:
    assert "true without a tenant" in problem(ONLY.replace('tenant = "acme"\n', "")).message


def test_only_connection_is_true_or_false() -> None:
    assert "true or false" in problem(ONLY.replace("= true", '= "yes"', 2)).message


def test_a_byte_order_mark_before_the_text_does_not_matter(tmp_path: Path) -> None:
    text = """[orgs.acme]
api_url = "https://acme.my.salesforce.com"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "access_token", token = "env:T" }
"""
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert list(load(path).orgs) == ["acme"]


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 100_000,
        "x = " + "{a=" * 5_000,
        "x = " + "9" * 5_000,
        "x = 9999-12-31T23:59:59-99:99",
        "a" + ".a" * 5_000 + " = [[[",
    ],
)
def test_whatever_the_parser_cannot_take_is_a_sentence(text: str) -> None:
    with pytest.raises(ConfigProblem) as caught:
        parse(text, "c.toml")
    assert caught.value.message.startswith("c.toml: ")


def test_a_byte_order_mark_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(b"\xef\xbb\xbf[app]\r\nnotifications = false\r\n")
    assert load(path).app.notifications is False


def test_a_configuration_that_everybody_can_write_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "it's mine.toml"
    path.write_text("")
    path.chmod(0o666)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    with pytest.raises(ConfigProblem) as caught:
        load(link)
    assert "everybody can write it" in caught.value.message
    assert caught.value.next_step.endswith(
        f"chmod o-w '{str(path).replace(chr(39), chr(39) + chr(34) + chr(39) + chr(34) + chr(39))}'"
    )


def test_a_configuration_is_read_from_a_pipe(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"[app]\nnotifications = false\n")
    os.close(theirs)
    assert load(Path(f"/dev/fd/{ours}")).app.notifications is False
    os.close(ours)


@pytest.mark.parametrize("name", ["नमस्ते कंपनी", "می\u200cخواهم", "क्\u200dष", "Zoë & Søn 🏢", "株式会社"])
def test_names_of_every_script_are_taken(name: str) -> None:
    config = parse(
        f"""
        [orgs.acme]
        api_url = "https://acme.my.salesforce.com"
        my_domain = "acme.my.salesforce.com"
        sign_in = {{ way = "access_token", token = "env:T" }}
        [connections."{name}"]
        org = "acme"
        service_account = "svc@acme.example"
        """,
        "c.toml",
    )
    assert config.connections[0].name == name
