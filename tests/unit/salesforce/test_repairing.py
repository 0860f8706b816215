import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from tests.unit.salesforce.fake_org import ORG, START, USER, FakeOrg, error, rows
from tui.connections.repair import Create, Delete, Repair, Result, Update

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
        self.changed = "2026-11-22T13:41:07.000+0000"
        self.sets: dict[str, dict[str, Any]] = {}
        self.assigned = False
        self.writes: list[tuple[str, str, Any]] = []
        self.on_write: Any = None
        self.fake.queries = {
            "FROM UserLogin WHERE Id": lambda _: rows(
                {
                    "Id": LOGIN,
                    **self.fields,
                    "LastModifiedDate": self.changed,
                    "LastModifiedBy": {"Name": self.by},
                }
            ),
            "FROM PermissionSet WHERE Name": lambda _: rows(*self.sets.values()),
            "FROM PermissionSetAssignment": lambda _: rows(*([{"Id": "0Pa1"}] if self.assigned else [])),
        }
        self.fake.answer = self.answer

    def answer(self, request: httpx.Request) -> httpx.Response | None:
        if request.method not in ("PATCH", "POST", "DELETE") or "/sobjects/" not in request.url.path:
            return None
        body = json.loads(request.content or b"{}")
        self.writes.append((request.method, request.url.path.split("/sobjects/")[1], body))
        if self.on_write is not None:
            result: httpx.Response | Exception | None = self.on_write(body)
            if isinstance(result, Exception):
                raise result
            return result
        return self.do(body)

    def do(self, body: dict[str, Any]) -> httpx.Response:
        if not body:
            self.assigned = False
            return self.fake.json(204, None)
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
    assert applied.outcomes[0].result == Result.CHANGED_BEFORE
    assert "done already by Jane Doe" in applied.outcomes[0].message
    assert world.writes == []


async def test_nothing_is_sent_over_a_value_that_somebody_changed_meanwhile(world: World) -> None:
    repair = Repair("x", "X", (Update("UserLogin", LOGIN, "Login", {"Name": "old"}, {"Name": "new"}),))
    world.fields["Name"] = "third"
    applied = await world.fake.repairer().apply(repair)
    assert applied.outcomes[0].result == Result.CHANGED_BEFORE
    assert "Name is third, changed by Jane Doe" in applied.outcomes[0].message
    assert world.writes == []


async def test_a_field_that_somebody_set_meanwhile_stops_it_although_it_is_right(world: World) -> None:
    world.fields |= {"A": True, "B": False}
    change = Update("UserLogin", LOGIN, "Login", {"A": False, "B": False}, {"A": True, "B": True})
    applied = await world.fake.repairer().apply(Repair("x", "X", (change,)))
    assert applied.outcomes[0].result == Result.CHANGED_BEFORE
    assert "A is true" in applied.outcomes[0].message
    assert "Nothing was sent." in applied.outcomes[0].message


async def test_a_record_that_cannot_be_seen_is_not_changed(world: World) -> None:
    world.fake.queries["FROM UserLogin WHERE Id"] = lambda _: rows()
    applied = await world.fake.repairer().apply(UNFREEZE)
    assert applied.outcomes[0].result == Result.REFUSED
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
    assert outcome.result == Result.REFUSED
    assert "identity provider" in outcome.next_step


async def test_a_lost_answer_is_settled_by_the_record(world: World) -> None:
    def lose(body: dict[str, Any]) -> Exception:
        world.do(body)
        return httpx.RemoteProtocolError("cut")

    world.on_write = lose
    assert (await world.fake.repairer().apply(UNFREEZE)).outcomes[0].result == Result.APPLIED


async def test_a_lost_answer_without_the_change_is_unknown_and_not_resent(world: World) -> None:
    world.on_write = lambda body: httpx.ReadTimeout("slow")
    outcome = (await world.fake.repairer().apply(UNFREEZE)).outcomes[0]
    assert outcome.result == Result.UNKNOWN
    assert len(world.writes) == 1


async def test_a_gateways_error_page_is_not_taken_for_a_refusal(world: World) -> None:
    world.on_write = lambda body: httpx.Response(502, text="<html>bad gateway</html>")
    assert (await world.fake.repairer().apply(UNFREEZE)).outcomes[0].result == Result.UNKNOWN


async def test_a_change_that_never_left_is_refused_not_unknown(world: World) -> None:
    world.on_write = lambda body: httpx.ConnectError("no route")
    assert (await world.fake.repairer().apply(UNFREEZE)).outcomes[0].result == Result.REFUSED


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
    assert outcome.result == Result.APPLIED
    assert "could not be read again" in outcome.message


async def test_a_lost_answer_that_cannot_be_settled_is_unknown(world: World) -> None:
    def lose(body: dict[str, Any]) -> Exception:
        world.fake.queries["FROM UserLogin WHERE Id"] = lambda _: "garbled"
        return httpx.ReadTimeout("slow")

    world.on_write = lose
    assert (await world.fake.repairer().apply(UNFREEZE)).outcomes[0].result == Result.UNKNOWN


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


CHANGED = datetime(2026, 11, 22, 13, 41, 7, tzinfo=UTC)


def previewed(**changes: Any) -> Repair:
    """The unfreeze, with the record's last change as the preview knew it."""
    (update,) = UNFREEZE.changes
    assert isinstance(update, Update)
    return replace(UNFREEZE, changes=(replace(update, changed_at=CHANGED, changed_by="Jane Doe", **changes),))


async def test_a_record_whose_last_change_is_the_previewed_one_is_changed(world: World) -> None:
    applied = await world.fake.repairer().apply(previewed())
    assert [o.result for o in applied.outcomes] == ["applied"]


@pytest.mark.parametrize(
    ("by", "changed"),
    [
        ("Bob Builder", "2026-11-22T13:41:07.000+0000"),
        ("Jane Doe", "2026-11-22T13:59:00.000+0000"),
        ("Bob Builder", "2026-11-22T13:59:00.000+0000"),
    ],
)
async def test_nothing_is_sent_where_somebody_set_the_same_value_again(
    world: World, by: str, changed: str
) -> None:
    world.by, world.changed = by, changed
    outcome = (await world.fake.repairer().apply(previewed())).outcomes[0]
    assert outcome.result == Result.CHANGED_BEFORE
    assert f"changed again by {by} at {changed[:10]} {changed[11:19]} UTC" in outcome.message
    assert "Nothing was sent." in outcome.message
    assert world.writes == []


async def test_our_own_change_of_a_record_does_not_stop_the_next_one(world: World) -> None:
    world.fields |= {"A": False}

    def write(body: dict[str, Any]) -> httpx.Response:
        world.fields |= body
        world.changed, world.by = "2026-11-22T14:00:00.000+0000", "Operator"
        return world.fake.json(204, None)

    world.on_write = write
    first = previewed().changes[0]
    second = Update("UserLogin", LOGIN, "Login", {"A": False}, {"A": True}, CHANGED, "Jane Doe")
    both = Repair("x", "X", (first, second))
    assert (await world.fake.repairer().apply(both)).complete(both)


async def test_each_change_of_several_is_looked_at_right_before_it_is_sent(world: World) -> None:
    world.fields |= {"A": False}

    def write(body: dict[str, Any]) -> httpx.Response:
        world.fields |= body | {"A": "third"}
        return world.fake.json(204, None)

    world.on_write = write
    second = Update("UserLogin", LOGIN, "Login", {"A": False}, {"A": True})
    applied = await world.fake.repairer().apply(Repair("x", "X", (*UNFREEZE.changes, second)))
    assert [o.result for o in applied.outcomes] == ["applied", "changed_before"]
    assert len(world.writes) == 1


def elsewhere(fake: FakeOrg) -> None:
    fake.refuse("org", 404, error("NOT_FOUND", "The requested resource does not exist"))


def with_another_id(fake: FakeOrg) -> None:
    fake.parts["org"] = {"Id": "00D000000000009EAA"}


def hidden(fake: FakeOrg) -> None:
    fake.refuse("org", 403, error("INSUFFICIENT_ACCESS"))


@pytest.mark.parametrize("trouble", [elsewhere, with_another_id, hidden])
@pytest.mark.parametrize("repair", [UNFREEZE, GRANT])
async def test_nothing_is_sent_to_an_org_that_is_not_shown_to_be_the_pinned_one(
    world: World, trouble: Any, repair: Repair
) -> None:
    world.fake.org = replace(world.fake.org, org_id=ORG)
    trouble(world.fake)
    outcome = (await world.fake.repairer().apply(repair)).outcomes[0]
    assert outcome.result == Result.REFUSED
    assert "Nothing was sent." in outcome.message
    assert world.writes == []


async def test_another_org_is_told_as_that(world: World) -> None:
    world.fake.org = replace(world.fake.org, org_id=ORG)
    elsewhere(world.fake)
    outcome = (await world.fake.repairer().apply(UNFREEZE)).outcomes[0]
    assert f"Another org answers, not {ORG}" in outcome.message
    assert "api_url" in outcome.next_step


async def test_the_pinned_org_is_changed_with_one_look_one_change_and_one_look_back(world: World) -> None:
    world.fake.org = replace(world.fake.org, org_id=ORG[:15])
    assert (await world.fake.repairer().apply(UNFREEZE)).complete(UNFREEZE)
    assert len(world.fake.data_calls()) == 3


async def test_an_org_pinned_by_the_connection_alone_counts_too(world: World) -> None:
    elsewhere(world.fake)
    applied = await world.fake.repairer().apply(UNFREEZE, org_id=ORG)
    assert applied.outcomes[0].result == Result.REFUSED


async def test_an_org_that_turns_into_another_between_two_changes_gets_only_the_first(world: World) -> None:
    world.fake.org = replace(world.fake.org, org_id=ORG)

    def write(body: dict[str, Any]) -> httpx.Response:
        elsewhere(world.fake)
        return world.do(body)

    world.on_write = write
    applied = await world.fake.repairer().apply(GRANT)
    assert [o.result for o in applied.outcomes] == ["applied", "refused"]
    assert len(world.writes) == 1


async def test_nothing_is_given_to_a_user_whom_the_org_does_not_have(world: World) -> None:
    world.fake.refuse("account", 404, error("NOT_FOUND"))
    assign = Repair(
        "x",
        "X",
        (Create("PermissionSetAssignment", "a", "A", {"AssigneeId": USER, "PermissionSetId": "0PS1"}),),
    )
    outcome = (await world.fake.repairer().apply(assign)).outcomes[0]
    assert outcome.result == Result.REFUSED
    assert "no user with the Id" in outcome.message
    assert world.writes == []


DELETE = Repair("x", "Undo", (Delete("PermissionSetAssignment", "0Pa1", "assignment"),))


async def test_a_record_is_deleted(world: World) -> None:
    world.assigned = True
    assert (await world.fake.repairer().apply(DELETE)).complete(DELETE)
    assert world.writes == [("DELETE", "PermissionSetAssignment/0Pa1", {})]


async def test_what_is_gone_already_is_not_deleted(world: World) -> None:
    outcome = (await world.fake.repairer().apply(DELETE)).outcomes[0]
    assert outcome.result == Result.CHANGED_BEFORE
    assert "done already" in outcome.message
    assert world.writes == []


async def test_a_record_that_went_while_it_was_deleted_is_gone(world: World) -> None:
    world.assigned = True
    world.on_write = lambda body: world.fake.json(404, error("ENTITY_IS_DELETED", "entity is deleted"))
    assert (await world.fake.repairer().apply(DELETE)).complete(DELETE)


async def test_a_refused_delete_says_so(world: World) -> None:
    world.assigned = True
    world.on_write = lambda body: world.fake.json(400, error("INSUFFICIENT_ACCESS_OR_READONLY"))
    assert (await world.fake.repairer().apply(DELETE)).outcomes[0].result == Result.REFUSED


@pytest.mark.parametrize(("done", "result"), [(True, "applied"), (False, "unknown")])
async def test_a_lost_answer_to_a_delete_is_settled_by_the_record(
    world: World, done: bool, result: str
) -> None:
    world.assigned = True

    def lose(body: dict[str, Any]) -> Exception:
        world.assigned = not done
        return httpx.ReadTimeout("slow")

    world.on_write = lose
    assert (await world.fake.repairer().apply(DELETE)).outcomes[0].result == result
    assert len(world.writes) == 1


async def test_a_lost_delete_that_cannot_be_settled_is_unknown(world: World) -> None:
    world.assigned = True

    def lose(body: dict[str, Any]) -> Exception:
        world.fake.queries["FROM PermissionSetAssignment"] = lambda _: "garbled"
        return httpx.ReadTimeout("slow")

    world.on_write = lose
    assert (await world.fake.repairer().apply(DELETE)).outcomes[0].result == Result.UNKNOWN


def set_to_delete(world: World, **now: Any) -> Repair:
    """A set that is deleted only as it was made, and while none but the user has it."""
    world.assigned = True
    made = {"PermissionsApiEnabled": True}
    row = {"Id": "0PS1", **made, "LastModifiedDate": world.changed, "LastModifiedBy": {"Name": "Jane Doe"}}
    world.fake.queries["FROM PermissionSet WHERE Id"] = lambda _: rows({**row, **now})
    return Repair("x", "Undo", (Delete("PermissionSet", "0PS1", "the set", made, (USER,)),))


async def test_a_set_that_is_as_it_was_made_is_deleted(world: World) -> None:
    repair = set_to_delete(world)
    world.fake.queries["FROM PermissionSetAssignment"] = lambda _: rows({"AssigneeId": USER})
    assert (await world.fake.repairer().apply(repair)).complete(repair)
    assert [path for _, path, _ in world.writes] == ["PermissionSet/0PS1"]


@pytest.mark.parametrize(
    ("now", "holder", "said"),
    [
        ({"PermissionsApiEnabled": False}, USER, "PermissionsApiEnabled is false, changed by Jane Doe"),
        ({}, "0055g000003other", "1 other user has it by now"),
    ],
)
async def test_a_set_that_is_not_ours_alone_any_more_is_left(
    world: World, now: dict[str, Any], holder: str, said: str
) -> None:
    repair = set_to_delete(world, **now)
    world.fake.queries["FROM PermissionSetAssignment"] = lambda _: rows(
        {"AssigneeId": USER}, {"AssigneeId": holder}
    )
    outcome = (await world.fake.repairer().apply(repair)).outcomes[0]
    assert outcome.result == Result.CHANGED_BEFORE
    assert said in outcome.message
    assert world.writes == []


async def test_what_was_done_says_how_it_can_be_found_again(world: World) -> None:
    world.changed = "2026-11-22T13:59:07.000+0000"
    (update,) = (await world.fake.repairer().apply(UNFREEZE)).outcomes
    assert (update.changed_at, update.already) == (datetime(2026, 11, 22, 13, 59, 7, tzinfo=UTC), False)
    made = (await world.fake.repairer().apply(GRANT)).outcomes
    assert [(outcome.created, outcome.already) for outcome in made] == [("0PS1", False), ("0Pa1", False)]
    again = (await world.fake.repairer().apply(GRANT)).outcomes
    assert [(outcome.created, outcome.already) for outcome in again] == [("", True), ("", True)]


@pytest.mark.parametrize(("there", "answer"), [(False, True), (True, False)])
async def test_an_open_delete_is_read_back(world: World, there: bool, answer: bool) -> None:
    world.assigned = there
    assert await world.fake.repairer().read_back(DELETE) is answer


def test_a_repair_with_every_kind_of_change_survives_the_journal() -> None:
    repair = Repair("x", "X", (*previewed().changes, SET, *DELETE.changes))
    assert msgspec.json.decode(msgspec.json.encode(repair), type=Repair) == repair
