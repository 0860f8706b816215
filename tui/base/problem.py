"""The one kind of error that an operator sees."""

from tui.base.text import clean


class Problem(Exception):
    """Something went wrong that the operator can read about: what happened, why, and the next step.

    `title` is a few words, `message` says what and why as far as known, `next_step` what to do now.
    All three are cleaned here: paths, arguments and what others answered may stand in them.
    `no_answer`: nobody could be asked, so neither yes nor no was said.
    """

    no_answer = False

    def __init__(self, title: str, message: str, next_step: str) -> None:
        self.title = clean(title)
        self.message = clean(message)
        self.next_step = clean(next_step)
        super().__init__(self.title)

    def __str__(self) -> str:
        return f"{self.title}: {self.message} {self.next_step}".strip()


class ConfigProblem(Problem):
    """The configuration cannot be used (exit code 78)."""


class UsageProblem(Problem):
    """The command line cannot be used (exit code 64)."""


class OutputProblem(Problem):
    """Standard output takes nothing more (exit code 70)."""
