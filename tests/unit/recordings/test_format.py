"""What a recording's file may be: wrong shapes, hostile sizes and files of other versions are told, not guessed."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.recordings.playing import HERE
from tui.base.problem import Problem
from tui.recordings import format
from tui.recordings.replay import configuration

WHOLE: dict[str, Any] = {
    "schema": 1,
    "origin": "document",
    "readings": [{"at": "2026-11-22T14:00:00Z"}],
}


def refusal(document: Any, **changes: Any) -> str:
    data = document if isinstance(document, bytes) else json.dumps({**document, **changes}).encode()
    with pytest.raises(Problem) as caught:
        format.decode(data, "a.json")
    return caught.value.message


def test_what_is_written_is_read_again() -> None:
    recording = format.load(HERE / "demo" / "frozen.json.gz")
    assert format.decode(format.encode(recording), "again") == recording


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"schema": 2}, ("schema", "version 2", "expected version 1")),
        ({"schema": "x"}, ("expected a recording",)),
        ({"origin": "hearsay"}, ("origin", "hearsay")),
        ({"reading": []}, ("reading",)),
        ({"readings": [{"at": "yesterday"}]}, ("readings[0].at",)),
        ({"readings": [{"at": "2026-11-22T14:00:00"}]}, ("readings.at", "zone")),
        ({"readings": [{}]}, ("readings.at", "missing")),
        ({"readings": []}, ("readings.at",)),
        ({"readings": [{"at": "9999-12-31T23:59:59Z"}]}, ("readings.at", "year")),
        ({"readings": [{"at": "2026-11-22T14:00:00Z"}, {"at": "2026-11-22T13:00:00Z"}]}, ("order",)),
        (
            {"readings": [{"at": "2026-11-22T14:00:00Z", "exchanges": [{"request": 1}]}]},
            ("exchanges[0].request",),
        ),
        (
            {
                "readings": [
                    {"at": "2026-11-22T14:00:00Z", "parts": {"org:a": {"User": {"change": {"a": 1}}}}}
                ]
            },
            ("base",),
        ),
    ],
)
def test_a_wrong_shape_names_file_field_and_expectation(
    changes: dict[str, Any], words: tuple[str, ...]
) -> None:
    told = refusal(WHOLE, **changes)
    assert told.startswith("a.json: ")
    assert "expected" in told
    for word in words:
        assert word in told


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000])
def test_what_is_no_recording_is_refused(data: bytes) -> None:
    assert "a.json" in refusal(data)


def test_a_query_longer_than_salesforce_takes_is_refused() -> None:
    request = {"place": "org:a", "path": "/query/", "query": "x" * (format.MAX_QUERY + 1)}
    exchange = {"request": request, "answer": {}}
    reading = {"at": "2026-11-22T14:00:00Z", "exchanges": [exchange]}
    assert "shorter query" in refusal(WHOLE, readings=[reading])


def test_a_body_nested_too_deep_is_refused() -> None:
    deep: Any = 0
    for _ in range(format.MAX_DEPTH):
        deep = [deep]
    parts = {"org:a": {"User": {"body": deep}}}
    assert "inside each other" in refusal(WHOLE, readings=[{"at": "2026-11-22T14:00:00Z", "parts": parts}])


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.json.gz"
    bomb.write_bytes(gzip.compress(b" " * (format.MAX_BYTES + 1)))
    with pytest.raises(Problem, match="cannot be read") as caught:
        format.load(bomb)
    assert "MB" in caught.value.message


@pytest.mark.parametrize("name", ["cut.json.gz", "none.json"])
def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(b"{}")[:-4])
    with pytest.raises(Problem) as caught:
        format.load(tmp_path / name)
    assert name in caught.value.message


def test_a_file_from_elsewhere_names_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps({**WHOLE, "base": "healthy"}))
    with pytest.raises(Problem, match="base"):
        format.load(path)


@pytest.mark.parametrize("base", ["../secret", "/etc/passwd", "itself", "a.b"])
def test_a_base_is_a_name_in_its_folder_and_never_its_own(tmp_path: Path, base: str) -> None:
    path = tmp_path / "itself.json"
    path.write_text(json.dumps({**WHOLE, "base": base}))
    with pytest.raises(Problem, match="base"):
        format.load(path, bases=tmp_path)


def test_a_reading_beyond_the_bases_follows_it(tmp_path: Path) -> None:
    (tmp_path / "under.json").write_text(json.dumps(WHOLE))
    later = {"at": "2026-11-22T15:00:00Z", "parts": {"org:a": {"User": {"records": []}}}}
    path = tmp_path / "over.json"
    path.write_text(json.dumps({**WHOLE, "base": "under", "readings": [{}, later]}))
    found = format.load(path, bases=tmp_path).readings
    assert [str(reading.at) for reading in found] == [
        "2026-11-22 14:00:00+00:00",
        "2026-11-22 15:00:00+00:00",
    ]
    assert found[1].parts["org:a"]["User"] == format.Answer(records=[])


def test_control_characters_of_the_file_reach_no_screen() -> None:
    found = format.decode(
        json.dumps({**WHOLE, "about": "a\x1b[31mb", "configuration": {"x": "\x1b]0;t\x07y"}}).encode(), "a"
    )
    assert (found.about, found.configuration) == ("ab", {"x": "y"})


HOSTILE = {
    "orgs": {
        "a": {
            "api_url": "https://a.my.salesforce.com",
            "my_domain": "a.my.salesforce.com",
            "sign_in": {"way": "access_token", "token": ["command", "touch", "owned"]},
        }
    },
    "tenants": {
        "t": {"base_url": "https://api.us.code42.com", "client_secret": "command:id", "client_id": "file:/x"}
    },
    "connections": {
        "c": {"org": "a", "service_account": "s@a", "tenant": "t", "status_command": ["touch", "x"]}
    },
    "app": {"ca_bundle": "/etc/shadow", "window_hours": 5},
    "include": ["/etc/shadow"],
    "defaults": {
        "org": {"sign_in": {"way": "sf_cli", "program": "/home/x/sf"}},
        "connection": {"status_command": ["touch", "x"]},
    },
}


def test_a_recordings_configuration_runs_no_command_and_names_no_file_of_this_machine(tmp_path: Path) -> None:
    recording = format.decode(json.dumps({**WHOLE, "configuration": HOSTILE}).encode(), "a.json")
    config = configuration(recording, tmp_path, "a.json")
    stand_in = f"file:{tmp_path / 'recorded'}"
    assert config.orgs["a"].sign_in.settings == {"token": stand_in}
    assert (config.tenants["t"].client_secret, config.tenants["t"].client_id) == (stand_in, "recorded")
    assert config.connections[0].status_command == ()
    assert config.files == ("a.json",)
    assert config.app.ca_bundle is None
    assert config.app.window is not None


@pytest.mark.parametrize(
    "wrong", [{"orgs": []}, {"orgs": {"a": 1}}, {"app": 3}, {"connections": {"c": None}}]
)
def test_a_configuration_of_another_shape_is_a_problem(tmp_path: Path, wrong: dict[str, Any]) -> None:
    recording = format.decode(json.dumps({**WHOLE, "configuration": wrong}).encode(), "a.json")
    with pytest.raises(Problem, match="configuration"):
        configuration(recording, tmp_path, "a.json")
