"""The plugin's output: one line for pagers, long text, performance data that engines can parse."""

import re
from datetime import timedelta

import pytest
from hypothesis import given, strategies
from msgspec.structs import replace

from tests.states import FROZEN, JANE, RATE, finding, row, times
from tui.base.problem import ConfigProblem, Problem
from tui.connections.evidence import Unreadable
from tui.reports.checked import Checked, worst
from tui.reports.nagios import FIRST_LINE, WHOLE, failure, nagios

OFF = finding("event_streaming_disabled", 0, title="Event streaming is off")
LATE = Problem("Not read", "Not read within 10 s.", "Give it more time: --timeout.")
ITEM = re.compile(r"('[^'=|]+'|[a-z_]+)=(U|\d+)(s?)((?:;\d*){0,4})")
"""One item of performance data, as the plugin guidelines spell it."""


def unseen(name: str) -> Checked:
    return Checked(name, "acme", 3, problem=LATE)


def text_and_data(answer: str) -> tuple[str, str, list[str], str]:
    """First line's text and data, the long text, and the data below it, as Nagios takes them apart."""
    first, *rest = answer.split("\n")
    text, data = first.split(" | ")
    below = "\n".join(rest)
    long, _, more = below.partition("|")
    return text, data, long.splitlines(), more.strip()


def items(data: str) -> dict[str, str]:
    found = {m[1].strip("'"): m[2] + m[3] for m in ITEM.finditer(data)}
    assert ITEM.sub("", data).strip() == "", f"no performance data: {data}"
    return found


def test_the_first_line_says_status_counts_cause_who_and_since() -> None:
    rows = [row("Acme APAC"), row("Acme US", FROZEN), row("Acme EMEA", FROZEN)]
    text, data, _, _ = text_and_data(nagios(rows, times()))
    # The second one has no room beside the data: it stands below.
    assert text == "REMONITOR CRITICAL - 2 Error of 3: Acme US frozen by jane@acme.example at 12:40"
    assert data == "error=2;0;0 overdue=0;0;0 recovering=0 unknown=0 connections=3 last_seen=1800s"


def test_more_connections_stand_in_the_first_line_where_there_is_room() -> None:
    text, *_ = text_and_data(nagios([row("A", OFF), row("B", OFF)], times()))
    assert text.endswith(": A: Event streaming is off; B: Event streaming is off")


def test_all_well_is_one_sentence() -> None:
    text, _, long, _ = text_and_data(nagios([row("Acme US"), row("Acme EMEA")], times()))
    assert text == "REMONITOR OK - all 2 Monitoring"
    assert len(long) == 2


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([row("A"), row("B", RATE)], "WARNING"),
        ([row("A"), row("B", RATE), unseen("C")], "UNKNOWN"),
        ([row("A"), row("B", RATE), unseen("C"), row("D", FROZEN)], "CRITICAL"),
    ],
)
def test_the_worst_of_all_gives_the_word_and_stands_first(rows: list[Checked], word: str) -> None:
    text, _, long, _ = text_and_data(nagios(rows, times()))
    assert text.startswith(f"REMONITOR {word} - ")
    assert f": {rows[-1].name}" in text
    assert long[0].startswith(f"{word} {rows[-1].name}: ")
    assert ("OK", "WARNING", "CRITICAL", "UNKNOWN")[worst(rows)] == word


def test_what_was_not_read_in_time_is_unknown_by_name() -> None:
    text, data, long, more = text_and_data(nagios([row("Acme US"), unseen("Acme EMEA")], times()))
    assert text == "REMONITOR UNKNOWN - 1 Unknown of 2: Acme EMEA: Not read within 10 s"
    assert items(data)["last_seen"] == "U"
    assert items(more) == {"Acme US last_seen": "1800s", "Acme EMEA last_seen": "U"}
    assert long[0].startswith("UNKNOWN Acme EMEA: Unknown, Not read within 10 s.")


def test_the_age_of_the_last_sign_of_life_is_in_seconds_and_grows() -> None:
    _, data, _, _ = text_and_data(nagios([row("Acme US")], times(10)))
    assert items(data)["last_seen"] == f"{timedelta(minutes=40) // timedelta(seconds=1)}s"


def test_a_part_that_cannot_be_read_is_named_in_the_first_line() -> None:
    blind = row("Acme US", user=Unreadable("acme.my.salesforce.com does not answer", "Check the network."))
    text, _, long, _ = text_and_data(nagios([blind], times()))
    assert text.startswith("REMONITOR UNKNOWN - 1 Unknown of 1: Acme US: Cannot read the user: acme.my.sales")
    assert long[0].endswith("acme.my.salesforce.com does not answer. Check the network.")


HOSTILE = strategies.text(
    strategies.sampled_from("aZ|'\"`=;\n\r\t\x00\x1b\x9b\u2028\u202e✖é日 $&<>\\"), min_size=1, max_size=60
)


@given(names=strategies.lists(HOSTILE, min_size=1, max_size=40), by=HOSTILE)
def test_no_name_can_pose_as_data_or_break_a_line(names: list[str], by: str) -> None:
    frozen = replace(FROZEN, by=replace(JANE, username=by))
    rows = [row(name, frozen) if number % 2 else row(name) for number, name in enumerate(names)]
    answer = nagios(rows, times())
    text, data, long, more = text_and_data(answer)
    assert answer.count("|") == 1 + (len(rows) > 1)
    assert all(line.isprintable() for line in answer.split("\n"))
    assert not set("|'\"`") & set("\n".join([text, *long]).replace("Incydr's", ""))
    assert len(answer.split("\n")[0]) <= FIRST_LINE
    assert len(answer.encode()) <= WHOLE
    assert "connections" in items(data)
    items(more)


def test_thousands_of_connections_keep_to_the_limits_and_say_what_is_left_out() -> None:
    rows = [row(f"Acme {number:05} {'ü' * 40}", FROZEN) for number in range(3_000)]
    answer = nagios(rows, times())
    _, data, long, more = text_and_data(answer)
    assert len(answer.encode()) <= WHOLE
    assert len(answer.split("\n")[0]) <= FIRST_LINE
    assert long[-1] == f"... and {3_000 - len(long) + 1:,} more"
    assert items(data)["error"] == "3000"
    assert items(more)


def test_notes_come_last() -> None:
    assert nagios([row("A")], times(), ["", "The journal is busy."]).endswith("\nThe journal is busy.")


def test_nothing_configured_is_unknown() -> None:
    assert nagios([], times()).startswith("REMONITOR UNKNOWN - No connections: ")


def test_a_failure_is_line_one_whole_or_cut_with_the_rest_below() -> None:
    assert failure(ConfigProblem("Configuration", "a | b.", "Correct it.")) == (
        "REMONITOR UNKNOWN - Configuration: a / b. Correct it."
    )
    long = failure(Problem("Configuration", "x" * 5_000, "Correct it."))
    assert len(long.split("\n")[0]) <= FIRST_LINE
    assert len(long.encode()) <= WHOLE
