"""`schema`: what this program writes and reads, as JSON Schema."""

import argparse
import json
from typing import Any

from tui.console import Arguments, Exit, say
from tui.console.command import USAGE, Command, Page

PAGE = Page(
    "the JSON Schema of an answer, of the configuration, or of a hook's input",
    """\
Prints a JSON Schema. check: the answer of check --format json. brief: the same
with --brief. contract: the answer of doctor --contract --format json. config:
the configuration file, for editors that know TOML. hook: what a hook reads on
its standard input.""",
    (
        (
            "remonitor schema config > ~/.config/remonitor/schema.json",
            'for your editor: "#:schema ./schema.json" in the first line of config.toml',
        ),
    ),
    (("0", "printed"), USAGE),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("of", choices=("check", "brief", "contract", "config", "hook"))


def run(arguments: Arguments) -> int:
    from tui.reports import documents

    found = of_config() if arguments.of == "config" else documents.schema(arguments.of)
    say(json.dumps(found, indent=2, ensure_ascii=False))
    return Exit.OK


def of_config() -> dict[str, Any]:
    """With the commands and permissions that this program knows."""
    from tui.config.schema import schema
    from tui.diagnosis.guide import REQUIREMENTS
    from tui.keys import COMMANDS

    labels = {each.name: each.label for each in REQUIREMENTS}
    return schema({each.id: each.help for each in COMMANDS}, labels)


COMMAND = Command("schema", PAGE, run, add_arguments)
