"""The JSON Schema of the configuration refuses what the program refuses, and nothing else."""

import ast
import contextlib
import re
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tomli_w

from tui.base.problem import ConfigProblem
from tui.commands.schema import of_config
from tui.config import parse
from tui.diagnosis.guide import REQUIREMENTS
from tui.keys import check

ROOT = Path(__file__).parents[3]
SCHEMA = of_config()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
ORG = {"api_url": "https://acme.my.salesforce.com", "my_domain": "acme.my.salesforce.com"}
SIGN_INS: dict[str, dict[str, Any]] = {
    "sf_cli": {"target_org": "acme", "program": "/opt/sf"},
    "jwt": {"client_id": "3M", "username": "ops@acme.example", "key_file": "ops.pem", "audience": "sandbox"},
    "client_credentials": {"client_id": "3M", "client_secret": "file:secret"},
    "web": {
        "client_id": "3M",
        "client_secret": ["command", "pass", "acme"],
        "refresh_token": "keyring:remonitor/acme",
        "callback_port": 8080,
        "callback_path": "/back",
    },
    "access_token": {"token": "env:TOKEN"},
}
WHOLE: dict[str, Any] = {
    "orgs": {
        way: {
            **ORG,
            "sign_in": {"way": way, **keys},
            "experience": "classic",
            "allow_repairs": True,
            "org_id": "00D000000000001",
        }
        for way, keys in SIGN_INS.items()
    },
    "tenants": {
        "us": {"region": "us", "client_id": "key-1", "client_secret": "credential:incydr"},
        "own": {"base_url": "http://127.0.0.1:8080"},
    },
    "connections": {
        "Acme EMEA": {
            "org": "jwt",
            "service_account": "svc@acme.example",
            "tenant": "us",
            "detector_name": "Acme",
            "only_connection": True,
            "incydr_app": "Incydr",
            "user_id": "005000000000001",
            "org_id": "00D000000000001",
            "status_command": ["probe", "acme"],
        }
    },
    "app": {
        "theme": "nord",
        "keys": {"fix": "F"},
        "notifications": False,
        "clipboard": "off",
        "links": False,
        "ca_bundle": "ca.pem",
        "on_change": ["page"],
        "window_hours": 24,
        "intervals": {
            "monitoring": 60,
            "error": 10,
            "step": 5,
            "recovering": 10,
            "share_watching": 1,
            "share_error": 100,
        },
    },
    "requirements": {
        "ApiEnabled": {"need": "warns", "purpose": "calls"},
        "Unheard": {"need": "blocks", "label": "Unheard Of", "group": "General"},
    },
}
DEFAULTED: dict[str, Any] = {
    "defaults": {
        "org": {"sign_in": {"way": "web", "client_id": "3M", "callback_port": 0}, "experience": "classic"},
        "connection": {"org": "acme", "tenant": "us", "incydr_app": "Incydr", "status_command": ["probe"]},
    },
    "orgs": {"acme": {**ORG, "sign_in": {"refresh_token": "file:acme.token"}}},
    "tenants": {"us": {"region": "us"}},
    "connections": {"Acme EMEA": {"service_account": "svc@acme.example", "tenant": "none"}},
}
VALUES: tuple[Any, ...] = (
    True, 0, -1, 70_000, 1.5, "", " ", "nonsense", "two\nlines", "-x", "env:X", "file:", "keyring:x", "credential:a/b",
    "https://x.example", "https://x.example/path", "http://x.example", "/path", "none", [], ["one"], [1], {}, {"x": 1},
)  # fmt: skip
Path_ = tuple[str, ...]


def places(tree: dict[str, Any], above: Path_ = ()) -> Iterator[Path_]:
    for key, value in tree.items():
        yield (*above, key)
        if isinstance(value, dict):
            yield from places(value, (*above, key))


def changes(whole: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What was changed, and the whole with this one change: a key gone, another value, one too many."""
    for path in places(whole):
        for value in (None, *VALUES):
            tree = deepcopy(whole)
            table = tree
            for key in path[:-1]:
                table = table[key]
            if value is None:
                del table[path[-1]]
            else:
                table[path[-1]] = value
            yield f"{'.'.join(path)} = {value!r}", tree
        tree = deepcopy(whole)
        table = tree
        for key in path:
            table = table[key]
        if isinstance(table, dict):
            table["no_such_key"] = "x"
            yield f"{'.'.join(path)}.no_such_key", tree


def refusal(tree: dict[str, Any]) -> str:
    """Why the program refuses it; empty: it does not."""
    try:
        config = parse(tomli_w.dumps(tree), "config.toml")
        check(config.app.keys, "config.toml")
        config.required(REQUIREMENTS)
    except ConfigProblem as problem:
        return problem.message
    return ""


BEYOND = re.compile(
    # The name of another table, or what two tables say together.
    r"expected one of the (org|tenant)s in the configuration|true without a tenant|INCYDR_URL"
    r"|is a connection of the same tenant"
    # What a way needs may be given by a default, which may stand in another file.
    r"|\.org: found nothing|sign_in(\.\w+)?: found nothing|found nothing, but an unknown key"
    # A key of the keyboard.
    r"|expected one key such as|both are"
)
"""Reasons that a schema cannot have."""


BOTH = pytest.mark.parametrize("whole", [WHOLE, DEFAULTED], ids=["whole", "with defaults"])


@BOTH
def test_the_whole_of_it_is_accepted_by_both(whole: dict[str, Any]) -> None:
    assert refusal(whole) == ""
    assert list(VALIDATOR.iter_errors(whole)) == []


@BOTH
def test_one_wrong_thing_is_refused_by_both_or_by_neither(whole: dict[str, Any]) -> None:
    apart = []
    for changed, tree in changes(whole):
        why, fits = refusal(tree), VALIDATOR.is_valid(tree)
        if (not why and not fits) or (why and fits and not BEYOND.search(why)):
            apart.append(f"{changed}: {'fits' if fits else 'does not fit'}: {why}")
    assert apart == []


def tomls() -> Iterator[str]:
    for text in (ROOT / "README.md").read_text().split("```toml\n")[1:]:
        yield text.split("```")[0]


@pytest.mark.parametrize("text", list(tomls()))
def test_every_example_of_the_readme_fits(text: str) -> None:
    assert list(VALIDATOR.iter_errors(tomllib.loads(text))) == []


def test_every_configuration_in_the_tests_fits_where_the_program_takes_it() -> None:
    written = {
        node.value
        for path in (ROOT / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n[" in f"\n{node.value}"
    }
    taken = []
    for text in written:
        with contextlib.suppress(tomllib.TOMLDecodeError):
            tree = tomllib.loads(text)
            if tree and refusal(tree) == "":
                taken.append(tree)
    assert len(taken) >= 10
    assert [(tree, errors) for tree in taken if (errors := list(VALIDATOR.iter_errors(tree)))] == []


def test_every_key_is_described_for_the_reader_of_an_editor() -> None:
    def silent(schema: dict[str, Any], path: str) -> Iterator[str]:
        for key, each in schema.get("properties", {}).items():
            if "description" not in each:
                yield f"{path}{key}"
            yield from silent(each, f"{path}{key}.")
        for each in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), schema.get("additionalProperties")):
            if isinstance(each, dict):
                yield from silent(each, f"{path}*.")

    assert list(silent(SCHEMA, "")) == []
