"""The command line. What a sub-command needs is imported when it runs: --help stays fast."""

import contextlib
import os
import signal
import sys
from typing import NoReturn

from tui.base.paths import state_folder
from tui.base.problem import ConfigProblem, Problem, UsageProblem
from tui.cli.arguments import parser
from tui.cli.common import narrate, start_log
from tui.headless.exits import Exit


def main() -> NoReturn:
    """Run the command line and leave at once: a name lookup in flight would hold an ordinary exit."""
    code = invoke(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def invoke(argv: list[str]) -> int:
    """Run one command; every error becomes a sentence on stderr and an exit code."""
    try:
        if argv[:1] == ["__complete"]:
            from tui.cli import completing

            return completing.run(argv[1:], parser())
        arguments = parser().parse_args(argv)
        return int(arguments.run(arguments))
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else Exit.OK
    except UsageProblem as problem:
        return _told(problem, Exit.USAGE)
    except ConfigProblem as problem:
        return _told(problem, Exit.CONFIG)
    except Problem as problem:
        return _told(problem, Exit.UNKNOWN)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Nobody reads on: say no more, not even at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.SIGNAL + signal.SIGPIPE
    except Exception as fault:
        return _fault(fault)


def _told(problem: Problem, code: int) -> int:
    narrate(f"remonitor: {problem}")
    return code


def _fault(fault: Exception) -> int:
    import logging

    start_log(None)
    logging.getLogger("remonitor").error("internal fault", exc_info=fault)
    narrate(
        f"remonitor: internal fault ({type(fault).__name__}); details are in {state_folder() / 'remonitor.log'}"
    )
    return Exit.FAULT
