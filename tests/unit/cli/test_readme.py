"""The README's tables say what the program says; `--refresh-pictures` writes them anew."""

import argparse
import re
import shlex
from pathlib import Path

import pytest

from tui.cli import tables
from tui.cli.parser import parser
from tui.commands import COMMANDS, app
from tui.console.command import Command, Page

README = Path(__file__).parents[3] / "README.md"


def commands_of(root: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    groups = [a for a in root._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(groups[0].choices)


TABLES = {
    "commands": lambda: tables.commands(parser()),
    "keys": tables.keys,
    "metrics": tables.metrics,
    "fields": tables.fields,
    "assumptions": tables.assumptions,
}


@pytest.mark.parametrize("name", TABLES)
def test_the_readme_holds_the_table(name: str, request: pytest.FixtureRequest) -> None:
    expected = TABLES[name]()
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, rest = README.read_text().split(begin)
    found, after = rest.split(end)
    if request.config.getoption("--refresh-pictures"):
        README.write_text(f"{before}{begin}{expected}\n{end}{after}")
        return
    assert found.strip() == expected, "run this test with --refresh-pictures"


PAGES = pytest.mark.parametrize("page", [pytest.param(c.page, id=c.name) for c in COMMANDS])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_a_page_with_what_it_is_for(command: Command) -> None:
    assert command.page.text
    assert command.page.text in commands_of(parser())[command.name].format_help()


@PAGES
def test_every_page_tells_its_exit_codes(page: Page) -> None:
    codes = [code for code, _ in page.codes]
    assert codes[0] == "0"
    assert "64" in codes


@PAGES
def test_the_examples_of_a_page_are_understood(page: Page) -> None:
    for line, _ in page.examples:
        for part in re.split(r"&&|\|", line):
            words = argument_words(part)
            if words[:1] == ["remonitor"] and "--help" not in words:
                parser().parse_args(words[1:])


def argument_words(part: str) -> list[str]:
    """The words of one command of an example, without what the shell does with it."""
    inner = re.search(r"\$\((.*)\)", part)
    line = (inner[1] if inner else part).replace("\\\n", "")
    return shlex.split(re.sub(r"\s>.*", "", line))


def test_no_line_of_a_page_is_too_wide_for_80_columns() -> None:
    told = [app.PAGE, *(command.page for command in COMMANDS)]
    pages = [app.ENVIRONMENT, *(page.text for page in told), *(page.epilog() for page in told)]
    wide = [line for page in pages for line in page.splitlines() if len(line) > 80]
    assert wide == []


def test_the_help_of_the_program_tells_every_command_and_every_code() -> None:
    told = parser().format_help()
    assert all(name in told for name in commands_of(parser()))
    for code in ("0", "1", "2", "3", "64", "70", "78", "124", "130"):
        assert re.search(rf"^  {code}\b", told, re.M), code
