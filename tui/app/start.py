"""Runs the app as a program: what it is given, how it begins and ends."""

import asyncio
import contextlib
import os
import shlex
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tui.app.app import FAULT, AddForm, RemonitorApp
from tui.app.output import TerminalDriver
from tui.app.renderer import Renderer, safe
from tui.app.terminal import give_size, utf8
from tui.app.theme import choose, keep, read_kept
from tui.app.watching import OpenWatcher
from tui.base import paths, process
from tui.base.clock import Clock
from tui.base.paths import BackgroundRead
from tui.base.problem import Problem
from tui.config import AppSettings, Config
from tui.connections.state import State
from tui.wording.times import Times

if TYPE_CHECKING:
    from tui.app.add import Add
    from tui.app.demo import Demo, DemoLink
    from tui.net import Net
    from tui.watching.watcher import Watcher


async def run(
    config: Config | None,
    *,
    clock: Clock,
    demo: "DemoLink | None" = None,
    theme: str | None = None,
    ascii: bool = False,
    mouse: bool = False,
    resume: str | None = None,
    resume_last: bool = False,
    random: Random | None = None,
    net: "Net | None" = None,
    config_file: Path | None = None,
    resumable: bool = True,
) -> int:
    """Run the app until it is left; the exit code. The command that resumes is written to stderr.

    `config_file` is where a connection that is added goes; not `resumable`: the journal goes with the app.
    """
    prepare_process()
    from tui.net import Net
    from tui.watching.journal_records import last_states

    kept, journal = paths.state_folder() / "theme", paths.state_folder() / "journal.db"
    kept_theme: BackgroundRead[str | None] = BackgroundRead(partial(read_kept, kept), None)
    remembered: BackgroundRead[dict[str, State]] = BackgroundRead(partial(last_states, journal), {})
    settings = config.app if config is not None else AppSettings()
    net = net or Net(ca_bundle=settings.ca_bundle)
    try:
        app = RemonitorApp(
            config,
            clock=clock,
            open_watcher=watcher_over(clock, net, random or Random()),
            demo=orders_to(demo, net) if demo is not None else None,
            add_form=form_over(config_file, net, clock) if config_file is not None else None,
            colours=choose(os.environ, theme, settings.theme, kept_theme.result()),
            ascii=ascii or not utf8(os.environ),
            keep_theme=partial(keep, kept),
            resume=resume,
            resume_last=resume_last,
            driver_class=TerminalDriver,
            # Where the folder hangs it has had its time.
            remembered=remembered.result if kept_theme.ended else dict,
        )
        await app.run_async(mouse=mouse)
        await app.watching.end()
    finally:
        await net.aclose()
    # A demo's journal goes with its window.
    tell_the_end(app, app.left_open() if demo is None and resumable else [], config_file)
    return app.return_code or 0


def prepare_process() -> None:
    """Before anything is built: descriptors for all orgs, and nothing of the terminal that Textual would misread."""
    process.raise_descriptor_limit()
    if os.environ.get("NO_COLOR") == "":
        # Textual looks at its presence, the convention at its value.
        del os.environ["NO_COLOR"]
    give_size()


def orders_to(demo: "DemoLink", net: "Net") -> "Demo":
    from tui.app.demo import Demo

    return Demo(demo, net)


def watcher_over(clock: Clock, net: "Net", random: Random) -> OpenWatcher:
    """How the real watcher is opened. What it needs is imported only then."""

    @contextlib.asynccontextmanager
    async def opened(config: Config) -> AsyncIterator["Watcher"]:
        from tui.app.loading import BREATH, load_first

        await load_first()
        # Whoever asks for it again, at the first request, says what is wrong with it.
        with contextlib.suppress(Problem):
            net.trust()
        await asyncio.sleep(BREATH)
        from tui.watching.journal import Journal
        from tui.watching.watcher import Watcher

        hook = None
        if config.app.on_change:
            from tui.reports.changes import hook_of

            hook = hook_of(config)
        journal = Journal(paths.state_folder() / "journal.db")
        async with Watcher(
            config, clock=clock, net=net, journal=journal, random=random, hook=hook
        ) as watcher:
            yield watcher

    return opened


def form_over(config_file: Path, net: "Net", clock: Clock) -> AddForm:
    """How the form for a new connection is made, loaded only then."""

    def form(renderer: Renderer, times: Callable[[], Times]) -> "Add":
        from tui.app import add

        return add.form(config_file, net, clock, renderer, times)

    return form


def tell_the_end(app: RemonitorApp, left: list[str], config_file: Path | None) -> None:
    """Write what the operator should know now to stderr, and the commands that resume what was `left` open."""
    # Nobody reads on where the terminal is gone.
    with contextlib.suppress(OSError):
        if app.return_code == FAULT:
            sys.stderr.write(f"remonitor ended by an internal fault; details are in {paths.log_file()}\n")
        for name in left:
            usual = config_file is None or config_file == paths.config_file()
            option = "" if usual else f" --config {shlex.quote(str(config_file))}"
            sys.stderr.write(f"To go on with {safe(name)}: remonitor resume {shlex.quote(name)}{option}\n")
