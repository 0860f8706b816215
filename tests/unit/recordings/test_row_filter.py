"""Which recorded rows a query asks for."""

import pytest

from tui.recordings.row_filter import select

FROZE = {
    "Id": "1",
    "Action": "frozeuser",
    "CreatedDate": "2026-11-22T13:10:00.000+0000",
    "By": {"Name": "Jane"},
}
ASSIGN = {"Id": "2", "Action": "PermSetAssign", "CreatedDate": "2026-11-20T08:00:00.000+0000", "By": None}
ROWS = (FROZE, ASSIGN)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Action = 'FROZEUSER'", (FROZE,)),
        ("Action IN ('frozeuser','x')", (FROZE,)),
        ("Action NOT IN ('frozeuser')", (ASSIGN,)),
        ("NOT Action IN ('frozeuser')", (ASSIGN,)),
        ("Action LIKE 'Perm%'", (ASSIGN,)),
        ("Action LIKE 'P_rmSetAssign'", (ASSIGN,)),
        ("CreatedDate >= 2026-11-22T00:00:00Z", (FROZE,)),
        ("CreatedDate < 2026-11-22T00:00:00Z AND Action = 'frozeuser'", ()),
        ("(Action = 'frozeuser' OR Action LIKE 'Perm%') AND CreatedDate >= 2026-11-01T00:00:00Z", ROWS),
        ("(CreatedDate >= 2026-11-22T13:09:50Z AND CreatedDate <= 2026-11-22T13:10:10Z) OR Id = '2'", ROWS),
        ("By.Name = 'jane'", (FROZE, ASSIGN)),
        ("By = null", (ASSIGN,)),
        ("UserId IN (SELECT Id FROM User WHERE (Username IN ('a')))", ROWS),
        ("UserId IN (SELECT Id FROM User) AND Action = 'frozeuser'", (FROZE,)),
        ("DAY_ONLY(CreatedDate) = 2026-11-22", ROWS),
        ("Action = 'frozeuser' ORDER BY CreatedDate DESC LIMIT 10", (FROZE,)),
        ("CreatedDate >= 2020-01-01T00:00:00Z LIMIT 1", (FROZE,)),
        ("this is ( no condition", ROWS),
        ("Action = 'it\\'s (no) bracket'", ()),
    ],
)
def test_only_rows_that_the_condition_excludes_are_left_out(where: str, found: tuple[object, ...]) -> None:
    assert tuple(select(ROWS, " ".join(("SELECT Id FROM SetupAuditTrail WHERE", where)))) == found


def test_without_a_condition_all_rows_are_asked_for() -> None:
    assert select(ROWS, "SELECT Id FROM X LIMIT 5") == list(ROWS)


def test_ids_of_fifteen_and_eighteen_characters_are_one() -> None:
    row = {"Id": "005000000000001AAA"}
    assert select((row,), "SELECT Id FROM User WHERE Id IN ('005000000000001')") == [row]
