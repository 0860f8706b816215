"""The README's tables say what the program says; `--refresh-pictures` writes them anew."""

import argparse
import re
import shlex
from pathlib import Path

import pytest

from tui.cli import manual, tables
from tui.cli.arguments import parser

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


@pytest.mark.parametrize("name", sorted(commands_of(parser())))
def test_every_command_has_a_page_with_what_it_is_for(name: str) -> None:
    told = commands_of(parser())[name].format_help()
    assert manual.page(name).text
    assert manual.page(name).text in told


@pytest.mark.parametrize("name", sorted(commands_of(parser())))
def test_every_page_tells_its_exit_codes(name: str) -> None:
    codes = [code for code, _ in manual.page(name).codes]
    assert codes[0] == "0"
    assert "64" in codes


@pytest.mark.parametrize("name", sorted(commands_of(parser())))
def test_the_examples_of_a_page_are_understood(name: str) -> None:
    for line, _ in manual.page(name).examples:
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
    pages = [manual.ROOT.text, manual.ENVIRONMENT, *(p.text for p in manual.PAGES.values())]
    pages += [p.epilog() for p in (manual.ROOT, *manual.PAGES.values())]
    wide = [line for page in pages for line in page.splitlines() if len(line) > 80]
    assert wide == []


def test_the_help_of_the_program_tells_every_command_and_every_code() -> None:
    told = parser().format_help()
    assert all(name in told for name in commands_of(parser()))
    for code in ("0", "1", "2", "3", "64", "70", "78", "124", "130"):
        assert re.search(rf"^  {code}\b", told, re.M), code
