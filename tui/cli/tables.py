"""The README's tables of commands and keys, from the same definitions as --help and the screens."""

import argparse
from collections.abc import Sequence
from datetime import timedelta

from tui.base.assumptions import ASSUMPTIONS, STAND_IN
from tui.base.limits import Mark, limits
from tui.keys import COMMANDS, MOVES, key_name
from tui.wording.times import long

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


def assumptions() -> str:
    """What is taken for granted with what goes wrong otherwise, then every inferred row of the vendors' tables."""
    told = _table(("taken for granted", "if it is not so"), list(ASSUMPTIONS.values()))
    margins = _table(
        ("time taken for granted", "value", "from"),
        [(each.what, _span(each.value), each.source) for each in limits() if each.mark is Mark.INFERRED],
    )
    texts = _table(
        ("in", "texts and names whose meaning is taken for granted"),
        [(table, ", ".join(f"`{row}`" for row in rows)) for table, rows in inferred_rows().items() if rows],
    )
    demo = _table(("only the demo's stand-ins take for granted",), [(told,) for told in STAND_IN.values()])
    return f"{told}\n\n{margins}\n\n{texts}\n\n{demo}"


def inferred_rows() -> dict[str, tuple[str, ...]]:
    """The inferred rows of each table by what the table is about."""
    from tui.rules.audit_actions import AUDIT_ACTIONS
    from tui.rules.login_texts import LOGIN_TEXTS
    from tui.salesforce.sign_in.refusals import TABLE

    return {
        "the login history": tuple(row.text for row in LOGIN_TEXTS if row.mark is Mark.INFERRED),
        "the audit trail": tuple(
            row.action + "…" * row.prefix for row in AUDIT_ACTIONS if row.mark is Mark.INFERRED
        ),
        "refusals of your own sign-in": tuple(row.part for row in TABLE if row.mark is Mark.INFERRED),
    }


def _span(value: object) -> str:
    return long(value) if isinstance(value, timedelta) else str(value)


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
    from tui.reports.documents import schema

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
