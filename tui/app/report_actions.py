"""Whole texts that leave the screen: the report for the ticket, and what a pane shows."""

from typing import TYPE_CHECKING

from tui import __version__
from tui.app.shell import CommandHost
from tui.base.problem import Problem
from tui.keys import Pane

if TYPE_CHECKING:
    from tui.reports.report import Report


async def report(host: CommandHost) -> "tuple[Report, str] | None":
    """The report of the connection at hand, and the same in Markdown; None before it was read."""
    from tui.reports.report import markdown, report_of

    app, watcher, name = host.shell, host.watcher, host.selected
    state = host.states.get(name or "")
    if watcher is None or name is None or state is None:
        return None
    history, sent = await watcher.history(name), await watcher.changes(name)
    domain, program = watcher.org(name).my_domain, f"remonitor {__version__}"
    made = report_of(state, domain, history, sent, program, app.times)
    hours = await watcher.hours(made.at - made.summary.span, name)
    return made, markdown(made, app.tz, hours.get(name, ()))


async def write_report(host: CommandHost) -> None:
    """Write the report to a private file in the state folder; show it, and where it is. Raises Problem."""
    from tui.base.paths import state_folder, write_private
    from tui.reports.report import file_name

    made = await report(host)
    if made is None:
        return
    path = state_folder() / "reports" / file_name(made[0])
    try:
        write_private(path, made[1])
    except OSError as error:
        why = f"{path}: {error.strerror}."
        raise Problem("The report could not be written", why, "Check that the folder is yours.") from error
    host.shell.show_plain(made[1], f"The report is in {path}")


def shown(host: CommandHost) -> str:
    """What the pane at hand shows, without its frames, and the addresses in it, each whole."""
    from tui.diagnosis.guide import pages

    if host.pane is not Pane.WIZARD:
        state = host.states.get(host.selected or "")
        addresses = [page.address for page in pages(state.diagnosis.causes)] if state is not None else []
        return "\n\n".join((host.connections.current or "", host.detail.plain, *addresses))
    addresses = [address for address in (host.wizard.link, host.wizard.docs) if address]
    return "\n\n".join((host.wizard.head_text, host.wizard.step_pane.plain, *addresses))
