"""The sign-ins of the last hour as bars against Salesforce's limit: by application, address and kind."""

from msgspec import Struct

from tui.base.limits import SIGN_INS_PER_HOUR
from tui.connections.finding import PRESSES
from tui.connections.state import State
from tui.pictures.pieces import Line, Tone, filled, finished, wrapped
from tui.wording.evidence_table import Bar, quota_bars, quota_title

BAR = 20
"""Cells of a whole bar: the whole limit."""
SHORT = 10
"""The same where there is little room."""
NARROW = 60


class Quota(Struct, frozen=True):
    """Who signed in how often: counts are lower bounds, not every refusal is recorded."""

    bars: tuple[Bar, ...]


def quota_of(state: State) -> Quota | None:
    """All of them together first; None where no sign-in of the hour is known."""
    bars = quota_bars(state)
    if not bars:
        return None
    total = sum(bar.count for bar in bars)
    whole = Bar("in all", total, min(1.0, total / SIGN_INS_PER_HOUR))
    return Quota((whole, *bars) if len(bars) > 1 else bars)


def bar_of(bar: Bar, cells: int = BAR) -> Line:
    """The bar and its count; the limit used up, half of it used and less have their own tones."""
    full = max(1, round(bar.share * cells))
    tone = Tone.BAD if bar.share >= 1 else Tone.WARNING if bar.share >= PRESSES else Tone.HERE
    return [("█" * full, tone), ("░" * (cells - full), Tone.QUIET), (f" {bar.count:>5,}", Tone.STRONG)]


def drawn(quota: Quota, width: int, *, ascii: bool = False) -> tuple[Line, ...]:
    """The picture in `width` cells: a long name goes on under itself."""
    cells = BAR if width >= NARROW else SHORT
    lines: list[Line] = [[(filled(quota_title(), width, ascii=ascii).rstrip(), Tone.STRONG)]]
    margin = cells + 8
    for bar in quota.bars:
        first, *rest = wrapped(bar.label, max(1, width - margin))
        lines.append([*bar_of(bar, cells), (f"  {first}", Tone.PLAIN)])
        lines += [[(" " * margin + more, Tone.PLAIN)] for more in rest]
    return tuple(finished(lines, ascii=ascii))
