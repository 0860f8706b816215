"""`config`: the configuration's path, whether it is sound, and what it was understood to say."""

import argparse
import os
from pathlib import Path

from tui.base.paths import log_file, state_folder
from tui.base.problem import ConfigProblem
from tui.base.text import clean, counted
from tui.console import Arguments, Exit, load_config, narrate, path_of, say
from tui.console.command import CONFIG, USAGE, Command, Page

PAGE = Page(
    "the configuration: where it is, whether it is valid, what it says",
    """\
path prints the configuration file and the files that it includes, one on each
line. check says whether they are valid and tries every sign-in. show prints all
of it as one file: each value with its origin, and no secret.""",
    (
        ("$EDITOR $(remonitor config path)", "edit it"),
        ("remonitor config check", "then see if it is valid"),
        ("remonitor config show | grep default", "the values that you did not set"),
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
            _files(path_of(arguments))
        case "show":
            from tui.config.show import shown

            path = path_of(arguments)
            places = {"configuration": path, "state": state_folder(), "log": log_file()}
            heads = "".join(f"# {what}: {clean(str(place))}\n" for what, place in places.items())
            say(heads + shown(path, os.environ))
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
    more = f" and {counted(len(config.files) - 1, 'included file')}" if len(config.files) > 1 else ""
    say(f"{clean(str(config.path))}{more}: sound, {', '.join(there)}")
    if arguments.offline:
        return Exit.OK
    return reaching.try_sign_ins(arguments, config, reaching.every_sign_in, reaching.outcome_line)


def _files(path: Path) -> None:
    """The main file, and those that it includes where that can be told."""
    say(clean(str(path)))
    if not path.exists():
        return
    from tui.config.files import documents
    from tui.config.parsing import existing

    try:
        included = documents(existing(path), str(path))[1:]
    except ConfigProblem as problem:
        # Who mends it asks where it is.
        narrate(str(problem))
        return
    for part in included:
        say(clean(part.source))


COMMAND = Command("config", PAGE, run, add_arguments)
