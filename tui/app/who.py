"""As whom the operator is signed in to each org, from the newest readings."""

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.app.renderer import Piece, Renderer
from tui.app.text_pane import SCROLLING
from tui.app.widgets import too_small
from tui.connections.evidence import Read
from tui.connections.state import State
from tui.wording.permissions import rights_lines


def lines(states: Mapping[str, State], orgs: Mapping[str, str]) -> list[list[Piece]]:
    """For each org (id to host) the operator and his rights, or why they were not read."""
    found: list[list[Piece]] = []
    by_org = {state.connection.org: state.evidence.rights for state in states.values()}
    for org, host in orgs.items():
        rights = by_org.get(org)
        found.append([(org, "bold"), (f"  {host}", "$foreground-muted")])
        if isinstance(rights, Read):
            found.append(
                [("you are ", "$foreground-muted"), (rights.value.username or "not named by the org", "bold")]
            )
            found += [
                [("✓ " if has else "– ", ""), (text, "" if has else "$foreground-muted")]
                for has, text in rights_lines(rights.value)
            ]
        else:
            found.append([(rights.reason if rights else "not read yet", "$warning")])
        found.append([])
    return found


class Orgs(VerticalScroll):
    """What scrolls, by letters too."""

    BINDINGS: ClassVar[list[BindingType]] = SCROLLING


class Who(ModalScreen[None]):
    """One block an org; scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "Close", show=False),
    ]

    def __init__(
        self, renderer: Renderer, states: Mapping[str, State], orgs: Mapping[str, str], *, key: str
    ) -> None:
        """`orgs` are hosts by id; `key` closes it too."""
        super().__init__()
        self._bindings.bind(key, "dismiss", show=False)
        self.renderer = renderer
        self.pieces = lines(states, orgs)

    def compose(self) -> ComposeResult:
        with Orgs(id="help") as box:
            box.border_title = "Who am I"
            box.border_subtitle = "esc Close"
            yield Static(self.renderer.lines(self.pieces), markup=False)
        yield too_small()
