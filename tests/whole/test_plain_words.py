"""No sentence of the program or its papers uses a word that stops a reader."""

import ast
import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

import tui
from tests.evidence import NOW, org
from tests.unit.cli.test_readme import commands_of
from tests.unit.diagnosis_matrix.test_matrix import WORLDS
from tests.unit.diagnosis_matrix.world import World
from tui import wording
from tui.cli.parser import parser
from tui.connections.connection import Experience
from tui.connections.finding import KnownCause
from tui.connections.step import Subject
from tui.diagnosis.guide import known_causes
from tui.lines import steps
from tui.reports.checked import Checked
from tui.reports.nagios import nagios
from tui.reports.report import markdown, report_of
from tui.reports.text import as_text, offers_of
from tui.rules.required_permissions import REQUIREMENTS
from tui.wording.permissions import permission_rows

FORBIDDEN = re.compile(
    r"(?i)\b(signs? of life|bad|word|parts?|mend(s|ed|ing)?|read back|(grants?|is|are) in force|told"
    r"|all the same|by the name of|do without|anew|as whom)\b"
)
"""Private words and archaisms, as whole words; a plural of "word" is what a text consists of."""

CODE = re.compile(r"(?s)```.*?```|`[^`]*`|<!--.*?-->|https?://\S+|“[^”]*”")
"""Names, values and a vendor's texts, which stay as they are."""

ROOT = Path(tui.__file__).parents[1]
FRAMES = sorted((ROOT / "tests" / "app" / "frames").glob("*.txt"))
TIMES = wording.Times(UTC, NOW)


def stops(text: str) -> list[str]:
    """The sentences that would stop a reader, each with what it stops at."""
    return [
        f"{found[0]!r} in: {line.strip()}"
        for line in CODE.sub(" ", text).splitlines()
        for found in FORBIDDEN.finditer(line)
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "No sign of life of Incydr.",
        "Mend what it names.",
        "Done, and read back.",
        "no grant in force carries it",
        "Type it to apply it all the same.",
        "Find it, by the name of Incydr EMEA.",
        "Ask for it, or do without.",
        "Your word counts later.",
        "a bad reading",
        "this part could not be read",
        "The next change is told.",
    ],
)
def test_each_word_of_the_list_is_found(sentence: str) -> None:
    assert stops(sentence)


@pytest.mark.parametrize("sentence", ["a wrong password", "other words", "in `word`", "a department"])
def test_names_and_longer_words_are_not(sentence: str) -> None:
    assert not stops(sentence)


@pytest.mark.parametrize("path", FRAMES, ids=lambda path: path.stem)
def test_no_frame_has_one(path: Path) -> None:
    assert not stops(path.read_text())


def test_the_readme_has_none() -> None:
    assert not stops((ROOT / "README.md").read_text())


def test_no_help_has_one() -> None:
    pages = [parser(), *commands_of(parser()).values()]
    assert len(pages) > 20
    assert not [found for page in pages for found in stops(page.format_help())]


@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.name)
def test_what_is_said_of_a_world_has_none(world: World) -> None:
    said = "\n".join(_said(world))
    assert world.state.connection.name in said
    assert not stops(said)


def _said(world: World) -> Iterator[str]:
    """Everything that screens, lines, checks and reports say of one world."""
    state, found = world.state, world.diagnosis
    yield wording.status_line(state, TIMES)
    yield wording.headline(state, TIMES)
    yield wording.life_line(state, TIMES)
    for finding in found.findings:
        offer = found.offer(finding.cause)
        yield wording.cause_line(finding, TIMES)
        yield wording.by_line(finding, TIMES)
        yield wording.kind_line(finding, offer.repair if offer is not None else None, TIMES)
        yield wording.restraint(finding)
        yield from wording.fact_lines(finding, TIMES)
        yield from wording.quota_lines(finding)
    yield from wording.warning_lines(state, TIMES)
    yield from wording.why_lines(state, TIMES)
    yield from wording.undetermined_lines(state)
    yield from (f"{row.label} {row.text}" for row in wording.evidence_rows(state, TIMES))
    yield from (f"{row.label} {row.text}" for row in permission_rows(found.permissions, TIMES))
    for experience in Experience:
        subject = Subject(state.connection, org(), state.evidence)
        yield steps.of_connection(found.findings, subject, experience, REQUIREMENTS, TIMES)
    rows = [Checked(state.connection.name, state.connection.org, 2, state)]
    yield as_text(rows, TIMES, offers=offers_of([state]))
    yield nagios(rows, TIMES)
    yield markdown(report_of(state, org().my_domain, (), (), "remonitor", TIMES), UTC)


@pytest.mark.parametrize("cause", known_causes(), ids=lambda cause: cause.id)
@pytest.mark.parametrize("experience", list(Experience))
def test_the_steps_of_a_cause_have_none_and_no_placeholder(cause: KnownCause, experience: Experience) -> None:
    said = steps.of_cause(cause.id, experience, REQUIREMENTS)
    assert not stops(said)
    assert "the service account the service account" not in said


SILENT = {
    "commands/completion.py": "shell scripts",
    "app/privates.py": "why a private name of Textual's is used",
    "recordings/pseudonyms.py": "stand-ins for names",
    "salesforce/sign_in/callback.py": "status lines of HTTP",
}
"""Files with strings that are code for somebody else, and what they are."""


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(Path(tui.__file__).parent.rglob("*.py")) if "demo" not in p.parts],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_sentence_in_the_source_has_one(path: Path) -> None:
    if str(path.relative_to(ROOT / "tui")) in SILENT:
        return
    assert not [found for literal in _sentences(ast.parse(path.read_text())) for found in stops(literal)]


def _sentences(tree: ast.AST) -> Iterator[str]:
    """The strings of a module with a blank in them, but for its docstrings; a value in one reads as …"""
    silent: set[ast.AST] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for each in body if isinstance(body, list) else ():
            if isinstance(each, ast.Expr):
                silent.add(each.value)
        if isinstance(node, ast.JoinedStr):
            silent.update(node.values)
    for node in ast.walk(tree):
        if node in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value
