"""The picture of an outage: every moment told, in order, inside its width, whatever came when."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.states import FROZEN, RATE, START, at, state, times
from tui.connections.finding import Actor, Finding, ProofKind, Refusal
from tui.connections.state import Proof, Recovery, Repaired, ShownBy, State
from tui.pictures.pieces import as_text, cells
from tui.pictures.timeline import KEPT, LEAST, Moment, Sign, Timeline, drawn, sentences, timeline_of
from tui.wording.times import Times

JANE = Actor("Jane Doe", "jane@acme.example", at(10))
REPAIRED = Repaired(at(10), at(10), JANE, ShownBy.AUDIT)


def outage(*findings: Finding, **parts: Any) -> State:
    """An outage of these causes since 12:40; Incydr was last seen at 12:30."""
    found = findings or (FROZEN,)
    whole: dict[str, Any] = {"began": at(-20), "findings": found, "last_life": at(-30)}
    healthy = state("Acme EMEA")
    return replace(healthy, recovery=Recovery(**(whole | parts)))


def picture(seen: State, width: int = 80, now: float = 14, *, ascii: bool = False) -> tuple[str, ...]:
    timeline = timeline_of(seen, times(now))
    assert timeline is not None
    return as_text(drawn(timeline, width, ascii=ascii))


WAITING: dict[str, Any] = {"repairs": {FROZEN.cause: REPAIRED}, "repaired": REPAIRED, "deadline": at(30)}


def test_a_wait_tells_last_seen_the_cause_and_who_the_repair_now_and_the_deadline() -> None:
    assert picture(outage(**WAITING)) == (
        "●─────────✖━━━━━━━━━━━━━━━━━━━━━━━━━◔╌╌╌╌▼╌╌╌╌╌╌╌╌╌╌╌╌╌╌┃",
        "│         12:40 frozen by Jane Doe  │    now            13:30 back at the latest",
        "12:30 Incydr last seen              13:10 repaired by Jane Doe",
        "72 h ░░░░░░░░░░░░░░░░░░░░░░░░  oldest events expire 25 Nov 12:40, in 2 d 23 h",
    )


def test_the_return_ends_the_line_and_no_bar_is_left() -> None:
    proof = Proof(ProofKind.SIGN_IN, at(12))
    lines = picture(outage(**WAITING, returned=proof))
    assert "13:12 back: Incydr signed in" in " ".join(lines)
    assert "now" not in " ".join(lines)
    assert KEPT not in " ".join(lines)


def test_in_ascii_it_is_the_same_picture_of_plain_characters() -> None:
    plain, signs = picture(outage(**WAITING), ascii=True), picture(outage(**WAITING))
    assert all(line.isascii() for line in plain)
    assert [len(line) for line in plain] == [len(line) for line in signs]


def test_a_long_quiet_time_is_broken_and_says_how_long_it_is() -> None:
    first = picture(outage(last_life=START - timedelta(days=4)))[0]
    assert "╱ 3 d 23 h ╱" in first
    assert first.count("━") > first.count("─")


def test_several_causes_have_a_line_each() -> None:
    lines = picture(outage(FROZEN, replace(RATE, reset=(at(40), at(50)))))
    assert lines[0].count("✖") == lines[1].count("✖") == 1
    assert "about 13:50 limit ends" in " ".join(lines)


def test_what_is_not_known_to_the_minute_says_so() -> None:
    found = replace(FROZEN, since=None, by=None, latest=at(-20))
    repaired = Repaired(at(8), at(10), None, ShownBy.READINGS)
    told = " ".join(picture(outage(found, repairs={found.cause: repaired}, repaired=repaired)))
    assert "12:40 or earlier frozen" in told
    assert "between 13:08 and 13:10 repaired" in told


def test_refused_sign_ins_of_the_outage_stand_on_the_line() -> None:
    seen = outage()
    refused = replace(seen.diagnosis, refusal=Refusal("User is frozen", at(-15)))
    assert "! 12:45" not in " ".join(picture(seen))
    assert "12:45 sign-in refused: User is frozen" in " ".join(picture(replace(seen, diagnosis=refused)))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (14, "oldest events expire 25 Nov 12:40, in 2 d 23 h"),
        (70 * 60, "oldest events expire 12:40, in 1 h 40 min"),
        (80 * 60, "The oldest events of this outage expired 12:40: Salesforce keeps them 72 h"),
    ],
)
def test_the_bar_tells_until_when_the_oldest_events_are_kept(now: float, told: str) -> None:
    line = picture(outage(), 120, now)[-1]
    assert told in line


def test_it_changes_with_the_minute_and_not_with_the_second() -> None:
    seen = outage(**WAITING)
    assert timeline_of(seen, times(14)) == timeline_of(seen, times(14.9)) != timeline_of(seen, times(15))


def test_sentences_tell_the_same_without_what_time_changes() -> None:
    seen = outage(**WAITING)
    early, later = (timeline_of(seen, times(now)) for now in (14, 20))
    assert early is not None and later is not None
    assert (
        sentences(early)
        == sentences(later)
        == (
            "12:30: Incydr last seen.",
            "12:40: frozen by Jane Doe.",
            "13:10: repaired by Jane Doe.",
            "13:30: back at the latest.",
            "Oldest events expire 25 Nov 12:40.",
        )
    )


def test_read_elsewhere_each_moment_has_its_day() -> None:
    timeline = timeline_of(outage(), Times(UTC, at(14), full=True))
    assert timeline is not None
    assert timeline.moments[0].label == "22 Nov 12:30 Incydr last seen"


def test_without_an_outage_there_is_no_picture() -> None:
    assert timeline_of(state("Acme EMEA"), times(0)) is None


# Whatever moments there are

words = st.text(st.sampled_from("ab 世界é…→"), min_size=1, max_size=30).filter(str.strip)
moments = st.lists(
    st.builds(
        Moment,
        at=st.integers(0, 10**7).map(lambda seconds: START + timedelta(seconds=seconds)),
        sign=st.sampled_from(Sign),
        when=st.integers(0, 59).map(lambda minute: f"13:{minute:02}"),
        what=words.map(lambda text: " ".join(text.split())),
        row=st.integers(0, 2),
    ),
    min_size=1,
    max_size=9,
)


@given(moments, st.integers(LEAST, 200), st.booleans())
def test_any_moments_in_any_order_are_told_within_the_width_and_never_over_each_other(
    found: list[Moment], width: int, ascii: bool
) -> None:
    ordered = tuple(sorted(found, key=lambda moment: moment.at))
    lines = as_text(drawn(Timeline(ordered), width, ascii=ascii))
    assert all(cells(line) <= width for line in lines)
    assert not ascii or not any(sign in line for line in lines for sign in Sign if not sign.isascii())
    if not ascii:
        told = "".join("".join(lines).split())
        listed = [line[2:] if line[:2].strip() in [*Sign, ""] else line for line in lines]
        bare = "".join("".join(listed).split())
        for moment in ordered:
            label = "".join(moment.label.split())
            assert label in told or label in bare
