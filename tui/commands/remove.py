"""`remove`: cuts a connection from the configuration."""

import argparse
from typing import TYPE_CHECKING

from tui.base.problem import UsageProblem
from tui.base.text import clean
from tui.console import STDIN, Arguments, Exit, narrate, on_loop, path_of, say
from tui.console.command import CONFIG, USAGE, Command, Page

if TYPE_CHECKING:
    from tui.config import Config

PAGE = Page(
    "remove a connection from the configuration",
    """\
Removes a connection from the configuration, also from an included file.
Comments and the rest of the file stay as they are. It asks first; where nobody
can be asked, it wants --yes.""",
    (
        ("remonitor remove 'Acme Legacy'", "a copy of the old file is kept next to it"),
        ("remonitor remove 'Acme Legacy' --yes", "without the question"),
    ),
    (("0", "removed"), ("1", "not removed: you said no"), USAGE, CONFIG),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--yes", action="store_true", help="do not ask")


def run(arguments: Arguments) -> int:
    from tui.config.writing import remove
    from tui.console.stdin import Lines
    from tui.console.watcher import named

    path, name, lines = path_of(arguments), arguments.name, Lines(STDIN)

    def agreed(config: "Config") -> bool:
        named(config, [name])
        if arguments.yes:
            return True
        if not lines.terminal:
            raise UsageProblem(
                "Nothing was removed", "Nobody can be asked: standard input is no terminal.", "Give --yes."
            )
        file = clean(config.source("connections", name))
        narrate(f"Remove {clean(name)} from {file}? Its org and its tenant stay. [y/N]")
        return (on_loop(lines.next()) or "").casefold() in ("y", "yes")

    rest = remove(path, name, agreed=agreed)
    if rest is None:
        narrate("Nothing was removed.")
        return Exit.NO
    file = clean(rest.source("connections", name))
    say(f"{file}: {clean(name)} is removed; its org and its tenant stay.")
    return Exit.OK


COMMAND = Command("remove", PAGE, run, add_arguments)
