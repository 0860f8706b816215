"""The contract covers what the program really asks: its queries, its inferred facts, and nothing made up."""

import ast
import inspect
from pathlib import Path

import pytest

from tests.contract_world import ContractWorld
from tests.demo_world import scene
from tui.base.assumptions import ASSUMPTIONS
from tui.base.limits import Mark, limits
from tui.connections.evidence import value_of
from tui.contract import assumed, needs
from tui.contract.needs import POORER, field_uses, may_lack, samples
from tui.net import Net
from tui.onboarding import org_lookups
from tui.rules.required_permissions import REQUIREMENTS
from tui.salesforce import queries
from tui.salesforce.session import Session
from tui.salesforce.sign_in import way
from tui.salesforce.soql import FieldUse, Use, uses, without

PERMISSIONS = tuple(each.name for each in REQUIREMENTS)
FUNCTIONS = {
    node.name
    for node in ast.walk(ast.parse(inspect.getsource(queries)))
    if isinstance(node, ast.FunctionDef)
    and node.returns is not None
    and not node.name.startswith("_")
    and node.name != "of"
    and "SELECT" in "".join(
        c.value for c in ast.walk(node) if isinstance(c, ast.Constant) and isinstance(c.value, str)
    )
}  # fmt: skip


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every query that is sent from now on."""
    found: list[str] = []
    address = queries.address

    def spy(base: str, query: str) -> str:
        found.append(query)
        return address(base, query)

    monkeypatch.setattr(queries, "address", spy)
    return found


async def test_every_field_of_a_query_that_is_sent_is_covered(tmp_path: Path, asked: list[str]) -> None:
    world = ContractWorld(tmp_path)
    await world.look()
    net, org = world.net(), world.config.orgs["acme"]
    session = Session(org, net, way(org, net), world.clock)
    await org_lookups.suggest(session)
    await org_lookups.look_up(session, "incydr.us@acme.example")
    await net.aclose()
    async with scene(tmp_path) as running:
        states = [running.state(each.name) for each in running.watcher.connections]
    # A permission that another one needs is asked for as those that Incydr needs.
    needed = sorted({d.required for s in states for d in value_of(s.evidence.dependencies) or ()})
    covered = field_uses((*PERMISSIONS, *needed))
    queried = {query for query in asked if query.startswith("SELECT ")}
    assert len(queried) > 25
    assert {use for query in queried for use in uses(query)} - covered.keys() == set()


def test_every_function_that_writes_a_query_has_its_sample() -> None:
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(inspect.getsource(needs)))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert len(FUNCTIONS) > 15
    assert called >= FUNCTIONS


def test_no_query_is_written_anywhere_else() -> None:
    tui = Path(inspect.getfile(Net)).parents[1]
    strays = [
        str(path.relative_to(tui))
        for path in tui.rglob("*.py")
        if "demo" not in path.parts and path.name not in ("queries.py", "soql.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " FROM " in node.value
        and node.value.startswith("SELECT ")
    ]  # fmt: skip
    # The journal speaks SQL.
    assert [path for path in strays if not path.startswith("watching/")] == []


def test_a_reading_goes_on_without_fields_that_it_reads() -> None:
    covered = {(use.object, use.field) for use in field_uses(PERMISSIONS)}
    assert {(name, field) for name, fields in POORER.items() for field in fields} <= covered
    assert may_lack(FieldUse("LoginHistory", "SourceIp", Use.GROUPED))
    assert not may_lack(FieldUse("PermissionSet", "Label", Use.FILTERED))
    assert not may_lack(FieldUse("UserLogin", "IsFrozen"))


@pytest.mark.parametrize("sample", samples(PERMISSIONS), ids=lambda each: each.query[:60])
def test_a_query_without_what_is_not_lacking_is_the_same(sample: needs.Sample) -> None:
    assert without(sample.query, ()) == sample.query
    assert without(sample.query, [FieldUse("Elsewhere", "Name")]) == sample.query
    assert sample.effect.endswith(".")


def test_a_lacking_field_is_neither_read_nor_grouped_by() -> None:
    when = needs._AT
    query = queries.sign_ins(queries.Accounts(("a, LoginType FROM 'x",)), when, by_source=True)
    lacking = [FieldUse("LoginHistory", "LoginType"), FieldUse("LoginHistory", "SourceIp", Use.GROUPED)]
    left = without(query, lacking)
    assert left.startswith("SELECT UserId, Application, Status, LoginSubType, MIN(LoginTime) earliest")
    assert left.endswith("GROUP BY UserId, Application, Status, LoginSubType")
    assert r"'a, LoginType FROM \'x'" in left
    assert uses(left) == uses(query) - {
        *lacking,
        FieldUse("LoginHistory", "LoginType", Use.GROUPED),
        FieldUse("LoginHistory", "SourceIp"),
    }


def test_a_way_over_a_lacking_relation_is_not_taken() -> None:
    query = queries.users(queries.Accounts(("a",)))
    left = without(query, [FieldUse("User", "LastModifiedById"), FieldUse("UserLicense", "Name")])
    assert "LastModifiedBy" not in left
    assert "UserLicense" not in left
    assert "Profile.Name" in left


def test_each_thing_taken_for_granted_is_tried_or_it_is_said_why_not() -> None:
    ids = set(ASSUMPTIONS) | set(assumed.LIMITS) | {"refusals"}
    assert set(assumed.registry()) == ids
    assert set(assumed.TRIED) | set(assumed.UNTRIED) == ids
    assert not set(assumed.TRIED) & set(assumed.UNTRIED)
    inferred = {limit.what for limit in limits() if limit.mark is Mark.INFERRED}
    assert set(assumed.LIMITS.values()) == inferred
