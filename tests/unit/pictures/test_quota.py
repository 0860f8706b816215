"""Who used the hour's sign-ins, as bars against the limit."""

from datetime import timedelta

import pytest

from tests.evidence import NOW, connection, evidence, history, signed_in
from tui.connections.recovery import advance
from tui.connections.state import State
from tui.diagnosis.diagnose import diagnose
from tui.pictures.pieces import as_text, cells
from tui.pictures.quota import drawn, quota_of


def used(*counts: tuple[str, int]) -> State:
    rows = [
        signed_in(app, at=NOW - timedelta(minutes=5), count=count, ip="198.51.100.4") for app, count in counts
    ]
    reading = evidence(sign_ins=history(*rows))
    return advance(connection(), None, reading, diagnose(connection(), reading))


def picture(state: State, width: int = 70, *, ascii: bool = False) -> tuple[str, ...]:
    quota = quota_of(state)
    assert quota is not None
    return as_text(drawn(quota, width, ascii=ascii))


def test_each_application_has_a_bar_below_that_of_all() -> None:
    title, whole, most, least = picture(used(("Incydr", 12), ("Data Loader", 3_600)))
    assert title == "Sign-ins of the last hour, of 3,600"
    assert whole.startswith("█" * 20 + " 3,612  in all")
    assert most.startswith("█" * 20 + " 3,600  Data Loader · 198.51.100.4")
    assert least.startswith("█" + "░" * 19 + "    12  Incydr · 198.51.100.4")


def test_one_application_needs_no_sum() -> None:
    assert len(picture(used(("Incydr", 12)))) == 2


@pytest.mark.parametrize("width", (36, 45, 60, 100))
@pytest.mark.parametrize("ascii", (False, True))
def test_it_keeps_within_its_width(width: int, ascii: bool) -> None:
    lines = picture(used(("Incydr", 12), ("A very long name of an application " * 3, 50)), width, ascii=ascii)
    assert all(cells(line) <= width for line in lines)
    assert not ascii or all(line.isascii() for line in lines)


def test_without_sign_ins_there_is_no_picture() -> None:
    reading = evidence(sign_ins=history())
    assert quota_of(advance(connection(), None, reading, diagnose(connection(), reading))) is None
