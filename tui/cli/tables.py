"""The README's tables of commands and keys, from the same definitions as --help and the screens."""

import argparse
from collections.abc import Sequence

from tui.keys import COMMANDS, MOVES, key_name

FEW = 5
"""Options that a synopsis names one by one; more are "[options]"."""
EVERYWHERE = ("--help", "--config", "--log-level", "--version", "--theme", "--ascii", "--mouse")


def commands(parser: argparse.ArgumentParser) -> str:
    """One line a command, the app first."""
    rows = [("remonitor", "the app")]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {choice.dest: choice.help or "" for choice in action._choices_actions}
            rows += [(f"remonitor {synopsis(name, sub)}", told[name]) for name, sub in action.choices.items()]
    return _table(("command", "what it does"), [(f"`{line}`", told) for line, told in rows])


def synopsis(name: str, parser: argparse.ArgumentParser) -> str:
    """A command with its places and its own options: "check [NAME …] [--format text|json]"."""
    places = [_place(a) for a in parser._actions if not a.option_strings]
    own = [
        _option(a)
        for a in parser._actions
        if a.option_strings and not any(option in EVERYWHERE for option in a.option_strings)
    ]
    return " ".join([name, *places, *(own if len(own) <= FEW else ["[options]"])])


def keys() -> str:
    """One line a key, in the order of the program's own help."""
    rows = [
        (f"`{key_name(c.key)}`", c.label, c.help, f"`{c.id}`")
        for group in dict.fromkeys(c.group for c in COMMANDS)
        for c in COMMANDS
        if c.group == group
    ]
    rows += [(f"`{move.keys}`", move.label, move.help, "") for move in MOVES]
    return _table(("key", "", "what it does", "id"), rows)


def metrics() -> str:
    """One line a metric of `check --format prometheus`."""
    from tui.reports.prometheus import GAUGES

    rows = [(f"`remonitor_{g.name}`", ", ".join(g.labels) or "–", g.help) for g in GAUGES]
    return _table(("gauge", "labels", "what it says"), rows)


def fields() -> str:
    """One line a field of the answers in JSON."""
    from tui.reports.schemas import schema

    rows: dict[str, tuple[str, set[str]]] = {}
    for name, shapes in {"check": ("Document", "Entry"), "brief": ("BriefDocument", "BriefEntry")}.items():
        parts = schema(name)["$defs"]
        for shape in shapes:
            prefix = "connections[]." if shape.endswith("Entry") else ""
            for field, what in parts[shape]["properties"].items():
                rows.setdefault(prefix + field, (what["description"], set()))[1].add(name)
    failure = schema("check")["$defs"]["Failure"]["properties"]
    rows |= {f"error.{field}": (what["description"], {"check", "brief"}) for field, what in failure.items()}
    both = {"check", "brief"}
    return _table(
        ("field", "in", "what it is"),
        [(f"`{k}`", "both" if found == both else found.pop(), told) for k, (told, found) in rows.items()],
    )


def _place(action: argparse.Action) -> str:
    told = "|".join(map(str, action.choices)) if action.choices is not None else str(action.metavar)
    return {"*": f"[{told} …]", "?": f"[{told}]"}.get(str(action.nargs), told)


def _option(action: argparse.Action) -> str:
    option = next(o for o in action.option_strings if o.startswith("--"))
    if action.nargs == 0:
        return f"[{option}]"
    value = "|".join(map(str, action.choices)) if action.choices is not None else str(action.metavar)
    return f"[{option} {value}]"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
