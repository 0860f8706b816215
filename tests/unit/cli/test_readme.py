"""The README's tables say what the program says; `--refresh-pictures` writes them anew."""

import argparse
import re
import shlex
import tomllib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tui.base.assumptions import ASSUMPTIONS, STAND_IN
from tui.base.limits import Mark, limits
from tui.cli.parser import parser
from tui.commands import app
from tui.commands import commands as every
from tui.config.catalogue import ENTRIES, SIGN_IN, WAYS
from tui.console.command import Command, Page
from tui.keys import COMMANDS as KEY_COMMANDS
from tui.keys import MOVES, key_name
from tui.reports.documents import schema
from tui.reports.prometheus import GAUGES
from tui.rules.audit_actions import AUDIT_ACTIONS
from tui.rules.login_texts import LOGIN_TEXTS
from tui.salesforce.sign_in.refusals import TABLE
from tui.wording.times import long

README = Path(__file__).parents[3] / "README.md"


def commands_of(root: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    groups = [a for a in root._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(groups[0].choices)


FEW = 5
"""Options that a synopsis names one by one; more are "[options]"."""
EVERYWHERE = ("--help", "--config", "--log-level", "--version", "--theme", "--ascii", "--mouse")


def commands() -> str:
    """One line a command, the app first."""
    parsers = commands_of(parser())
    rows = [("remonitor", "the app")]
    rows += [(f"remonitor {synopsis(c.name, parsers[c.name])}", c.page.help) for c in every()]
    return _table(("command", "what it does"), [(f"`{line}`", told) for line, told in rows])


def synopsis(name: str, parser: argparse.ArgumentParser) -> str:
    """A command with its places and its own options: "check [NAME …] [--format text|json]"."""
    places = [_place(a) for a in parser._actions if not a.option_strings]
    own = [
        _option(a)
        for a in parser._actions
        if a.option_strings and not any(option in EVERYWHERE for option in a.option_strings)
    ]
    return " ".join([name, *places, *(own if len(own) <= FEW else ["[options]"])])


def assumptions() -> str:
    """What is taken for granted with what goes wrong otherwise, then every inferred row of the vendors' tables."""
    told = _table(("taken for granted", "if it is not so"), list(ASSUMPTIONS.values()))
    margins = _table(
        ("time taken for granted", "value", "from"),
        [(each.what, _span(each.value), each.source) for each in limits() if each.mark is Mark.INFERRED],
    )
    texts = _table(
        ("in", "texts and names whose meaning is taken for granted"),
        [(table, ", ".join(f"`{row}`" for row in rows)) for table, rows in inferred_rows().items() if rows],
    )
    demo = _table(("only the demo's stand-ins take for granted",), [(told,) for told in STAND_IN.values()])
    return f"{told}\n\n{margins}\n\n{texts}\n\n{demo}"


def inferred_rows() -> dict[str, tuple[str, ...]]:
    """The inferred rows of each table by what the table is about."""
    return {
        "the login history": tuple(row.text for row in LOGIN_TEXTS if row.mark is Mark.INFERRED),
        "the audit trail": tuple(
            row.action + "…" * row.prefix for row in AUDIT_ACTIONS if row.mark is Mark.INFERRED
        ),
        "refusals of your own sign-in": tuple(row.part for row in TABLE if row.mark is Mark.INFERRED),
    }


def _span(value: object) -> str:
    return long(value) if isinstance(value, timedelta) else str(value)


def keys() -> str:
    """One line a key, in the order of the program's own help."""
    rows = [
        (f"`{key_name(c.key)}`", c.label, c.help, f"`{c.id}`")
        for group in dict.fromkeys(c.group for c in KEY_COMMANDS)
        for c in KEY_COMMANDS
        if c.group == group
    ]
    rows += [(f"`{move.keys}`", move.label, move.help, "") for move in MOVES]
    return _table(("key", "", "what it does", "id"), rows)


def metrics() -> str:
    """One line a metric of `check --format prometheus`."""
    rows = [(f"`remonitor_{g.name}`", ", ".join(g.labels) or "–", g.help) for g in GAUGES]
    return _table(("gauge", "labels", "what it says"), rows)


def fields() -> str:
    """One line a field of the answers in JSON."""
    rows: dict[str, tuple[str, set[str]]] = {}
    for name, shapes in {"check": ("Document", "Entry"), "brief": ("BriefDocument", "BriefEntry")}.items():
        parts = schema(name)["$defs"]
        for shape in shapes:
            prefix = "connections[]." if shape.endswith("Entry") else ""
            for field, what in parts[shape]["properties"].items():
                rows.setdefault(prefix + field, (what["description"], set()))[1].add(name)
    failure = schema("check")["$defs"]["Failure"]["properties"]
    rows |= {f"error.{field}": (what["description"], {"check", "brief"}) for field, what in failure.items()}
    both = {"check", "brief"}
    return _table(
        ("field", "in", "what it is"),
        [(f"`{k}`", "both" if found == both else found.pop(), told) for k, (told, found) in rows.items()],
    )


def hook_fields() -> str:
    """One line a field of what a hook reads."""
    told = schema("hook")["$defs"]["Change"]["properties"]
    return _table(("field", "what it is"), [(f"`{k}`", what["description"]) for k, what in told.items()])


def _place(action: argparse.Action) -> str:
    told = "|".join(map(str, action.choices)) if action.choices is not None else str(action.metavar)
    return {"*": f"[{told} …]", "?": f"[{told}]"}.get(str(action.nargs), told)


def _option(action: argparse.Action) -> str:
    option = next(o for o in action.option_strings if o.startswith("--"))
    if action.nargs == 0:
        return f"[{option}]"
    value = "|".join(map(str, action.choices)) if action.choices is not None else str(action.metavar)
    return f"[{option} {value}]"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def configuration() -> str:
    """One line a key of the configuration, then a table for each way to sign in."""
    ways = [f'With `way = "{way}"`:\n\n{_keys_of(way)}' for way in WAYS]
    rows = [(f"`{e.table}`", f"`{e.key}`", e.about, e.default) for e in ENTRIES if e.table != SIGN_IN]
    way = next(e for e in ENTRIES if (e.table, e.key) == (SIGN_IN, "way"))
    sign_in = f"The table `sign_in` of an org has `way` ({way.about}) and the keys of that way."
    return "\n\n".join([_table(("table", "key", "what it is", "default"), rows), sign_in, *ways])


def _keys_of(way: str) -> str:
    entries = [e for e in ENTRIES if e.table == SIGN_IN and e.default.strip("–() ").endswith(way)]
    rows = [(f"`{e.key}`", e.about, e.default.partition(" ")[0]) for e in entries]
    return _table(("key", "what it is", "default"), rows)


TABLES = {
    "commands": commands,
    "configuration": configuration,
    "keys": keys,
    "metrics": metrics,
    "fields": fields,
    "hook fields": hook_fields,
    "assumptions": assumptions,
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


PAGES = pytest.mark.parametrize("page", [pytest.param(c.page, id=c.name) for c in every()])


@pytest.mark.parametrize("command", every(), ids=lambda command: command.name)
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
    told = [app.PAGE, *(command.page for command in every())]
    pages = [app.epilog(), *(page.text for page in told), *(page.epilog() for page in told)]
    wide = [line for page in pages for line in page.splitlines() if len(line) > 80]
    assert wide == []


def test_the_help_of_the_program_tells_every_command_and_every_code() -> None:
    told = parser().format_help()
    assert all(name in told for name in commands_of(parser()))
    for code in ("0", "1", "2", "3", "64", "70", "78", "124", "130"):
        assert re.search(rf"^  {code}\b", told, re.M), code


def developers() -> str:
    return README.read_text().partition("## For developers")[2].partition("\n## ")[0]


def test_every_path_that_developers_are_sent_to_is_there() -> None:
    named = re.findall(r"(?<![\w/])(?:tui|tests|screenshots|\.ci)/[\w./]*", developers())
    assert len(named) > 20
    assert sorted({path for path in named if not (README.parent / path).exists()}) == []


def test_every_picture_is_used_and_the_first_one_shows_a_timeline() -> None:
    shown = re.findall(r"!\[[^]]+\]\((screenshots/[^)]+)\)", README.read_text())
    there = {f"screenshots/{path.name}" for path in (README.parent / "screenshots").iterdir()}
    assert set(shown) == there
    assert "◔" in (README.parent / shown[0]).read_text()


def test_the_rooms_are_shown_as_the_import_contract_has_them() -> None:
    shown = developers().partition("```text\n")[2].partition("```")[0].splitlines()
    rooms = [line.partition("  ")[0] for line in shown]
    with (README.parent / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == ["tui"])
    assert rooms == layers
