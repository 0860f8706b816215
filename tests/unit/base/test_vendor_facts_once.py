"""Each vendor number, stream, audit action and sign-in text stands once: a second copy would age apart."""

import ast
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tui.base import limits
from tui.base.vendor_pages import PAGES
from tui.rules.audit_actions import AUDIT_ACTIONS
from tui.rules.login_texts import LOGIN_TEXTS

TUI = Path(__file__).parents[3] / "tui"
LIMITS, ACTIONS, TEXTS = "base/limits.py", "rules/audit_actions.py", "rules/login_texts.py"
NUMBERS = {3_600: "sign-ins an hour", 16_384: "bytes of an address"}
SPANS = {timedelta(minutes=20), timedelta(hours=72), timedelta(days=180)}
IN_WORDS = re.compile(r"3[,_]?600|\b20 min|\b72[ -]h|\b2[,_]000 (rows|groups)|\b180 days")
UNITS = {"days", "hours", "minutes", "seconds"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module but the stand-in org and the registry's own words."""
    for path in TUI.rglob("*.py"):
        if not path.is_relative_to(TUI / "demo") and path.name != "assumptions.py":
            yield str(path.relative_to(TUI)), ast.parse(path.read_text())


def docstrings(tree: ast.Module) -> set[int]:
    """Strings that stand alone: of modules, functions, fields and constants."""
    alone = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {id(value) for value in alone if isinstance(value, ast.Constant)}


def said(tree: ast.Module) -> Iterator[tuple[int, object]]:
    """(line, value) of every constant that the program uses."""
    quiet = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in quiet:
            yield node.lineno, node.value


def spans(tree: ast.Module) -> Iterator[tuple[int, timedelta]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "timedelta":
            parts = {
                each.arg: each.value.value
                for each in node.keywords
                if each.arg in UNITS and isinstance(each.value, ast.Constant)
            }
            yield node.lineno, timedelta(**{unit: float(str(value)) for unit, value in parts.items()})


def test_a_vendors_number_stands_in_the_limits_alone() -> None:
    again = [
        f"{name}:{line} {value!r}"
        for name, tree in modules()
        if name != LIMITS
        for line, value in said(tree)
        if (type(value) is int and value in NUMBERS) or (isinstance(value, str) and IN_WORDS.search(value))
    ]
    assert again == []


def test_a_vendors_span_stands_in_the_limits_alone() -> None:
    again = [
        f"{name}:{line} {span}"
        for name, tree in modules()
        if name != LIMITS
        for line, span in spans(tree)
        if span in SPANS
    ]
    assert again == []


def test_2000_rows_stand_in_the_limits_alone() -> None:
    # Rooms of this program's own, and years: none of them is about Salesforce's pages.
    own = {
        ("app/connection_list.py", "KEPT_STRIPS"),
        ("recordings/format.py", "MAX_READINGS"),
        ("recordings/format.py", "YEARS"),
        ("net/answer.py", "YEARS"),
        ("app/renderer.py", "ADDRESS"),
        ("rules/audit_names.py", "lru_cache"),
    }
    found = set()
    for path in TUI.rglob("*.py"):
        name = str(path.relative_to(TUI))
        for line in path.read_text().splitlines():
            if re.search(r"\b2_?000\b", line) and name != LIMITS and not name.startswith("demo/"):
                word = re.match(r"\W*(\w+)", line)
                found.add((name, word[1] if word else line))
    assert found <= own


def test_a_page_of_a_vendor_stands_in_its_table_alone() -> None:
    again = [
        f"{name}:{line} {value}"
        for name, tree in modules()
        if name != "base/vendor_pages.py"
        for line, value in said(tree)
        if isinstance(value, str) and ("zendesk.com" in value or "help.salesforce.com" in value)
    ]
    assert again == []
    assert len({page.address for page in PAGES}) == len({page.title for page in PAGES}) == len(PAGES)
    assert {page.mark for page in PAGES} <= set(limits.Mark) - {limits.Mark.INFERRED}


def test_a_stream_is_named_in_the_limits_alone() -> None:
    again = {
        name
        for name, tree in modules()
        for _, value in said(tree)
        if value in limits.STREAMS and name != LIMITS
    }
    assert again == set()


def test_an_audit_action_is_named_in_its_table_alone() -> None:
    actions = {row.action.casefold() for row in AUDIT_ACTIONS}
    again = [
        f"{name}:{line} {value}"
        for name, tree in modules()
        if name != ACTIONS
        for line, value in said(tree)
        if isinstance(value, str) and value.casefold() in actions
    ]
    assert again == []
    assert len(actions) == len(AUDIT_ACTIONS)


def test_a_sign_in_text_stands_in_its_table_alone() -> None:
    # A word alone is everybody's; so is what a token answer says, which has a table of its own.
    texts = {row.text.casefold() for row in LOGIN_TEXTS if " " in row.text}
    again = [
        f"{name}:{line} {value}"
        for name, tree in modules()
        if name not in (TEXTS, "salesforce/sign_in/refusals.py")
        for line, value in said(tree)
        if isinstance(value, str) and value.casefold() in texts
    ]
    assert again == []
    assert len({row.text for row in LOGIN_TEXTS}) == len(LOGIN_TEXTS)
