import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.unit.salesforce.fake_org import START, USER, FakeOrg, error, rows
from tui.connections.repair import Create, Repair, Update

LOGIN = "0Yw5g000002m2bVCAQ"
UNFREEZE = Repair(
    "user_frozen",
    "Unfreeze",
    (Update("UserLogin", LOGIN, "UserLogin of Incydr EMEA", {"IsFrozen": True}, {"IsFrozen": False}),),
)
SET = Create(
    "PermissionSet",
    "set",
    "Permission set Incydr",
    {"Name": "Incydr", "Label": "Incydr", "PermissionsApiEnabled": True},
)
ASSIGN = Create(
    "PermissionSetAssignment", "assignment", "Assignment", {"AssigneeId": USER, "PermissionSetId": "@{set}"}
)
GRANT = Repair("permissions_missing", "Grant", (SET, ASSIGN))


class World:
    """A record that can be frozen and a set that can be made, behind the scripted org."""

    def __init__(self) -> None:
        self.fake = FakeOrg()
        self.fields: dict[str, Any] = {"IsFrozen": True}
        self.by = "Jane Doe"
        self.sets: dict[str, dict[str, Any]] = {}
        self.assigned = False
        self.writes: list[tuple[str, str, Any]] = []
        self.on_write: Any = None
        self.fake.queries = {
            "FROM UserLogin WHERE Id": lambda _: rows(
                {"Id": LOGIN, **self.fields, "LastModifiedBy": {"Name": self.by}}
            ),
            "FROM PermissionSet WHERE Name": lambda _: rows(*self.sets.values()),
            "FROM PermissionSetAssignment": lambda _: rows(*([{"Id": "0Pa1"}] if self.assigned else [])),
        }
        self.fake.answer = self.answer

    def answer(self, request: httpx.Request) -> httpx.Response | None:
        if request.method not in ("PATCH", "POST") or "/sobjects/" not in request.url.path:
            return None
        body = json.loads(request.content)
        self.writes.append((request.method, request.url.path.split("/sobjects/")[1], body))
        if self.on_write is not None:
            result = self.on_write(body)
            if isinstance(result, Exception):
                raise result
            return result
        return self.do(body)

    def do(self, body: dict[str, Any]) -> httpx.Response:
        if "IsFrozen" in body:
            self.fields |= body
            return self.fake.json(204, None)
        if "AssigneeId" in body:
            self.assigned = True
            return self.fake.json(201, {"id": "0Pa1", "success": True, "errors": []})
        self.sets[body["Name"]] = {"Id": "0PS1", **body}
        return self.fake.json(201, {"id": "0PS1", "success": True, "errors": []})


@pytest.fixture
def world() -> World:
    return World()


async def test_an_update_is_sent_and_read_back(world: World) -> None:
    applied = await world.fake.repairer().apply(UNFREEZE)
    assert [o.result for o in applied.outcomes] == ["applied"]
    assert world.writes == [("PATCH", f"UserLogin/{LOGIN}", {"IsFrozen": False})]
    assert applied.complete(UNFREEZE)
    assert applied.earliest == applied.latest == START


async def test_nothing_is_sent_where_it_is_done_already_and_who_did_it_is_named(world: World) -> None:
    world.fields["IsFrozen"] = False
    applied = await world.fake.repairer().apply(UNFREEZE)
    assert applied.outcomes[0].result == "changed_before"
    assert "done already by Jane Doe" in applied.outcomes[0].message
    assert world.writes == []


async def test_nothing_is_sent_over_a_value_that_somebody_changed_meanwhile(world: World) -> None:
    repair = Repair("x", "X", (Update("UserLogin", LOGIN, "Login", {"Name": "old"}, {"Name": "new"}),))
    world.fields["Name"] = "third"
    applied = await world.fake.repairer().apply(repair)
    assert applied.outcomes[0].result == "changed_before"
    assert "Name is third, changed by Jane Doe" in applied.outcomes[0].message
    assert world.writes == []


async def test_a_field_that_somebody_set_meanwhile_stops_it_although_it_is_right(world: World) -> None:
    world.fields |= {"A": True, "B": False}
    change = Update("UserLogin", LOGIN, "Login", {"A": False, "B": False}, {"A": True, "B": True})
    applied = await world.fake.repairer().apply(Repair("x", "X", (change,)))
    assert applied.outcomes[0].result == "changed_before"
    assert "A is true" in applied.outcomes[0].message
    assert "Nothing was sent." in applied.outcomes[0].message


async def test_a_record_that_cannot_be_seen_is_not_changed(world: World) -> None:
    world.fake.queries["FROM UserLogin WHERE Id"] = lambda _: rows()
    applied = await world.fake.repairer().apply(UNFREEZE)
    assert applied.outcomes[0].result == "refused"
    assert world.writes == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("LICENSE_LIMIT_EXCEEDED", "Free a licence"),
        ("INSUFFICIENT_ACCESS_OR_READONLY", "Manage Users"),
        ("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "Assign Permission Sets"),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "developers"),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "validation rule"),
        ("FIELD_INTEGRITY_EXCEPTION", "Setup"),
        ("CANNOT_DISABLE_LAST_ADMIN", "another user administrator"),
        ("DUPLICATE_USERNAME", "rename"),
        ("INVALID_CROSS_REFERENCE_KEY", "preview"),
        ("INACTIVE_OWNER_OR_USER", "Reactivate"),
    ],
)
async def test_a_refusal_says_what_to_do_next(world: World, code: str, words: str) -> None:
    world.on_write = lambda body: world.fake.json(400, error(code, "Trigger Guard failed"))
    outcome = (await world.fake.repairer().apply(UNFREEZE)).outcomes[0]
    assert (outcome.result, outcome.error_code) == ("refused", code)
    assert "Trigger Guard failed" in outcome.message
    assert words in outcome.next_step


async def test_a_change_that_is_set_back_at_once_is_not_called_applied(world: World) -> None:
    world.on_write = lambda body: world.fake.json(204, None)
    outcome = (await world.fake.repairer().apply(UNFREEZE)).outcomes[0]
    assert outcome.result == "refused"
    assert "identity provider" in outcome.next_step


async def test_a_lost_answer_is_settled_by_the_record(world: World) -> None:
    def lose(body: dict[str, Any]) -> Exception:
        world.do(body)
        return httpx.RemoteProtocolError("cut")

    world.on_write = lose
    assert (await world.fake.repairer().apply(UNFREEZE)).outcomes[0].result == "applied"


async def test_a_lost_answer_without_the_change_is_unknown_and_not_resent(world: World) -> None:
    world.on_write = lambda body: httpx.ReadTimeout("slow")
    outcome = (await world.fake.repairer().apply(UNFREEZE)).outcomes[0]
    assert outcome.result == "unknown"
    assert len(world.writes) == 1


async def test_a_gateways_error_page_is_not_taken_for_a_refusal(world: World) -> None:
    world.on_write = lambda body: httpx.Response(502, text="<html>bad gateway</html>")
    assert (await world.fake.repairer().apply(UNFREEZE)).outcomes[0].result == "unknown"


async def test_a_change_that_never_left_is_refused_not_unknown(world: World) -> None:
    world.on_write = lambda body: httpx.ConnectError("no route")
    assert (await world.fake.repairer().apply(UNFREEZE)).outcomes[0].result == "refused"


async def test_a_create_may_refer_to_an_earlier_one(world: World) -> None:
    applied = await world.fake.repairer().apply(GRANT)
    assert applied.complete(GRANT)
    assert world.writes[1] == (
        "POST",
        "PermissionSetAssignment",
        {"AssigneeId": USER, "PermissionSetId": "0PS1"},
    )


async def test_what_exists_already_is_not_created_again(world: World) -> None:
    world.sets["Incydr"] = {"Id": "0PS9", "PermissionsApiEnabled": True}
    applied = await world.fake.repairer().apply(GRANT)
    assert applied.complete(GRANT)
    assert [path for _, path, _ in world.writes] == ["PermissionSetAssignment"]
    assert world.writes[0][2]["PermissionSetId"] == "0PS9"


async def test_a_set_of_that_name_with_other_permissions_is_left_alone(world: World) -> None:
    world.sets["Incydr"] = {"Id": "0PS9", "PermissionsApiEnabled": False}
    applied = await world.fake.repairer().apply(GRANT)
    assert [o.result for o in applied.outcomes] == ["refused"]
    assert "PermissionsApiEnabled" in applied.outcomes[0].message
    assert world.writes == []


async def test_the_rest_is_not_sent_after_a_refusal(world: World) -> None:
    world.on_write = lambda body: world.fake.json(400, error("INSUFFICIENT_ACCESS_OR_READONLY"))
    applied = await world.fake.repairer().apply(GRANT)
    assert len(applied.outcomes) == 1
    assert not applied.complete(GRANT)


async def test_a_create_whose_answer_was_lost_is_found_by_its_name(world: World) -> None:
    def lose(body: dict[str, Any]) -> Exception | httpx.Response:
        answer = world.do(body)
        return httpx.ReadTimeout("slow") if "Name" in body else answer

    world.on_write = lose
    assert (await world.fake.repairer().apply(GRANT)).complete(GRANT)


@pytest.mark.parametrize(("frozen", "answer"), [(False, True), (True, False)])
async def test_an_open_update_is_read_back(world: World, frozen: bool, answer: bool) -> None:
    world.fields["IsFrozen"] = frozen
    assert await world.fake.repairer().read_back(UNFREEZE) is answer
    assert world.writes == []


async def test_an_open_create_is_read_back(world: World) -> None:
    assert await world.fake.repairer().read_back(GRANT) is False
    world.sets["Incydr"] = {"Id": "0PS9", "PermissionsApiEnabled": True}
    world.assigned = True
    assert await world.fake.repairer().read_back(GRANT) is True


async def test_an_org_that_cannot_be_asked_leaves_an_open_change_open(world: World) -> None:
    world.fake.answer = lambda request: world.fake.json(503, error("SERVER_UNAVAILABLE"))
    assert await world.fake.repairer().read_back(UNFREEZE) is None


async def test_the_interval_of_a_repair_is_told_by_the_orgs_clock(world: World) -> None:
    world.fake.skew = timedelta(minutes=2)
    applied = await world.fake.repairer().apply(GRANT)
    assert applied.earliest == applied.latest == START + timedelta(minutes=2)


async def test_an_accepted_change_that_cannot_be_read_back_is_applied_and_says_so(world: World) -> None:
    def accept_then_fail(body: dict[str, Any]) -> httpx.Response:
        world.fake.queries["FROM UserLogin WHERE Id"] = lambda _: "garbled"
        return world.fake.json(204, None)

    world.on_write = accept_then_fail
    outcome = (await world.fake.repairer().apply(UNFREEZE)).outcomes[0]
    assert outcome.result == "applied"
    assert "could not be read back" in outcome.message


async def test_a_lost_answer_that_cannot_be_settled_is_unknown(world: World) -> None:
    def lose(body: dict[str, Any]) -> Exception:
        world.fake.queries["FROM UserLogin WHERE Id"] = lambda _: "garbled"
        return httpx.ReadTimeout("slow")

    world.on_write = lose
    assert (await world.fake.repairer().apply(UNFREEZE)).outcomes[0].result == "unknown"


async def test_a_lost_create_that_cannot_be_found_is_unknown(world: World) -> None:
    world.on_write = lambda body: httpx.ReadTimeout("slow")
    assert [o.result for o in (await world.fake.repairer().apply(GRANT)).outcomes] == ["unknown"]


async def test_nothing_is_created_where_it_cannot_be_told_whether_it_exists(world: World) -> None:
    world.fake.queries["FROM PermissionSet WHERE Name"] = lambda _: "garbled"
    applied = await world.fake.repairer().apply(GRANT)
    assert [o.result for o in applied.outcomes] == ["refused"]
    assert world.writes == []


async def test_what_an_interrupted_repair_did_already_is_not_done_again(world: World) -> None:
    world.fields["IsFrozen"] = False
    both = Repair("x", "X", (*UNFREEZE.changes, *GRANT.changes))
    applied = await world.fake.repairer().apply(both)
    assert applied.complete(both)
    assert [path for _, path, _ in world.writes] == ["PermissionSet", "PermissionSetAssignment"]
