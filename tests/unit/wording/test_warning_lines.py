"""Early warnings in words."""

from datetime import UTC

from tests.evidence import NEEDED, NOW, ago, connection, evidence, permission_set, profile
from tui import wording
from tui.connections.recovery import advance
from tui.diagnosis.diagnose import diagnose


def test_a_warning_tells_its_moment() -> None:
    held = (profile("RunReports", "ManagePvtRptsAndDashbds"), permission_set(*NEEDED, expires=ago(hours=-5)))
    of = evidence(grants=held)
    lines = wording.warning_lines(
        advance(connection(), None, of, diagnose(connection(), of)), wording.Times(UTC, NOW)
    )
    assert lines[0].endswith("by Incydr Access alone, and that assignment expires (19:00:00)")
    assert len(lines) == len(NEEDED)
