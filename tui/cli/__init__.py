"""The command line. What a sub-command needs is imported when it runs: --help stays fast."""

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from tui.base.paths import state_folder
from tui.base.problem import ConfigProblem, OutputProblem, Problem, UsageProblem
from tui.cli.arguments import parser
from tui.cli.common import start_log
from tui.cli.failing import ended, failed
from tui.headless.exits import Exit


def main() -> NoReturn:
    """Run the command line and leave at once: a name lookup in flight would hold an ordinary exit."""
    _open_what_is_closed()
    code = invoke(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _open_what_is_closed() -> None:
    """A stream that was closed before the start leads nowhere, and its number becomes no other file's."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - open until the end


def invoke(argv: list[str]) -> int:
    """Run one command; every error becomes a sentence and an exit code."""
    try:
        if argv[:1] == ["__complete"]:
            from tui.cli import completing

            return completing.run(argv[1:], parser())
        arguments = parser().parse_args(argv)
        return ended(argv, int(arguments.run(arguments)))
    except SystemExit as leaving:
        return ended(argv, leaving.code if isinstance(leaving.code, int) else Exit.OK)
    except UsageProblem as problem:
        return failed(argv, problem, Exit.USAGE)
    except ConfigProblem as problem:
        return failed(argv, problem, Exit.CONFIG)
    except OutputProblem as problem:
        return failed(argv, problem, Exit.FAULT)
    except Problem as problem:
        return failed(argv, problem, Exit.UNKNOWN)
    except KeyboardInterrupt:
        return ended(argv, Exit.INTERRUPTED)
    except BrokenPipeError:
        # Nobody reads on: say no more, not even at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ended(argv, Exit.SIGNAL + signal.SIGPIPE)
    except Exception as fault:
        from tui.base import failures

        if isinstance(fault, OSError) and fault.errno in failures.TOO_MANY_FILES:
            return failed(argv, Problem(*failures.too_many_files()), Exit.UNKNOWN)
        return failed(argv, _fault(fault), Exit.FAULT)


def _fault(fault: Exception) -> Problem:
    """An internal fault as one sentence. What fails here too, such as a folder that is not there, is left out."""
    import logging

    kept = ""
    with contextlib.suppress(Exception):
        start_log(None)
        logging.getLogger("remonitor").error("internal fault", exc_info=fault)
        kept = f"details are in {state_folder() / 'remonitor.log'}"
    return Problem(f"internal fault ({type(fault).__name__})", kept, "")
