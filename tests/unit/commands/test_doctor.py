"""The doctor against a demo over TLS: every step with its time, what mends it, and nothing secret."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from tui.base.clock import Clock, ManualClock, SystemClock
from tui.base.problem import Problem
from tui.config import load
from tui.config.writing import rendered
from tui.console import Exit
from tui.console.examination import Doctor, journal_place, redacted, terminal
from tui.console.reaching import SignInAttempt, every_org, every_sign_in, identity_text, outcome_line
from tui.net import Net, NetProblem
from tui.salesforce import errors


@dataclass
class Site:
    """A configuration of one org, one tenant and two connections, over TLS."""

    folder: Path
    ready: dict[str, Any]
    authority: Path

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    def write(self, *, trusted: bool = True, secret: str | None = None, api_url: str | None = None) -> None:
        org, tenant = self.ready["orgs"]["acme"], self.ready["tenants"]["acme"]
        for name, value in (("org", secret or org["client_secret"]), ("tenant", tenant["client_secret"])):
            (self.folder / name).write_text(value)
            (self.folder / name).chmod(0o600)
        sign_in = {"way": "client_credentials", "client_id": org["client_id"], "client_secret": "file:org"}
        place = {"api_url": api_url or org["api_url"], "my_domain": org["my_domain"]}
        tables: list[tuple[tuple[str, ...], dict[str, object]]] = [
            (("orgs", "acme"), {**place, "sign_in": sign_in}),
            (
                ("tenants", "us"),
                {
                    "base_url": tenant["base_url"],
                    "client_id": tenant["client_id"],
                    "client_secret": "file:tenant",
                },
            ),
        ]
        for name, account in (
            ("Acme EMEA", "incydr.emea@acme.example"),
            ("Acme US", "incydr.us@acme.example"),
        ):
            tables.append(
                (("connections", name), {"org": "acme", "service_account": account, "tenant": "us"})
            )
        tables.append((("app",), {"ca_bundle": str(self.authority)} if trusted else {"notifications": False}))
        self.config.write_text(rendered(tables))

    async def doctor(self, *names: str, clock: Clock | None = None) -> tuple[Exit, str]:
        said: list[str] = []
        code = await Doctor(said.append, clock or SystemClock()).run(self.config, names, (120, 36))
        assert max(len(line) for text in said for line in text.splitlines()) <= 80 + len(str(self.folder))
        return code, re.sub(r"\n {10,}", " ", "\n".join(said))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Any], Path]]:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    authority.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(
        str(folder / "server.pem")
    )
    demo = subprocess.Popen(
        [sys.executable, "-m", "tui.demo", "--certificate", str(folder / "server.pem")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ,
    )
    assert demo.stdin is not None
    assert demo.stdout is not None
    yield json.loads(demo.stdout.readline()), folder / "authority.pem"
    demo.stdin.close()
    demo.wait(10)
    demo.stdout.close()


@pytest.fixture
def site(world: tuple[dict[str, Any], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("REMONITOR_STATE", str(tmp_path / "state"))
    return Site(tmp_path, *world)


async def test_a_healthy_way_is_told_step_by_step_with_times(site: Site) -> None:
    site.write()
    code, said = await site.doctor()
    assert code is Exit.OK
    for step in ("name", "TCP", "TLS", "HTTP", "sign-in", "reading +Acme EMEA:", "reading +Acme US:"):
        assert re.search(rf"✓ {step} .* · \d+ ms$", said, re.M), step
    assert "as ops@acme.example in Acme" in said
    assert "file events can be searched" in said


async def test_a_named_connection_is_examined_alone(site: Site) -> None:
    site.write()
    _, said = await site.doctor("Acme US")
    assert " Acme US: " in said
    assert "Acme EMEA" not in said


async def test_no_secret_and_no_home_folder_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(site.folder))
    site.write()
    _, said = await site.doctor()
    assert "configuration ~/config.toml" in said
    assert str(site.folder) not in said
    assert site.ready["orgs"]["acme"]["client_secret"] not in said
    assert site.ready["tenants"]["acme"]["client_secret"] not in said


async def test_a_refused_secret_is_told_with_its_next_step_and_not_repeated(site: Site) -> None:
    site.write(secret="hunter2hunter2")
    code, said = await site.doctor("Acme US")
    assert code is Exit.NO
    assert "✖ sign-in" in said
    assert "Check client_id and client_secret" in said
    assert "hunter2" not in said


async def test_an_untrusted_certificate_is_told_with_its_next_step(site: Site) -> None:
    site.write(trusted=False)
    code, said = await site.doctor("Acme US")
    assert code is Exit.NO
    assert "✖ TLS" in said
    assert "ca_bundle or SSL_CERT_FILE" in said
    assert "sign-in by" in said
    assert "✓ sign-in" not in said


async def test_a_closed_port_is_told_and_what_comes_after_is_not_tried(site: Site) -> None:
    site.write(api_url="https://127.0.0.1:1")
    code, said = await site.doctor("Acme US")
    assert code is Exit.NO
    assert "✖ TCP" in said
    assert "Check firewall and VPN" in said


async def test_a_clock_that_is_off_by_a_minute_is_warned_about(site: Site) -> None:
    site.write()
    late = ManualClock(SystemClock().now() - timedelta(days=1))
    code, said = await site.doctor("Acme US", clock=late)
    assert code is Exit.OK
    assert re.search(r"! HTTP .*clock is -\d+ s off", said)
    assert "Set this machine's clock" in said


async def test_a_broken_configuration_is_told_below_the_machine(site: Site) -> None:
    site.config.write_text("[orgs.acme\n")
    code, said = await site.doctor()
    assert code is Exit.CONFIG
    assert "versions" in said
    assert "not valid TOML" in said


async def test_who_am_i_tells_user_org_and_rights(site: Site) -> None:
    site.write()
    net = Net(ca_bundle=str(site.authority))
    (attempt,) = [attempt async for attempt in every_org(load(site.config), net, SystemClock())]
    await net.aclose()
    assert identity_text(attempt).startswith("orgs.acme: ops@acme.example in the org Acme (00D")
    assert "✓ Manage Users" in identity_text(attempt)


async def test_every_sign_in_is_tried_also_after_one_failed(site: Site) -> None:
    site.write(secret="hunter2hunter2")
    net = Net(ca_bundle=str(site.authority))
    attempts = [each async for each in every_sign_in(load(site.config), net, SystemClock())]
    await net.aclose()
    assert [each.exit_code for each in attempts] == [Exit.NO, Exit.OK]
    assert "hunter2" not in outcome_line(attempts[0])


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (NetProblem("No answer in time", "acme", "Wait."), Exit.UNKNOWN),
        (errors.page(503, "acme"), Exit.UNKNOWN),
        (errors.of_body(b"", 503, "acme"), Exit.UNKNOWN),
        (errors.of_body(b'[{"errorCode": "REQUEST_LIMIT_EXCEEDED"}]', 403, "acme"), Exit.UNKNOWN),
        (errors.of_body(b'[{"errorCode": "INVALID_SESSION_ID"}]', 401, "acme"), Exit.NO),
        (errors.of_body(b'[{"errorCode": "API_DISABLED_FOR_ORG"}]', 403, "acme"), Exit.NO),
        (Problem("The sf CLI is not there", "No sf.", "Install it."), Exit.NO),
    ],
)
def test_who_could_not_be_asked_is_unknown_and_who_refuses_is_no(problem: Problem, code: Exit) -> None:
    assert SignInAttempt("orgs.acme", "acme.my.salesforce.com", problem).exit_code is code


def test_a_state_folder_that_cannot_be_written_is_told_with_its_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    step = journal_place(tmp_path / "file" / "state")
    assert (step.good, step.next_step) == (
        False,
        "Make the folder yours to write, or name another one with REMONITOR_STATE.",
    )
    assert "Not a directory" in step.detail


def test_a_state_folder_that_others_can_read_is_warned_about(tmp_path: Path) -> None:
    assert journal_place(tmp_path / "state").good is True
    (tmp_path / "state").chmod(0o755)
    assert journal_place(tmp_path / "state").good is None


def test_the_terminal_is_told_without_asking_it() -> None:
    told = dict(terminal({"TERM": "tmux-256color", "TMUX": "socket,1,0", "SSH_TTY": "/dev/pts/1"}, (80, 24)))
    assert told["TERM"] == "tmux-256color, 80x24, 256 colours"
    assert told["over SSH"] == "yes, in tmux"
    assert told["clipboard"].startswith("by tmux")


def test_the_home_folder_of_a_machine_without_one_hides_nothing() -> None:
    assert redacted("/etc/x", "/") == "/etc/x"
