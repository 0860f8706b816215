"""Ids look and check as Salesforce's do."""

from tui.demo.ids import Ids, with_suffix


def test_the_suffix_checks_upper_and_lower_case() -> None:
    assert with_suffix("001A0000006Vm9r") == "001A0000006Vm9rIAC"


def test_ids_have_the_prefix_of_their_object_and_differ() -> None:
    ids = Ids("5g")
    given = [ids.new("User") for _ in range(500)]
    assert len(set(given)) == 500
    assert all(len(each) == 18 and each.startswith("0055g") for each in given)
