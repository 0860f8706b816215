"""`config`: the configuration's path, whether it is sound, and what it was understood to say."""

import argparse
from typing import TYPE_CHECKING

from tui.base.paths import state_folder
from tui.base.text import clean, counted
from tui.console import Arguments, load_config, path_of, say
from tui.console.command import CONFIG, USAGE, Command, Page
from tui.console.exits import Exit

if TYPE_CHECKING:
    from tui.config import Config

PAGE = Page(
    "the configuration: its path, whether it is sound, what it says",
    """\
path says where the configuration is, check whether it is sound, show what it
was understood to say, defaults included, without secrets.""",
    (
        ('$EDITOR "$(remonitor config path)"', "edit it"),
        ("remonitor config check", "then see if it is sound"),
    ),
    (
        ("0", "done; check: sound, and every sign-in works"),
        ("1", "check: sound, but a sign-in is refused"),
        ("3", "check: sound, but somebody could not be asked"),
        USAGE,
        CONFIG,
    ),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", choices=("path", "check", "show"))
    parser.add_argument("--offline", action="store_true", help="check: do not try the sign-ins")


def run(arguments: Arguments) -> int:
    match arguments.action:
        case "path":
            say(clean(str(path_of(arguments))))
        case "show":
            say(shown(load_config(arguments, secrets=False)))
        case "check":
            return _check(arguments)
    return Exit.OK


def _check(arguments: Arguments) -> int:
    """Sound, and every sign-in works."""
    from tui.console import reaching
    from tui.diagnosis.guide import REQUIREMENTS

    config = load_config(arguments)
    config.required(REQUIREMENTS)
    there = counted(len(config.connections), "connection"), counted(len(config.orgs), "org")
    say(f"{clean(str(config.path))}: sound, {', '.join(there)}")
    if arguments.offline:
        return Exit.OK
    return reaching.try_sign_ins(arguments, config, reaching.everything, reaching.line)


def shown(config: "Config") -> str:
    """The configuration as it was understood, defaults included, and the paths in use."""
    import msgspec
    import tomli_w

    tree = {
        "paths": {"config": config.path or "", "state": str(state_folder())},
        "orgs": config.orgs,
        "tenants": config.tenants,
        "connections": {c.name: c for c in config.connections},
        "app": config.app,
        "requirements": config.overrides,
    }
    return tomli_w.dumps(_without_none(msgspec.to_builtins(tree))).rstrip()


def _without_none(value: object) -> dict[str, object]:
    """TOML has no null: an absent key says the same."""
    assert isinstance(value, dict)  # noqa: S101 - the tree above is one
    return {k: _without_none(v) if isinstance(v, dict) else v for k, v in value.items() if v is not None}


COMMAND = Command("config", PAGE, run, add_arguments)
