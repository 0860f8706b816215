"""Every command by name, every connection, and in the demo the administrator's actions."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider, SearchIcon
from textual.content import Content
from textual.widgets import Input

from tui import wording
from tui.app.demo import ORDERS, Demo, Order
from tui.app.shell import CommandHost, Shell
from tui.base.problem import Problem
from tui.keys import COMMANDS, key_name


@dataclass(frozen=True)
class Choice:
    """One line of the palette; `name` and `help` are plain text, safe to show."""

    name: str
    help: str
    run: Callable[[], Awaitable[None]]
    rank: int = 0
    """1: it cannot be done now, 2: not here; the reason is its help then, and it stands behind what works."""


class Palette(CommandPalette):
    """Textual's palette without the blinking cursor, which costs bytes all the time."""

    def on_mount(self) -> None:
        self.query_one(Input).cursor_blink = False
        # Textual's own is an emoji, which consoles show as a box.
        self.query_one(SearchIcon).icon = ">"


class CommandsProvider(Provider):
    """What can be done at this moment."""

    async def discover(self) -> Hits:
        for choice in sorted(self._choices(), key=lambda choice: choice.rank):
            yield DiscoveryHit(Content(choice.name), choice.run, text=choice.name, help=choice.help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for choice in self._choices():
            if (score := matcher.match(choice.name)) > 0:
                score /= 1 + choice.rank
                yield Hit(score, Content(choice.name), choice.run, text=choice.name, help=choice.help)

    def _choices(self) -> Iterator[Choice]:
        # Textual tells no more than the screen that it was opened over.
        host = cast("CommandHost", self.screen)
        write, config = host.renderer.text, host.shell.config
        context = host.context()
        for command in COMMANDS:
            if command.id != "palette":
                elsewhere, reason = command.where(context), command.why_not(context)
                told = (
                    f"not here: {elsewhere}"
                    if elsewhere
                    else f"not now: {reason}"
                    if reason
                    else command.help
                )
                name = f"{command.label}  ({key_name(host.keys[command.id])})"
                run = partial(host.action_command, command.id)
                yield Choice(write(name), write(told), run, 2 if elsewhere else 1 if reason else 0)
        for connection in config.connections if config else ():
            state = host.states.get(connection.name)
            yield Choice(
                write(f"Go to {connection.name}"),
                write(wording.status_word(state) if state else "not read yet"),
                partial(host.go_to, connection.name),
            )
        selected = host.selected
        if (demo := host.shell.demo) is not None and selected is not None:
            for order in ORDERS:
                yield Choice(
                    write(f"Demo: {order.title}"),
                    write(f"as the Salesforce administrator, for {selected}"),
                    partial(_act, host.shell, demo, order, selected),
                )


async def _act(shell: Shell, demo: Demo, order: Order, connection: str) -> None:
    try:
        await demo.act(order, connection)
    except Problem as problem:
        shell.say(str(problem), severity="error")
    else:
        shell.say(f"{order.title}: done in the demo's org, for {connection}.")
