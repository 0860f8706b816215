"""The app over a change of the clocks: every moment keeps the offset and the name that were in force then."""

from datetime import timedelta

from tests.app.scenes import READINGS
from tests.app.stage import stage
from tests.clocks import machine_in
from tests.evidence import present

EMEA = "Acme EMEA"

BACK = "CET-1CEST,J60/2,J326/16:10"
"""A zone whose clocks go from 16:10 CEST back to 15:10 CET on 22 November, ten minutes after the app has started."""
ON = "CET-1CEST,J326/15:10,J360/2"
"""The same evening the other way round: from 15:10 CET on to 16:10 CEST."""


async def test_an_app_that_stays_open_over_the_autumn_change_tells_each_moment_by_its_own_clock() -> None:
    with machine_in(BACK):
        async with stage(EMEA, readings={EMEA: READINGS[EMEA]}, tz=None) as s:
            frozen_at = present(s.watcher.state(EMEA)).since.astimezone()
            told = f"{frozen_at:%H:%M} CEST"
            assert f"Error since {told}" in s.text()
            s.clock.advance(timedelta(minutes=40))
            s.app.main.tick()
            await s.settle()
            assert f"Error since {told}" in s.text()
            assert f"at {frozen_at:%H:%M:%S} CEST" in s.text()
            await s.press("enter")
            assert f"by Jane Doe at {told}" in s.text()


async def test_an_app_that_stays_open_over_the_spring_change_tells_each_moment_by_its_own_clock() -> None:
    with machine_in(ON):
        async with stage(EMEA, readings={EMEA: READINGS[EMEA]}, tz=None) as s:
            frozen_at = present(s.watcher.state(EMEA)).since.astimezone()
            assert f"at {frozen_at:%H:%M:%S}," in s.text()
            s.clock.advance(timedelta(minutes=40))
            s.app.main.tick()
            await s.settle()
            assert f"at {frozen_at:%H:%M:%S} CET," in s.text()
