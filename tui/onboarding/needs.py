"""What the flow needs next: an answer to a question, or something that is learned outside."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, urlsplit

from tui.base.problem import ConfigProblem, Problem
from tui.base.text import sentence
from tui.connections.state import State


class AnswerProblem(Problem):
    """An answer that cannot be taken; the question stands."""


def as_answer(source: str, check: Callable[[str], str]) -> Callable[[str], str]:
    """`check` of a key in the file `source`, for an answer that is not in the file yet."""

    def checked(text: str) -> str:
        try:
            return check(text)
        except ConfigProblem as problem:
            correct = "" if source in problem.next_step else problem.next_step
            raise AnswerProblem(
                "Not an answer", problem.message.removeprefix(f"{source}: "), correct
            ) from None

    return checked


def address_of(text: str) -> SplitResult:
    """The parts of an address. Raises AnswerProblem where it cannot be taken apart."""
    try:
        parts = urlsplit(text)
        # Only when it is asked for, a wrong port is noticed.
        _ = parts.hostname, parts.port
    except ValueError:
        raise AnswerProblem(
            "Not an address",
            f'Found "{text[:80]}".',
            "Give an address such as https://acme.my.salesforce.com.",
        ) from None
    return parts


@dataclass(frozen=True)
class Option:
    """One answer to choose; `value` is what is taken, `label` and `note` are shown."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Question:
    """Asks for one text. `check` turns what was given into what is kept, or raises Problem.

    `options` are offered, the first is the default where `default` is None and the guess is `good`; without `free`
    nothing else is taken. `preface` are lines to read before answering.
    """

    key: str
    title: str
    options: tuple[Option, ...] = ()
    free: bool = True
    prompt: str = ""
    """What may be typed; "type …" instead of an option, where there are some."""
    default: str | None = None
    good: bool = True
    preface: tuple[str, ...] = ()
    reading: State | None = None
    """The first reading of the connection, to be shown before answering."""
    check: Callable[[str], str] = str

    @property
    def suggested(self) -> str | None:
        """The answer of somebody who just presses Enter, None where there is none."""
        if self.default is not None:
            return self.default
        return self.options[0].value if self.options and self.good else None

    @property
    def hint(self) -> str:
        """What may be typed, as it stands below the options."""
        if not self.prompt.startswith("type "):
            return self.prompt
        return f"or {self.prompt}" if self.options else f"{sentence(self.prompt)}."

    def taken(self, text: str) -> str:
        """What is kept of an answer. Raises Problem."""
        given = text.strip()
        if any(option.value == given for option in self.options):
            return given
        if not self.free:
            known = ", ".join(option.value for option in self.options)
            raise AnswerProblem("Not an answer", f"{self.title} Found {given!r}.", f"Choose one of: {known}.")
        return self.check(given)


class Lookup(StrEnum):
    """What has to be learned outside before the next question; the value is its key among what is known."""

    ORGS = "known_orgs"
    SIGN_IN = "signed_in"
    SUGGEST = "suggestions"
    ACCOUNT = "account_found"
    DETECTORS = "detectors"
    READING = "first_state"

    @property
    def doing(self) -> str:
        """What is going on meanwhile."""
        return _DOING[self]


_DOING = {
    Lookup.ORGS: "Asking the sf CLI which orgs it knows",
    Lookup.SIGN_IN: "Signing in to the org",
    Lookup.SUGGEST: "Looking for the service account",
    Lookup.ACCOUNT: "Reading the service account",
    Lookup.DETECTORS: "Asking the tenant for the names of its connections",
    Lookup.READING: "Reading the connection for the first time",
}

Need = Question | Lookup
