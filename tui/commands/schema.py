"""`schema`: what this program writes and reads, as JSON Schema."""

import argparse
import json

from tui.console import Arguments, Exit, say
from tui.console.command import USAGE, Command, Page

PAGE = Page(
    "the JSON Schema of an answer, of the configuration, of a hook's input",
    """\
Prints a JSON Schema: of what check says with --format json (check), and with
--brief too (brief); of the configuration file (config), for editors that know
TOML; of what a hook reads on its standard input (hook).""",
    (("remonitor schema config > remonitor.schema.json", "for your editor"),),
    (("0", "printed"), USAGE),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("of", choices=("check", "brief", "config", "hook"))


def run(arguments: Arguments) -> int:
    from tui.config import catalogue
    from tui.reports import documents

    found = catalogue.schema() if arguments.of == "config" else documents.schema(arguments.of)
    say(json.dumps(found, indent=2, ensure_ascii=False))
    return Exit.OK


COMMAND = Command("schema", PAGE, run, add_arguments)
