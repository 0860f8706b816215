"""What the README shows to be copied works: hook scripts are run, containers and command lines are read."""

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.evidence import NOW
from tui.cli.parser import parser
from tui.commands import commands as every
from tui.connections.state import SCHEMA, Status
from tui.reports.documents import Change, written
from tui.watching.hook import call

README = (Path(__file__).parents[3] / "README.md").read_text()
NASTY = "A\"cme\\ <EMEA> & 'co' $(id)\n~!ls `x`: „ü“"


def block(name: str) -> str:
    """The text of the fenced block that follows a marker."""
    return README.split(f"<!-- {name} -->\n```", 1)[1].partition("\n")[2].partition("```")[0]


# Hooks


@dataclass
class Receiver:
    """Programs that only note what they are called with, first on the PATH, and the README's script."""

    folder: Path
    script: Path

    async def hears(self, change: Change) -> str:
        """Why the hook failed; empty: it is acknowledged."""
        return await call((str(self.script),), written(change, indent=-1).encode())

    @property
    def body(self) -> Any:
        return json.loads(self.said)

    @property
    def said(self) -> str:
        return (self.folder / "stdin").read_text()

    @property
    def arguments(self) -> list[str]:
        return (self.folder / "arguments").read_text().split("\0")[:-1]

    def ends_with(self, code: int) -> None:
        (self.folder / "code").write_text(str(code))


@pytest.fixture
def receiver(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Receiver:
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed here")
    (tmp_path / "bin").mkdir()
    for name in ("curl", "mail"):
        program = tmp_path / "bin" / name
        program.write_text(
            "#!/bin/sh\n"
            f"printf '%s\\0' \"$@\" > '{tmp_path}/arguments'\n"
            f"cat > '{tmp_path}/stdin'\n"
            f"exit $(cat '{tmp_path}/code')\n"
        )
        program.chmod(stat.S_IRWXU)
    (tmp_path / "pagerduty.key").write_text("0123456789abcdef0123456789abcdef\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    script = tmp_path / "hook"
    script.write_text(block(f"hook {request.param}").replace("/etc/remonitor", str(tmp_path)))
    script.chmod(stat.S_IRWXU)
    it = Receiver(tmp_path, script)
    it.ends_with(0)
    return it


def a_change(to: Status = Status.ERROR, **more: Any) -> Change:
    told: dict[str, Any] = {
        "connection": "Acme EMEA",
        "what": "Acme EMEA: Error, frozen by jane@acme.example at 14:00",
        "next_step": "Ask Jane Doe first.",
        "link": "https://acme.my.salesforce.com/x?a=1&b=2",
    }
    return Change(
        schema=SCHEMA,
        id="change-1",
        dedup_key="outage-1",
        org="acme",
        before=Status.MONITORING,
        after=to,
        at=NOW,
        **told | more,
    )


def for_hooks(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("receiver", names, indirect=True)


ALL = ("mail", "slack", "teams", "pagerduty")


def test_every_hook_of_the_readme_is_tried() -> None:
    assert tuple(re.findall(r"<!-- hook (\w+) -->\n```sh", README)) == ALL


@for_hooks(*ALL)
async def test_what_the_receiver_refuses_is_not_acknowledged(receiver: Receiver) -> None:
    receiver.ends_with(22)
    assert (await receiver.hears(a_change())).startswith("exit 22")
    receiver.ends_with(0)
    assert await receiver.hears(a_change()) == ""


@for_hooks("slack", "teams", "pagerduty")
async def test_no_secret_is_among_the_arguments_and_a_refusal_by_http_is_a_failure(
    receiver: Receiver,
) -> None:
    await receiver.hears(a_change())
    assert "-fsS" in receiver.arguments
    assert receiver.arguments[receiver.arguments.index("--max-time") + 1] == "20"
    assert not re.search(r"hooks\.slack|0123456789abcdef", " ".join(receiver.arguments))


@for_hooks("slack")
async def test_slack_hears_one_text_in_which_nothing_is_markup(receiver: Receiver) -> None:
    assert await receiver.hears(a_change(what=NASTY, next_step="")) == ""
    escaped = NASTY.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert receiver.body == {"text": f"{escaped}\nhttps://acme.my.salesforce.com/x?a=1&b=2"}


@for_hooks("teams")
async def test_teams_hears_a_card(receiver: Receiver) -> None:
    assert await receiver.hears(a_change(what=NASTY)) == ""
    (attachment,) = receiver.body["attachments"]
    assert receiver.body["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert [line["text"] for line in card["body"]] == [NASTY, "Ask Jane Doe first."]
    assert [action["url"] for action in card["actions"]] == ["https://acme.my.salesforce.com/x?a=1&b=2"]
    assert await receiver.hears(a_change(link=None, next_step="")) == ""
    card = receiver.body["attachments"][0]["content"]
    assert (len(card["body"]), card["actions"]) == (1, [])


@pytest.mark.parametrize(
    ("to", "severity"),
    [
        (Status.ERROR, "critical"),
        (Status.DEAUTHORIZED, "critical"),
        (Status.UNKNOWN, "warning"),
        (Status.RECOVERING, "warning"),
    ],
)
@for_hooks("pagerduty")
async def test_pagerduty_is_triggered_by_the_key_of_the_outage(
    receiver: Receiver, to: Status, severity: str
) -> None:
    assert await receiver.hears(a_change(to, what=NASTY * 100, connection=NASTY)) == ""
    body = receiver.body
    assert body["routing_key"] == "0123456789abcdef0123456789abcdef"
    assert (body["event_action"], body["dedup_key"]) == ("trigger", "outage-1")
    assert body["payload"]["summary"] == (NASTY * 100)[:1024]
    assert (body["payload"]["severity"], body["payload"]["source"]) == (severity, NASTY)
    assert body["links"] == [
        {"href": "https://acme.my.salesforce.com/x?a=1&b=2", "text": "Open in Salesforce"}
    ]


@for_hooks("pagerduty")
async def test_pagerduty_is_told_the_return_by_the_same_key(receiver: Receiver) -> None:
    assert await receiver.hears(a_change(Status.MONITORING)) == ""
    assert receiver.body == {
        "routing_key": "0123456789abcdef0123456789abcdef",
        "event_action": "resolve",
        "dedup_key": "outage-1",
    }


@for_hooks("mail")
async def test_a_mail_has_a_subject_of_one_line_and_says_what_to_do(receiver: Receiver) -> None:
    assert await receiver.hears(a_change(connection=NASTY)) == ""
    assert receiver.arguments == [
        "-s",
        f"Incydr: {NASTY}: Error".replace("\n", " "),
        "security@acme.example",
    ]
    assert receiver.said.splitlines() == [
        "Acme EMEA: Error, frozen by jane@acme.example at 14:00",
        "",
        "Status: Error, before: Monitoring",
        "Since: not known",
        "What to do: Ask Jane Doe first.",
        "https://acme.my.salesforce.com/x?a=1&b=2",
    ]


# Command lines


def command_lines() -> list[str]:
    """Every call of the program in the README's blocks and sentences, but the tables' synopses."""
    text = re.sub(r"^\|.*$", "", README, flags=re.M).replace("\\\n", "")
    known = "|".join(command.name for command in every())
    called = rf"remonitor (?:{known})\b"
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```$", text, re.M | re.S)
    found = re.findall(rf"(?<!# )(?<![\w-])({called}[^\n]*)", "\n".join(blocks))
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    # A name alone stands for the command, not for a call of it.
    return found + re.findall(rf"`({called} [^`]*)`", prose.replace("\n", " "))


def arguments_of(line: str) -> list[str]:
    """What the program gets of it: without what the shell does with it, and alternatives chosen."""
    line = line.removesuffix('"') if line.count('"') % 2 else line
    line = re.sub(r" > .*", "", line)
    return shlex.split(line.replace("[NAME …]", "NAME"))[1:]


def test_the_readme_calls_the_program_in_many_places() -> None:
    lines = "\n".join(command_lines())
    for part in ("watch --metrics", "check --format prometheus -o", "mute 'Acme EMEA'", "list --format lld"):
        assert part in lines
    assert "*/5 * * * * remonitor /usr/local/bin/remonitor check" in README


@pytest.mark.parametrize("line", dict.fromkeys(command_lines()))
def test_every_command_line_of_the_readme_is_understood(line: str) -> None:
    choices = re.search(r" (\w+(?:\|\w+)+)", line)
    for word in choices[1].split("|") if choices else [""]:
        one = line.replace(choices[1], word) if choices else line
        assert parser().parse_args(arguments_of(one))


# Containers


def lists_of(text: str) -> list[list[str]]:
    """What is started in a container: lists in JSON, which is YAML and a Dockerfile's form as well."""
    found = re.findall(r"(?:command|args|test|CMD|ENTRYPOINT):? (\[.*\])$", text, re.M)
    return [json.loads(each) for each in found]


@pytest.mark.parametrize("name", ["dockerfile", "compose", "kubernetes"])
def test_a_container_is_started_with_a_command_line_that_is_understood(name: str) -> None:
    started = [argv for argv in lists_of(block(name)) if argv[0] == "watch"]
    assert len(started) == 1
    arguments = parser().parse_args(started[0])
    assert str(arguments.metrics) == "/metrics/remonitor.prom"


@pytest.mark.parametrize("name", ["compose", "kubernetes"])
def test_a_container_is_alive_as_long_as_its_metrics_are_young(name: str, tmp_path: Path) -> None:
    (probe,) = [argv[-1] for argv in lists_of(block(name)) if argv[0] in ("sh", "CMD-SHELL")]
    metrics = tmp_path / "remonitor.prom"
    # Compose takes $$ for $.
    line = probe.replace("$$", "$").replace("/metrics/remonitor.prom", str(metrics))

    def alive() -> bool:
        return subprocess.run(["sh", "-c", line], capture_output=True, check=False).returncode == 0

    assert not alive()
    metrics.touch()
    assert alive()
    long_ago = time.time() - 241
    os.utime(metrics, (long_ago, long_ago))
    assert not alive()


@pytest.mark.parametrize("name", ["compose", "kubernetes"])
def test_a_container_writes_where_something_is_mounted_and_nowhere_else(name: str) -> None:
    text = block(name)
    assert re.search(r"(read_only|readOnlyRootFilesystem): true$", text, re.M)
    mounted = set(re.findall(r"mountPath: ([\w/]+)|- \w+:(/[\w/]+)$|:(/[\w/.]+):ro$", text, re.M))
    places = {place for found in mounted for place in found if place}
    # Where Compose mounts its secrets.
    places |= {"/run/secrets"} if "secrets: [salesforce]" in text else set()
    told = dict(re.findall(r"(\w+)=(\S+)", block("dockerfile")))
    for variable in ("REMONITOR_CONFIG", "REMONITOR_STATE", "CREDENTIALS_DIRECTORY"):
        path = Path(told[variable])
        assert places & {str(each) for each in (path, *path.parents)}, variable
    assert "/metrics" in places


def test_every_volume_of_the_pod_is_declared() -> None:
    text = block("kubernetes")
    used = set(re.findall(r"\{name: (\w+), mountPath", text))
    declared = set(re.findall(r"- \{name: (\w+), (?:configMap|secret|emptyDir)", text))
    assert used == declared | set(re.findall(r"metadata: \{name: (\w+)\}", text))


@pytest.mark.parametrize("name", ["compose", "kubernetes", "alert rules"])
def test_the_form_is_that_of_yaml(name: str) -> None:
    text = block(name)
    assert "\t" not in text
    lines = [line for line in text.splitlines() if line.strip()]
    for line in lines:
        assert (len(line) - len(line.lstrip())) % 2 == 0, line
        assert all(line.count(a) == line.count(b) for a, b in ("[]", "{}")), line
