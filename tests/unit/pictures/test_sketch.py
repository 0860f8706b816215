"""The sketches of Salesforce's pages: small, told in words too, and never wider than their place."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evidence import connection, evidence, org, permission_set, profile, streams, user
from tui.base.limits import Mark
from tui.causes.registry import CAUSES
from tui.connections.connection import Experience
from tui.connections.evidence import Evidence
from tui.connections.step import FILL, Press, Sketch, Subject
from tui.pictures.pieces import as_text, cells
from tui.pictures.sketch import NARROWEST, WIDEST, drawn

READINGS = (
    evidence(),
    evidence(user=user(is_active=False), streams=streams()),
    evidence(grants=(profile("ApiEnabled"), permission_set())),
)


def sketches(reading: Evidence | None) -> Iterator[tuple[str, Sketch]]:
    """Every sketch of every cause, in both experiences."""
    for cause in CAUSES:
        for step in cause.steps:
            for experience in Experience:
                sketch = step.text(Subject(connection(), org(), reading), experience).sketch
                if sketch is not None:
                    yield f"{cause.id}/{step.id}", sketch


@pytest.mark.parametrize("reading", (None, *READINGS))
def test_every_sketch_is_small_labelled_and_says_in_words_what_to_press(reading: Evidence | None) -> None:
    shown = dict(sketches(reading))
    assert {"user_frozen/setup", "user_frozen/find_user", "user_frozen/unfreeze"} <= shown.keys()
    assert {"user_deactivated/reactivate", "access_revoked/allow_app"} <= shown.keys()
    for name, sketch in shown.items():
        lines = as_text(drawn(sketch, WIDEST))
        assert 4 <= len(lines) <= 9, name
        assert "sketch" in lines[0]
        assert any("▶" in line and "◀" in line for line in lines), name
        assert sketch.how.split()[0] in "".join(lines)


def test_the_button_stands_among_neighbours_that_are_left_open() -> None:
    sketch = dict(sketches(evidence()))["user_frozen/unfreeze"]
    assert as_text(drawn(sketch, 60))[2].strip("│ ") == "… ▶ Unfreeze ◀ …"


def test_what_nobody_has_seen_is_marked_as_inferred() -> None:
    shown = dict(sketches(evidence()))
    inferred = {name for name, sketch in shown.items() if sketch.mark is Mark.INFERRED}
    assert inferred == {"access_revoked/allow_app"}
    assert "sketch (inferred)" in as_text(drawn(shown["access_revoked/allow_app"], 60))[0]


def test_the_switches_say_which_streams_are_on_already() -> None:
    sketch = dict(
        sketches(
            evidence(streams=streams("LoginEventStream", off=("LogoutEventStream", "ReportEventStream")))
        )
    )["event_streaming_disabled/enable_streaming"]
    told = "\n".join(as_text(drawn(sketch, 60)))
    assert told.count("▶ Enable Streaming ◀") == 2
    assert told.count("streaming is on") == 1


parts = st.one_of(
    st.text("ab 世界é…", max_size=60), st.text("ab 世", min_size=1, max_size=60).map(Press), st.just(FILL)
)
rows = st.lists(st.lists(parts, min_size=1, max_size=4).map(tuple), min_size=1, max_size=5).map(tuple)


@given(rows, st.integers(NARROWEST, 100), st.booleans())
def test_any_rows_keep_within_the_width(rows: tuple[tuple[str, ...], ...], width: int, ascii: bool) -> None:
    lines = as_text(drawn(Sketch("a page", rows, "press it"), width, ascii=ascii))
    assert max(map(cells, lines)) <= min(width, WIDEST)


def test_where_it_is_too_narrow_nothing_is_drawn() -> None:
    assert drawn(Sketch("a page", (("…",),), "press it"), NARROWEST - 1) == ()
