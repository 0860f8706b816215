"""The metrics: what they say, and that the parsers of the field read them."""

import pytest
from hypothesis import given, strategies
from msgspec.structs import replace
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as text_format

from tests.states import FROZEN, RATE, at, row, times
from tui.base.problem import Problem
from tui.connections.state import Status
from tui.reports.checked import Checked
from tui.reports.prometheus import GAUGES, failure, prometheus

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
PARSERS = [pytest.param(text_format, id="text"), pytest.param(open_metrics, id="openmetrics")]


def samples(answer: str, parse: "object" = open_metrics) -> Samples:
    """Every sample by name and labels; a family twice or a label set twice would be an error."""
    found: Samples = {}
    for family in parse(answer + "\n"):  # type: ignore[operator]  # one of PARSERS
        assert family.type == "gauge"
        assert family.documentation
        for each in family.samples:
            assert each.timestamp is None
            key = each.name, frozenset(each.labels.items())
            assert key not in found
            found[key] = each.value
    return found


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((f"remonitor_{name}", frozenset(labels.items())))


US = {"connection": "Acme US", "org": "acme"}


@pytest.mark.parametrize("parse", PARSERS)
def test_a_frozen_account_is_an_error_with_cause_since_and_last_sign_of_life(parse: object) -> None:
    found = samples(prometheus([row("Acme US", FROZEN)], times()), parse)
    by_status = {s: value(found, "connection_status", **US, status=s.value) for s in Status}
    assert by_status == {status: float(status is Status.ERROR) for status in Status}
    assert value(found, "connection_cause", **US, cause="user_frozen") == 1
    assert value(found, "connection_overdue", **US) == 0
    assert value(found, "connection_last_seen_timestamp_seconds", **US) == at(-30).timestamp()
    assert value(found, "connection_last_reading_timestamp_seconds", **US) == at(0).timestamp()
    assert value(found, "last_run_timestamp_seconds") == at(0).timestamp()
    assert value(found, "connection_deadline_timestamp_seconds", **US) is None


def test_what_was_not_read_is_unknown_and_has_no_moments() -> None:
    late = Checked("Acme US", "acme", 3, problem=Problem("Not read", "Not read within 10 s.", ""))
    found = samples(prometheus([late], times()))
    assert value(found, "connection_status", **US, status="Unknown") == 1
    assert not [name for name, labels in found if name.endswith("seconds") and labels]


def test_a_repaired_connection_has_its_deadline_and_may_be_overdue() -> None:
    repaired = row("Acme US", FROZEN)
    assert repaired.state is not None and repaired.state.recovery is not None
    for overdue in (False, True):
        recovery = replace(repaired.state.recovery, deadline=at(25), overdue=overdue)
        state = replace(repaired.state, status=Status.RECOVERING, recovery=recovery)
        found = samples(prometheus([replace(repaired, state=state)], times()))
        assert value(found, "connection_deadline_timestamp_seconds", **US) == at(25).timestamp()
        assert value(found, "connection_overdue", **US) == overdue


def test_an_orgs_budget_is_that_of_its_newest_reading() -> None:
    rows = [row("A"), row("B"), row("C", org="other")]
    for number, (used, minute) in enumerate([(500, 5.0), (100, 0.0)]):
        state = rows[number].state
        assert state is not None
        newer = replace(state.evidence, api_used=used, api_limit=100_000, read_at=at(minute))
        rows[number] = replace(rows[number], state=replace(state, evidence=newer))
    found = samples(prometheus(rows, times()))
    assert value(found, "org_api_calls_used", org="acme") == 500
    assert value(found, "org_api_calls_limit", org="acme") == 100_000
    assert value(found, "org_api_calls_used", org="other") is None


@pytest.mark.parametrize("parse", PARSERS)
@given(
    name=strategies.text(strategies.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip)
)
def test_every_name_comes_back_as_it_is(parse: object, name: str) -> None:
    found = samples(prometheus([row(name, RATE, org='a"\\b')], times()), parse)
    assert value(found, "connection_overdue", connection=name, org='a"\\b') == 0


def test_line_breaks_and_backslashes_in_a_label_are_escaped() -> None:
    answer = prometheus([row('a\\n"b\nc')], times())
    assert r'connection="a\\n\"b\nc"' in answer
    assert value(samples(answer), "connection_overdue", connection='a\\n"b\nc', org="acme") == 0


def test_names_and_units_follow_the_conventions() -> None:
    for gauge in GAUGES:
        assert not gauge.name.endswith(("_total", "_info", "_created", "_count", "_sum", "_bucket"))
        assert "timestamp" not in gauge.name or gauge.name.endswith("_timestamp_seconds")
        assert gauge.help.endswith(".")


def test_a_failure_is_a_metric_with_its_reason_as_help() -> None:
    answer = failure("Configuration:\nC:\\x is broken.")
    assert samples(answer) == {("remonitor_last_run_success", frozenset()): 0}
    assert answer.startswith("# HELP remonitor_last_run_success ")
    assert r"Configuration: C:\\x is broken." in answer.splitlines()[0]
    assert value(samples(prometheus([row("A")], times())), "last_run_success") == 1
