"""Why a command does not work now: a sentence, or None where it does."""

from tui.connections.repair import NoRepair
from tui.connections.state import State, Status
from tui.keys.command import Context


def another_watches(context: Context) -> str | None:
    if context.watched_by is None:
        return None
    return f"Another remonitor ({context.watched_by}) is watching this org: use that one, or end it."


def nobody_to_mute(context: Context) -> str | None:
    return "No connection is selected." if context.nothing else None


def nothing_to_fix(context: Context) -> str | None:
    state = context.state
    if context.nothing:
        return "No connection is selected."
    if state is None:
        return "Not read yet: remonitor waits for the first answer."
    name = state.connection.name
    if state.walkable:
        return None
    if state.status is Status.UNKNOWN:
        why = f" {state.why.next_step}" if state.why and state.why.next_step else ""
        return f"The status of {name} is Unknown and no fault is known.{why}"
    if state.status is Status.DEAUTHORIZED:
        return f"{name} is Deauthorized. Authorise it again in the Incydr console."
    return f"Nothing to fix: {name} is {state.status}."


def no_step_to_leave(context: Context) -> str | None:
    if context.walkthrough is None:
        return "There is no open walkthrough."
    if context.unfinished is not None:
        return f"Step {context.unfinished + 1} is not done: go back to it first."
    if context.phase.awaits:
        return "Nothing to do here: Incydr comes back by itself."
    return None


def no_step_before(context: Context) -> str | None:
    if context.walkthrough is None:
        return "There is no open walkthrough."
    return "This is the first step." if context.walkthrough.current == 0 else None


def no_repair(context: Context) -> str | None:
    if context.busy:
        return f"Still sending: {context.busy}."
    if context.repairs:
        return None
    for offer in context.offers:
        if isinstance(offer, NoRepair):
            return offer.reason
    if context.state is not None and context.state.diagnosis.other_org:
        return "Another org answers: remonitor changes nothing there."
    if context.state is not None and context.state.diagnosis.other_user:
        return "Another user has this username now: remonitor changes nothing for that user."
    if context.state is not None and not context.state.diagnosis.findings:
        return "There is nothing left to repair in Salesforce."
    return "remonitor cannot fix this over the API."


def no_word_yet(context: Context) -> str | None:
    state = context.state
    if state is None or state.recovery is None:
        return "There is no outage."
    if state.returned is not None:
        return "Monitoring is back already."
    if state.diagnosis.findings:
        return _not_yet(state)
    return None


def nothing_to_undo(context: Context) -> str | None:
    """Whether there is something to take back stands in the journal, which is asked then."""
    if context.busy:
        return f"Still sending: {context.busy}."
    if context.nothing:
        return "No connection is selected."
    return None if context.state is not None else "Not read yet: remonitor waits for the first answer."


def no_word(context: Context) -> str | None:
    if context.state is None or context.state.word is None:
        return "You have not said that the console shows Monitoring."
    return None


def no_walk(context: Context) -> str | None:
    return None if context.walkthrough is not None or context.resumable else "There is no open walkthrough."


def _not_yet(state: State) -> str:
    """Why the console's Monitoring does not count yet: what is to be repaired first."""
    there = "; ".join(finding.title for finding in state.diagnosis.findings)
    return f"This counts only after the repair. Salesforce still shows: {there}."


def nothing_to_report(context: Context) -> str | None:
    return None if context.state is not None else "Not read yet: remonitor waits for the first answer."


def no_link(context: Context) -> str | None:
    return None if context.link else "This step has no link."


def no_docs(context: Context) -> str | None:
    return "No connection is selected." if context.nothing else nothing_to_report(context)


def no_switch(context: Context) -> str | None:
    return None if context.walkthrough else "There is no open walkthrough."


def no_other_problem(context: Context) -> str | None:
    return None if context.problems else "No other connection in the list has a problem."


def no_choice_of_theme(context: Context) -> str | None:
    return "NO_COLOR is set: there are no colours to choose." if context.monochrome else None
