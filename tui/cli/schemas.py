"""`schema`: what this program writes and reads, as JSON Schema."""

import argparse
import json
from collections.abc import Callable

from tui.cli.common import Arguments, say
from tui.headless.exits import Exit

Command = Callable[[str, Callable[[Arguments], int], str], argparse.ArgumentParser]


def register(command: Command) -> None:
    """Add this file's sub-command to the command line."""
    page = command("schema", schema, "the JSON Schema of an answer, of the configuration, of a hook's input")
    page.add_argument("of", choices=("check", "brief", "config", "hook"))


def schema(arguments: Arguments) -> int:
    from tui.config import catalogue
    from tui.reports import documents

    found = catalogue.schema() if arguments.of == "config" else documents.schema(arguments.of)
    say(json.dumps(found, indent=2, ensure_ascii=False))
    return Exit.OK
