"""What the detail shows in full where it matters or on demand: permissions, sign-ins as bars, the console's words."""

from tui.app.pictures import STYLES
from tui.app.renderer import LINK, Line
from tui.app.text_pane import HangingLine
from tui.connections.evidence import Part, Unreadable
from tui.connections.state import State
from tui.diagnosis.guide import messages, pages
from tui.pictures.quota import BAR, bar_of
from tui.wording.evidence_table import not_readable, quota_bars, quota_title
from tui.wording.permissions import permission_rows
from tui.wording.times import Times

TONES = {"✓": "$success", "✖": "$error", "!": "$warning"}


def permissions(state: State, times: Times, *, whole: bool) -> list[Line]:
    """Each permission with what gives it, or when and by whom it was lost and what stops without it."""
    if not whole and all(f.part is not Part.GRANTS for f in state.diagnosis.findings):
        return []
    title: list[Line] = [[], [("Permissions", "bold")]]
    grants = state.evidence.grants
    if isinstance(grants, Unreadable):
        return [*title, HangingLine(3, [(" – ", "$foreground-muted"), (not_readable(grants), "")])]
    for row in permission_rows(state.diagnosis.permissions, times):
        tone = TONES.get(row.sign.value, "$foreground-muted")
        title.append(
            HangingLine(3, [(f" {row.sign.value} ", tone), (row.label, "bold"), (f"  {row.text}", "")])
        )
    return title


def sign_ins(state: State, *, whole: bool) -> list[Line]:
    """Who used the hourly quota, as bars."""
    bars = quota_bars(state) if whole or state.diagnosis.quota_presses else ()
    if not bars:
        return []
    lines: list[Line] = [[], [(quota_title(), "bold")]]
    for bar in bars:
        pieces = [
            (f" {text}" if not index else text, STYLES[tone])
            for index, (text, tone) in enumerate(bar_of(bar))
        ]
        lines.append(HangingLine(BAR + 2, [*pieces, (f"  {bar.label}", "")]))
    return lines


def docs(state: State, key: str) -> list[Line]:
    """The vendors' own pages on what was found; `key` copies the first."""
    lines: list[Line] = []
    for number, page in enumerate(pages(state.diagnosis.causes) if state.diagnosis.causes else ()):
        label, copies = ("Documentation", f"   {key} copies") if not number else ("", "")
        title = (page.title, f"{LINK}{page.address}")
        lines.append(HangingLine(17, [(f"{label:<17}", "bold"), title, (copies, "$foreground-muted")]))
    return [[], *lines] if lines else []


def console_messages(state: State) -> tuple[str, ...]:
    """What the Incydr console shows for the causes found, verbatim, each message once."""
    return messages(state.diagnosis.causes)
