"""Slow facts of an org in the journal: a key, its JSON, and when it was read; apart by the org's Id as read."""

import logging
import sqlite3
from datetime import datetime

import msgspec

from tui.connections.remembered import Fact, Remembered
from tui.watching.database import Database

log = logging.getLogger(__name__)


class Facts:
    """The rows in `data`. Both methods may raise JournalProblem."""

    def __init__(self, data: Database) -> None:
        self._data = data

    async def remembered(self, org: str, subject: str | None = None) -> Remembered | None:
        """What is known of `org` (its key in the configuration); without `subject` of the Id that was read last."""
        rows = await self._data.read(
            lambda sql: sql.execute(
                "SELECT subject, key, value, read_at FROM facts WHERE org = ? ORDER BY read_at", (org,)
            ).fetchall()
        )
        about = subject if subject is not None else (rows[-1][0] if rows else None)
        facts: dict[str, Fact] = {}
        for of, key, value, read_at in rows:
            if of == about and (fact := _fact(value, read_at)) is not None:
                facts[key] = fact
            elif of == about:
                log.warning("a remembered fact of %s cannot be read: %s", org, key)
        return Remembered(about, facts) if about is not None and facts else None

    async def remember(self, org: str, known: Remembered) -> None:
        """Keep these facts; others of the same subject stay."""

        def work(sql: sqlite3.Connection) -> None:
            sql.executemany(
                "INSERT INTO facts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET value = excluded.value, read_at = excluded.read_at",
                [
                    (org, known.subject, key, bytes(fact.value), fact.read_at.isoformat())
                    for key, fact in known.facts.items()
                ],
            )

        await self._data.write(work)


def _fact(value: bytes, read_at: str) -> Fact | None:
    try:
        msgspec.json.decode(value)
        return Fact(msgspec.Raw(value), datetime.fromisoformat(read_at))
    except (msgspec.MsgspecError, ValueError):
        return None
