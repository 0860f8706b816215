"""The command line: runs one command; every error becomes a sentence, or the format asked for, and an exit code."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from tui.base.paths import log_file
from tui.base.problem import ConfigProblem, OutputProblem, Problem, UsageProblem
from tui.cli.parser import parser
from tui.console import Exit, narrate, say, start_log

JSON = ("json", "lld")


def main(began: float) -> NoReturn:
    """Run the command line and leave at once: a name lookup in flight would hold an ordinary exit.

    `began`: when the process did, by the monotonic clock.
    """
    _open_what_is_closed()
    code = invoke(sys.argv[1:], began)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _open_what_is_closed() -> None:
    """A stream that was closed before the start leads nowhere, and its number becomes no other file's."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - open until the end


def invoke(argv: list[str], began: float | None = None) -> int:
    """Run one command; every error becomes a sentence and an exit code. `began` as above, by default now."""
    began = began if began is not None else time.monotonic()
    try:
        if argv[:1] == ["__complete"]:
            from tui.cli import completion

            return completion.run(argv[1:], parser())
        arguments = parser(argv).parse_args(argv)
        arguments.began = began
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
        kept = f"details are in {log_file()}"
    return Problem(f"internal fault ({type(fault).__name__})", kept, "")


def wanted(argv: Sequence[str]) -> str:
    """The format that a command line asks for, also where the rest of it cannot be understood."""
    found = ""
    for word, following in zip(argv, [*argv[1:], ""], strict=False):
        if word == "--":
            break
        option, equals, value = word.partition("=")
        if len(option) > 2 and "--format".startswith(option):
            found = value if equals else following
    return found if found in JSON or (found in ("nagios", "prometheus") and "check" in argv) else ""


def ended(argv: Sequence[str], code: int) -> int:
    """The exit code as the asker understands it: plugins know 0 to 3, and say why there is no answer."""
    if wanted(argv) != "nagios" or code in range(4):
        return code
    return failed(argv, Problem("Ended", "A signal came before everything was read.", ""), Exit.UNKNOWN)


def failed(argv: Sequence[str], problem: Problem, code: int) -> int:
    """Tell `problem`; the exit code, by default `code`. Engines and scripts hear it on stdout alone."""
    form = wanted(argv)
    try:
        if form == "nagios":
            from tui.reports.nagios import failure

            say(failure(problem))
        elif form == "prometheus":
            from tui.reports import prometheus

            say(prometheus.failure(str(problem)))
        elif form in JSON:
            from tui.reports import documents

            say(documents.written(documents.failure(problem)))
        else:
            narrate(f"remonitor: {problem}")
    except (OutputProblem, BrokenPipeError):
        # Where even this cannot be said, the exit code has to do.
        pass
    return code if form != "nagios" else Exit.UNKNOWN
