"""`explain`: which cause a console message means, and what to do about it."""

from tui.causes import explain as causes_of
from tui.causes.cause import Cause
from tui.causes.registry import CAUSES
from tui.connections.finding import Kind
from tui.headless.exits import Exit


def run(text: str | None) -> tuple[Exit, str]:
    """The answer to a pasted message; without a text every known cause."""
    if text is None:
        return Exit.OK, "\n\n".join(_told(cause) for cause in CAUSES)
    found = causes_of.explain(text)
    if not found:
        return Exit.NO, "No known cause has this message. All causes: remonitor explain"
    lines = [_told(cause) for cause in found]
    if len(found) > 1:
        lines.insert(
            0, "The console shows this message for several causes; remonitor check tells which it is."
        )
    return Exit.OK, "\n\n".join(lines)


def _told(cause: Cause) -> str:
    lines = [f"{cause.id}: {cause.title}"]
    if cause.message:
        lines.append(f"  the console shows: {cause.message}")
    healing = cause.kind is Kind.SELF_HEALING
    lines.append("  clears by itself" if healing else "  needs a person")
    lines.extend(f"  {number}. {step.title}" for number, step in enumerate(cause.steps, 1))
    if cause.delay is not None and not healing:
        minutes = int(cause.delay.total_seconds() // 60)
        assumed = " (assumed)" if cause.delay_assumed else ""
        lines.append(f"  then Incydr returns by itself within {minutes} minutes{assumed}")
    lines.append(f"  the whole walkthrough: remonitor steps {cause.id}")
    return "\n".join(lines)
