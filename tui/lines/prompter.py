"""The way to a new connection line by line, or all of it by options without a question."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from tui.base.clock import Clock
from tui.base.problem import Problem, UsageProblem
from tui.config import Config
from tui.console.stdin import LineReader
from tui.console.watcher import rows_of
from tui.onboarding import questions
from tui.onboarding.needs import AnswerProblem, Lookup, Question
from tui.onboarding.orgs import KnownOrgs
from tui.onboarding.runner import Back, Cancelled
from tui.onboarding.tenants import Detectors
from tui.reports.text import as_text
from tui.wording import Times

OPTIONS = {
    "org": "--org",
    "way": "--way",
    "account": "--account",
    "app": "--app",
    "tenant": "--tenant",
    "tenant.client_id": "--tenant-client-id",
    "tenant.client_secret": "--tenant-client-secret",
    "name": "--name",
    "detector": "--detector",
    "only_connection": "--only-connection",
    "experience": "--experience",
    "repairs": "--allow-repairs",
}
"""The option that answers each question."""
NEVER_GUESSED = ("org", "way", "account", "name")
"""Questions that nobody's silence answers."""

OF_AN_ORG = ("way", "experience", "repairs")
"""Questions about an org that is not configured yet, beside those about its sign-in."""

LAST = "save"
"""The question before anything is written."""

Tell = Callable[[str], None]


class LinePrompter:
    """A prompter of lines: `given` answers first, then `answers`; without them only what is safe is suggested."""

    def __init__(self, given: Mapping[str, str], answers: LineReader | None, say: Tell, clock: Clock) -> None:
        self._given = dict(given)
        self._answers = answers
        self._say = say
        self._clock = clock

    async def ask(self, question: Question) -> str:
        if question.reading is not None:
            self._say("The first reading:")
            self._say(as_text(rows_of([question.reading]), Times(None, self._clock.now())))
        given = self._given.pop(question.key, None)
        if question.key == LAST:
            self._check_idle()
        if given is not None:
            self._tell(question.preface)
            return given
        if self._answers is None:
            return self._assumed(question)
        return await self._typed(question, self._answers)

    async def during(self, lookup: Lookup, work: Coroutine[Any, Any, object]) -> object:
        self._say(f"{lookup.doing} …")
        return await work

    def report(self, problem: Problem) -> None:
        if self._answers is not None:
            self._say(str(problem))
        elif isinstance(problem, AnswerProblem):
            raise UsageProblem(problem.title, problem.message, problem.next_step)
        else:
            raise problem

    def show(self, line: str) -> None:
        self._say(line)

    async def pasted(self) -> str:
        if self._answers is None:
            # The browser may still come back by itself.
            await asyncio.get_running_loop().create_future()
        assert self._answers is not None  # noqa: S101 - the wait above has no end
        return await self._line(self._answers)

    async def _typed(self, question: Question, answers: LineReader) -> str:
        self._say("")
        self._tell(question.preface)
        self._say(question.title)
        for number, option in enumerate(question.options, 1):
            note = f"  {option.note}" if option.note else ""
            self._say(f"  {number} {option.label}{note}")
        if question.free and question.hint:
            self._say(f"  {question.hint}")
        enter = f"Enter alone = {question.suggested} · " if question.suggested else ""
        self._say(f"[{enter}b = back · q = leave]")
        line = await self._line(answers)
        if line == "b":
            raise Back
        if not line:
            return question.suggested or ""
        options = {str(number): option.value for number, option in enumerate(question.options, 1)}
        return options.get(line, line)

    async def _line(self, answers: LineReader) -> str:
        line = await answers.next()
        if line is None or line == "q":
            raise Cancelled
        return line

    def _check_idle(self) -> None:
        """Options whose question did not come are refused, or named where somebody can answer."""
        idle = ", ".join(_option(key) for key in self._given)
        if idle and self._answers is None:
            raise UsageProblem(
                "An option is not needed",
                f"{idle}: this connection needs no such answer.",
                "Leave it out. Nothing was written.",
            )
        if idle:
            self._say(f"Not needed here, so not used: {idle}.")

    def _assumed(self, question: Question) -> str:
        self._tell(question.preface)
        suggested = question.suggested
        if suggested is None or question.key in NEVER_GUESSED:
            offered = ", ".join(option.value for option in question.options[:20])
            raise UsageProblem(
                "An answer is missing",
                _asked(question) + (f" Possible: {offered}." if offered else ""),
                f"Give it with {_option(question.key)}.",
            )
        if suggested:
            self._say(f"{question.title} {suggested}")
        return suggested

    def _tell(self, lines: tuple[str, ...]) -> None:
        for line in lines:
            self._say(line)


def _asked(question: Question) -> str:
    """The question as a sentence; a key of a sign-in with what it is."""
    title = question.title
    return (
        title
        if title.endswith(("?", "."))
        else f"{title}{f' ({question.prompt})' if question.prompt else ''}."
    )


def _option(key: str) -> str:
    """The option that answers the question `key`."""
    return OPTIONS.get(key, f"--sign-in {key.removeprefix('sign_in.')}=…")


def check_options(config: Config, given: Mapping[str, str], my_domain: str | None) -> None:
    """Refuse at once what the configuration answers already, or does not allow. Raises UsageProblem."""
    try:
        if "name" in given:
            questions.name(config, Detectors()).taken(given["name"])
    except AnswerProblem as problem:
        raise UsageProblem(problem.title, problem.message, problem.next_step) from None
    org = _configured(config, given.get("org", ""))
    options = [OPTIONS[key] for key in OF_AN_ORG if key in given]
    options += ["--sign-in"] if any(key.startswith("sign_in.") for key in given) else []
    options += ["--my-domain"] if my_domain else []
    if org is not None and options:
        raise UsageProblem(
            "The org is configured already",
            f"{', '.join(options)} would change nothing: [orgs.{org}] already has it.",
            f"Change that table in {config.path}, or leave the options out.",
        )


def _configured(config: Config, org: str) -> str | None:
    """The id of the org that is meant, where it is configured."""
    try:
        meant = questions.org(config, KnownOrgs()).taken(org)
    except AnswerProblem:
        return None
    return meant if meant in config.orgs else None
