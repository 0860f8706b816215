"""How a command tells that it failed: as a sentence, or in the format that was asked for."""

from collections.abc import Sequence

from tui.base.problem import OutputProblem, Problem
from tui.cli.common import narrate, say
from tui.headless.exits import Exit

JSON = ("json", "lld")


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
