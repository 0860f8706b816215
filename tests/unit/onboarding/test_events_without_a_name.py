"""What the tenant's events name decides whether the new connection may be the tenant's only one."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.unit.incydr.fake_tenant import BASE, START, FakeTenant, event
from tests.unit.onboarding.conftest import TENANT, Answers, Demo
from tui.base.secret import Secret
from tui.config import parse
from tui.config.writing import rendered
from tui.connections.connection import Tenant
from tui.connections.state import State
from tui.incydr.reading import MOST_PAGES
from tui.incydr.wire import PAGE
from tui.onboarding.needs import Lookup
from tui.onboarding.tenants import Detectors, detectors

NAMELESS = event("2026-11-22T13:03:11.954000Z", "2026-11-22T13:51:57.374625Z", name=None)
GROUPING = "/v2/file-events/grouping"


def grouping(*values: str | None) -> Callable[[httpx.Request], httpx.Response | None]:
    """A tenant that groups its events so."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        groups = [{"value": value, "docCount": 1} for value in values]
        return httpx.Response(200, json={"groups": groups}) if request.url.path == GROUPING else None

    return answer


def refusing(request: httpx.Request) -> httpx.Response | None:
    problems = [{"description": "Unknown grouping term"}]
    return httpx.Response(400, json={"problems": problems}) if request.url.path == GROUPING else None


async def seen(tenant: FakeTenant) -> Detectors:
    async def resolve(reference: str | tuple[str, ...]) -> Secret:
        return Secret("shh")

    return await detectors(Tenant("acme", BASE, "key-1", "env:S"), tenant.net, tenant.clock, resolve=resolve)


@pytest.mark.parametrize(
    ("events", "answer", "found"),
    [
        # Grouping lists several names: nothing else is asked.
        ([NAMELESS], grouping("B", "A", None), Detectors(("A", "B"))),
        # Grouping lists nothing of events without a name: the events are looked at.
        ([NAMELESS], grouping(), Detectors(unnamed=True)),
        ([NAMELESS], grouping(None, ""), Detectors(unnamed=True)),
        ([NAMELESS, event(START, name="A")], grouping("A"), Detectors(("A",), unnamed=True)),
        ([event(START, name="A")], grouping("A"), Detectors(("A",))),
        ([event(START, name="A"), event(START, name="B")], grouping(), Detectors(("A", "B"))),
        ([], grouping(), Detectors()),
        # Grouping is refused: the events tell as much, and the reason is kept where they name nobody.
        ([event(START, name="A")], refusing, Detectors(("A",))),
        ([NAMELESS, event(START, name="A")], refusing, Detectors(("A",), unnamed=True)),
    ],
)
async def test_names_are_grouped_and_looked_for_in_the_events(
    events: list[dict[str, Any]], answer: Any, found: Detectors
) -> None:
    tenant = FakeTenant(events)
    tenant.answer = answer
    assert await seen(tenant) == found


async def test_where_grouping_is_refused_its_reason_is_kept_beside_events_that_name_nobody() -> None:
    tenant = FakeTenant([NAMELESS])
    tenant.answer = refusing
    found = await seen(tenant)
    assert found.unnamed
    assert "Unknown grouping term" in found.hidden


@pytest.mark.parametrize(("answer", "unnamed"), [(refusing, False), (grouping(), True)])
async def test_pages_cut_short_may_hide_a_name_that_grouping_does_not_list(
    answer: Any, unnamed: bool
) -> None:
    tenant = FakeTenant([NAMELESS] * (MOST_PAGES * PAGE + 1))
    tenant.answer = answer
    tenant.events = [
        event(START, f"2026-11-22T13:{n % 60:02d}:{n // 60:02d}Z", name=None)
        for n in range(MOST_PAGES * PAGE + 1)
    ]
    assert (await seen(tenant)).unnamed is unnamed


def nameless(demo: Demo, *named: str) -> None:
    """From now on the demo's tenant stores events without a name, but for those of `named`."""
    for app in [t for url, t in demo.net._transports.items() if url.startswith(TENANT)]:
        inner = app.handle_async_request

        async def handle(request: httpx.Request, inner: Any = inner) -> httpx.Response:
            answer = await inner(request)
            body = json.loads(await answer.aread())
            if "groups" in body:
                body["groups"] = [group for group in body["groups"] if group["value"] in named]
            for each in body.get("fileEvents", ()):
                if each["event"]["detectorDisplayName"] not in named:
                    each["event"]["detectorDisplayName"] = None
            return httpx.Response(answer.status_code, json=body, headers={"date": answer.headers["date"]})

        app.handle_async_request = handle  # type: ignore[method-assign]


async def test_only_connection_is_offered_where_only_events_without_a_name_were_seen(demo: Demo) -> None:
    nameless(demo)
    answers = Answers(demo.answers(account="incydr.us@acme.example", name="Acme US", only_connection="yes"))
    flow = await demo.walk(answers)
    config = parse(rendered(flow.tables()), str(demo.file))
    assert config.connections[0].only_connection
    events = flow.fact(Lookup.READING, State).evidence.events
    assert events is not None
    assert events.value.counts_unnamed  # type: ignore[union-attr]
    assert events.value.newest == events.value.unnamed is not None  # type: ignore[union-attr]


async def test_enter_leaves_such_events_without_weight(demo: Demo) -> None:
    nameless(demo)
    flow = await demo.walk(Answers(demo.answers(only_connection=None)))
    assert "only_connection" not in rendered(flow.tables())


@pytest.mark.parametrize(
    ("named", "detector"),
    [(("Acme US",), {"detector": "Acme EMEA"}), (("Acme US", "Acme APAC"), {"detector": "Acme EMEA"})],
)
async def test_only_connection_is_not_offered_where_events_name_another(
    demo: Demo, named: tuple[str, ...], detector: dict[str, str]
) -> None:
    nameless(demo, *named)
    answers = Answers(demo.answers(**detector))
    await demo.walk(answers)
    assert "only_connection" not in {question.key for question in answers.asked}


async def test_it_is_not_offered_beside_another_connection_of_the_tenant(demo: Demo) -> None:
    nameless(demo)
    text = rendered((await demo.walk(Answers(demo.answers(only_connection=None)))).tables())
    second = {"org": "acme", "account": "incydr.us@acme.example", "app": None, "tenant": None}
    answers = Answers({**second, "name": "Acme US", "save": None})
    await demo.walk(answers, text)
    assert "only_connection" not in {question.key for question in answers.asked}


async def test_a_tenant_with_an_only_connection_is_not_offered_to_a_second_one(demo: Demo) -> None:
    nameless(demo)
    text = rendered((await demo.walk(Answers(demo.answers(only_connection="yes")))).tables())
    second: dict[str, Any] = {
        "org": "acme",
        "account": "incydr.us@acme.example",
        "app": None,
        "tenant": ["us", "none"],
    }
    answers = Answers({**second, "name": "Acme US", "save": None}, patient=True)
    await demo.walk(answers, text)
    assert [option.value for option in answers.question("tenant").options] == ["none"]
    (trouble,) = answers.troubles
    assert "Acme EMEA has only_connection = true" in trouble.message
