"""References to secrets: how they are followed, and what a broken one is answered with."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.base.installation import command_adding
from tui.base.problem import ConfigProblem, Problem
from tui.config import check_references, load, parse, resolve


def written(folder: Path, text: str = "hunter2\n", mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_text(text)
    path.chmod(mode)
    return path


def python(code: str) -> tuple[str, ...]:
    return ("command", sys.executable, "-c", code)


async def test_an_environment_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REMONITOR_TEST_SECRET", "hunter2")
    assert (await resolve("env:REMONITOR_TEST_SECRET")).reveal() == "hunter2"


async def test_a_file_is_read_without_its_line_end(tmp_path: Path) -> None:
    assert (await resolve(f"file:{written(tmp_path)}")).reveal() == "hunter2"


async def test_a_command_is_run() -> None:
    assert (await resolve(python("print('hunter2')"))).reveal() == "hunter2"


async def refused(reference: str | tuple[str, ...]) -> Problem:
    with pytest.raises(Problem) as caught:
        await resolve(reference)
    assert "hunter2" not in str(caught.value)
    return caught.value


async def test_a_variable_that_is_not_set_is_named() -> None:
    assert "REMONITOR_NOT_SET is not set" in (await refused("env:REMONITOR_NOT_SET")).message


async def test_a_file_that_others_can_read_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = written(tmp_path, mode=0o644)
    problem = await refused(f"file:{path}")
    assert "0644" in problem.message
    assert problem.next_step == f"Run: chmod 600 {path}"


async def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "\n")
    assert "something else than one line" in (await refused(f"file:{path}")).message


async def test_two_lines_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "hunter2\nhunter3\n")
    assert "something else than one line" in (await refused(f"file:{path}")).message


async def test_a_failing_command_is_named_without_its_output() -> None:
    problem = await refused(python("import sys; print('hunter2'); sys.exit('hunter2')"))
    assert "ended with code 1" in problem.message


async def test_a_command_that_does_not_exist_is_named() -> None:
    assert "cannot be started" in (await refused(("command", "/nowhere/helper"))).message


KEYRINGS = {
    "there is no entry": "def get_password(service, name): return None",
    "locked": "class KeyringLocked(Exception): pass\ndef get_password(s, n): raise KeyringLocked('canary')",
    "nobody answered": "class PromptDismissedException(Exception): pass\n"
    "def get_password(s, n): raise PromptDismissedException('canary')",
    "no backend": "class NoKeyringError(Exception): pass\ndef get_password(s, n): raise NoKeyringError('canary')",
    "broken": "def get_password(s, n): raise RuntimeError('canary')",
    "not installed": "raise ModuleNotFoundError",
    "asleep": "import time\ndef get_password(s, n): time.sleep(60)",
    "there": "def get_password(service, name): return service + '+' + name + '+ü'",
}
"""What a package named keyring holds, by what is to be told of it."""


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Puts one of these keyrings in the place of the real one."""

    def put(which: str) -> None:
        (tmp_path / "keyring.py").write_text(KEYRINGS[which])
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    return put


async def test_the_keyring_gives_what_it_keeps(keyring: Callable[[str], None]) -> None:
    keyring("there")
    assert (await resolve("keyring:remonitor/acme/x")).reveal() == "remonitor+acme/x+ü"


@pytest.mark.parametrize(
    ("which", "title", "command"),
    [
        ("there is no entry", "Secret not available", "{python} -m keyring set remonitor acme"),
        ("locked", "The keyring is locked", "{python} -m keyring get remonitor acme"),
        ("nobody answered", "The keyring is locked", "{python} -m keyring get remonitor acme"),
        ("no backend", "There is no keyring", "{python} -m keyring --list-backends"),
        ("broken", "The keyring failed", "{python} -m keyring get remonitor acme"),
        ("not installed", "The keyring is not installed", "{adding}"),
    ],
)
async def test_a_keyring_that_has_nothing_says_why_and_which_command_mends_it(
    which: str, title: str, command: str, keyring: Callable[[str], None]
) -> None:
    keyring(which)
    problem = await refused("keyring:remonitor/acme")
    assert problem.title == title
    assert command.format(python=sys.executable, adding=command_adding("keyring")) in problem.next_step
    assert "canary" not in str(problem)


async def test_a_keyring_that_waits_for_somebody_is_not_waited_for_forever(
    keyring: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.config.keyring.TIMEOUT", 0.2)
    keyring("asleep")
    assert "somebody to unlock it" in (await refused("keyring:remonitor/acme")).message


async def test_a_keyring_of_the_current_folder_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keyring.py").write_text(KEYRINGS["there"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Problem):
        await resolve("keyring:remonitor/acme")


def test_missing_secrets_are_found_before_the_start() -> None:
    config = parse(
        """
        [orgs.acme]
        api_url = "https://acme.my.salesforce.com"
        my_domain = "acme.my.salesforce.com"
        sign_in = { way = "access_token", token = "env:REMONITOR_NOT_SET" }
        """,
        "c.toml",
    )
    with pytest.raises(ConfigProblem) as caught:
        check_references(config)
    assert "c.toml: orgs.acme.sign_in.token: the environment variable" in caught.value.message


def test_a_missing_secret_file_of_a_tenant_is_found_before_the_start(tmp_path: Path) -> None:
    text = '[tenants.t]\nbase_url = "https://api.us.code42.com"\nclient_id = "k"\nclient_secret = "file:x"\n'
    with pytest.raises(ConfigProblem) as caught:
        check_references(parse(text, str(tmp_path / "c.toml")))
    assert f"tenants.t.client_secret: the file {tmp_path}/x cannot be read" in caught.value.message


def piped(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    ours, theirs = os.pipe()
    os.write(theirs, data)
    os.close(theirs)
    monkeypatch.setattr(sys, "stdin", os.fdopen(ours))


async def test_a_secret_is_read_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"hunter2\n")
    assert (await resolve("stdin:")).reveal() == "hunter2"


async def test_a_file_on_standard_input_is_read_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdin", written(tmp_path).open())
    assert (await resolve("stdin:")).reveal() == "hunter2"


async def test_standard_input_gives_its_secret_once(monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, b"hunter2\n")
    await resolve("stdin:")
    assert "can be read once" in (await refused("stdin:")).message


async def test_a_terminal_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    monkeypatch.setattr(sys, "stdin", os.fdopen(theirs))
    assert "is a terminal" in (await refused("stdin:")).message
    os.close(ours)


async def test_a_byte_order_mark_is_no_part_of_a_secret(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffhunter2\r\n")
    assert (await resolve(f"file:{path}")).reveal() == "hunter2"


async def test_a_pipe_is_not_read_by_the_check_but_by_the_sign_in() -> None:
    ours, theirs = os.pipe()
    os.write(theirs, b"hunter2\n")
    os.close(theirs)
    config = parse(
        f"""
        [orgs.acme]
        api_url = "https://acme.my.salesforce.com"
        my_domain = "acme.my.salesforce.com"
        sign_in = {{ way = "access_token", token = "file:/dev/fd/{ours}" }}
        """,
        "/c.toml",
    )
    check_references(config)
    assert (await resolve(config.orgs["acme"].sign_in.settings["token"])).reveal() == "hunter2"
    os.close(ours)


async def test_a_pipe_that_says_nothing_is_told_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.config.secrets.PIPE_SECONDS", 0.1)
    os.mkfifo(tmp_path / "pipe")
    assert "did not end within" in (await refused(f"file:{tmp_path}/pipe")).message


async def test_a_device_is_no_secret() -> None:
    assert "it is a device" in (await refused("file:/dev/zero")).message


async def test_a_credential_of_the_service_is_read_whatever_its_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, mode=0o444)
    assert "CREDENTIALS_DIRECTORY is not set" in (await refused("credential:secret")).message
    assert "0444" in (await refused(f"file:{path}")).message
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert (await resolve("credential:secret")).reveal() == "hunter2"
    assert (await resolve(f"file:{path}")).reveal() == "hunter2"


async def test_a_credential_that_is_not_there_is_told_as_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert "the unit gives none at all." in (await refused("credential:incydr")).message
    written(tmp_path)
    problem = await refused("credential:incydr")
    assert problem.message == "the credential incydr is not there: the unit gives secret."
    assert "LoadCredential=incydr:PATH" in problem.next_step
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", f"{tmp_path}/none")
    assert (
        f"names {tmp_path}/none, and there is no such folder" in (await refused("credential:incydr")).message
    )


@pytest.mark.parametrize(
    "name",
    [
        "credential:../x",
        "credential:a/b",
        "credential:.",
        "credential:..",
        "credential:",
        "credential:a:b",
        "credential:ä",
        f"credential:{'a' * 256}",
    ],
)
def test_a_credential_is_named_without_a_path(name: str) -> None:
    with pytest.raises(ConfigProblem):
        parse(f'[tenants.t]\nbase_url = "https://api.us.code42.com"\nclient_secret = "{name}"\n', "c.toml")


async def test_variables_that_hold_secrets_are_kept_from_helpers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMONITOR_TEST_CANARY", "hunter2")
    path = tmp_path / "c.toml"
    path.write_text(
        """
        [tenants.t]
        base_url = "https://api.us.code42.com"
        client_id = "k"
        client_secret = "env:REMONITOR_TEST_CANARY"
        """
    )
    load(path)
    done = await resolve(python("import os; print('REMONITOR_TEST_CANARY' in os.environ)"))
    assert done.reveal() == "False"
