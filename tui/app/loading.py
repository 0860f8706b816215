"""Loads what the first frame did without: an upgrade under the running program then changes nothing in it."""

import asyncio
import importlib
import logging
import pkgutil

import tui

APART = ("tui.__main__", "tui.cli", "tui.demo", "tui.headless")
"""What the app never needs."""

log = logging.getLogger("remonitor.app")


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
