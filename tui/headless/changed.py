"""`check --changed`: whether an answer differs from the last one to the same question."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tui.base.paths import state_folder, write_private
from tui.config import Config
from tui.reports.checked import Checked


class LastAnswer:
    """What the last run with this configuration and selection said; without moments, which pass by themselves."""

    def __init__(self, config: Config, rows: Sequence[Checked]) -> None:
        self._said = _digest([_said(row) for row in rows])
        self._path: Path = (
            state_folder() / "checks" / _digest([str(config.path), *(row.name for row in rows)])
        )

    @property
    def differs(self) -> bool:
        """Something changed since then; the first run always differs."""
        try:
            return self._path.read_text() != self._said
        except (OSError, ValueError):
            return True

    def keep(self) -> None:
        """Remember this answer, once it was given. Raises OSError."""
        write_private(self._path, self._said)


def _said(row: Checked) -> list[object]:
    findings = [(f.cause, f.by.username or f.by.name if f.by is not None else None) for f in row.findings]
    why = row.state.why.code if row.state is not None and row.state.why is not None else None
    return [
        row.name,
        row.word,
        row.code,
        findings,
        why,
        row.problem.title if row.problem is not None else None,
    ]


def _digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()
