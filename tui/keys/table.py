"""Every key command as data: bindings, footer, palette, help and the README's key table come from here."""

from msgspec.structs import replace

from tui.connections.walkthrough import Phase
from tui.keys import reasons
from tui.keys.command import BROWSE, EVERYWHERE, READING, Command, Context, Pane, never


def is_open(context: Context) -> bool:
    """The walkthrough is still under way."""
    return context.phase is not Phase.RETURNED


def has_steps(context: Context) -> bool:
    """There is something left to do in Salesforce."""
    return not context.phase.awaits


_TABLE: tuple[Command, ...] = (
    Command(
        "details",
        "enter",
        "Details",
        "Show what is known about the connection under the cursor.",
        "Connections",
        (Pane.LIST,),
        when=lambda c: c.detail_hidden,
    ),
    Command(
        "fix",
        "enter",
        "Fix",
        "Open the walkthrough of this connection, where it was left.",
        "Connections",
        BROWSE,
        when=lambda c: not (c.detail_hidden and c.pane is Pane.LIST),
        why_not=reasons.nothing_to_fix,
    ),
    Command(
        "filter",
        "slash",
        "Filter",
        "Show only connections with these words; !word leaves out, status:error asks for one thing.",
        "Connections",
        (Pane.LIST,),
    ),
    Command(
        "next_problem",
        "n",
        "Next problem",
        "Go to the next connection that is not well.",
        "Connections",
        BROWSE,
        why_not=reasons.no_other_problem,
        in_footer=never,
    ),
    Command(
        "previous_problem",
        "N",
        "Previous problem",
        "Go to the connection before that is not well.",
        "Connections",
        BROWSE,
        why_not=reasons.no_other_problem,
        in_footer=never,
    ),
    Command(
        "sort",
        "o",
        "Sort",
        "Sort the list: worst first, by name, by org.",
        "Connections",
        (Pane.LIST,),
        in_footer=never,
    ),
    Command(
        "resume",
        "c",
        "Continue",
        "Go on with the walkthrough that was left.",
        "Connections",
        BROWSE,
        when=lambda c: c.resumable,
    ),
    Command(
        "done",
        "enter",
        "Done, next",
        "This step is done: go to the next one.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=is_open,
        why_not=reasons.no_step_to_leave,
        in_footer=has_steps,
    ),
    Command(
        "close",
        "enter",
        "Close",
        "Close the finished walkthrough.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=lambda c: not is_open(c),
    ),
    Command(
        "back",
        "b",
        "Back",
        "Go to the step before.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=is_open,
        why_not=reasons.no_step_before,
    ),
    Command(
        "repair",
        "f",
        "Fix it for me",
        "Show the change that mends this, then send it to Salesforce.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=is_open,
        why_not=reasons.no_repair,
        in_footer=lambda c: has_steps(c) or bool(c.repairs),
    ),
    Command(
        "leave",
        "escape",
        "Leave",
        "Go back; the watch goes on and the walkthrough is kept.",
        "Everywhere",
        (Pane.DETAIL, Pane.WIZARD),
        when=lambda c: c.detail_hidden or c.pane is Pane.WIZARD,
    ),
    Command(
        "skip",
        "s",
        "Skip",
        "Leave this step undone and go on; only this machine knows.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=is_open,
        why_not=reasons.no_step_to_leave,
        in_footer=never,
    ),
    Command(
        "check_now",
        "r",
        "Check now",
        "Read the org again now.",
        "Everywhere",
        READING,
    ),
    Command(
        "add",
        "a",
        "Add",
        "Add a connection: choose org, service account and tenant by questions.",
        "Connections",
        (Pane.WELCOME, *BROWSE),
        when=lambda c: c.pane is Pane.WELCOME or not (c.detail_hidden and c.pane is Pane.DETAIL),
    ),
    Command(
        "look_around",
        "l",
        "Look around",
        "Open the demo: a stand-in org and tenant on this machine.",
        "Everywhere",
        (Pane.WELCOME,),
    ),
    Command(
        "experience",
        "x",
        "Lightning/Classic",
        "Switch the words and links between Lightning Experience and Salesforce Classic.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=is_open,
        why_not=reasons.no_switch,
        in_footer=has_steps,
    ),
    Command(
        "word",
        "m",
        "Console: Monitoring",
        "Record that the Incydr console shows Monitoring.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=is_open,
        why_not=reasons.no_word_yet,
        in_footer=lambda c: c.phase.awaits and reasons.no_word_yet(c) is None,
    ),
    Command(
        "pause",
        "p",
        "Pause",
        "Stop asking about this connection; once more to go on.",
        "Everywhere",
        READING,
        in_footer=lambda c: c.phase.awaits,
    ),
    Command(
        "mute",
        "M",
        "Mute",
        "Call nobody for this connection for two hours; once more to end it.",
        "Everywhere",
        READING,
        why_not=reasons.nobody_to_mute,
        in_footer=never,
    ),
    Command(
        "explain",
        "e",
        "Explain",
        "Paste a message of the Incydr console: what it means, and whether Salesforce shows it.",
        "Everywhere",
        EVERYWHERE,
    ),
    Command(
        "copy_link",
        "y",
        "Copy link",
        "Send the step's link to the terminal's clipboard.",
        "Walkthrough",
        (Pane.WIZARD,),
        when=is_open,
        why_not=reasons.no_link,
        in_footer=never,
    ),
    Command(
        "copy_user",
        "u",
        "Copy user",
        "Send the service account's username to the terminal's clipboard.",
        "Walkthrough",
        (Pane.DETAIL, Pane.LIST, Pane.WIZARD),
        in_footer=never,
    ),
    Command(
        "copy_docs",
        "D",
        "Copy docs link",
        "Send the address of the vendor's own page on this to the terminal's clipboard.",
        "Walkthrough",
        (Pane.DETAIL, Pane.LIST, Pane.WIZARD),
        why_not=reasons.no_docs,
        in_footer=never,
    ),
    Command(
        "history",
        "h",
        "History",
        "Show more or fewer lines of this connection's history.",
        "Connections",
        BROWSE,
        when=lambda c: not (c.detail_hidden and c.pane is Pane.LIST),
    ),
    Command(
        "in_full",
        "d",
        "In full",
        "Show every permission with what gives it, and who used the hour's sign-ins; once more for less.",
        "Connections",
        BROWSE,
        when=lambda c: not (c.detail_hidden and c.pane is Pane.LIST),
        in_footer=never,
    ),
    Command(
        "report",
        "w",
        "Write report",
        "Write what happened to a file in Markdown, for the ticket, and show it.",
        "Everywhere",
        READING,
        when=lambda c: c.pane is not Pane.WIZARD or not is_open(c),
        why_not=reasons.nothing_to_report,
        in_footer=lambda c: c.pane is Pane.WIZARD and not is_open(c),
    ),
    Command(
        "copy_report",
        "Y",
        "Copy report",
        "Send the whole report to the terminal's clipboard, and show it.",
        "Everywhere",
        READING,
        why_not=reasons.nothing_to_report,
        in_footer=never,
    ),
    Command(
        "view",
        "v",
        "Plain text",
        "Show the text of this pane alone, without frames, to select it with the terminal's own means.",
        "Everywhere",
        READING,
        in_footer=never,
    ),
    Command(
        "theme",
        "t",
        "Theme",
        "Next theme: dark, light, the terminal's own colours. It is kept on this machine.",
        "Everywhere",
        EVERYWHERE,
        why_not=reasons.no_choice_of_theme,
        in_footer=never,
    ),
    Command(
        "who",
        "i",
        "Who am I",
        "Show as whom you are signed in to each org, and what you may do there.",
        "Everywhere",
        READING,
        in_footer=never,
    ),
    Command("help", "question_mark", "Help", "Show every key.", "Everywhere", EVERYWHERE),
    Command(
        "palette",
        "colon",
        "Commands",
        "Search every command by name (also ctrl+p).",
        "Everywhere",
        EVERYWHERE,
        in_footer=never,
    ),
    Command(
        "redraw",
        "ctrl+l",
        "Redraw",
        "Draw the whole screen again, where another program has written over it.",
        "Everywhere",
        EVERYWHERE,
        in_footer=never,
    ),
    Command(
        "quit", "q", "Quit", "Leave the program (also ctrl+q, or ctrl+c twice).", "Everywhere", EVERYWHERE
    ),
)

_HOLDERS = frozenset(("pause",))
"""What only the process that watches the org can do."""


def _holders(command: Command) -> Command:
    def why_not(context: Context) -> str | None:
        return reasons.another_watches(context) or command.why_not(context)

    return replace(command, why_not=why_not)


COMMANDS = tuple(_holders(command) if command.id in _HOLDERS else command for command in _TABLE)

BY_ID = {command.id: command for command in COMMANDS}
