"""The answers in JSON, and that they are what their schemas say."""

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from tests.states import FROZEN, RATE, at, row, times
from tui.base.problem import ConfigProblem, Problem
from tui.connections.evidence import Unreadable
from tui.connections.state import Status
from tui.reports import documents
from tui.reports.checked import Checked
from tui.reports.documents import Change

ROWS = [
    row("Acme US", FROZEN, RATE),
    row("Acme EMEA"),
    row("Acme APAC", user=Unreadable("needs Manage Users", "Ask for the right.")),
    Checked("Acme LATAM", "acme", 3, problem=Problem("Not read", "Not read within 10 s.", "Wait longer.")),
]


def valid(name: str, text: str) -> Any:
    schema = documents.schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(text)
    jsonschema.validate(document, schema, jsonschema.Draft202012Validator)
    return document


def test_the_whole_answer_is_as_its_schema_says() -> None:
    document = valid("check", documents.written(documents.whole(ROWS, at(0))))
    assert [(c["name"], c["status"], c["exit_code"]) for c in document["connections"]] == [
        ("Acme US", "Error", 2),
        ("Acme EMEA", "Monitoring", 0),
        ("Acme APAC", "Unknown", 3),
        ("Acme LATAM", "Unknown", 3),
    ]
    assert document["exit_code"] == 2
    assert document["connections"][3]["state"] is None
    assert document["connections"][3]["error"]["message"] == "Not read within 10 s."


def test_the_brief_answer_tells_what_a_pager_needs_in_about_300_bytes() -> None:
    text = documents.written(documents.brief(ROWS, at(0)), indent=-1)
    document = valid("brief", text)
    assert document["connections"][0] == {
        "name": "Acme US",
        "org": "acme",
        "status": "Error",
        "overdue": False,
        "exit_code": 2,
        "causes": ["user_frozen", "login_rate_exceeded"],
        "since": "2026-11-22T12:40:00Z",
        "by": "jane@acme.example",
        "last_seen": "2026-11-22T12:30:00Z",
        "read_at": "2026-11-22T13:00:00Z",
        "next_step": "Ask Jane Doe first, then open the walkthrough.",
    }
    assert document["connections"][2]["next_step"] == "Ask for the right."
    assert document["connections"][3]["next_step"] == "Wait longer."
    assert len(text.encode()) / len(ROWS) < 350


@pytest.mark.parametrize("name", ["check", "brief"])
def test_a_failure_is_valid_in_the_place_of_an_answer(name: str) -> None:
    problem = ConfigProblem("Configuration", "config.toml: found nothing.", "Correct it.")
    document = valid(name, documents.written(documents.failure(problem)))
    assert document == {
        "schema": 1,
        "error": {
            "title": "Configuration",
            "message": "config.toml: found nothing.",
            "next_step": "Correct it.",
        },
    }


@pytest.mark.parametrize(
    "spoilt",
    [
        {"exit_code": "2"},
        {"status": "Fine"},
        {"causes": "user_frozen"},
        {"since": 5},
        {"name": None},
    ],
)
def test_a_schema_refuses_what_is_not_so(spoilt: dict[str, object]) -> None:
    document = json.loads(documents.written(documents.brief(ROWS, at(0))))
    document["connections"][0] |= spoilt
    with pytest.raises(jsonschema.ValidationError):
        valid("brief", json.dumps(document))


def test_what_a_hook_reads_is_as_its_schema_says() -> None:
    change = Change(
        schema=1,
        id="1",
        dedup_key="Acme US|2026-11-22T12:40:00Z",
        connection="Acme US",
        org="acme",
        what="Acme US frozen by jane@acme.example at 12:40",
        before=Status.MONITORING,
        after=Status.ERROR,
        at=at(0),
    )
    document = valid("hook", msgspec.json.encode(change).decode())
    assert (document["from"], document["to"]) == ("Monitoring", "Error")


def test_the_list_is_there_for_scripts_and_for_zabbix() -> None:
    connections = [r.state.connection for r in ROWS if r.state is not None]
    assert [
        c["name"]
        for c in documents.connections(connections, {c.name: None for c in connections})["connections"]
    ] == [
        "Acme US",
        "Acme EMEA",
        "Acme APAC",
    ]
    assert documents.discovery(connections)["data"][0] == {
        "{#CONNECTION}": "Acme US",
        "{#ORG}": "acme",
        "{#ACCOUNT}": "svc@acme.example",
    }


def test_moments_are_in_utc() -> None:
    assert documents.brief(ROWS, times().now).at.utcoffset() == at(0).utcoffset()
