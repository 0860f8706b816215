"""What could be typed next."""

import subprocess
import sys
from pathlib import Path

import pytest

from tui.cli.completion import FILES, candidates, names, split
from tui.cli.parser import parser
from tui.commands.completion import SCRIPTS

NAMES = ["Acme EMEA", "Acme US", "Beta"]


def next_words(*words: str) -> list[str]:
    def values(metavar: str) -> list[str]:
        return [FILES] if metavar == "FILE" else list(NAMES) if "NAME" in metavar else []

    return [word for word, _ in candidates(parser(), words, values)]


def test_at_the_start_the_commands_fit() -> None:
    assert {"check", "fix", "report", "steps", "completion"} <= set(next_words(""))


def test_only_what_begins_alike_is_offered() -> None:
    assert next_words("com") == ["completion"]


def test_a_command_takes_names() -> None:
    assert next_words("fix", "Acme") == ["Acme EMEA", "Acme US"]


def test_a_second_name_is_offered_only_where_there_may_be_one_and_never_twice() -> None:
    assert next_words("fix", "Beta", "") == []
    assert next_words("check", "Beta", "") == ["Acme EMEA", "Acme US"]


def test_options_of_the_command_are_offered() -> None:
    assert next_words("fix", "--d") == ["--dry-run"]
    assert "--dry-run" not in next_words("check", "--")


def test_options_before_the_command_do_not_disturb() -> None:
    assert next_words("--config", "x.toml", "--ascii", "fix", "B") == ["Beta"]


def test_values_of_an_option_are_offered_in_both_spellings() -> None:
    assert next_words("report", "--format", "") == ["markdown", "json"]
    assert next_words("report", "--format=j") == ["--format=json"]


def test_an_option_with_a_free_value_offers_nothing() -> None:
    assert next_words("wait", "--timeout", "") == []


def test_explain_holds_a_message_against_a_connection_that_is_there() -> None:
    assert next_words("explain", "--connection", "B") == ["Beta"]


def test_the_name_that_add_asks_for_is_a_new_one() -> None:
    assert next_words("add", "--name", "") == []


def test_a_file_is_left_to_the_shell() -> None:
    assert next_words("--config", "") == [FILES]
    assert next_words("check", "--config=") == [FILES]


def test_after_two_dashes_everything_is_a_name() -> None:
    assert next_words("check", "--", "--") == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", [""]),
        ("remonitor ", ["remonitor", ""]),
        ("remonitor ch", ["remonitor", "ch"]),
        ("remonitor check Acme\\ E", ["remonitor", "check", "Acme E"]),
        ('remonitor check "Acme E', ["remonitor", "check", "Acme E"]),
        ("remonitor check 'it'\\''s", ["remonitor", "check", "it's"]),
        ("remonitor check '' ", ["remonitor", "check", "", ""]),
        ('remonitor check "a\\"b', ["remonitor", "check", 'a"b']),
    ],
)
def test_an_unfinished_line_is_split_as_the_shell_reads_it(line: str, words: list[str]) -> None:
    assert split(line) == words


def test_names_come_from_the_configuration(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[connections."Acme EMEA"]\norg = "a"\n[connections."bad\\u001bname"]\n')
    assert names(path) == ["Acme EMEA"]


@pytest.mark.parametrize("text", ["", "[broken", "connections = 3"])
def test_a_configuration_without_connections_has_no_names(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    assert names(path) == []


def test_a_missing_configuration_has_no_names(tmp_path: Path) -> None:
    assert names(tmp_path / "config.toml") == []


def test_names_are_found_without_heavy_imports_also_where_the_line_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[connections."Acme EMEA"]\n')
    program = (
        "import sys; from tui.cli import invoke; invoke(sys.argv[1:]);"
        "print(sorted({'textual', 'httpx', 'asyncio', 'msgspec', 'sqlite3'} & set(sys.modules)))"
    )
    argv = ["__complete", f"remonitor --config {path} check Ac"]
    done = subprocess.run([sys.executable, "-c", program, *argv], capture_output=True, text=True, check=True)
    assert done.stdout == "Acme EMEA\n[]\n"


@pytest.mark.parametrize("shell", list(SCRIPTS))
def test_every_script_asks_this_program(shell: str) -> None:
    assert "remonitor __complete" in SCRIPTS[shell]
