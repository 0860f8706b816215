"""A connection's status in words: the line in the list, the headline, who did it and what helps."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from tui.base.text import counted
from tui.connections.evidence import Part
from tui.connections.finding import EXPIRY, Actor, Ask, Fact, Finding, Kind, Undetermined
from tui.connections.repair import NoRepair, Repair
from tui.connections.state import State, Status, Why, WhyCode
from tui.wording.times import Times, at_time, clock_time, countdown, short

NOT_READ = "not read yet"

EXPLAIN = "remonitor explain"
"""What tells which cause a message of the console means, where no screen has a key for it."""

PARTS: Mapping[str, str] = {
    Part.USER: "the user",
    Part.FREEZE: "the freeze",
    Part.GRANTS: "the permissions",
    Part.SIGN_INS: "the sign-ins",
    Part.FIELDS: "the permissions that the org knows",
    Part.RIGHTS: "your own rights",
    Part.ORG: "the org's identity",
    Part.TOKENS: "the app's tokens",
    Part.LICENSES: "the licences",
    Part.STREAMS: "the streaming settings",
    Part.AUDIT: "the audit trail",
    Part.DEPENDENCIES: "the permission dependencies",
    Part.EVENTS: "Incydr's file events",
    Part.CONSOLE: "the console's status",
}
"""The parts of the evidence as they read inside a sentence."""


def org_time(state: State, now: datetime) -> datetime:
    """This machine's `now` on the clock of the state's org."""
    return state.evidence.org_now + (now - state.evidence.read_at)


def status_word(state: State | None) -> str:
    """The one word for a status; an overdue recovery has its own, until nothing can be read at all."""
    if state is None:
        return NOT_READ
    return "overdue" if state.late else state.status.value


def age(state: State | None, now: datetime) -> str:
    """The list's last column: how long in Error, what is left of Recovering, how old a Monitoring by mere word is."""
    if state is None:
        return ""
    there = org_time(state, now)
    recovery = state.recovery
    if state.status is Status.RECOVERING and recovery is not None and recovery.deadline is not None:
        if state.overdue:
            return short(there - recovery.deadline)
        return countdown(recovery.deadline - there)
    if state.status in (Status.ERROR, Status.DEAUTHORIZED) and recovery is not None:
        return short(there - recovery.began)
    if state.status is Status.MONITORING:
        return short(there - state.by_word.at) if state.by_word is not None else ""
    return short(there - state.since)


def status_line(state: State, times: Times) -> str:
    """The first line of the detail: "Error since 13:42 CET · monitoring has stopped"."""
    if said := word_note(state, times):
        return f"{state.status} {said}"
    line = f"{state.status} since {clock_time(state.since, times, seconds=False, zone=True)}"
    if state.status is Status.UNKNOWN:
        was = "overdue" if state.overdue else state.was
        return f"{line} · was: {was}" if was else line
    if state.late and state.recovery is not None and state.recovery.deadline is not None:
        due = clock_time(state.recovery.deadline, times, seconds=False, zone=True)
        return f"{status_word(state)} since {due} · repaired, Incydr not back"
    what = {
        Status.ERROR: "monitoring has stopped",
        Status.RECOVERING: "repaired, waiting for Incydr",
        Status.INITIALIZING: "Incydr is setting the connection up",
        Status.DEAUTHORIZED: "the connection must be authorised again",
        Status.MONITORING: "Incydr is watching",
    }
    return f"{line} · {what[state.status]}"


def word_note(state: State, times: Times) -> str:
    """ "(you said so, 23:09)" behind a Monitoring that rests on the operator's word alone, else empty."""
    word = state.by_word
    return f"(you said so, {clock_time(word.at, times, seconds=False)})" if word is not None else ""


def headline(state: State, times: Times) -> str:
    """What is the matter, in one line; with several causes the first and how many more."""
    findings = state.diagnosis.findings
    if findings:
        return findings[0].title + more_causes(findings)
    if state.late:
        return "Repaired, Incydr not back"
    if state.why is not None:
        return why_text(state.why, times)
    if state.status is Status.MONITORING:
        return "No fault found"
    if state.status is Status.RECOVERING:
        return "Repaired, waiting for Incydr"
    return status_word(state)


def more_causes(findings: Sequence[Finding]) -> str:
    """Behind the first cause: " (and 1 more cause)"; empty where it is the only one."""
    return f" (and {counted(len(findings) - 1, 'more cause')})" if len(findings) > 1 else ""


def cause_line(finding: Finding, times: Times, *, brief: bool = False) -> str:
    """A cause with who and when: "The service account is frozen by Jane Doe at 13:41"; `brief`: without the account."""
    if finding.by is None:
        return done(finding, brief=brief)
    when = finding.by.at or finding.since
    at = f" {at_time(when, times, seconds=False)}" if when else ""
    return f"{done(finding, brief=brief)}{by_name(finding.by)}{at}"


def done(finding: Finding, *, brief: bool = False) -> str:
    """What happened, as "by NAME" can follow it: "The service account is frozen"; `brief`: "frozen"."""
    words = finding.title
    if finding.by is not None and finding.done:
        words = "Permissions expired" if finding.by.name == EXPIRY else finding.done
    if not brief:
        return words
    short = words.removeprefix("The service account is ")
    return short if short == finding.title else short[:1].lower() + short[1:]


def by_name(by: Actor, *, called: str = "") -> str:
    """Behind what happened: " by Jane Doe", ", probably by automation Okta"; empty where only time did it."""
    if by.name == EXPIRY:
        return ""
    return f"{' ' if by.certain else ', probably '}by {called or by.name}"


def ask_first(finding: Finding) -> str | None:
    """Who is asked before this is undone; None where nobody has to be."""
    return finding.restraint.name if finding.restraint is not None else None


def actor(by: Actor) -> str:
    """A person or automation: "Jane Doe (jane@acme.example)"."""
    name = f"automation {by.name}" if by.automation else by.name
    if by.username and by.username != by.name:
        name += f" ({by.username})"
    if by.delegate:
        name = f"{by.delegate}, signed in as {name}"
    return name


def by_line(finding: Finding, times: Times) -> str:
    """Who did it and when, or why nobody can be named."""
    if finding.by is not None:
        when = finding.by.at or finding.since
        at = f" {at_time(when, times)}" if when else ""
        if finding.by.name == EXPIRY:
            return f"the assignment expired{at}"
        source = ", from the audit trail" if finding.by.at is not None else ""
        certainty = "" if finding.by.certain else "probably "
        return f"{certainty}by {actor(finding.by)}{at}{source}"
    since = f"since {clock_time(finding.since, times)}" if finding.since else ""
    if finding.since is None and finding.latest is not None:
        since = f"since {clock_time(finding.latest, times)} or earlier"
    automatic = "perhaps automatic, after too many sign-ins" if finding.may_be_automatic else ""
    return " · ".join(part for part in (since, finding.by_unknown, automatic) if part)


YOU_ACT = "You must act"
NO_ACTION = "No action: ends by itself"
"""What is wanted of the operator, by the kind of a cause."""


def kind_line(finding: Finding, offer: Repair | NoRepair | None, times: Times) -> str:
    """Whether a person is needed, and what this program may do about it."""
    if finding.kind is Kind.SELF_HEALING:
        return " · ".join(part for part in (NO_ACTION, reset(finding, times)) if part)
    if isinstance(offer, Repair):
        return f"{YOU_ACT} · repair: {offer.title} · you have the right to do it"
    return f"{YOU_ACT}, by hand · {offer.reason}" if offer else YOU_ACT


def reset(finding: Finding, times: Times) -> str:
    """When the hourly limit ends: a range, and only an estimate."""
    if finding.reset is None:
        return ""
    first, last = (clock_time(at, times, seconds=False) for at in finding.reset)
    when = f"at about {last}" if first == last else f"between {first} and {last}"
    return f"the hourly limit ends {when} (estimate)"


_QUOTA_USERS = 4
"""Users of the quota before the rest is summed up."""


def quota_lines(finding: Finding) -> tuple[str, ...]:
    """Who used the hourly quota, most first: counts are lower bounds, not every refusal is recorded."""
    shown = finding.quota[:_QUOTA_USERS]
    lines = [
        f"{q.application or 'no application named'}: at least {q.count:,}"
        + (f" from {q.source_ip}" if q.source_ip else "")
        for q in shown
    ]
    if rest := finding.quota[_QUOTA_USERS:]:
        lines.append(f"{counted(len(rest), 'other')}: at least {sum(q.count for q in rest):,}")
    return tuple(lines)


def fact_lines(finding: Finding, times: Times) -> tuple[str, ...]:
    """The facts that show the finding, each with its time."""
    return tuple(_fact(fact, times) for fact in finding.facts)


def warning_lines(state: State, times: Times) -> tuple[str, ...]:
    """What is worth telling early, each with its time where it has one."""
    return tuple(_fact(fact, times) for fact in state.diagnosis.warnings)


def _fact(fact: Fact, times: Times) -> str:
    if fact.at is not None and fact.since:
        return f"{fact.text} since {clock_time(fact.at, times)} {fact.more}".strip()
    return f"{fact.text} ({clock_time(fact.at, times)})" if fact.at else fact.text


def why_text(why: Why, times: Times) -> str:
    """Why the status is what it is where the findings do not say it."""
    part = PARTS.get(why.part, why.part)
    at = at_time(why.at, times, seconds=False) if why.at else ""
    since = clock_time(why.at, times, seconds=False) if why.at else ""
    return {
        WhyCode.UNREADABLE: f"Cannot read {part}: {why.text}",
        WhyCode.AUDIT_UNREADABLE: "A change may be missing here: the audit trail could not be read",
        WhyCode.EVENTS_UNREADABLE: f"Cannot see whether Incydr is back: {part} could not be read: {why.text}",
        WhyCode.CONSOLE_UNREADABLE: f"The console's status could not be read: {why.text}",
        WhyCode.QUIET: f"No fault found, but nothing seen from Incydr since {since}",
        WhyCode.CHANGED: f"No fault found, but {why.text} changed {at}, and nothing came from Incydr since",
        WhyCode.OTHER_USER: f"Another user has this username now ({why.text})",
        WhyCode.NEVER_SEEN: "No fault found, but nothing seen from Incydr yet",
        WhyCode.OTHER_ORG: f"Another org answered ({why.text}): a refreshed sandbox?",
        WhyCode.CONSOLE_ERROR: f"The console shows Error, its cause is not visible in Salesforce: {why.text}",
        WhyCode.CONSOLE_WORD: f"The console shows {why.text}",
    }[why.code].rstrip(": .")


_NEXT_STEPS = {
    WhyCode.AUDIT_UNREADABLE: "View Setup and Configuration lets you read it.",
    WhyCode.QUIET: "Look at the connection in the Incydr console.",
    WhyCode.CHANGED: "Look at the connection in the Incydr console, or wait until Incydr is seen again.",
    WhyCode.OTHER_USER: "Compare user_id in the configuration with the user.",
    WhyCode.NEVER_SEEN: "Set incydr_app or a tenant for this connection, or look at the Incydr console.",
    WhyCode.OTHER_ORG: "Compare org_id in the configuration with the org.",
    WhyCode.CONSOLE_ERROR: "Read the message in the Incydr console; {explain} tells which cause it means.",
    WhyCode.CONSOLE_WORD: "Look at the connection in the Incydr console.",
}


def why_lines(state: State, times: Times, explain: str = EXPLAIN) -> tuple[str, ...]:
    """The reason behind a status without findings, and the next step; `explain` is how to ask for a cause."""
    if state.why is None:
        return ()
    lines = f"{why_text(state.why, times)}.", next_step_of(state, explain)
    return tuple(line for line in lines if line)


def next_step_of(state: State, explain: str = EXPLAIN) -> str:
    """What to do about the reason behind a status without findings; empty where it has none."""
    if state.why is None:
        return ""
    return state.why.next_step or _NEXT_STEPS.get(state.why.code, "").format(explain=explain)


def undetermined(*items: Undetermined) -> str:
    """Parts that cannot be read for one reason: "Cannot read the freeze: needs Manage Users."."""
    parts = ", ".join(dict.fromkeys(PARTS.get(item.part, item.part) for item in items))
    first = items[0]
    checked = "" if first.blocks else " (not checked)"
    step = f" {first.next_step}" if first.next_step else ""
    return f"Cannot read {parts}{checked}: {first.reason.rstrip('.')}.{step}"


def undetermined_lines(state: State) -> tuple[str, ...]:
    """A line a reason; what `why_lines` says already is left out."""
    groups: dict[tuple[str, str, bool], list[Undetermined]] = {}
    for item in state.diagnosis.undetermined:
        if state.why is None or (item.part, item.reason) != (state.why.part, state.why.text):
            groups.setdefault((item.reason, item.next_step, item.blocks), []).append(item)
    return tuple(undetermined(*items) for items in groups.values())


def counts(states: Iterable[State | None]) -> str:
    """The header's summary: "6 connections · 2 Error · 1 Recovering"; what is well is not listed."""
    known = list(states)
    found = Counter(status_word(state) for state in known if state is not None)
    order = (
        Status.ERROR,
        Status.DEAUTHORIZED,
        "overdue",
        Status.UNKNOWN,
        Status.RECOVERING,
        Status.INITIALIZING,
    )
    listed = [f"{found[word]} {word}" for word in order if found[word]]
    if not listed and known and found[Status.MONITORING] == len(known):
        listed = ["all Monitoring"]
    return " · ".join([counted(len(known), "connection"), *listed])


_QUESTIONS = {
    Ask.INCIDENT: "is there a security incident?",
    Ask.LEAVER: "is it a decision of HR?",
    Ask.CHANGE: "was it done on purpose?",
}


def restraint(finding: Finding) -> str:
    """Whom to ask what before undoing what somebody else did; empty where nobody else did it."""
    asked = finding.restraint
    if asked is None:
        return ""
    if asked.automation:
        return f"{asked.name} did this automatically and may do it again: fix it there first."
    return f"Ask {asked.name} first: {_QUESTIONS[asked.ask]}"


def reading_line(
    last_try: datetime | None,
    next_at: datetime | None,
    times: Times,
    *,
    reading: bool,
    paused: bool,
) -> str:
    """For the head line: "checked 13:42 · next 13:47"; moments do not age, so that a quiet screen stays quiet."""
    parts = [f"checked {clock_time(last_try, times, seconds=False)}"] if last_try is not None else []
    if paused:
        parts.append("paused")
    elif reading:
        parts.append("checking")
    elif next_at is not None:
        parts.append(f"next {clock_time(next_at, times, seconds=False)}")
    return " · ".join(parts)


def checks(state: State, next_at: datetime | None, reading: bool, times: Times) -> str:
    """For the waiting line: "checked 14:04:10: Recovering · next 14:04:20"; moments move with a check alone."""
    parts = [f"checked {clock_time(state.evidence.read_at, times)}: {status_word(state)}"]
    if reading:
        parts.append("checking")
    elif next_at is not None:
        parts.append(f"next {clock_time(next_at, times)}")
    return " · ".join(parts)
