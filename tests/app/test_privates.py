"""Every private name of Textual that the app uses is listed with its reason, and is still there."""

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import tui.app
from tui.app.privates import PRIVATES

ROOM = Path(str(tui.app.__file__)).parent
SOURCES = {path: ast.parse(path.read_text()) for path in sorted(ROOM.glob("*.py"))}


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@cache
def own(cls: type) -> frozenset[str]:
    """The private names of one class: methods, class attributes, and what its methods set."""
    names = {*vars(cls), *re.findall(r"self\.(_\w+)\b", inspect.getsource(cls))}
    return frozenset(filter(private, names))


def of(cls: type) -> set[str]:
    """The private names of a Textual class and of those it comes from."""
    bases = (base for base in cls.__mro__ if base.__module__.startswith("textual"))
    return {name for base in bases for name in own(base)}


def classes_of_ours() -> Iterator[tuple[ast.ClassDef, type, ModuleType]]:
    for path, tree in SOURCES.items():
        module = importlib.import_module(f"tui.app.{path.stem}")
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                yield node, getattr(module, node.name), module


def used() -> Iterator[tuple[str, str]]:
    """Where a private name of Textual stands in the room's code, and the name."""
    for node, cls, module in classes_of_ours():
        theirs = of(cls)
        for part in ast.walk(node):
            name = part.attr if isinstance(part, ast.Attribute) else getattr(part, "name", None)
            if isinstance(name, str) and private(name) and name in theirs:
                yield f"{module.__name__}.{cls.__name__}", name
    for path, tree in SOURCES.items():
        for part in ast.walk(tree):
            if isinstance(part, ast.Attribute) and private(part.attr) and not by_itself(part):
                yield path.name, part.attr
            if isinstance(part, ast.ImportFrom) and re.match(r"textual\..*\b_", part.module or ""):
                yield from ((path.name, f"{part.module}.{alias.name}") for alias in part.names)


def by_itself(attribute: ast.Attribute) -> bool:
    """An object's name for its own: `self._x`, `super()._x`."""
    value = attribute.value
    return (isinstance(value, ast.Name) and value.id in ("self", "cls")) or isinstance(value, ast.Call)


def test_every_private_name_that_is_used_is_listed() -> None:
    listed = {*PRIVATES, *(name for names in PRIVATES.values() for name in names)}
    assert sorted({use for use in used() if use[1] not in listed}) == []


def test_every_name_that_is_listed_is_used() -> None:
    names = {name for _, name in used()}
    for cls, attributes in PRIVATES.items():
        assert set(attributes) <= names, cls


@pytest.mark.parametrize("where", PRIVATES)
def test_textual_still_has_it(where: str) -> None:
    module, _, name = where.rpartition(".")
    cls = getattr(importlib.import_module(module), name)
    assert set(PRIVATES[where]) - of(cls) == set()
