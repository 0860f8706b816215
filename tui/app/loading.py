"""Loads what the first frame did without: an upgrade under the running program then changes nothing in it."""

import asyncio
import contextlib
import importlib
import logging
import pkgutil

import tui

FIRST = (
    "email.parser",
    "urllib.request",
    "http.cookiejar",
    "sqlite3",
    "tui.app.detail_tables",
    "tui.diagnosis.guide",
    "tui.watching.journal",
    "tui.watching.watcher",
    "tui.salesforce.reading",
    "tui.salesforce.sign_in",
    "tui.incydr.session",
    "tui.watching.http_clients",
    "certifi",
    "idna",
    "h11",
    "anyio",
    "anyio.to_thread",
    "anyio.abc",
    "anyio.streams.tls",
    "anyio._backends._asyncio",
    "httpcore",
    "httpx",
)
"""What reading an org needs, in pieces small enough that no key waits for long."""

BREATH = 0.01
"""Real seconds between two pieces: a key takes several turns of the loop until its answer is painted."""

APART = ("tui.__main__", "tui.cli", "tui.demo", "tui.commands", "tui.console", "tui.lines")
"""What the app never needs."""

log = logging.getLogger("remonitor.app")


async def load_first() -> None:
    """Import what the watch begins with, one piece at a time between other work."""
    for name in FIRST:
        # One that another release does without is loaded, or not, by whoever needs it.
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
        await asyncio.sleep(BREATH)


async def load_rest() -> None:
    """Import every room of the app, one module at a time between other work."""
    for module in pkgutil.walk_packages(tui.__path__, "tui."):
        if not module.name.startswith(APART):
            try:
                importlib.import_module(module.name)
            except ImportError as error:
                # An extra that is not installed; whoever needs it says so.
                log.debug("%s is not loaded: %s", module.name, error)
            await asyncio.sleep(0)
