from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.unit.salesforce.fake_org import (
    ACME,
    PERMISSIONS,
    START,
    UNPINNED,
    USER,
    FakeOrg,
    error,
    grant_row,
    login_row,
    rights,
    rows,
    sign_in_row,
    user_row,
)
from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence, Read, Unreadable, value_of
from tui.salesforce.session import api_usage

WEEK_AGO = START - timedelta(days=7)


@pytest.fixture
def fake() -> FakeOrg:
    return FakeOrg()


async def read_one(fake: FakeOrg, connection: Connection = ACME) -> Evidence:
    return (await fake.reader().read([connection]))[connection.name]


def reason(part: object) -> str:
    assert isinstance(part, Unreadable), part
    return f"{part.reason} / {part.next_step}"


async def test_a_healthy_org_is_read_into_typed_parts(fake: FakeOrg) -> None:
    evidence = await read_one(fake)
    user, login = value_of(evidence.user), value_of(evidence.freeze)
    assert user is not None
    assert (user.username, user.is_active) == ("incydr.emea@acme.example", True)
    assert user.license_name == "Salesforce Integration"
    assert login is not None
    assert not login.is_frozen
    assert value_of(evidence.fields) == PERMISSIONS
    grants = value_of(evidence.grants)
    assert grants is not None
    assert grants[0].permissions == PERMISSIONS
    assert grants[0].last_modified == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert (evidence.api_used, evidence.api_limit) == (18, 15000)


async def test_a_fast_reading_costs_one_call_and_slow_facts_two(fake: FakeOrg) -> None:
    reader = fake.reader()
    first = (await reader.read([ACME]))[ACME.name]
    second = (await reader.read([ACME]))[ACME.name]
    assert (first.api_calls, second.api_calls, reader.calls) == (3, 1, 4)


async def test_slow_facts_are_read_again_after_fifteen_minutes(fake: FakeOrg) -> None:
    reader = fake.reader()
    await reader.read([ACME])
    fake.clock.advance(timedelta(minutes=15))
    assert (await reader.read([ACME]))[ACME.name].api_calls == 3


async def test_slow_facts_keep_the_date_at_which_they_were_read(fake: FakeOrg) -> None:
    reader = fake.reader()
    await reader.read([ACME])
    fake.clock.advance(timedelta(minutes=5))
    evidence = (await reader.read([ACME]))[ACME.name]
    assert isinstance(evidence.rights, Read)
    assert evidence.rights.at == START
    assert evidence.org_now == START + timedelta(minutes=5)


async def test_the_highest_version_up_to_the_tested_is_used(fake: FakeOrg) -> None:
    await read_one(fake)
    assert {r.url.path.split("/")[3] for r in fake.data_calls()} == {"v66.0"}


async def test_a_version_that_is_not_there_gives_way_to_a_lower_one(fake: FakeOrg) -> None:
    fake.known_versions = {"v60.0"}
    assert isinstance((await read_one(fake)).user, Read)


async def test_times_are_those_of_the_org_not_of_this_machine(fake: FakeOrg) -> None:
    fake.skew = timedelta(minutes=2)
    evidence = await read_one(fake)
    assert evidence.org_now == START + timedelta(minutes=2)
    assert "LoginTime >= 2026-11-15T14:02:00Z" in fake.sent_queries()["window"]
    assert "LoginTime >= 2026-11-22T13:02:00Z" in fake.sent_queries()["hour"]


async def test_all_accounts_of_an_org_share_one_call(fake: FakeOrg) -> None:
    other = Connection("Acme US", "acme", "incydr.us@acme.example", "Acme US", user_id="005000000000001AAA")
    fake.parts["user"] = rows(user_row(), user_row(Id=other.user_id, Username=other.service_account))
    reader = fake.reader()
    await reader.read([ACME, other])
    calls = reader.calls
    found = await reader.read([ACME, other])
    assert reader.calls - calls == 1
    names = {
        name: e.user.value.username for name, e in found.items() if isinstance(e.user, Read) and e.user.value
    }
    assert names == {"Acme EMEA": "incydr.emea@acme.example", "Acme US": "incydr.us@acme.example"}


async def test_more_accounts_than_an_address_holds_are_read_in_several_calls(fake: FakeOrg) -> None:
    many = [
        Connection(f"C{i}", "acme", f"service.account.number.{i:04d}@subsidiary.acme.example", f"C{i}")
        for i in range(400)
    ]
    reader = fake.reader()
    found = await reader.read(many)
    assert len(found) == 400
    sizes = [
        len(part["url"])
        for request in fake.data_calls()
        if request.url.path.endswith("/composite")
        for part in fake._asked(request)
    ]
    assert max(sizes) < 16_384


async def test_an_account_without_a_known_id_is_asked_by_its_name_and_then_by_id(fake: FakeOrg) -> None:
    reader = fake.reader()
    await reader.read([UNPINNED])
    by_name = fake.sent_queries()["freeze"]
    await reader.read([UNPINNED])
    assert "UserId IN (SELECT Id FROM User WHERE Username IN ('incydr.emea@acme.example'))" in by_name
    assert f"UserId IN ('{USER}')" in fake.sent_queries()["freeze"]


async def test_a_quote_in_a_username_stays_inside_its_literal(fake: FakeOrg) -> None:
    await read_one(fake, Connection("O", "acme", "o'brien\\@acme.example", "O"))
    assert "Username IN ('o\\'brien\\\\@acme.example')" in fake.sent_queries()["user"]


async def test_a_renamed_account_is_found_by_its_pinned_id(fake: FakeOrg) -> None:
    fake.parts["user"] = rows(user_row(Username="new.name@acme.example"))
    user = value_of((await read_one(fake)).user)
    assert user is not None
    assert user.username == "new.name@acme.example"


async def test_an_account_renamed_after_it_was_read_is_not_called_missing(fake: FakeOrg) -> None:
    reader = fake.reader()
    await reader.read([UNPINNED])
    fake.parts["user"] = rows(user_row(Username="new.name@acme.example"))
    user = value_of((await reader.read([UNPINNED]))[UNPINNED.name].user)
    assert user is not None
    assert user.username == "new.name@acme.example"


async def test_an_org_that_fails_is_not_asked_for_the_rights_too(fake: FakeOrg) -> None:
    reader = fake.reader()
    await reader.read([ACME])
    fake.answer = lambda request: fake.json(503, error("SERVER_UNAVAILABLE"))
    assert (await reader.read([ACME]))[ACME.name].api_calls == 1


async def test_a_username_that_went_to_another_user_is_not_judged_by_the_old_ones_rows(fake: FakeOrg) -> None:
    reader = fake.reader()
    await reader.read([UNPINNED])
    fake.parts["user"] = rows(user_row(Id="005000000000009AAA"))
    evidence = (await reader.read([UNPINNED]))[UNPINNED.name]
    assert "not asked for this user yet" in reason(evidence.freeze)


async def test_permissions_that_the_org_does_not_know_are_left_out_of_the_query(fake: FakeOrg) -> None:
    fake.parts["describe"] = {"fields": [{"name": "PermissionsApiEnabled"}]}
    evidence = await read_one(fake)
    assert value_of(evidence.fields) == ("ApiEnabled",)
    assert "PermissionsViewDataLeakageEvents" not in fake.sent_queries()["grants"]


async def test_kinds_of_grants_are_told_apart(fake: FakeOrg) -> None:
    fake.parts["grants"] = rows(
        grant_row(),
        grant_row(PermissionSet={"Type": "Regular", "IsOwnedByProfile": False, "Label": "Incydr Access"}),
        grant_row(
            PermissionSetGroupId="0PG1",
            PermissionSetGroup={"Status": "Outdated"},
            ExpirationDate="2026-11-22T12:00:00.000+0000",
            IsActive=False,
            PermissionSet={"Type": "Group", "IsOwnedByProfile": False, "Label": "Incydr Group"},
        ),
    )
    grants = value_of((await read_one(fake)).grants)
    assert grants is not None
    assert [(g.kind, g.name) for g in grants] == [
        ("profile", "Incydr Integration"),
        ("set", "Incydr Access"),
        ("group", "Incydr Group"),
    ]
    assert (grants[2].group_status, grants[2].active) == ("Outdated", False)
    assert grants[2].expires == datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_sign_ins_carry_counts_and_times_of_both_aggregates(fake: FakeOrg) -> None:
    fake.parts["window"] = rows(sign_in_row(), sign_in_row(Application=None, Status="Login rate exceeded"))
    history = value_of((await read_one(fake)).sign_ins)
    assert history is not None
    assert history.since == WEEK_AGO
    assert [(s.application, s.status, s.count) for s in history.window] == [
        ("Incydr", "Success", 7),
        ("", "Login rate exceeded", 7),
    ]
    assert history.hour[0].source_ip == "203.0.113.12"


class TestAnEmptyAnswer:
    async def test_of_users_is_an_absence_only_with_the_right(self, fake: FakeOrg) -> None:
        fake.parts["user"] = rows()
        assert (await read_one(fake)).user == Read(None, START)

    async def test_of_users_is_unreadable_without_the_right(self, fake: FakeOrg) -> None:
        fake.parts |= {"user": rows(), "rights": rights("ApiEnabled")}
        evidence = await read_one(fake)
        assert "needs Manage Users or View All Users or View All Data" in reason(evidence.user)
        assert "needs Manage Users" in reason(evidence.freeze)
        assert isinstance(evidence.grants, Unreadable)

    async def test_of_user_logins_means_never_signed_in_with_the_right(self, fake: FakeOrg) -> None:
        fake.parts["freeze"] = rows()
        assert (await read_one(fake)).freeze == Read(None, START)

    async def test_of_user_logins_is_unreadable_without_manage_users(self, fake: FakeOrg) -> None:
        fake.parts |= {"freeze": rows(), "rights": rights("ViewAllUsers")}
        assert "needs Manage Users" in reason((await read_one(fake)).freeze)

    async def test_of_sign_ins_is_read_as_none_with_the_right(self, fake: FakeOrg) -> None:
        fake.parts |= {"window": rows(), "hour": rows(), "rights": rights("MonitorLoginHistory")}
        history = value_of((await read_one(fake)).sign_ins)
        assert history is not None
        assert history.window == ()

    async def test_of_grants_is_never_believed(self, fake: FakeOrg) -> None:
        fake.parts["grants"] = rows()
        assert isinstance((await read_one(fake)).grants, Unreadable)

    async def test_is_unreadable_where_the_rights_could_not_be_read(self, fake: FakeOrg) -> None:
        fake.parts["freeze"] = rows()
        fake.refused["rights"] = error(
            "INVALID_TYPE", "sObject type 'UserPermissionAccess' is not supported."
        )
        assert "your own rights could not be read" in reason((await read_one(fake)).freeze)

    async def test_makes_the_rights_be_read_again_when_rows_were_there_before(self, fake: FakeOrg) -> None:
        reader = fake.reader()
        await reader.read([ACME])
        fake.parts |= {"freeze": rows(), "rights": rights("ViewAllUsers")}
        fake.clock.advance(timedelta(minutes=1))
        evidence = (await reader.read([ACME]))[ACME.name]
        assert "needs Manage Users" in reason(evidence.freeze)
        assert evidence.api_calls == 3
        assert (await reader.read([ACME]))[ACME.name].api_calls == 1


async def test_own_sign_ins_alone_do_not_count_without_the_right(fake: FakeOrg) -> None:
    fake.parts["rights"] = rights("ViewAllUsers")
    assert "Monitor Login History" in reason((await read_one(fake)).sign_ins)


async def test_tokens_need_customize_application(fake: FakeOrg) -> None:
    fake.parts["rights"] = rights("ManageUsers")
    assert "needs Customize Application" in reason((await read_one(fake)).tokens)


async def test_rows_that_came_count_where_the_rights_are_unknown(fake: FakeOrg) -> None:
    fake.refused["rights"] = error("INVALID_TYPE")
    assert isinstance((await read_one(fake)).sign_ins, Read)


NO_COLUMN = (
    "\nSELECT Id, PermissionsApiEnabled, PermissionsMonitorLoginHistory\n    ^\nERROR at Row:1:Column:36\n"
    "No such column 'PermissionsMonitorLoginHistory' on entity 'UserPermissionAccess'. If you are attempting"
)


def without_monitor_login_history(fake: FakeOrg) -> list[str]:
    """An org that has no such permission; what it was asked about the operator's rights."""
    asked: list[str] = []

    def answer(query: str) -> object:
        asked.append(query)
        if "MonitorLoginHistory" in query:
            return fake.json(400, error("INVALID_FIELD", NO_COLUMN))
        return rights("ManageUsers", "ViewSetup", "CustomizeApplication")

    fake.queries["FROM UserPermissionAccess"] = answer
    fake.refused["rights"] = error("INVALID_FIELD", NO_COLUMN)
    return asked


async def test_a_right_that_the_org_does_not_know_is_left_out_in_the_same_reading(fake: FakeOrg) -> None:
    asked = without_monitor_login_history(fake)
    evidence = await read_one(fake)
    assert isinstance(evidence.rights, Read)
    assert evidence.rights.value.may("ManageUsers")
    assert (len(asked), evidence.api_calls) == (1, 4)


async def test_it_is_left_out_from_then_on(fake: FakeOrg) -> None:
    without_monitor_login_history(fake)
    reader = fake.reader()
    await reader.read([ACME])
    fake.refused.clear()
    fake.clock.advance(timedelta(minutes=15))
    assert (await reader.read([ACME]))[ACME.name].api_calls == 3
    assert "MonitorLoginHistory" not in fake.last_query("rights")


async def test_an_org_that_does_not_describe_its_fields_tells_the_one_that_it_lacks(fake: FakeOrg) -> None:
    fake.refused["describe"] = error("INVALID_TYPE")
    without_monitor_login_history(fake)
    assert isinstance((await read_one(fake)).rights, Read)


async def test_of_two_rights_that_it_lacks_and_does_not_describe_the_second_is_left_out_next_time(
    fake: FakeOrg,
) -> None:
    fake.refused["describe"] = error("INVALID_TYPE")
    fake.refused["rights"] = error("INVALID_FIELD", NO_COLUMN)
    second = NO_COLUMN.replace("MonitorLoginHistory", "ViewAllUsers")
    fake.queries["FROM UserPermissionAccess"] = lambda query: fake.json(400, error("INVALID_FIELD", second))
    reader = fake.reader()
    first = (await reader.read([ACME]))[ACME.name]
    assert isinstance(first.rights, Unreadable)
    assert first.api_calls == 4
    fake.refused.pop("rights")
    assert isinstance((await reader.read([ACME]))[ACME.name].rights, Read)
    assert "ViewAllUsers" not in fake.last_query("rights")
    assert "MonitorLoginHistory" not in fake.last_query("rights")


async def test_another_column_that_the_org_lacks_is_not_asked_about_again_and_again(fake: FakeOrg) -> None:
    reader = fake.reader()
    await reader.read([ACME])
    fake.refused["grants"] = error("INVALID_FIELD", "No such column 'IsCustom' on entity 'PermissionSet'.")
    evidence = (await reader.read([ACME]))[ACME.name]
    assert "IsCustom" in reason(evidence.grants)
    assert evidence.api_calls == 1


async def test_a_permission_that_the_org_lost_costs_no_sight_of_the_others(fake: FakeOrg) -> None:
    reader = fake.reader()
    await reader.read([ACME])
    fields = ("ApiEnabled", "CustomizeApplication")
    fake.parts["describe"] = {"fields": [{"name": f"Permissions{name}"} for name in fields]}
    told = error(
        "INVALID_FIELD", "No such column 'PermissionsViewDataLeakageEvents' on entity 'PermissionSet'."
    )

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith("/composite"):
            if "PermissionSet.PermissionsViewDataLeakageEvents" in request.content.decode().replace(
                "%20", " "
            ):
                fake.refused["grants"] = told
            else:
                fake.refused.pop("grants", None)
        return None

    fake.answer = answer
    evidence = (await reader.read([ACME]))[ACME.name]
    grants = value_of(evidence.grants)
    assert grants is not None
    assert grants[0].permissions == fields
    assert evidence.api_calls == 4


class TestABadPart:
    async def test_refused_makes_only_itself_unreadable(self, fake: FakeOrg) -> None:
        fake.refused["freeze"] = error("INVALID_TYPE", "sObject type 'UserLogin' is not supported.")
        evidence = await read_one(fake)
        assert "INVALID_TYPE" in reason(evidence.freeze)
        assert isinstance(evidence.user, Read)

    async def test_of_a_wrong_shape_names_source_and_field(self, fake: FakeOrg) -> None:
        fake.parts["freeze"] = rows(login_row(IsFrozen="yes"))
        evidence = await read_one(fake)
        assert "freeze: Expected `bool`, got `str` - at `$[0].IsFrozen`" in reason(evidence.freeze)
        assert isinstance(evidence.grants, Read)

    async def test_that_is_missing_is_named(self, fake: FakeOrg) -> None:
        fake.parts["freeze"] = None
        assert "freeze" in reason((await read_one(fake)).freeze)

    async def test_with_a_time_without_zone_is_refused(self, fake: FakeOrg) -> None:
        fake.parts["user"] = rows(user_row(LastModifiedDate="2026-11-22T13:00:00"))
        assert "User.LastModifiedDate: expected a time with its zone" in reason((await read_one(fake)).user)

    async def test_with_a_missing_permission_field_is_refused(self, fake: FakeOrg) -> None:
        fake.parts["grants"] = rows(grant_row(PermissionSet={"PermissionsApiEnabled": None}))
        assert "PermissionsApiEnabled" in reason((await read_one(fake)).grants)


async def test_texts_from_the_org_are_cleaned(fake: FakeOrg) -> None:
    fake.parts["user"] = rows(user_row(Name="Incydr\x1b[31m \u202eEMEA\n"))
    user = value_of((await read_one(fake)).user)
    assert user is not None
    assert user.name == "Incydr EMEA"


async def test_further_pages_of_a_query_are_read_too(fake: FakeOrg) -> None:
    next_page = "/services/data/v66.0/query/01g-2000"
    fake.parts["grants"] = rows(grant_row(), done=False, nextRecordsUrl=next_page)
    fake.answer = lambda request: fake.json(200, rows(grant_row())) if request.url.path == next_page else None
    grants = value_of((await read_one(fake)).grants)
    assert grants is not None
    assert len(grants) == 2


async def test_a_next_page_on_another_host_is_not_followed(fake: FakeOrg) -> None:
    fake.parts["grants"] = rows(grant_row(), done=False, nextRecordsUrl="https://evil.example/x")
    assert isinstance((await read_one(fake)).user, Unreadable)
    assert {r.url.host for r in fake.requests} == {"acme.my.salesforce.com"}


class TestAFailingOrg:
    async def test_makes_every_part_unreadable_with_a_next_step(self, fake: FakeOrg) -> None:
        fake.answer = lambda request: fake.json(
            403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        )
        evidence = await read_one(fake)
        for part in (evidence.user, evidence.freeze, evidence.grants, evidence.sign_ins, evidence.rights):
            assert "daily API calls are used up" in reason(part)

    async def test_keeps_slow_facts_with_their_dates(self, fake: FakeOrg) -> None:
        reader = fake.reader()
        await reader.read([ACME])
        fake.answer = lambda request: httpx.Response(503, text="<html>down</html>")
        fake.clock.advance(timedelta(minutes=20))
        evidence = (await reader.read([ACME]))[ACME.name]
        assert isinstance(evidence.user, Unreadable)
        assert isinstance(evidence.rights, Read)
        assert evidence.rights.at == START
        assert evidence.org_now == START + timedelta(minutes=20)

    async def test_says_when_it_wants_to_be_asked_again(self, fake: FakeOrg) -> None:
        reader = fake.reader()
        fake.answer = lambda request: fake.json(503, error("SERVER_UNAVAILABLE"), **{"Retry-After": "120"})
        await reader.read([ACME])
        assert reader.retry_at == START + timedelta(seconds=120)
        fake.answer = lambda request: None
        await reader.read([ACME])
        assert reader.retry_at is None

    @pytest.mark.parametrize(
        "message", ["ConcurrentRequests (Concurrent API Requests)", "ConcurrentPerOrgLongTxn"]
    )
    async def test_that_has_too_many_long_requests_is_asked_again_within_a_minute(
        self, fake: FakeOrg, message: str
    ) -> None:
        reader = fake.reader()
        fake.answer = lambda request: fake.json(
            403, error("REQUEST_LIMIT_EXCEEDED", f"{message} Limit exceeded.")
        )
        user = (await reader.read([ACME]))[ACME.name].user
        assert isinstance(user, Unreadable)
        assert "daily" not in user.reason + user.next_step
        assert reader.retry_at is not None
        assert reader.retry_at - START <= timedelta(minutes=1)

    async def test_whose_calls_are_used_up_is_left_alone_for_a_while(self, fake: FakeOrg) -> None:
        reader = fake.reader()
        fake.answer = lambda request: fake.json(
            403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        )
        await reader.read([ACME])
        assert reader.retry_at == START + timedelta(minutes=15)

    @pytest.mark.parametrize(
        "answer",
        [
            httpx.Response(200, text="<html>Maintenance</html>"),
            httpx.Response(200, text="not json"),
            httpx.Response(200, json={"compositeResponse": "?"}),
            httpx.Response(200, json=[]),
            httpx.Response(200, content=b"\xff\xfe\x00"),
            httpx.Response(200, text="[" * 100_000),
            httpx.Response(429, json=[]),
            httpx.Response(420),
            httpx.Response(500, json={"a": 1}),
            httpx.Response(302, headers={"location": "https://other.my.salesforce.com/x"}),
        ],
    )
    async def test_never_raises(self, fake: FakeOrg, answer: httpx.Response) -> None:
        fake.answer = lambda request: answer
        assert isinstance((await read_one(fake)).user, Unreadable)

    async def test_without_a_list_of_versions_is_unreadable(self, fake: FakeOrg) -> None:
        fake.versions = ["70.0"]
        assert "nothing up to 66.0" in reason((await read_one(fake)).user)


async def test_a_refused_token_is_renewed_once(fake: FakeOrg) -> None:
    reader = fake.reader()
    await reader.read([ACME])
    fake.token = "token-2"
    assert isinstance((await reader.read([ACME]))[ACME.name].user, Read)
    assert fake.resolved == 2


async def test_a_token_refused_twice_is_not_tried_again(fake: FakeOrg) -> None:
    fake.answer = lambda request: fake.json(401, error("INVALID_SESSION_ID"))
    assert "refused the token" in reason((await read_one(fake)).user)
    assert len(fake.data_calls()) == 2


async def test_a_part_that_was_read_and_is_refused_now_is_unreadable(fake: FakeOrg) -> None:
    reader = fake.reader()
    await reader.read([ACME])
    fake.refused["licenses"] = error("INVALID_TYPE")
    fake.clock.advance(timedelta(minutes=15))
    assert isinstance((await reader.read([ACME]))[ACME.name].licenses, Unreadable)


async def test_settings_that_cannot_be_seen_are_unreadable(fake: FakeOrg) -> None:
    fake.streams = rows()
    assert "needs Customize Application" in reason((await read_one(fake)).streams)


async def test_no_query_selects_the_token_columns_or_filters_on_what_cannot_be_filtered(
    fake: FakeOrg,
) -> None:
    await read_one(fake)
    texts = [p["url"] for r in fake.data_calls() if r.method == "POST" for p in fake._asked(r)]
    joined = " ".join(str(httpx.URL(t).params.get("q", "")) for t in texts)
    for secret in ("AccessToken", "DeleteToken", "RequestToken"):
        assert secret not in joined
    assert "Status =" not in joined
    assert "Display LIKE" not in joined


async def test_an_operator_who_cannot_be_named_leaves_the_rights_unread(fake: FakeOrg) -> None:
    fake.userinfo = {"sub": "x"}
    evidence = await read_one(fake)
    assert "userinfo" in reason(evidence.rights)
    assert isinstance(evidence.user, Read)


async def test_a_secret_that_is_not_there_makes_every_part_unreadable(fake: FakeOrg) -> None:
    async def missing(reference: str | tuple[str, ...]) -> Secret:
        raise Problem("Secret not available", "SF_TOKEN is not set.", "Set SF_TOKEN.")

    fake.resolve = missing  # type: ignore[method-assign]
    assert "SF_TOKEN" in reason((await read_one(fake)).user)


@pytest.mark.parametrize(
    ("header", "used", "limit"),
    [
        ("api-usage=18/15000", 18, 15_000),
        ("api-usage=10018/100000; api-bursts=1/750", 10_018, 100_000),
        ("api-bursts=1/750; api-usage=10018/100000", 10_018, 100_000),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)", 25, 5_000),
        ("per-app-api-usage=17/250(appName=a, b); api-usage=25/5000", 25, 5_000),
        ("per-app-api-usage=17/250(appName=a; api-usage=1/2), api-usage=25/5000", 25, 5_000),
        ("API-Usage = 25 / 5000", 25, 5_000),
    ],
)
def test_the_daily_calls_are_read_wherever_they_stand(header: str, used: int, limit: int) -> None:
    assert api_usage(header) == (used, limit)


@pytest.mark.parametrize(
    "header", ["", "api-bursts=1/750", "per-app-api-usage=17/250(appName=x)", "api-usage=x/y"]
)
def test_a_header_without_the_daily_calls_tells_none(header: str) -> None:
    assert api_usage(header) is None


async def test_an_org_that_retired_the_version_is_asked_with_an_older_one(fake: FakeOrg) -> None:
    def retired(request: httpx.Request) -> httpx.Response | None:
        if "/v66.0/" in request.url.path:
            return fake.json(400, error("UNSUPPORTED_API_VERSION", "API version is not supported"))
        return None

    fake.answer = retired
    found = (await fake.reader().read([ACME]))[ACME.name]
    assert isinstance(found.user, Read)


async def test_an_org_that_does_not_say_who_the_operator_is_is_read_all_the_same(fake: FakeOrg) -> None:
    fake.answer = lambda r: (
        httpx.Response(403, text="Bad_OAuth_Token") if r.url.path.endswith("/userinfo") else None
    )
    found = (await fake.reader().read([ACME]))[ACME.name]
    assert isinstance(found.rights, Read)
    assert found.rights.value.username == ""
    assert isinstance(found.licenses, Read)
    asked = sum(r.url.path.endswith("/userinfo") for r in fake.requests)
    assert asked == 2


@pytest.mark.parametrize("version", ["66abc", "6" * 5_000, "٦٦.0", "-66.0", "66"])
async def test_an_odd_version_in_the_list_is_passed_over(fake: FakeOrg, version: str) -> None:
    fake.versions = [version, "60.0"]
    assert isinstance((await fake.reader().read([ACME]))[ACME.name].user, Read)


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59.000+0000", "0001-01-01T00:00:00.000+0000", "4001-01-01T00:00:00Z"]
)
async def test_a_moment_that_nobody_can_reckon_with_is_unreadable(fake: FakeOrg, text: str) -> None:
    fake.parts["user"] = rows(user_row(LastModifiedDate=text))
    assert isinstance((await fake.reader().read([ACME]))[ACME.name].user, Unreadable)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"compositeResponse":' + b"[" * 100_000, b"9" * 5_000])
@pytest.mark.parametrize("status", [200, 400, 403, 500])
async def test_a_hostile_answer_is_unreadable(fake: FakeOrg, body: bytes, status: int) -> None:
    fake.answer = lambda request: httpx.Response(status, content=body)
    assert isinstance((await fake.reader().read([ACME]))[ACME.name].user, Unreadable)


async def test_an_org_whose_clock_says_the_last_year_is_read_by_this_machines(fake: FakeOrg) -> None:
    fake.answer = lambda r: None
    fake.skew = datetime(9999, 12, 30, tzinfo=UTC) - START
    found = (await fake.reader().read([ACME]))[ACME.name]
    assert isinstance(found.user, Read)
    assert found.user.at == START


@pytest.mark.parametrize(
    ("part", "attribute"), [("rights", "rights"), ("organization", "org"), ("licenses", "licenses")]
)
async def test_a_slow_fact_without_any_row_is_unreadable(fake: FakeOrg, part: str, attribute: str) -> None:
    fake.parts[part] = rows()
    assert isinstance(getattr(await read_one(fake), attribute), Unreadable)


async def test_settings_that_cannot_be_asked_leave_the_rest_read(fake: FakeOrg) -> None:
    fake.answer = lambda request: (
        fake.json(503, error("SERVER_UNAVAILABLE")) if "/tooling/" in request.url.path else None
    )
    evidence = await read_one(fake)
    assert isinstance(evidence.streams, Unreadable)
    assert isinstance(evidence.rights, Read)


async def test_nobody_to_read_about_costs_nothing(fake: FakeOrg) -> None:
    assert await fake.reader().read([]) == {}
    assert fake.requests == []
