"""SOQL of the stand-in org: what is answered, and what is refused in which words."""

# ruff: noqa: S608  (texts of queries are what is tested here; no database is near)

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui.demo.soql import Answer, Field, SoqlError, Table, run

Rows = list[dict[str, object]]
NOW = datetime(2026, 11, 22, 13, 41, 7, tzinfo=UTC)
ADA, BEN, CYD = "005000000000001AAA", "005000000000002AAA", "005000000000003AAA"
INTEGRATION, MINIMAL = "00e000000000001AAA", "00e000000000002AAA"
LICENSE = "100000000000001AAA"


def ago(**parts: float) -> datetime:
    return NOW - timedelta(**parts)


LICENSES: Rows = [{"Id": LICENSE, "Name": "Salesforce"}]
PROFILES: Rows = [
    {"Id": INTEGRATION, "Name": "Integration", "UserLicenseId": LICENSE},
    {"Id": MINIMAL, "Name": "Minimal", "UserLicenseId": None},
]
USERS = [
    {
        "Id": ADA,
        "Username": "ada@acme.example",
        "IsActive": True,
        "Logins": 7,
        "ProfileId": INTEGRATION,
        "ManagerId": None,
        "LastLoginDate": ago(minutes=5),
    },
    {
        "Id": BEN,
        "Username": "Ben_O'Hara@acme.example",
        "IsActive": False,
        "Logins": 0,
        "ProfileId": MINIMAL,
        "ManagerId": ADA,
        "LastLoginDate": ago(days=1),
    },
    {
        "Id": CYD,
        "Username": "cyd@other.example",
        "IsActive": True,
        "Logins": None,
        "ProfileId": INTEGRATION,
        "ManagerId": BEN,
        "LastLoginDate": None,
    },
]
LOGINS = [
    {
        "Id": "0Ya000000000001AAA",
        "UserId": ADA,
        "LoginTime": ago(minutes=1),
        "Status": "Success",
        "Application": "Incydr",
    },
    {
        "Id": "0Ya000000000002AAA",
        "UserId": ADA,
        "LoginTime": ago(minutes=9),
        "Status": "Success",
        "Application": "incydr",
    },
    {
        "Id": "0Ya000000000003AAA",
        "UserId": BEN,
        "LoginTime": ago(hours=2),
        "Status": "User is frozen",
        "Application": None,
    },
]
TRAIL = [{"Id": "0Ym000000000001AAA", "Action": "frozeuser", "CreatedDate": NOW}]
SETTINGS = [
    {"Id": "4wC000000000001AAA", "Metadata": {"realTimeEvents": []}},
    {"Id": "4wC000000000002AAA", "Metadata": {}},
]

TABLES: Mapping[str, Table] = {
    "User": Table(
        "User",
        {
            "Id": Field("id"),
            "Username": Field("string", groupable=True),
            "IsActive": Field("boolean", groupable=True),
            "Logins": Field("int"),
            "ProfileId": Field("reference", groupable=True, relation="Profile", target="Profile"),
            "ManagerId": Field("reference", relation="Manager", target="User"),
            "OwnerId": Field("reference", relation="Owner", target="Hidden"),
            "LastLoginDate": Field("datetime"),
        },
        lambda: USERS,
    ),
    "Profile": Table(
        "Profile",
        {
            "Id": Field("id"),
            "Name": Field("string", groupable=True),
            "UserLicenseId": Field("reference", relation="UserLicense", target="UserLicense"),
        },
        lambda: PROFILES,
    ),
    "UserLicense": Table("UserLicense", {"Id": Field("id"), "Name": Field("string")}, lambda: LICENSES),
    "LoginHistory": Table(
        "LoginHistory",
        {
            "Id": Field("id"),
            "UserId": Field("reference", groupable=True),
            "LoginTime": Field("datetime"),
            "Status": Field("string", filterable=False, groupable=True),
            "Application": Field("string", groupable=True),
        },
        lambda: LOGINS,
    ),
    "SetupAuditTrail": Table(
        "SetupAuditTrail",
        {"Id": Field("id"), "Action": Field("string", sortable=False), "CreatedDate": Field("datetime")},
        lambda: TRAIL,
        countable=False,
    ),
    "RealTimeEventSettings": Table(
        "RealTimeEventSettings", {"Id": Field("id"), "Metadata": Field("object")}, lambda: SETTINGS
    ),
}


def ask(query: str) -> Answer:
    return run(query, TABLES, now=NOW, version="66.0")


def records(query: str) -> list[dict[str, object]]:
    return [{k: v for k, v in record.items() if k != "attributes"} for record in ask(query).records]


def users(where: str) -> str:
    """First letters of the users that pass `where`."""
    found = ask(f"SELECT Username FROM User WHERE {where}").records
    return "".join(str(record["Username"])[0].lower() for record in found)


def refusal(query: str) -> tuple[str, str]:
    """Code and last line of the message."""
    with pytest.raises(SoqlError) as caught:
        ask(query)
    return caught.value.code, caught.value.message.rsplit("\n", 1)[-1]


# What records look like


def test_a_record_names_its_type_and_address() -> None:
    assert ask("SELECT Id FROM Profile LIMIT 1").records == [
        {
            "attributes": {"type": "Profile", "url": f"/services/data/v66.0/sobjects/Profile/{INTEGRATION}"},
            "Id": INTEGRATION,
        }
    ]


def test_names_may_be_written_in_any_case_and_come_out_as_in_the_schema() -> None:
    assert records("select USERNAME from uSER limit 1") == [{"Username": "ada@acme.example"}]


def test_datetimes_are_printed_as_salesforce_prints_them() -> None:
    assert records("SELECT LastLoginDate FROM User LIMIT 1") == [
        {"LastLoginDate": "2026-11-22T13:36:07.000+0000"}
    ]


def test_datetimes_of_another_zone_are_printed_in_utc() -> None:
    moment = datetime(2026, 11, 22, 1, 0, 0, 900, tzinfo=timezone(timedelta(hours=2)))
    table = Table("Thing", {"At": Field("datetime")}, lambda: [{"At": moment}])
    answer = run("SELECT At FROM Thing", {"Thing": table}, now=NOW, version="v66.0")
    assert answer.records == [{"attributes": {"type": "Thing"}, "At": "2026-11-21T23:00:00.000+0000"}]


def test_relations_are_nested_through_several_levels() -> None:
    [record] = records("SELECT Profile.Name, Profile.UserLicense.Name FROM User LIMIT 1")
    profile = record["Profile"]
    assert isinstance(profile, dict)
    assert profile["Name"] == "Integration"
    assert profile["UserLicense"]["attributes"]["type"] == "UserLicense"
    assert profile["UserLicense"]["Name"] == "Salesforce"


def test_a_relation_without_a_row_is_null() -> None:
    found = records(f"SELECT Manager.Username FROM User WHERE Id = '{ADA}'")
    assert found == [{"Manager": None}]


def test_an_alias_of_the_object_may_lead_a_path() -> None:
    assert records("SELECT u.Id, User.Username FROM User u LIMIT 1") == [
        {"Id": ADA, "Username": "ada@acme.example"}
    ]


def test_objects_of_metadata_come_out_as_they_are() -> None:
    found = records("SELECT Metadata FROM RealTimeEventSettings LIMIT 1")
    assert found == [{"Metadata": {"realTimeEvents": []}}]


def test_metadata_is_given_for_one_row_only() -> None:
    code, message = refusal("SELECT Id, Metadata FROM RealTimeEventSettings")
    assert code == "MALFORMED_QUERY"
    assert message.endswith("must specify no more than one row for retrieval. Result size: 2")


def test_columns_describe_fields_and_join_those_of_a_relation() -> None:
    columns = ask("SELECT Id, Profile.Name, Profile.Id FROM User").columns
    assert [(c["columnName"], c["apexType"]) for c in columns] == [("Id", "Id"), ("Profile", "String")]
    joined = columns[1]["joinColumns"]
    assert isinstance(joined, list)
    assert [c["columnName"] for c in joined] == ["Name", "Id"]


# Filters


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Username = 'ADA@ACME.EXAMPLE'", "a"),
        ("Username != 'ada@acme.example'", "bc"),
        ("Username <> 'ada@acme.example'", "bc"),
        (r"Username = 'Ben_O\'Hara@acme.example'", "b"),
        (r"Username = 'Ben\u005fO\'Hara@acme.example'", "b"),
        ("Username > 'b'", "bc"),
        ("Username IN ('ada@acme.example', 'cyd@other.example')", "ac"),
        ("Username NOT IN ('ada@acme.example')", "bc"),
        ("Username LIKE '%@ACME.example'", "ab"),
        ("Username LIKE '_da@%'", "a"),
        (r"Username LIKE '%\_o%'", "b"),
        ("Username LIKE 'acme'", ""),
        ("IsActive = true", "ac"),
        ("IsActive = FALSE", "b"),
        ("IsActive != true", "b"),
        ("Logins = 7", "a"),
        ("Logins >= 0", "ab"),
        ("Logins < 1.5", "b"),
        ("Logins = null", "c"),
        ("Logins IN (7, null)", "ac"),
        ("Logins > null", ""),
        ("ManagerId = null", "a"),
        ("ManagerId != null", "bc"),
        ("Id = '005000000000002'", "b"),
        ("Id IN ('005000000000002AAA', '005000000000003')", "bc"),
        ("Profile.Name = 'integration'", "ac"),
        ("Manager.Profile.Name = 'Integration'", "b"),
        ("Manager.Manager.Username LIKE 'ada%'", "c"),
        ("NOT Username LIKE 'ada%'", "bc"),
        ("IsActive = true AND Logins = 7", "a"),
        ("Logins = 0 OR Logins = 7", "ab"),
        ("(Logins = 0 OR Logins = 7) AND IsActive = true", "a"),
        ("IsActive = true AND (NOT Logins = 7)", "c"),
        ("(IsActive = true AND Logins = 7) OR IsActive = false", "ab"),
    ],
)
def test_a_filter_finds(where: str, found: str) -> None:
    assert users(where) == found


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("LastLoginDate = 2026-11-22T13:36:07Z", "a"),
        ("LastLoginDate = 2026-11-22T14:36:07+01:00", "a"),
        ("LastLoginDate = 2026-11-22T08:36:07.000-0500", "a"),
        ("LastLoginDate > 2026-11-22T13:36:07Z", ""),
        ("LastLoginDate >= 2026-11-22T13:36:07Z", "a"),
        ("LastLoginDate < 2026-11-22T13:36:07Z", "b"),
        ("LastLoginDate <= 2026-11-22T13:36:07Z", "ab"),
        ("LastLoginDate != 2026-11-22T13:36:07Z", "bc"),
        ("LastLoginDate IN (2026-11-22T13:36:07Z, null)", "ac"),
        ("LastLoginDate = TODAY", "a"),
        ("LastLoginDate = YESTERDAY", "b"),
        ("LastLoginDate < TODAY", "b"),
        ("LastLoginDate <= today", "ab"),
        ("LastLoginDate < TOMORROW", "ab"),
        ("LastLoginDate = LAST_N_DAYS:1", "ab"),
        ("LastLoginDate >= LAST_N_DAYS:0", "a"),
        ("LastLoginDate = N_DAYS_AGO:1", "b"),
        ("LastLoginDate = null", "c"),
    ],
)
def test_a_moment_is_compared_by_whole_seconds_and_days(where: str, found: str) -> None:
    assert users(where) == found


def test_parts_of_a_second_do_not_count() -> None:
    rows = [{"At": NOW + timedelta(milliseconds=400)}]
    tables = {"Thing": Table("Thing", {"At": Field("datetime")}, lambda: rows)}
    same = run("SELECT COUNT() FROM Thing WHERE At = 2026-11-22T13:41:07Z", tables, now=NOW, version="66.0")
    later = run("SELECT COUNT() FROM Thing WHERE At > 2026-11-22T13:41:07Z", tables, now=NOW, version="66.0")
    assert (same.total, later.total) == (1, 0)


def test_empty_text_counts_as_null() -> None:
    rows: Rows = [{"Application": ""}, {"Application": None}, {"Application": "N/A"}]
    tables = {"L": Table("L", {"Application": Field("string")}, lambda: rows)}
    for written in ("null", "''"):
        answer = run(f"SELECT COUNT() FROM L WHERE Application = {written}", tables, now=NOW, version="66.0")
        assert answer.total == 2


def test_a_semi_join_takes_the_ids_of_another_object() -> None:
    found = records(
        "SELECT Id FROM LoginHistory WHERE UserId IN (SELECT Id FROM User WHERE Username LIKE 'ada%')"
    )
    assert [row["Id"] for row in found] == ["0Ya000000000001AAA", "0Ya000000000002AAA"]


def test_an_anti_join_leaves_them_out() -> None:
    assert users("Id NOT IN (SELECT UserId FROM LoginHistory)") == "c"


@pytest.mark.parametrize(
    "where",
    [
        "Id IN (SELECT Id FROM User)",
        "Id IN (SELECT Id, UserId FROM LoginHistory)",
        "Id IN (SELECT Application FROM LoginHistory)",
        "Id IN (SELECT UserId FROM LoginHistory LIMIT 1)",
        "Username IN (SELECT UserId FROM LoginHistory)",
        "Id = null OR Id IN (SELECT UserId FROM LoginHistory)",
        "NOT Id IN (SELECT UserId FROM LoginHistory)",
        "Id IN (SELECT UserId FROM LoginHistory WHERE UserId IN (SELECT Id FROM User))",
        " AND ".join(["Id IN (SELECT UserId FROM LoginHistory)"] * 3),
    ],
)
def test_joins_are_refused_where_salesforce_refuses_them(where: str) -> None:
    code, _ = refusal(f"SELECT Id FROM User WHERE {where}")
    assert code == "MALFORMED_QUERY"


# Order and pages


def test_rows_are_sorted_by_several_fields() -> None:
    found = records("SELECT Username FROM User ORDER BY Profile.Name DESC, Username DESC")
    assert [str(row["Username"])[0] for row in found] == ["B", "c", "a"]


def test_equal_rows_keep_their_order_also_downwards() -> None:
    found = records("SELECT Username FROM User ORDER BY IsActive DESC")
    assert [str(row["Username"])[0] for row in found] == ["a", "c", "B"]


@pytest.mark.parametrize(
    ("order", "logins"),
    [
        ("Logins", [None, 0, 7]),
        ("Logins ASC NULLS FIRST", [None, 0, 7]),
        ("Logins NULLS LAST", [0, 7, None]),
        ("Logins DESC", [None, 7, 0]),
        ("Logins DESC NULLS LAST", [7, 0, None]),
    ],
)
def test_nulls_go_first_unless_asked_otherwise(order: str, logins: list[int | None]) -> None:
    assert [row["Logins"] for row in records(f"SELECT Logins FROM User ORDER BY {order}")] == logins


def test_limit_and_offset_cut_a_page_and_the_total_is_the_page() -> None:
    answer = ask("SELECT Id FROM User ORDER BY Username LIMIT 1 OFFSET 1")
    assert ([row["Id"] for row in answer.records], answer.total) == ([BEN], 1)


def test_an_offset_beyond_two_thousand_is_refused() -> None:
    assert refusal("SELECT Id FROM User OFFSET 2001")[0] == "NUMBER_OUTSIDE_VALID_RANGE"


# Aggregates


def test_count_of_all_answers_a_total_without_records() -> None:
    answer = ask("SELECT COUNT() FROM User WHERE IsActive = true")
    assert (answer.total, answer.records, answer.is_count) == (2, [], True)


def test_aggregates_without_alias_are_numbered() -> None:
    found = ask(
        "SELECT COUNT(Logins), MIN(LastLoginDate), MAX(Logins) top, COUNT_DISTINCT(ProfileId) FROM User"
    )
    assert found.records == [
        {
            "attributes": {"type": "AggregateResult"},
            "expr0": 2,
            "expr1": "2026-11-21T13:41:07.000+0000",
            "top": 7,
            "expr2": 2,
        }
    ]


def test_aggregates_of_no_rows_are_zero_and_null() -> None:
    found = records("SELECT COUNT(Id), MAX(LoginTime) FROM LoginHistory WHERE LoginTime > TODAY")
    assert found == [{"expr0": 0, "expr1": None}]


def test_groups_have_their_own_aggregates_and_do_not_mind_case() -> None:
    found = records(
        "SELECT UserId, Application, Status, MIN(LoginTime), COUNT(Id) n FROM LoginHistory "
        "GROUP BY UserId, Application, Status"
    )
    assert found == [
        {
            "UserId": ADA,
            "Application": "Incydr",
            "Status": "Success",
            "expr0": "2026-11-22T13:32:07.000+0000",
            "n": 2,
        },
        {
            "UserId": BEN,
            "Application": None,
            "Status": "User is frozen",
            "expr0": "2026-11-22T11:41:07.000+0000",
            "n": 1,
        },
    ]


def test_groups_of_no_rows_are_none() -> None:
    assert records("SELECT Status, COUNT(Id) FROM LoginHistory WHERE Id = null GROUP BY Status") == []


def test_groups_can_be_kept_and_sorted_by_their_aggregates() -> None:
    query = "SELECT UserId, COUNT(Id) FROM LoginHistory GROUP BY UserId {} ORDER BY COUNT(Id)"
    assert [row["UserId"] for row in records(query.format(""))] == [BEN, ADA]
    assert [row["UserId"] for row in records(query.format("HAVING COUNT(Id) > 1"))] == [ADA]


def test_a_group_may_follow_a_relation() -> None:
    found = records("SELECT Profile.Name, COUNT(Id) FROM User GROUP BY Profile.Name")
    assert found == [{"Name": "Integration", "expr0": 2}, {"Name": "Minimal", "expr0": 1}]


def test_columns_of_aggregates_say_so() -> None:
    columns = ask("SELECT Status, COUNT(Id) FROM LoginHistory GROUP BY Status").columns
    assert [(c["columnName"], c["displayName"], c["aggregate"]) for c in columns] == [
        ("Status", "Status", False),
        ("expr0", "COUNT", True),
    ]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT Status, COUNT(Id) FROM LoginHistory", "Field must be grouped or aggregated: Status"),
        (
            "SELECT COUNT(Id) FROM LoginHistory GROUP BY LoginTime",
            "field 'LoginTime' can not be grouped in a query call",
        ),
        ("SELECT COUNT(Id) FROM SetupAuditTrail", "field Id does not support aggregate operator COUNT"),
        ("SELECT MAX(IsActive) FROM User", "field IsActive does not support aggregate operator MAX"),
        ("SELECT COUNT(Id) n, MIN(Id) n FROM User", "duplicate alias: n"),
        (
            "SELECT COUNT(Id) FROM User LIMIT 5",
            "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
        ),
        ("SELECT Id theId FROM User", "only aggregate expressions use field aliasing"),
        ("SELECT Id, ID FROM User", "duplicate field selected: Id"),
    ],
)
def test_a_selection_is_refused(query: str, message: str) -> None:
    assert refusal(query) == ("MALFORMED_QUERY", message)


def test_all_rows_of_an_object_that_aggregates_refuse_can_be_counted() -> None:
    assert ask("SELECT COUNT() FROM SetupAuditTrail").total == 1


# Refusals


def test_an_unknown_field_is_shown_with_its_place() -> None:
    with pytest.raises(SoqlError) as caught:
        ask("SELECT Foo FROM User")
    assert caught.value.code == "INVALID_FIELD"
    assert caught.value.message == (
        "\nSELECT Foo FROM User\n       ^\nERROR at Row:1:Column:8\n"
        "No such column 'Foo' on entity 'User'. If you are attempting to use a custom field, be sure to append "
        "the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
        "appropriate names."
    )


def test_the_place_counts_lines_and_a_long_query_is_cut_around_it() -> None:
    with pytest.raises(SoqlError) as caught:
        ask(
            "SELECT Id,\n  Username, LastLoginDate, ProfileId,\n  Foo FROM User WHERE Username = 'ada@acme.example'"
        )
    _, excerpt, caret, place, _ = caught.value.message.split("\n")
    assert excerpt[caret.index("^") :].startswith("Foo FROM")
    assert len(excerpt) == 60
    assert place == "ERROR at Row:3:Column:3"


def test_an_unknown_object_is_an_invalid_type() -> None:
    code, message = refusal("SELECT Id FROM Foo")
    assert code == "INVALID_TYPE"
    assert message.startswith("sObject type 'Foo' is not supported.")


@pytest.mark.parametrize("path", ["Foo.Name", "Owner.Name", "Username.Name"])
def test_a_relation_that_is_unknown_or_invisible_is_not_understood(path: str) -> None:
    code, message = refusal(f"SELECT {path} FROM User")
    assert code == "INVALID_FIELD"
    assert message.startswith(f"Didn't understand relationship '{path.split('.')[0]}' in field path.")


def test_a_path_has_at_most_five_levels() -> None:
    assert records(f"SELECT {'Manager.' * 5}Id FROM User LIMIT 1") == [{"Manager": None}]
    assert refusal(f"SELECT {'Manager.' * 6}Id FROM User")[0] == "INVALID_FIELD"


@pytest.mark.parametrize("where", ["Status = 'Success'", "Status IN ('Success')", "(NOT Status LIKE 'x')"])
def test_a_field_that_is_not_filterable_is_refused_in_every_filter(where: str) -> None:
    message = "field 'Status' can not be filtered in a query call"
    assert refusal(f"SELECT Id FROM LoginHistory WHERE {where}") == ("INVALID_FIELD", message)


def test_objects_of_metadata_are_neither_filtered_nor_sorted() -> None:
    query = "SELECT Id FROM RealTimeEventSettings {}"
    assert refusal(query.format("WHERE Metadata = null"))[1].endswith("can not be filtered in a query call")
    assert refusal(query.format("ORDER BY Metadata"))[1].endswith("can not be sorted in a query call")


def test_a_field_that_is_not_sortable_is_refused() -> None:
    message = "field 'Action' can not be sorted in a query call"
    assert refusal("SELECT Id FROM SetupAuditTrail ORDER BY Action") == ("MALFORMED_QUERY", message)


@pytest.mark.parametrize(
    ("where", "must"),
    [
        ("LastLoginDate > '2026-11-22T13:00:00Z'", "dateTime and should not be"),
        ("LastLoginDate > 2026-11-22", "dateTime and should not be"),
        ("IsActive = 'true'", "boolean and should not be"),
        ("Logins IN (1, '2')", "int and should not be"),
        ("Username = 5", "string and should be"),
        ("Username = TODAY", "string and should be"),
        ("Id = true", "ID and should be"),
    ],
)
def test_a_value_of_another_type_is_refused(where: str, must: str) -> None:
    code, message = refusal(f"SELECT Id FROM User WHERE {where}")
    name = where.split()[0]
    assert code == "INVALID_FIELD"
    assert (
        message == f"value of filter criterion for field '{name}' must be of type {must} enclosed in quotes"
    )


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("IsActive > true", "invalid operator"),
        ("Id LIKE '005%'", "invalid operator"),
        ("Id = 'ada'", "invalid ID field: ada"),
        ("ProfileId IN ('00e')", "invalid ID field: 00e"),
    ],
)
def test_an_operator_or_id_that_does_not_fit_is_refused(where: str, message: str) -> None:
    assert refusal(f"SELECT Id FROM User WHERE {where}") == ("INVALID_QUERY_FILTER_OPERATOR", message)


@pytest.mark.parametrize(
    ("query", "token"),
    [
        ("", "<EOF>"),
        ("SELECT", "<EOF>"),
        ("SELEC Id FROM User", "SELEC"),
        ("SELECT Id, FROM User", "FROM"),
        ("SELECT * FROM User", "*"),
        ("SELECT (SELECT (SELECT Id FROM X) FROM Y) FROM User", "("),
        ("SELECT STDDEV(Logins) FROM User", "("),
        ("SELECT COUNT(), Id FROM User", ","),
        ("SELECT COUNT() FROM User GROUP BY IsActive", "GROUP"),
        ("SELECT Id FROM User extra words", "words"),
        ("SELECT Id FROM User WHERE", "<EOF>"),
        ("SELECT Id FROM User WHERE Username 'x'", "'x'"),
        ("SELECT Id FROM User WHERE Username = x", "x"),
        ("SELECT Id FROM User WHERE Username = :name", ":"),
        ("SELECT Id FROM User WHERE Username = 'x", "'"),
        ("SELECT Id FROM User WHERE Username IN ()", ")"),
        ("SELECT Id FROM User WHERE COUNT(Id) > 1", "("),
        ("SELECT Id FROM User WHERE Id = null AND Id = null OR Id = null", "OR"),
        ("SELECT Id FROM User WHERE Id = null OR Id = null AND Id = null", "AND"),
        ("SELECT Id FROM User WHERE NOT Id = null AND Id = null", "AND"),
        ("SELECT Id FROM User WHERE (Id = null", "<EOF>"),
        ("SELECT Id FROM User WHERE LastLoginDate > LAST_N_HOURS:3", "LAST_N_HOURS"),
        ("SELECT Id FROM User WHERE LastLoginDate > LAST_N_DAYS", "<EOF>"),
        ("SELECT Id FROM User ORDER BY Id NULLS", "<EOF>"),
        ("SELECT Id FROM User LIMIT -1", "-1"),
        ("SELECT Id FROM User LIMIT 1 LIMIT 2", "LIMIT"),
        ("SELECT Id FROM User WHERE " + "(" * 51 + "Id = null" + ")" * 51, "("),
    ],
)
def test_what_the_parser_does_not_expect_is_named(query: str, token: str) -> None:
    assert refusal(query) == ("MALFORMED_QUERY", f"unexpected token: '{token}'")


@pytest.mark.parametrize(
    "value",
    ["2026-13-01T00:00:00Z", "0001-01-01T00:00:00+10:00", "9999-01-01T00:00:00Z", "LAST_N_DAYS:99999999999"],
)
def test_a_moment_that_does_not_exist_is_malformed(value: str) -> None:
    assert refusal(f"SELECT Id FROM User WHERE LastLoginDate > {value}")[0] == "MALFORMED_QUERY"


def test_an_endless_query_is_refused() -> None:
    assert refusal("SELECT Id FROM User" + " " * 100_000)[0] == "MALFORMED_QUERY"


def test_an_aggregate_cannot_sort_single_rows() -> None:
    assert refusal("SELECT Id FROM User ORDER BY COUNT(Id)")[0] == "MALFORMED_QUERY"


def test_a_group_is_not_kept_by_a_join() -> None:
    query = "SELECT UserId FROM LoginHistory GROUP BY UserId HAVING UserId IN (SELECT Id FROM User)"
    assert refusal(query)[0] == "MALFORMED_QUERY"


# Properties

GRAMMAR = """
    SELECT FROM WHERE GROUP BY ORDER HAVING AND OR NOT IN LIKE NULLS FIRST LAST LIMIT OFFSET COUNT MIN
    ( ) , . = != < > : Id User Username IsActive Logins LastLoginDate Profile Name Manager LoginHistory UserId
    TODAY LAST_N_DAYS null true 'x' '%\\_' 7 -1 1.5 2026-11-22T13:00:00Z 2026-11-22 x
"""
WORDS = st.sampled_from(GRAMMAR.split())
TAILS = st.lists(WORDS, max_size=14).map(" ".join)


@given(st.text() | TAILS | TAILS.map("SELECT Id FROM User WHERE {}".format) | TAILS.map("SELECT {}".format))
@example("SELECT Id FROM User WHERE Id IN (SELECT " * 60)
@example("SELECT Id FROM User LIMIT " + "9" * 5000)
@example("SELECT Id FROM User WHERE Username LIKE '\\")
@example("SELECT Id FROM User WHERE Username = '\\u'")
def test_any_text_is_answered_or_refused(text: str) -> None:
    try:
        answer = ask(text)
    except SoqlError as error:
        assert error.code.isupper()
    else:
        assert answer.is_count or answer.total == len(answer.records)


NUMBERS = st.none() | st.integers(-5, 5)
COMPARISONS: dict[str, Callable[[Any, int], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a is not None and a < b,
    "<=": lambda a, b: a is not None and a <= b,
    ">": lambda a, b: a is not None and a > b,
    ">=": lambda a, b: a is not None and a >= b,
}


@given(
    st.lists(st.tuples(NUMBERS, NUMBERS)),
    st.sampled_from(sorted(COMPARISONS)),
    st.sampled_from(sorted(COMPARISONS)),
    st.integers(-5, 5),
    st.integers(-5, 5),
    st.sampled_from(["AND", "OR"]),
)
def test_a_filter_finds_what_python_would_find(
    pairs: list[tuple[int | None, int | None]], first: str, second: str, left: int, right: int, joint: str
) -> None:
    rows = [{"A": a, "B": b} for a, b in pairs]
    tables = {"Thing": Table("Thing", {"A": Field("int"), "B": Field("int")}, lambda: rows)}
    query = f"SELECT A, B FROM Thing WHERE A {first} {left} {joint} (NOT B {second} {right})"
    found = [(r["A"], r["B"]) for r in run(query, tables, now=NOW, version="66.0").records]
    combine: Callable[[Iterable[bool]], bool] = all if joint == "AND" else any
    assert found == [
        (a, b) for a, b in pairs if combine((COMPARISONS[first](a, left), not COMPARISONS[second](b, right)))
    ]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_can_be_asked_for_when_it_is_escaped(text: str) -> None:
    tables = {"Thing": Table("Thing", {"A": Field("string")}, lambda: [{"A": text}])}
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    assert run(f"SELECT COUNT() FROM Thing WHERE A = '{escaped}'", tables, now=NOW, version="66.0").total == 1


@given(st.text("ab%_\\'"), st.text("ab%_\\'"))
def test_a_pattern_that_is_escaped_finds_its_text_alone(text: str, other: str) -> None:
    tables = {"Thing": Table("Thing", {"A": Field("string")}, lambda: [{"A": text}, {"A": other}])}
    escaped = "".join("\\" + c if c in "%_\\'" else c for c in text)
    query = f"SELECT A FROM Thing WHERE A LIKE '{escaped}'"
    found = [row["A"] for row in run(query, tables, now=NOW, version="66.0").records]
    assert found == [a for a in (text, other) if a == text]
