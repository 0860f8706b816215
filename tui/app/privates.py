"""What this room uses of Textual that is private there, and why: the first place to look when Textual changes."""

PRIVATES: dict[str, dict[str, str]] = {
    "textual.app.App": {
        "_batch_count": "nothing is written while a batch lasts",
        "_running": "nor before the app runs",
        "_closed": "nor after it",
        "_driver": "orders to the terminal, past the screen",
        "_display": "the one way by which updates come to the terminal: replaced by the cells that changed",
        "_sync_available": "whether an update is shown at once",
        "_bindings": "the key of a command may be bound anew",
        "_exit": "whether the app is on its way out: a fault then changes no exit code",
        "_handle_exception": "Textual's own report of a fault would print secrets",
        "_exception": "likewise: what tests raise again",
        "_exception_event": "likewise",
    },
    "textual.screen.Screen": {
        "_bindings": "keys that may be bound anew",
        "_compositor": "the first frame is painted once and whole",
        "_compositor_refresh": "nothing is painted before it",
        "_repaint_required": "likewise",
    },
    "textual.widget.Widget": {
        "_border_title": "a title is written without drawing the whole widget again",
        "_border_subtitle": "likewise",
    },
    "textual.widgets.Input": {"_on_paste": "a message over several lines becomes one line"},
    "textual.drivers.linux_driver.LinuxDriver": {
        "_file": "where it draws: standard output, where standard error is not the terminal",
        "_app": "which keys are bound",
    },
    "textual._xterm_parser.XTermParser": {
        "_sequence_to_key_events": "Esc and a key behind it are two keys",
        "_awaiting": "whether a key's name goes on",
    },
    "textual.widgets._toast.Toast": {
        "_expire": "a new answer to a key takes the place of the last one",
        "_notification": "which one that is",
    },
    "textual.message_pump.MessagePump": {"_parent": "whom a key comes to next"},
    "textual.message.Message": {"_stop_propagation": "whether it comes to anybody else"},
    "textual._compositor.Compositor": {"_dirty_regions": "the first frame is painted once and whole"},
    "textual._compositor.ChopsUpdate": {},
    "textual._compositor.LayoutUpdate": {},
}
"""Names by class. A class of a private module is listed also where its attributes are public."""
