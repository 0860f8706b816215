"""What covers a screen that the terminal has no room for; the style sheet shows it."""

from textual.dom import DOMNode
from textual.widgets import Input, Static


def too_small() -> Static:
    return Static("terminal too small: 40 by 12 is the least", classes="too-small", markup=False)


def is_too_small(screen: DOMNode) -> bool:
    return screen.app.size.width < 40 or screen.app.size.height < 12


def type_only_in_sight(field: Input) -> None:
    """Take no keys into a field that is covered; it has them again with its place."""
    field.disabled = is_too_small(field)
    if not field.disabled:
        field.focus()
