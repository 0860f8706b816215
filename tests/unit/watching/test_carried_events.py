"""File events of an earlier reading are carried over only for the configuration that they were read for."""

from typing import Any

import pytest

from tests.evidence import NOW, connection, evidence
from tests.states import CONNECTION, reading
from tui.connections.evidence import FileEvents, Unreadable, value_of
from tui.connections.finding import Diagnosis
from tui.connections.recovery import advance
from tui.watching.evidence_parts import completed


@pytest.mark.parametrize(
    ("events", "now", "kept"),
    [
        ({"detector_name": "Acme EMEA"}, {}, True),
        ({"detector_name": ""}, {}, True),
        ({"detector_name": "Acme EMEA"}, {"detector_name": "Acme\u200b EMEA"}, True),
        ({"detector_name": "Acme EMEA"}, {"detector_name": "Acme Europe"}, False),
        ({"detector_name": "Acme EMEA", "counts_unnamed": True}, {"only_connection": True}, True),
        ({"detector_name": "Acme EMEA", "counts_unnamed": True}, {}, False),
        ({"detector_name": "Acme EMEA"}, {"only_connection": True}, True),
    ],
)
def test_events_of_another_configuration_are_dropped(
    events: dict[str, Any], now: dict[str, Any], kept: bool
) -> None:
    found = FileEvents(NOW, NOW, 1, **events)
    before = advance(CONNECTION, None, reading(0, events=found), Diagnosis())
    after = completed(evidence(), before, connection(**now))
    assert value_of(after.events) == (found if kept else None)
    assert isinstance(after.events, Unreadable) is not kept


def test_events_that_were_read_now_stand() -> None:
    fresh = FileEvents(NOW, NOW, 2, detector_name="Acme Europe")
    before = advance(CONNECTION, None, reading(0, events=FileEvents(detector_name="Acme EMEA")), Diagnosis())
    of = evidence(events=fresh)
    assert value_of(completed(of, before, connection(detector_name="Acme Europe")).events) == fresh
