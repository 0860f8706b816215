"""What is taken for granted: each place names its entry, each entry has its place, and the README lists them all."""

import re
from pathlib import Path

from tui.base.assumptions import ASSUMPTIONS, STAND_IN
from tui.base.limits import Mark, limits
from tui.rules.audit_actions import AUDIT_ACTIONS
from tui.rules.login_texts import LOGIN_TEXTS
from tui.salesforce.sign_in.refusals import TABLE

ROOT = Path(__file__).parents[3]
TUI = ROOT / "tui"
MENTION = re.compile(r"# inferred: (\w+) - \S")
# The words of the registry itself, and the marks of the tables.
NO_CLAIM = re.compile(r"# inferred: |Mark\.INFERRED|INFERRED = ")
REGISTRY = {"base/assumptions.py", "base/limits.py"}


def sources() -> dict[str, str]:
    """Every module by its place."""
    return {str(path.relative_to(TUI)): path.read_text() for path in TUI.rglob("*.py")}


def stands_in(name: str) -> bool:
    return name.startswith("demo/")


def test_every_mention_has_an_entry_and_every_entry_a_mention() -> None:
    mentioned = {
        id
        for name, text in sources().items()
        if name not in REGISTRY and not stands_in(name)
        for id in MENTION.findall(text)
    }
    mentioned |= set(MENTION.findall(sources()["base/limits.py"]))
    assert mentioned == set(ASSUMPTIONS)


def test_the_demo_names_what_its_stand_ins_take_for_granted() -> None:
    mentioned = {id for name, text in sources().items() if stands_in(name) for id in MENTION.findall(text)}
    assert mentioned - set(ASSUMPTIONS) == set(STAND_IN)


def test_what_is_inferred_is_said_in_no_other_form() -> None:
    stray = [
        f"{name}: {line.strip()}"
        for name, text in sources().items()
        if name not in REGISTRY
        for line in text.splitlines()
        if "inferred" in line.casefold() and not NO_CLAIM.search(line)
    ]
    assert stray == []


def test_every_entry_is_a_sentence_with_what_goes_wrong_otherwise() -> None:
    for id, entry in ASSUMPTIONS.items():
        assert all((text.endswith(".") and text[0].isupper()) or text[0] == "`" for text in entry), id
    assert list(ASSUMPTIONS) == sorted(ASSUMPTIONS)


def test_the_readme_lists_every_entry_and_every_inferred_row() -> None:
    readme = (ROOT / "README.md").read_text()
    listed = readme.split("<!-- assumptions -->")[1].split("<!-- /assumptions -->")[0]
    inferred = [each.what for each in limits() if each.mark is Mark.INFERRED]
    inferred += [row.text for row in LOGIN_TEXTS if row.mark is Mark.INFERRED]
    inferred += [row.action for row in AUDIT_ACTIONS if row.mark is Mark.INFERRED]
    inferred += [row.part for row in TABLE if row.mark is Mark.INFERRED]
    inferred += STAND_IN.values()
    for entry in ASSUMPTIONS.values():
        inferred += entry
    assert [text for text in inferred if text not in listed] == []
    assert "realTimeEvent" in listed


def test_a_table_of_vendors_facts_marks_every_row() -> None:
    marks = [row.mark for table in (limits(), LOGIN_TEXTS, AUDIT_ACTIONS, TABLE) for row in table]
    assert set(marks) == set(Mark)
