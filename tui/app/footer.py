"""The one-line footer: the keys of this moment, greyed where a command does not work now."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.widgets import Static

from tui.app.pen import Pen, Piece
from tui.keys import Command, Context, key_name


class Footer(Static):
    """Keys and labels from the command table; what does not fit is left to help and palette."""

    def __init__(self, pen: Pen, *, id: str | None = None) -> None:
        super().__init__("", id=id, markup=False)
        self.pen = pen
        self._shown: list[Piece] = []

    def show(self, commands: Sequence[tuple[Command, str]], context: Context, width: int) -> None:
        """Show (command, its key) in order; `quit` stands at the right end where there is nothing to leave."""
        pieces = self._pieces(commands, context, width)
        if pieces != self._shown:
            self._shown = pieces
            self.update(self.pen.line(pieces), layout=False)

    def _pieces(self, commands: Sequence[tuple[Command, str]], context: Context, width: int) -> list[Piece]:
        leaves = any(c.id == "leave" for c, _ in commands)
        last = [(c, key) for c, key in commands if c.id == "quit" and not leaves]
        tail = "".join(f"{key_name(key)} {c.label}" for c, key in last)
        room = width - cell_len(tail) - 1
        pieces: list[Piece] = [(" ", "")]
        used = 1
        for command, key in commands:
            size = cell_len(f"{key_name(key)} {command.label}") + 2
            if (command, key) in last or not command.in_footer or used + size > room:
                continue
            disabled = command.why_not(context) is not None
            pieces.append((key_name(key), "$foreground-disabled" if disabled else "bold $primary"))
            pieces.append(
                (f" {command.label}  ", "$foreground-disabled" if disabled else "$foreground-muted")
            )
            used += size
        for command, key in last:
            pieces.append((" " * max(1, width - used - cell_len(tail) - 1), ""))
            pieces.append((key_name(key), "bold $primary"))
            pieces.append((f" {command.label}", "$foreground-muted"))
        return pieces
