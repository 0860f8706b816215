"""A secret shows itself to nobody who does not ask for it by name."""

import json
import pickle

import msgspec
import pytest

from tui.base.secret import Secret

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
