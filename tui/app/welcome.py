"""What a first start without a configuration shows."""

from textual.widgets import Static

from tui.app.renderer import Piece, Renderer

LINES: list[list[Piece]] = [
    [("Welcome to remonitor", "bold $primary")],
    [],
    [
        (
            "It gets an Incydr data connection to Salesforce back to Monitoring: it reads your org, says why "
            "monitoring stopped, walks you through the fix, and watches until Incydr is back.",
            "",
        )
    ],
    [],
    [("Look around in the demo", "bold")],
    [("  press l, or run remonitor demo", "$success")],
    [("  starts a stand-in org and tenant on this machine; nothing leaves it.", "$foreground-muted")],
    [],
    [("Watch your own connections", "bold")],
    [("  press a, or run remonitor add", "$success")],
    [("  asks for org, service account and tenant, and tries them before it saves.", "$foreground-muted")],
]


class Welcome(Static):
    """The way in: the demo, or a configuration."""

    def __init__(self, renderer: Renderer, *, id: str | None = None) -> None:
        super().__init__(renderer.lines(LINES), id=id, markup=False)
