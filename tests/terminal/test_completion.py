"""Completion in the real shells: what Tab makes of a command line."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.terminal.conftest import REMONITOR
from tests.terminals import Terminal

CONFIG = """
[orgs.acme]
api_url = "https://acme.my.salesforce.com"
my_domain = "acme.my.salesforce.com"
sign_in = { way = "access_token", token = "env:SF_ACCESS_TOKEN" }

[connections."Acme EMEA"]
org = "acme"
service_account = "emea@acme.example"

[connections."Beta: it's $HOME; \\"quoted\\""]
org = "acme"
service_account = "beta@acme.example"
"""

HARMFUL = [
    "$(touch harm)",
    "`touch harm`",
    "x; touch harm",
    "x && touch harm #",
    "(touch harm)",
    "it's $HOME",
    'a "b" c',
    "back\\slash",
    "wow!x",
    "* ~ {a,b} <c> | &",
    "Zoë é नमस्ते",
]
"""Connections' names; a number before each tells them apart."""

Shell = Callable[[str], str]

STARTS = {
    "bash": 'eval "$(remonitor completion bash)"\nPS1="ready> "\nbind "set bell-style none"\n',
    "zsh": 'autoload -U compinit\ncompinit -u -D\neval "$(remonitor completion zsh)"\nPS1="ready> "\n',
    "fish": "remonitor completion fish | source\nfunction fish_prompt; echo -n 'ready> '; end\n"
    "function fish_greeting; end\n",
}


def command_of(name: str, folder: Path) -> list[str]:
    """An interactive shell with nothing but the completion in its start file."""
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"{name} is not on PATH")
    start = folder / ".zshrc"
    start.write_text(STARTS[name])
    return {
        "bash": [program, "--noprofile", "--rcfile", str(start), "-i"],
        "zsh": [program, "--no-globalrcs", "-i"],
        "fish": [program, "--no-config", "-i", "-C", f"source {start}"],
    }[name]


def shells_of(folder: Path, environment: dict[str, str], config: str) -> dict[str, str]:
    """The environment of a shell whose completion finds this configuration."""
    (folder / "config.toml").write_text(config)
    return environment | {
        "PATH": f"{REMONITOR.parent}:{environment['PATH']}",
        "REMONITOR_CONFIG": str(folder / "config.toml"),
        "ZDOTDIR": str(folder),
        "XDG_DATA_HOME": str(folder),
        "TERM": "vt100",
    }


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, tmp_path: Path, environment: dict[str, str]) -> Iterator[Shell]:
    """Types a text and Tab at the shell's prompt and gives the line that stands there then."""
    env = shells_of(tmp_path, environment, CONFIG)
    with Terminal(command_of(request.param, tmp_path), env=env, columns=160, rows=10) as screen:
        screen.wait_for("ready>")

        def tab(text: str) -> str:
            screen.press(text + "\t")
            # What is typed after Tab stands behind what Tab brought.
            screen.press("@@")
            screen.wait_for("@@")
            return screen.line_with("@@").removeprefix("ready> ").split("@@")[0]

        yield tab


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("remonitor expl", "remonitor explain "),
        ("remonitor check --form", "remonitor check --format "),
        ("remonitor check --format j", "remonitor check --format json "),
        ("remonitor check --format=j", "remonitor check --format=json "),
        ("remonitor steps user_fr", "remonitor steps user_frozen "),
        ("remonitor check Ac", "remonitor check Acme\\ EMEA "),
        ("remonitor check Acme\\ E", "remonitor check Acme\\ EMEA "),
        ('remonitor check "Acme E', 'remonitor check "Acme EMEA" '),
        ("remonitor check 'Acme E", "remonitor check 'Acme EMEA' "),
        ("remonitor check nobody", "remonitor check nobody"),
    ],
)
def test_tab_completes_commands_options_and_names(shell: Shell, typed: str, becomes: str) -> None:
    assert shell(typed) == becomes


def test_a_name_full_of_the_shells_signs_is_one_harmless_word(shell: Shell) -> None:
    assert shell("remonitor check Bet") == 'remonitor check Beta:\\ it\\\'s\\ \\$HOME\\;\\ \\"quoted\\" '


def test_the_configuration_is_completed_as_a_file(shell: Shell, tmp_path: Path) -> None:
    assert shell(f"remonitor --config {tmp_path}/conf") == f"remonitor --config {tmp_path}/config.toml "


def tables_of(names: list[str]) -> str:
    """Connections of these names, in TOML."""
    keys = (json.dumps(name, ensure_ascii=False) for name in names)
    return "".join(f'[connections.{key}]\norg = "acme"\nservice_account = "x@acme.example"\n' for key in keys)


@pytest.mark.parametrize("quote", ["", '"', "'"], ids=["bare", "double", "single"])
@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_no_name_is_more_than_one_harmless_word_inside_any_quotes(
    name: str, quote: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    names = [f"{number:02d} {harmful}" for number, harmful in enumerate(HARMFUL)]
    with Terminal(
        command_of(name, tmp_path),
        env=shells_of(tmp_path, environment, tables_of(names)),
        columns=160,
        rows=30,
    ) as screen:
        screen.wait_for("ready>")
        for number, harmful in enumerate(names):
            screen.press(f"remonitor check {quote}{number:02d}\t")
            # The whole line becomes the arguments of printf; what stands on the screen may be cut or wrapped.
            screen.press(
                f">{tmp_path}/words{number}", "\x01", "printf '<%s>' ", "\r", f"echo do''ne{number}\r"
            )
            screen.wait_for(f"done{number}", timeout=10)
            found = (tmp_path / f"words{number}").read_text()
            assert found == f"<remonitor><check><{harmful}>", screen.text
    assert not (tmp_path / "harm").exists()
