"""Cleaning: what comes from outside can neither move the cursor nor read as something else."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.base.text import MAX_TEXT, clean, clean_tree

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
