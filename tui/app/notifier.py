"""Calling an operator who looks elsewhere: bell, notification, the name of the window."""

from collections.abc import Callable, Iterable, Mapping

from tui import wording
from tui.app import terminal
from tui.app.rows import PROBLEMS
from tui.connections.state import State, rank
from tui.watching.entry import Entry, rings


class Notifier:
    """Writes orders to the terminal; `wanted` False (the configuration's word): none at all."""

    def __init__(self, write: Callable[[str], None], environ: Mapping[str, str], *, wanted: bool) -> None:
        self._write = write
        self._environ = environ
        self._wanted = wanted
        self._title = ""
        self._news: list[Entry] = []
        """History lines of connections whose new state is still on its way to the screen."""

    def worth_telling(self, name: str, news: Iterable[Entry], *, first: bool) -> list[str]:
        """What rings of all that is new of `name` by now; what the `first` reading finds is no news."""
        self._news += news
        mine = [entry for entry in self._news if entry.connection == name]
        self._news = [entry for entry in self._news if entry.connection != name]
        return [f"{name}: {wording.entry_text(entry)}" for entry in mine if rings(entry) and not first]

    def call(self, text: str) -> None:
        """Ring, and ask for a notification with this text."""
        if self._wanted:
            self._write("\a" + terminal.notification(text, self._environ))

    def name_window(self, states: Iterable[State]) -> None:
        """Say the worst status in the window's title."""
        text = window_title(states)
        if self._wanted and text != self._title:
            first = "" if self._title else terminal.keep_title(self._environ)
            self._title = text
            if order := terminal.title(text, self._environ):
                self._write(first + order)

    def end(self) -> None:
        """Give the window its old name back."""
        if self._title and (order := terminal.keep_title(self._environ, back=True)):
            self._write(order)
            self._title = ""


def window_title(states: Iterable[State]) -> str:
    """The worst status and whose it is: "Error: Acme EMEA - remonitor", "3 Error - remonitor"."""
    ranked = sorted(states, key=rank)
    if not ranked:
        return "remonitor"
    worst = ranked[0]
    word = wording.status_word(worst)
    same = [s for s in ranked if wording.status_word(s) == word]
    if len(same) == len(ranked) and worst.status not in PROBLEMS:
        return f"{word} - remonitor"
    what = f"{word}: {worst.connection.name}" if len(same) == 1 else f"{len(same)} {word}"
    return f"{what} - remonitor"
