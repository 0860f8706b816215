"""The vendor's own SDK takes the demo for an Incydr tenant."""

import json
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import requests

from tests.contract.conftest import World

with warnings.catch_warnings():
    # The SDK still speaks an older pydantic.
    warnings.simplefilter("ignore")
    import incydr
    from incydr import EventQuery, GroupingEventQuery

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def client(secure: World) -> incydr.Client:
    told = secure.told["tenants"]["acme"]
    return incydr.Client(
        url=told["base_url"], api_client_id=told["client_id"], api_client_secret=told["client_secret"]
    )


def salesforce() -> EventQuery:
    return EventQuery(start_date="P7D").equals("event.observer", "Salesforce")


def test_it_signs_in_and_finds_the_events_of_a_connection(client: incydr.Client) -> None:
    found = client.file_events.v2.search(salesforce().equals("event.detectorDisplayName", "Acme US"))
    assert found.total_count > 0
    assert {event.event.detector_display_name for event in found.file_events} == {"Acme US"}


def test_an_event_says_when_it_happened_and_when_it_was_stored(client: incydr.Client) -> None:
    event = client.file_events.v2.search(salesforce()).file_events[0]
    assert event.timestamp <= event.event.inserted


def test_it_lists_the_connections_that_sent_events(client: incydr.Client) -> None:
    query = GroupingEventQuery(start_date="P7D").equals("event.observer", "Salesforce")
    groups = client.file_events.v2.search_groups(query.group_by("event.detectorDisplayName"))
    assert "Acme US" in {group.value for group in groups.groups}


def test_a_wrong_secret_is_refused(secure: World) -> None:
    told = secure.told["tenants"]["acme"]
    with pytest.raises(requests.HTTPError) as refused:
        incydr.Client(url=told["base_url"], api_client_id=told["client_id"], api_client_secret="wrong")
    assert refused.value.response is not None
    assert refused.value.response.status_code == 401


@pytest.mark.parametrize("arguments", [(), ("--risk-score", "0", "--event-action", "file-downloaded")])
def test_the_vendor_s_cli_finds_events_with_its_default_filter(
    secure: World, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = secure.told["tenants"]["acme"]
    for name, value in {
        "INCYDR_URL": told["base_url"],
        "INCYDR_API_CLIENT_ID": told["client_id"],
        "INCYDR_API_CLIENT_SECRET": told["client_secret"],
        "HOME": str(tmp_path),
        "PYTHONWARNINGS": "ignore",
    }.items():
        monkeypatch.setenv(name, value)
    program = Path(sys.executable).with_name("incydr")
    argv = [str(program), "file-events", "search", "--start", "P7D", "--format", "json-lines", *arguments]
    finished = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    found = [json.loads(line) for line in finished.stdout.splitlines() if line.startswith("{")]
    assert found
    least = 0 if "--risk-score" in arguments else 2
    assert min(event["risk"]["score"] for event in found) == least
    assert {event["event"]["observer"] for event in found} == {"Salesforce"}


def test_it_lists_saved_searches(client: incydr.Client) -> None:
    assert client.file_events.v2.list_saved_searches() == []
