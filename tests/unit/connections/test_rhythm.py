"""How long a sign of Incydr counts: by the connection's own rhythm, learned from the signs themselves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace

from tests.states import CLEAN, CONNECTION, finding, reading, sick
from tui.connections.evidence import Read, SignInDay, SignInDays, SignInHistory, SignIns
from tui.connections.finding import ProofKind
from tui.connections.recovery import advance
from tui.connections.signs_of_life import gap_by_days
from tui.connections.state import State, Status

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
WORKDAYS = tuple(day for n in range(30) if (day := date(2026, 10, 25) + timedelta(days=n)).weekday() < 5)
EVERY_DAY = tuple(date(2026, 10, 25) + timedelta(days=n) for n in range(27))


def at_work(now: datetime, last: datetime, days: tuple[date, ...], count: int = 120) -> State:
    """The first reading of an org that signed in on `days`, the last time at `last`."""
    rows = SignIns("Incydr", "Success", last - timedelta(days=5), last, count, login_type="Remote Access 2.0")
    seen = tuple(SignInDay("Incydr", day, 24) for day in days if day <= last.date())
    evidence = replace(
        reading(0),
        read_at=now,
        org_now=now,
        sign_ins=Read(SignInHistory(now - timedelta(days=7), (rows,)), now),
        days=Read(SignInDays(date(2026, 10, 25), seen), now),
    )
    return advance(CONNECTION, None, evidence, CLEAN)


def test_an_org_that_rests_every_weekend_is_well_on_monday_morning() -> None:
    friday = MONDAY - timedelta(hours=63)
    assert at_work(MONDAY, friday, WORKDAYS).status is Status.MONITORING


@pytest.mark.parametrize(
    ("silent", "status"), [(20, Status.MONITORING), (30, Status.UNKNOWN), (96, Status.UNKNOWN)]
)
def test_an_org_that_signs_in_all_day_is_not_well_after_a_day_of_silence(silent: int, status: Status) -> None:
    state = at_work(MONDAY, MONDAY - timedelta(hours=silent), EVERY_DAY)
    assert state.status is status
    assert status is Status.MONITORING or (state.why is not None and state.why.code == "quiet")


def test_an_outage_teaches_no_quiet_time() -> None:
    days = (date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 10))
    evidence = replace(
        reading(0),
        days=Read(SignInDays(date(2026, 10, 25), tuple(SignInDay("Incydr", d, 9) for d in days)), MONDAY),
    )
    off = ((datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC)),)
    assert gap_by_days(CONNECTION, evidence, ()) == timedelta(days=6)
    assert gap_by_days(CONNECTION, evidence, off) == timedelta(0)
    assert gap_by_days(replace(CONNECTION, shared=True), evidence, ()) is None


def test_an_outage_is_remembered_as_one() -> None:
    before = advance(CONNECTION, None, reading(-10), CLEAN)
    broken = advance(CONNECTION, before, reading(0), sick(finding("user_frozen", 0, -5)))
    assert len(broken.outages) == 1
    assert ProofKind.SIGN_IN in {proof.kind for proof in broken.proofs}
