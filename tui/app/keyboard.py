"""What comes from the keyboard: keys one by one in the order in which they were pressed, and what was pasted."""

import codecs
import os
import re
import selectors
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message
from textual.message_pump import MessagePump

ESC = "\x1b"
BEGINS = ("[", "O")
"""What may stand behind ESC where the two begin the name of a key."""

PASTED = 32
"""Characters at once that nobody types, if they are of `LETTERS` kinds: a key that is held down is of one."""
LETTERS = 8
TYPED = 8
"""So many at once may be the beginning of a paste."""
GAP_SECONDS = 0.01
"""Between the pieces in which a paste comes."""

HANDLED_SECONDS = 1.0
"""After which the next key does not wait for the one before."""


class KeyParser(XTermParser):
    """Makes two keys of ESC and a key that came with it, unless they are one that is `bound`, such as alt+x."""

    def __init__(self, bound: Callable[[str], bool]) -> None:
        super().__init__()
        self._bound = bound

    @property
    def within(self) -> bool:
        """Whether a sequence has begun and goes on."""
        return self._awaiting.timeout is not None

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        together = len(sequence) == 2 and sequence[0] == ESC and sequence[1] not in BEGINS
        if not (alt or together):
            return super()._sequence_to_key_events(sequence)
        held = list(super()._sequence_to_key_events(sequence[-1], alt=True))
        if any(event.key.startswith("alt+") and self._bound(event.key) for event in held):
            return held
        return [events.Key("escape", ESC), *super()._sequence_to_key_events(sequence[-1])]


class Keyboard:
    """Reads a terminal's keys. A terminal that does not say what is pasted sends it like keys: many at once."""

    def __init__(self, file: int, bound: Callable[[str], bool]) -> None:
        self._file = file
        self._parser = KeyParser(bound)
        # A byte that is no UTF-8 is no reason to end.
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._bracketed = False
        self._before = ""

    def read(self, ended: Callable[[], bool], send: Callable[[Message], None]) -> None:
        """Send what comes, until it has `ended` or the terminal is gone."""
        with selectors.SelectSelector() as waiting:
            waiting.register(self._file, selectors.EVENT_READ)
            while not ended():
                if waiting.select(0.1):
                    data = os.read(self._file, 4096)
                    if not data:
                        return
                    while len(data) > TYPED and ESC.encode() not in data and waiting.select(GAP_SECONDS):
                        if not (more := os.read(self._file, 4096)):
                            break
                        data += more
                    for event in self.events(self._decode(data)):
                        send(event)
                for event in self._parser.tick():
                    send(event)

    def events(self, text: str) -> Iterable[Message]:
        """The keys that came at once, or what was pasted."""
        told = self._bracketed or self._parser.within
        for mark in re.finditer(r"\x1b\[20([01])~", self._before + text):
            self._bracketed = mark[1] == "0"
        self._before = text[-5:]
        if not told and is_pasted(text):
            return (events.Paste(text),)
        return self._parser.feed(text) if text else ()


def is_pasted(text: str) -> bool:
    """Whether these characters, which came at once, were pasted."""
    words = all(character.isprintable() or character in "\r\n\t" for character in text)
    return len(text) >= PASTED and len(set(text)) >= LETTERS and words


Typed = events.Key | events.Paste


class Turns:
    """Hands on what is typed one by one: the next when the one before has done what it does, wherever that led.

    Textual hands each to whatever is focused when it comes: what follows Esc would go to what Esc closes.
    """

    def __init__(self, app: MessagePump, shown: Callable[[], MessagePump]) -> None:
        """`shown` is the screen that has the keys."""
        self._app = app
        self._shown = shown
        self._waiting: deque[Typed] = deque()
        self._next: Typed | None = None
        self._busy_since: float | None = None

    def take(self, typed: Typed) -> bool:
        """Whether it is its turn now; else it comes again."""
        busy = self._busy_since is not None and monotonic() - self._busy_since < HANDLED_SECONDS
        if busy and typed is not self._next:
            self._waiting.append(typed)
            return False
        self._next, self._busy_since = None, monotonic()
        return True

    def follow(self, typed: Typed, at: MessagePump | None) -> None:
        """Go behind what was handed to `at` from each to the one above; None: it is done."""
        if at is None or typed._stop_propagation:
            if not self._shown().call_later(self._done):
                self._done()
        elif not at.call_later(self.follow, typed, at._parent):
            self._done()

    def _done(self) -> None:
        self._busy_since = None
        if self._waiting:
            self._next, self._busy_since = self._waiting.popleft(), monotonic()
            self._app.post_message(self._next)
