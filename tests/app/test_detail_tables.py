"""What the detail shows in full: facts, permissions one by one, sign-ins as bars, and the sign of a warning."""

from typing import Any

from msgspec.structs import replace

from tests.app.stage import frozen, stage
from tests.evidence import ago, evidence, history, profile, rate_exceeded, signed_in

NAME = "Acme EMEA"


async def detail(*keys: str, **parts: Any) -> str:
    """The whole text of the detail after these keys."""
    async with stage(NAME, readings={NAME: evidence(**parts)}) as here:
        await here.press(*keys)
        return here.app.main.detail.plain


def busy(count: int) -> Any:
    other = replace(signed_in("Data Loader", count=count, ip="198.51.100.4"), sub_type="OAuth")
    return history(signed_in(count=12), other)


async def test_the_facts_of_a_finding_stand_under_it() -> None:
    rows = history(signed_in(at=ago(minutes=50)), rate_exceeded(ago(minutes=5)))
    assert "  · sign-in refused at least once in an hour" in await detail(sign_ins=rows)


async def test_missing_permissions_show_the_table_and_what_stops() -> None:
    text = await detail(grants=(profile("ApiEnabled"),))
    assert "✓ API Enabled  from profile Incydr Integration" in text
    assert "✖ Customize Application  not granted · Incydr needs it to " in text


async def test_a_healthy_connection_shows_the_table_only_on_demand() -> None:
    assert "from profile Incydr Integration" not in await detail()
    assert "✓ API Enabled  from profile Incydr Integration" in await detail("d")
    assert "from profile Incydr Integration" not in await detail("d", "d")


async def test_above_half_of_the_quota_the_sign_ins_are_bars() -> None:
    text = await detail(sign_ins=busy(2_000))
    assert "Sign-ins of the last hour, of 3,600" in text
    assert "███████████░░░░░░░░░ 2,000  Data Loader · 198.51.100.4 · OAuth" in text


async def test_below_half_of_it_they_are_bars_only_on_demand() -> None:
    assert "Sign-ins of the last hour" not in await detail(sign_ins=busy(20))
    assert "Data Loader · 198.51.100.4 · OAuth" in await detail("d", sign_ins=busy(20))


async def test_a_warning_is_a_sign_beside_a_word_that_stays() -> None:
    readings = {NAME: evidence(sign_ins=busy(20)), "Acme US": evidence()}
    async with stage(NAME, "Acme US", readings=readings, size=(110, 36)) as here:
        assert "● Acme EMEA       ! Monitoring" in here.text()
        assert "● Acme US           Monitoring" in here.text()


async def test_an_error_has_its_own_sign() -> None:
    async with stage(NAME, readings={NAME: frozen(sign_ins=busy(20))}) as here:
        assert "! " not in next(line for line in here.text().splitlines() if "Acme EMEA" in line)[:38]
