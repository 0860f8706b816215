"""Stand-ins: the same for the same, of the same kind, and contained in each other only where the originals are."""

import re
from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.recordings import vocabulary
from tui.recordings.pseudonyms import Pseudonyms, check_letters
from tui.rules.audit import is_automation

KEY = b"one key of this test, 32 bytes.."


def stand_ins(key: bytes = KEY) -> Pseudonyms:
    return Pseudonyms(key, vocabulary.KEPT_WORDS, vocabulary.PRODUCTS)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Jane Doe", r"[A-Z][a-z]{5} [A-Z][a-z]{5}"),
        ("jane.doe", r"[a-z]{6}\.[a-z]{6}"),
        ("ACME", r"[A-Z]{6}"),
        ("Incydr EU", r"Incydr [A-Z]{6}"),
        ("Code42-Sync_2", r"Code42-Sync_\d{6}"),
        ("Мария Кузнецова", r"[А-Я][а-я]{5} [А-Я][а-я]{5}"),
        ("Ελένη", r"[Α-Ω][α-ω]{5}"),
        ("王小明", r"[\u4e00-\u9fa5]{3}"),
        ("さくら", r"[\u3042-\u3093]{3}"),
        ("Zoe\u0308 🦊", r"[A-Z][a-z]{5} [a-z]{6}"),
        ("jane.doe+svc@acme.co.uk", r"[a-z]{6}\.[a-z]{6}\+svc@[a-z]{6}\.[a-z]{6}\.[a-z]{6}\.example"),
        ("10.1.2.3", r"10\.\d+\.\d+\.\d+"),
        ("2001:db8::1", r"fd[0-9a-f:]+"),
        ("acme--uat.sandbox.my.salesforce.com", r"[a-z]{6}--[a-z]{6}\.sandbox\.my\.salesforce\.com"),
    ],
)
def test_a_stand_in_has_the_shape_of_what_it_stands_for(text: str, shape: str) -> None:
    told = stand_ins().text(text)
    assert re.fullmatch(shape, told), told
    assert not set(re.findall(r"\w+", text)) & set(re.findall(r"\w+", told)) - {
        "Incydr", "Code42", "Sync_2", "svc", "my", "salesforce", "com", "sandbox", "10",
    }  # fmt: skip


def test_a_time_moves_by_whole_weeks_and_keeps_its_weekday_and_hour() -> None:
    names = stand_ins()
    told = names.text("until 2026-11-22T14:05:00.000+0000, from 2026-11-20")
    first, second = re.findall(r"\d{4}-\d\d-\d\d", told)
    assert told == f"{names.text('until')} {first}T14:05:00.000+0000, {names.text('from')} {second}"
    moved = [datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in (first, second)]
    assert [day.weekday() for day in moved] == [6, 4]
    assert names.moved(datetime(2026, 11, 22, tzinfo=UTC)) == moved[0]
    assert names.http_date("Sun, 22 Nov 2026 13:00:00 GMT").startswith("Sun, ")


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", min_size=12, max_size=12))
def test_an_ids_two_forms_stay_one_with_right_check_letters(body: str) -> None:
    short = "005" + body
    long = short + check_letters(short)
    names = stand_ins()
    assert names.id(long)[:15] == names.id(short) != short
    assert names.id(long) == names.id(short) + check_letters(names.id(short))
    assert names.id(short).startswith("005")
    assert names.text(f"(UserID: [{short}])").endswith(f": [{names.id(short)}])") or body.isalpha()


@pytest.mark.parametrize("known", ["000000000000000AAA", "0055g000002m2h6AAA", "00D5g000002m23vEAA"])
def test_check_letters_are_salesforces(known: str) -> None:
    assert known[:15] + check_letters(known[:15]) == known


def test_the_id_of_nothing_stays() -> None:
    assert stand_ins().id("000000000000000AAA") == "000000000000000AAA"


NAMES = (
    "Incydr",
    "Incydr EU",
    "Incydr EU (old)",
    "Ann",
    "Annette",
    "Ann Lee",
    "EU",
    "Lee",
    "王",
    "王小明",
    "小",
)


def test_names_are_contained_where_the_originals_are() -> None:
    names = stand_ins()
    for one, other in product(NAMES, NAMES):
        contained = re.search(rf"(?<![a-z]){re.escape(one)}(?![a-z])", other) is not None
        assert (names.text(one) in names.text(other)) == contained, (one, other)


@given(st.lists(st.text("abcdé -_王小", max_size=30), max_size=8))
def test_different_texts_have_different_stand_ins_and_the_way_back_is_known(texts: list[str]) -> None:
    names = stand_ins()
    told = [names.text(text) for text in texts]
    assert told == [names.text(text) for text in texts]
    assert len(set(told)) == len(set(texts))
    assert [names.original(text) for text in told] == texts


@pytest.mark.parametrize(
    ("name", "username"),
    [("Okta Provisioning", "x@y.z"), ("Jane", "svc.incydr@acme.example"), ("Bo", "bo@api.com")],
)
def test_what_marks_automation_stays(name: str, username: str) -> None:
    names = stand_ins()
    assert is_automation(names.text(name), names.email(username)) == is_automation(name, username)


def test_another_key_makes_other_stand_ins() -> None:
    assert stand_ins().text("Jane Doe") != stand_ins(KEY[::-1]).text("Jane Doe")


def test_a_stand_in_that_somebody_has_is_told() -> None:
    names = stand_ins()
    other = names.text("jane")
    assert not names.clashes
    names.text(other)
    assert names.clashes == {other}
