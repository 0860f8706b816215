"""Text from outside is cleaned; secrets are never shown."""

import json
import pickle
import unicodedata
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.base.problem import Problem
from tui.base.secret import Secret
from tui.base.text import MAX_TEXT, clean, clean_json, clean_lines, clean_tree, decode_json

NASTY = st.text(
    st.one_of(st.characters(), st.sampled_from("\x1b\x07\x9b\x9d\x90\\[]0;m\u202e\u2066\u2028\u0085\t\n\r"))
)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | NASTY,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NASTY, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("outside", "shown"),
    [
        ("Jane Doe", "Jane Doe"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]52;c;c2VjcmV0\x1b\\text", "text"),
        ("\x9b31mred", "red"),
        ("two\r\n\tlines", "two lines"),
        ("  spaces  ", "spaces"),
        ("user\u202egpj.exe", "usergpj.exe"),
        ("a\u2028b", "a b"),
        ("[/b]", "[/b]"),
        ("Zoë – ✖ 日本", "Zoë – ✖ 日本"),
        ("\x1b", ""),
        ("a\r\x1a\nb", "a b"),
    ],
)
def test_controls_go_and_words_stay(outside: str, shown: str) -> None:
    assert clean(outside) == shown


@given(NASTY)
def test_nothing_that_steers_a_terminal_survives(outside: str) -> None:
    cleaned = clean(outside)
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cs", "Zl", "Zp"}
    assert not set(cleaned) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@given(NASTY)
def test_cleaning_twice_changes_nothing_more(outside: str) -> None:
    assert clean(clean(outside)) == clean(outside)


@given(NASTY, st.integers(1, 40))
def test_no_text_is_longer_than_its_limit(outside: str, limit: int) -> None:
    assert len(clean(outside, limit)) <= limit


def test_a_cut_text_says_that_it_was_cut() -> None:
    assert clean("x" * (MAX_TEXT + 1)).endswith("…")


@given(TREES)
def test_a_tree_keeps_its_shape_and_every_text_in_it_is_clean(tree: Any) -> None:
    def check(before: Any, after: Any) -> None:
        if isinstance(before, str):
            assert after == clean(before)
        elif isinstance(before, list):
            assert len(after) == len(before)
            for one, other in zip(before, after, strict=True):
                check(one, other)
        elif isinstance(before, dict):
            assert set(after) == {clean(key) for key in before}
        else:
            assert after is before or after == before

    check(tree, clean_tree(tree))


ORDINARY = st.recursive(
    st.none() | st.integers() | st.text(st.sampled_from('ab\\"/ é{[,:]}\n'), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab \\"), inner, max_size=4),
    max_leaves=12,
)


@given(TREES | ORDINARY, st.booleans(), st.sampled_from([(",", ":"), None]), st.sampled_from([4, MAX_TEXT]))
def test_what_needs_no_cleaning_is_found_to_be_as_clean_as_what_was_cleaned(
    tree: Any, ascii: bool, separators: tuple[str, str] | None, limit: int
) -> None:
    text = json.dumps(tree, ensure_ascii=ascii, separators=separators)
    body = text.encode("utf-8", "surrogatepass")
    assert decode_json(body, object, limit) == clean_json(body, limit)


@pytest.mark.parametrize(
    "hidden", ["\u200b", "\u2060", "\u00ad", "\ufeff", "\U000e0041", "\U000e007f", "\u180e", "\u2062"]
)
def test_what_nobody_sees_is_dropped_everywhere(hidden: str) -> None:
    assert clean(f"ad{hidden}min") == "admin"
    assert clean_lines(f"ad{hidden}min\nb") == "admin\nb"


@pytest.mark.parametrize("written", ["नमस्ते कंपनी", "क्\u200dष", "می\u200cخواهم", "\u0600\u0661"])
def test_the_joiners_are_spelling_and_stay(written: str) -> None:
    assert clean(written) == written
    assert clean_lines(written) == written


def test_lines_and_tabs_stay_where_a_text_has_lines() -> None:
    assert clean_lines("a\tb\n\x1b[31mc\x07\r\x9b1md") == "a\tb\ncd"


@pytest.mark.parametrize("spoiled", [b'"\\ud800 x"', b'"x \\udc00"', b'"\xed\xa0\x80"', b'"\xff"'])
def test_half_a_character_spoils_its_own_text_alone(spoiled: bytes) -> None:
    tree = clean_json(b'{"good": "Zo\xc3\xab", "bad": ' + spoiled + b"}")
    assert isinstance(tree, dict)
    assert tree["good"] == "Zoë"
    assert not {unicodedata.category(c) for c in tree["bad"]} & {"Cs", "Cc"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"NaN", b'{"a": Infinity}', b"<html>"])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        clean_json(body)


def test_an_error_text_is_clean_whatever_stands_in_it() -> None:
    problem = Problem("a\x1b]0;t\x07b", "path \x9b31m/x\ny\u202e\u200b", "Run: \x07rm")
    assert str(problem) == "ab: path /x y Run: rm"


VALUE = "00Dxx!canary"


@pytest.mark.parametrize("shown", [str, repr, lambda s: f"{s}", lambda s: f"{s:>10}", lambda s: repr([s])])
def test_no_way_of_printing_shows_the_value(shown: object) -> None:
    assert callable(shown)
    assert VALUE not in shown(Secret(VALUE))


def test_only_reveal_gives_it_out() -> None:
    assert Secret(VALUE).reveal() == VALUE


@pytest.mark.parametrize("write", [pickle.dumps, json.dumps, msgspec.json.encode])
def test_it_cannot_be_written_anywhere(write: object) -> None:
    assert callable(write)
    with pytest.raises(TypeError):
        write(Secret(VALUE))


def test_secrets_are_equal_by_value_and_empty_ones_are_false() -> None:
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != VALUE
    assert hash(Secret(VALUE)) == hash(Secret(VALUE))
    assert not Secret("")
