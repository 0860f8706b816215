"""The man page says what `--help` says; `--refresh-pictures` writes it anew."""

import argparse
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.unit.cli.test_readme import EVERYWHERE, commands_of, synopsis
from tui import __version__
from tui.cli import invoke
from tui.cli.parser import parser
from tui.commands import app, commands, manual
from tui.console.command import Page
from tui.keys import COMMANDS as KEY_COMMANDS
from tui.keys import key_name
from tui.wording.symbols import in_ascii

FILES = (
    ("config.toml", "the configuration: remonitor config path says where"),
    ("journal.db", "what happened, in the state folder, which remonitor doctor names"),
    ("remonitor.log", "the log, in the same folder"),
)
Streams = pytest.CaptureFixture[str]


def roff() -> str:
    """The whole man page, from the data of the parser, the pages and the keys."""
    root = parser()
    parsers = commands_of(root)
    page = app.PAGE
    lines = [
        ".\\\" Written from the program's own help: see tests/unit/cli/test_manual.py.",
        f'.TH REMONITOR 1 "" "remonitor {__version__}" "User Commands"',
        ".SH NAME",
        f"remonitor \\- {escaped(page.help[0].lower() + page.help[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        "\\fBremonitor\\fR [options] [COMMAND]",
        ".SH DESCRIPTION",
        *paragraphs(page.text),
        ".SH OPTIONS",
        *options(root),
        ".SH COMMANDS",
    ]
    for command in commands():
        own = parsers[command.name]
        lines += [
            f".SS {escaped(f'remonitor {synopsis(command.name, own)}')}",
            *paragraphs(command.page.text),
        ]
        lines += [*options(own, EVERYWHERE), *ends(command.page)]
    lines += [".SH EXIT STATUS", *tagged(page.codes), ".SH ENVIRONMENT", *tagged(app.ENVIRONMENT)]
    lines += [".SH FILES", *tagged(FILES), ".SH KEYS"]
    lines += tagged((f"{key_name(c.key)} ({c.label})", c.help) for c in KEY_COMMANDS)
    lines += [".SH EXAMPLES", *tagged(page.examples)]
    return "\n".join(lines) + "\n"


def ends(page: Page) -> Iterator[str]:
    """Examples and exit codes of one command."""
    for title, pairs in (("Examples:", page.examples), ("Exit codes:", page.codes)):
        if pairs:
            yield from (".PP", title, *tagged(pairs))


def options(own: argparse.ArgumentParser, without: Iterable[str] = ()) -> Iterator[str]:
    """Places and options with what --help says about them."""
    formatter = own._get_formatter()
    for action in own._actions:
        if set(action.option_strings) & set(without) or isinstance(action, argparse._SubParsersAction):
            continue
        about = formatter._expand_help(action) if action.help else ""
        value = "" if action.nargs == 0 else action.metavar or "|".join(map(str, action.choices or ()))
        yield from tagged([(f"{', '.join(action.option_strings)} {value}".strip(), about)])


def tagged(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for tag, told in pairs:
        yield from (".TP", f"\\fB{escaped(tag)}\\fR")
        if told:
            yield escaped(told)


def paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        yield from ([".PP"] if number else [])
        yield from (escaped(line) for line in paragraph.splitlines())


NAMES = {"\\": "\\e", "-": "\\-", "'": "\\(aq", '"': "\\(dq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}


def escaped(text: str) -> str:
    """A line as roff shows it sign by sign, whatever the reader's encoding; of a long example the whole."""
    line = re.sub(r"\s*\\\n\s*", " ", in_ascii(text))
    return re.sub(r"^(?=\.)", r"\\&", "".join(NAMES.get(c, c) for c in line))


def test_the_man_page_is_what_the_help_says(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--refresh-pictures"):
        manual.SOURCE.write_text(roff())
    assert manual.SOURCE.read_text() == roff(), "run this test with --refresh-pictures"


def test_as_plain_text_it_tells_every_command_option_and_code() -> None:
    text = manual.plain(roff())
    told = " ".join(text.split())
    for name, own in commands_of(parser()).items():
        assert f"remonitor {name}" in told
        helps = [action.help for action in own._actions if action.help and "%" not in action.help]
        names = [option for action in own._actions for option in action.option_strings]
        assert [part for part in (*names, *helps) if in_ascii(part) not in told] == []
    assert "\\" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_wheel_brings_it_to_where_man_looks() -> None:
    root = manual.SOURCE.parents[1]
    shared = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    source = str(manual.SOURCE.relative_to(root))
    assert shared["shared-data"] == {source: f"share/man/man1/{manual.SOURCE.name}"}


def test_without_a_terminal_the_manual_is_plain_text(capsys: Streams) -> None:
    assert invoke(["manual"]) == 0
    assert capsys.readouterr().out.rstrip("\n") == manual.plain(roff())


def test_man_and_groff_have_nothing_against_it() -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed here")
    checked = subprocess.run(
        ["groff", "-man", "-Tascii", "-ww", "-z", manual.SOURCE], capture_output=True, text=True, check=True
    )
    assert checked.stderr == ""


@pytest.mark.parametrize("man", [True, False])
def test_on_a_terminal_it_is_shown_by_man_else_by_the_readers_pager(
    man: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Streams
) -> None:
    seen = tmp_path / "seen"
    for name, script in {
        "man": f'printf "%s " "$@" > "{seen}"',
        "my pager": f'{{ printf "%s\\n" "$1"; /bin/cat; }} > "{seen}"',
    }.items():
        if man or name != "man":
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / name).chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PAGER", "'my pager' '-X; no shell'")
    monkeypatch.delenv("MANPAGER", raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert invoke(["manual"]) == 0
    expected = f"-l {manual.SOURCE} " if man else f"-X; no shell\n{manual.plain(roff())}\n"
    assert seen.read_text() == expected
    assert capsys.readouterr().out == ""
