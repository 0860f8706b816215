"""A recording's expectation held against what `check` says of it."""

from pathlib import Path

from tui.console.playing import Played
from tui.recordings.format import Expected, Verdict

HERE = Path(__file__).parent


def differences(expected: Expected, played: Played) -> list[str]:
    """What is not as expected, each as one line."""
    found = [
        line
        for name, verdict in expected.connections.items()
        for line in _different(name, verdict, played.verdict.connections[name])
    ]
    if expected.exit_code is not None and expected.exit_code != played.exit_code:
        found.append(f"exit code {played.exit_code}, expected {expected.exit_code}")
    reasons = [
        reason for told in played.verdict.connections.values() for reason in (told.parts or {}).values()
    ]
    text = " ".join(" ".join((played.text, *reasons)).split())
    found += [f"does not say: {words}" for words in expected.says if words not in text]
    found += [f"says: {words}" for words in expected.never_says if words in text]
    return found


def _different(name: str, right: Verdict, told: Verdict) -> list[str]:
    found = []
    for field in ("status", "causes", "who", "since", "offers", "calls"):
        wanted, got = getattr(right, field), getattr(told, field)
        if wanted is not None and wanted != got:
            found.append(f"{name}: {field} {got}, expected {wanted}")
    if right.warnings is not None:
        told_ones = told.warnings or ()
        missing = [words for words in right.warnings if not any(words in text for text in told_ones)]
        if missing or len(told_ones) != len(right.warnings):
            found.append(f"{name}: warnings {told_ones}, expected {right.warnings}")
    if missed := set(right.actions or ()) - set(told.actions or ()):
        found.append(f"{name}: the audit trail was read without {', '.join(sorted(missed))}")
    for part, words in (right.parts or {}).items():
        reason = (told.parts or {}).get(part, "read")
        if words not in reason:
            found.append(f"{name}: {part}: {reason!r}, expected {words!r}")
    return found
