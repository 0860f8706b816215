"""The log: a rotating file in the state folder that only its owner can read, without secrets."""

import logging
import os
import re
import time
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

MAX_BYTES = 1_000_000
KEPT = 3
"""Older log files that are kept."""

_SECRETS = re.compile(
    r"(?i)(bearer |basic |(?:access_token|refresh_token|client_secret|assertion|password)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"'&,}]+"
    # A Salesforce session id: the org's id, an exclamation mark, the rest.
    r"|\b00D\w{9,15}![\w.]+"
)


def masked(text: str) -> str:
    """The text with everything that looks like a token or password replaced."""
    return _SECRETS.sub(lambda match: f"{match[1] or ''}•••", text)


class _Formatter(logging.Formatter):
    """Masks the whole record, its traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class _Private(RotatingFileHandler):
    """Creates its files with mode 0600, at the first record and not before."""

    def _open(self) -> TextIOWrapper:
        Path(self.baseFilename).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(handle, "a", encoding="utf-8")


def start(path: Path, level: str) -> None:
    """Send every logger to `path`. A log that cannot be written is dropped: it never disturbs the screen."""
    logging.raiseExceptions = False
    handler = _Private(path, maxBytes=MAX_BYTES, backupCount=KEPT, delay=True)
    formatter = _Formatter("%(asctime)sZ %(levelname)s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
