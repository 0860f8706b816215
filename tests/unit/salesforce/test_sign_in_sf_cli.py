"""The sf CLI's login, by a stand-in program named sf: old and new outputs, refusals, slowness, hanging."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.connections.connection import Org, SignIn
from tui.net import Net
from tui.salesforce.sign_in import way
from tui.salesforce.sign_in.sf_cli import KnownOrg, SfCli, list_orgs

TOKEN = "00D5g000002m23v!AQ0AQ.canary_token"
HIDDEN = "[REDACTED] Use 'sf org auth show-access-token' to view"
LOGIN = "sf org login web --instance-url https://acme.my.salesforce.com --alias prod"
DISPLAY: dict[str, Any] = {
    "id": "00D5g000002m23vEAA",
    "apiVersion": "66.0",
    "accessToken": HIDDEN,
    "instanceUrl": "https://acme.my.salesforce.com",
    "username": "ops@acme.example",
    "connectedStatus": "Connected",
    "alias": "prod",
}

# It writes down what it was asked, and answers by its first words what the table beside it says.
PROGRAM = """#!{python} -IS
import json, os, sys, time
from pathlib import Path
folder = Path(__file__).parent
with (folder / "asked").open("a") as asked:
    asked.write(" ".join(sys.argv[1:]) + "\\n")
command = " ".join(sys.argv[1:3] if sys.argv[2] != "auth" else sys.argv[1:4])
answers = json.loads((folder / "answers").read_text())
answer = answers.get(command, {{"code": 127, "stderr": "not a sf command"}})
if os.environ.get("SF_TEMP_SHOW_SECRETS") == "true":
    answer = answers.get(command + " with secrets", answer)
time.sleep(answer.get("seconds", 0))
sys.stdout.write(answer.get("stdout", ""))
sys.stderr.write(answer.get("stderr", ""))
sys.exit(answer.get("code", 0))
"""


class StandIn:
    """The program named sf on PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: dict[str, dict[str, Any]] = {}
        program = folder / "sf"
        program.write_text(PROGRAM.format(python=sys.executable))
        program.chmod(0o755)
        self.answer("org display", DISPLAY)
        self.answer("org auth show-access-token", {"accessToken": TOKEN})

    def answer(self, command: str, result: object) -> None:
        body = {"status": 0, "result": result, "warnings": ["Secrets are now hidden"]}
        self.say(command, stdout=json.dumps(body, indent=2))

    def refuse(self, command: str, name: str, message: str, code: int = 1) -> None:
        body = {"name": name, "message": message, "exitCode": code, "status": code, "stack": "…"}
        self.say(command, stdout=json.dumps(body), code=code)

    def say(self, command: str, **answer: Any) -> None:
        self.answers[command] = answer
        (self.folder / "answers").write_text(json.dumps(self.answers))

    def forget(self, command: str) -> None:
        del self.answers[command]
        (self.folder / "answers").write_text(json.dumps(self.answers))

    def asked(self) -> list[str]:
        return (self.folder / "asked").read_text().splitlines()


@pytest.fixture
def sf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    monkeypatch.setenv("PATH", str(tmp_path))
    return StandIn(tmp_path)


def org(target: str = "prod") -> Org:
    sign_in = SignIn("sf_cli", {"target_org": target})
    return Org("acme", "https://acme.my.salesforce.com", "acme.my.salesforce.com", sign_in)


async def no_secrets(reference: str | tuple[str, ...]) -> Secret:
    raise AssertionError


def cli(target: str = "prod", timeout: float = 60.0) -> SfCli:
    return SfCli(org(target), Net(), no_secrets, timeout=timeout)


async def refused(**settings: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        await cli(**settings).token()
    assert TOKEN not in str(caught.value)
    return caught.value


SHOWN = {**DISPLAY, "accessToken": TOKEN}
IN_ORDER = [
    "org display --target-org prod --json",
    "org auth show-access-token --target-org prod --json",
]


async def test_a_cli_that_shows_the_token_where_it_is_asked_to_is_asked_once(sf: StandIn) -> None:
    sf.answer("org display with secrets", SHOWN)
    assert await cli().token() == Secret(TOKEN)
    assert sf.asked() == IN_ORDER[:1]


async def test_a_cli_that_hides_the_token_all_the_same_is_asked_for_it_by_name(sf: StandIn) -> None:
    assert await cli().token() == Secret(TOKEN)
    assert sf.asked() == IN_ORDER


async def test_no_token_is_asked_for_before_its_host_is_known_to_be_right(sf: StandIn) -> None:
    sf.answer("org display", {**DISPLAY, "instanceUrl": "https://other.my.salesforce.com"})
    await refused()
    assert sf.asked() == IN_ORDER[:1]


async def test_only_what_needs_a_token_lets_the_cli_show_secrets(sf: StandIn) -> None:
    sf.answer("org list", {})
    sf.refuse("org list with secrets", "Shown", "secrets are in this answer")
    sf.refuse("org auth show-access-token with secrets", "Shown", "secrets are in this answer")
    assert await list_orgs() == ()
    assert await cli().token() == Secret(TOKEN)


@pytest.mark.parametrize("hidden", [HIDDEN, None, "", "[REDACTED]", "redacted-redacted-redacted"])
async def test_whatever_stands_where_the_token_is_hidden_is_not_taken_for_one(
    sf: StandIn, hidden: str | None
) -> None:
    sf.answer("org display", {**DISPLAY, "accessToken": hidden})
    assert await cli().token() == Secret(TOKEN)


async def test_an_older_cli_tells_the_token_at_once(sf: StandIn) -> None:
    sf.forget("org auth show-access-token")
    sf.answer("org display", SHOWN)
    assert await cli().token() == Secret(TOKEN)
    assert sf.asked() == IN_ORDER[:1]


async def test_the_token_is_kept_for_its_life(sf: StandIn) -> None:
    sign_in = cli()
    await sign_in.token()
    await sign_in.token()
    assert len(sf.asked()) == 2
    await sign_in.token(renew=True)
    assert len(sf.asked()) == 4


async def test_colours_and_words_before_the_answer_do_not_matter(sf: StandIn) -> None:
    plain = json.dumps({"status": 0, "result": DISPLAY})
    coloured = "Warning: an update is available\n" + plain.replace('"', '\x1b[34m"\x1b[39m', 4)
    sf.say("org display", stdout=coloured)
    assert await cli().token() == Secret(TOKEN)


NOTICE = " >   Warning: @salesforce/cli update available from 2.92.7 to 2.131.7.\n"
GOOD = json.dumps({"status": 0, "result": DISPLAY, "warnings": []}, indent=2)


@pytest.mark.parametrize(
    "printed",
    [
        f"{GOOD}\n{NOTICE}",
        f"{NOTICE}{GOOD}\n{NOTICE}",
        f"Warning: the flag {{json}} of plugin example will change.\n{GOOD}",
        f'{{"level": "warn", "name": "sf"}}\n{GOOD}',
        f'{GOOD}\n{{"telemetry": {{"sent": true}}}}',
        f'{{}} {{ {{"a": [}} \x1b[33m{{x}}\x1b[39m\n{GOOD}',
        "\ufeff" + GOOD,
    ],
)
async def test_the_answer_is_found_wherever_it_stands(sf: StandIn, printed: str) -> None:
    sf.say("org display", stdout=printed)
    assert await cli().token() == Secret(TOKEN)


async def test_the_program_can_be_named(sf: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    known = org()
    named = SignIn("sf_cli", {**known.sign_in.settings, "program": str(sf.folder / "sf")})
    elsewhere = Org(known.id, known.api_url, known.my_domain, named)
    assert await SfCli(elsewhere, Net(), no_secrets).token() == Secret(TOKEN)


async def test_a_program_in_a_home_that_is_not_there_is_a_problem() -> None:
    known = org()
    named = SignIn("sf_cli", {**known.sign_in.settings, "program": "~no-such-user/sf"})
    with pytest.raises(Problem, match="no-such-user"):
        await SfCli(Org(known.id, known.api_url, known.my_domain, named), Net(), no_secrets).token()


@pytest.mark.parametrize("name", ["DomainNotFoundError", "ENOTFOUND"])
async def test_a_host_that_is_not_found_is_no_missing_login(sf: StandIn, name: str) -> None:
    sf.refuse("org display", name, "The org cannot be found")
    problem = await refused()
    assert problem.title == "The org's host is not found"
    assert problem.no_answer
    assert "login" not in str(problem)


async def test_a_host_that_is_not_found_may_be_the_connections_status(sf: StandIn) -> None:
    sf.answer("org display", {**DISPLAY, "connectedStatus": "DomainNotFoundError"})
    assert (await refused()).title == "The org's host is not found"


@pytest.mark.parametrize(
    "printed",
    [
        {
            "stderr": "Command failed: secret-tool lookup user local domain sfdx\nCannot autolaunch D-Bus without X11"
        },
        {"stdout": json.dumps({"status": 1, "name": "X", "message": "Unable to find: /usr/bin/secret-tool"})},
    ],
)
async def test_a_session_without_a_keychain_is_told_the_variable_that_helps(
    sf: StandIn, printed: dict[str, str]
) -> None:
    sf.say("org display", code=1, **printed)
    assert "SF_USE_GENERIC_UNIX_KEYCHAIN=true" in (await refused()).next_step


async def test_a_missing_cli_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    problem = await refused()
    assert problem.title == "The sf CLI is not installed"
    assert "npm install" in problem.next_step


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("NamedOrgNotFoundError", "Parsing --target-org \n\tNo authorization information found for prod."),
        ("NoAuthInfoFound", "No authorization information found for prod."),
    ],
)
async def test_an_unknown_alias_says_how_to_log_in(sf: StandIn, name: str, message: str) -> None:
    sf.refuse("org display", name, message, 2)
    problem = await refused()
    assert problem.message == "It has no login for prod."
    assert problem.next_step == f"See what it knows: sf org list. Or log in: {LOGIN}"


async def test_an_error_on_the_other_stream_is_understood_too(sf: StandIn) -> None:
    body = json.dumps({"status": 1, "name": "NamedOrgNotFound", "message": "none"})
    sf.say("org display", stderr=body, code=1)
    assert (await refused()).title == "The sf CLI does not know this org"


async def test_an_expired_login_names_the_command_that_mends_it(sf: StandIn) -> None:
    sf.answer("org display", {**DISPLAY, "connectedStatus": "RefreshTokenAuthError"})
    problem = await refused()
    assert problem.title == "The sf CLI's login has ended"
    assert problem.next_step == f"Log in again: {LOGIN}"


async def test_an_expired_login_told_as_an_error_is_the_same(sf: StandIn) -> None:
    sf.refuse("org auth show-access-token", "RefreshTokenAuthError", "expired access/refresh token")
    assert (await refused()).next_step == f"Log in again: {LOGIN}"


async def test_a_username_needs_no_alias_to_log_in_again(sf: StandIn) -> None:
    sf.answer("org display", {**DISPLAY, "connectedStatus": "RefreshTokenAuthError"})
    assert "--alias" not in (await refused(target="ops@acme.example")).next_step


async def test_a_login_at_another_host_is_not_used(sf: StandIn) -> None:
    sf.answer("org display", {**DISPLAY, "instanceUrl": "https://other.my.salesforce.com"})
    problem = await refused()
    assert "other.my.salesforce.com" in problem.message


async def test_a_cli_that_hides_the_token_and_cannot_show_it_is_to_be_updated(sf: StandIn) -> None:
    sf.forget("org auth show-access-token")
    assert (await refused()).next_step == "Update it: sf update"


async def test_a_token_that_stays_hidden_is_a_problem(sf: StandIn) -> None:
    sf.answer("org auth show-access-token", {"accessToken": HIDDEN})
    assert (await refused()).title == "The sf CLI hides the token"


async def test_another_failure_names_the_command_and_quotes_nothing(sf: StandIn) -> None:
    sf.refuse("org display", "SomethingError", f"something with {TOKEN}")
    problem = await refused()
    assert "ended with code 1: SomethingError" in problem.message
    assert problem.next_step == "Run it by hand: sf org display --target-org prod --json"


@pytest.mark.parametrize(
    "output", ["", "Segmentation fault " + TOKEN, "{", '{"result": 5}', "[]", "\x00\xff"]
)
async def test_garbage_is_a_problem_that_quotes_nothing(sf: StandIn, output: str) -> None:
    sf.say("org display", stdout=output)
    assert (await refused()).title == "The sf CLI answered something else"


async def test_a_slow_cli_is_waited_for(sf: StandIn) -> None:
    sf.say("org display", stdout=json.dumps({"result": DISPLAY}), seconds=0.3)
    assert await cli().token() == Secret(TOKEN)


async def test_a_cli_that_hangs_is_given_up_and_ended(sf: StandIn) -> None:
    sf.say("org display", seconds=60)
    problem = await refused(timeout=0.2)
    assert problem.title == "The sf CLI gave no answer"
    assert "sf org display --target-org prod --json" in problem.next_step


async def test_a_program_that_cannot_be_run_is_a_problem(sf: StandIn) -> None:
    (sf.folder / "sf").chmod(0o644)
    (sf.folder / "sf").write_text("not a program")
    assert "sf" in (await refused()).title


async def test_the_known_orgs_are_listed_once_each(sf: StandIn) -> None:
    prod = {
        "username": "ops@acme.example",
        "alias": "prod",
        "instanceUrl": "https://acme.my.salesforce.com",
        "orgId": "00D5g000002m23vEAA",
        "accessToken": HIDDEN,
        "isDevHub": True,
    }
    box = {
        "username": "ops@acme.example.box",
        "instanceUrl": "https://acme--box.sandbox.my.salesforce.com",
        "isSandbox": True,
    }
    sf.answer(
        "org list",
        {
            "other": [],
            "sandboxes": [box],
            "nonScratchOrgs": [prod, box],
            "devHubs": [prod],
            "scratchOrgs": [],
        },
    )
    assert await list_orgs() == (
        KnownOrg(
            "ops@acme.example.box",
            "ops@acme.example.box",
            "https://acme--box.sandbox.my.salesforce.com",
            is_sandbox=True,
        ),
        KnownOrg("prod", "ops@acme.example", "https://acme.my.salesforce.com", "00D5g000002m23vEAA"),
    )


async def test_an_odd_entry_hides_no_other_org(sf: StandIn) -> None:
    good = {"username": "ops@acme.example", "alias": "acme", "instanceUrl": "https://acme.my.salesforce.com"}
    odd: list[Any] = [
        {"username": "old@acme.example", "orgId": "00D000000000001AAA"},
        None,
        5,
        {"username": 5},
    ]
    sf.answer("org list", {"other": [*odd, good], "sandboxes": None, "devHubs": {}, "scratchOrgs": []})
    assert [known.name for known in await list_orgs()] == ["acme"]


async def test_a_list_that_fails_says_so(sf: StandIn) -> None:
    sf.refuse("org list", "SomethingError", "told so")
    with pytest.raises(Problem, match="The sf CLI failed"):
        await list_orgs()


def test_the_configuration_chooses_this_way() -> None:
    assert isinstance(way(org(), Net(), resolve=no_secrets), SfCli)
