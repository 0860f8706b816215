"""The report for the ticket: what happened, what shows it, what was done by whom, what proves the return."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from msgspec import Struct
from msgspec.structs import replace

from tui.base.text import sentence
from tui.connections.evidence import Part, value_of
from tui.connections.finding import EXPIRY, Fact, Finding
from tui.connections.state import Recovery, Repaired, State
from tui.pictures import availability
from tui.pictures.availability import DAYS, Month, month_of
from tui.pictures.pieces import as_text
from tui.pictures.timeline import drawn, timeline_of
from tui.watching.entry import Entry, newest_first
from tui.watching.hours import Hour
from tui.watching.journal import Sent
from tui.watching.outages import Summary, outages, summary
from tui.wording.evidence_table import evidence_rows
from tui.wording.histories import comes_back, entry_text, outage_summary
from tui.wording.permissions import permission_rows
from tui.wording.recoveries import REPLAY, off_line, proof, repaired_line
from tui.wording.repairs import change_lines, outcome
from tui.wording.statuses import (
    actor,
    by_line,
    headline,
    org_time,
    restraint,
    undetermined_lines,
    why_lines,
)
from tui.wording.times import Times, moment

SCHEMA = 1
PICTURE_WIDTH = 76
"""Cells of a picture in a report."""
BEFORE = timedelta(hours=1)
"""How long before the outage the history of a report begins."""

_THEN = {" is ": " was ", " has ": " had ", " lacks ": " lacked ", " does not ": " did not "}
"""What the titles of causes say of now, and how it is told afterwards."""


class Zone(Struct, frozen=True):
    """The operator's time zone when the report was written; `utc_offset` as "+0100"."""

    name: str
    utc_offset: str


class Report(Struct, frozen=True):
    """Everything that a report says, as data. `at` is this machine's clock, `gap` the org's."""

    at: datetime
    zone: Zone
    program: str
    """Name and version."""
    org: str
    """Its My Domain host."""
    state: State
    history: tuple[Entry, ...]
    """Of this outage, oldest first by the moment; without an outage all that is remembered."""
    sent: tuple[Sent, ...]
    """What this program changed in that time, oldest first."""
    summary: Summary
    gap: tuple[datetime, datetime | None] | None
    """From the last sign of life before the outage to the proof of return, if there is one yet."""
    off: tuple[timedelta, timedelta] | None
    """How long monitoring was off: at least, at most; while it is off, until now."""
    schema: int = SCHEMA


def report_of(
    state: State,
    org: str,
    history: Sequence[Entry],
    sent: Sequence[Sent],
    program: str,
    times: Times,
) -> Report:
    """The report on the outage of `state`, the open one or the last; history and changes are newest first."""
    recovery, now = state.recovery, times.now
    there = org_time(state, now)
    since = recovery.began - BEFORE if recovery is not None else None
    return Report(
        at=now,
        zone=Zone(times.zone(now), f"{times.at(now):%z}"),
        program=program,
        org=org,
        state=state,
        history=tuple(e for e in reversed(newest_first(history)) if since is None or e.at >= since),
        sent=tuple(s for s in reversed(sent) if since is None or s.at >= since),
        summary=summary(outages(history), there),
        gap=_gap(recovery) if recovery is not None else None,
        off=_off(recovery, there) if recovery is not None else None,
    )


def file_name(report: Report) -> str:
    """A name for the file: the connection's letters and digits, and the time in UTC."""
    name = "".join(c if c.isascii() and c.isalnum() else "-" for c in report.state.connection.name)
    slug = "-".join(part for part in name.split("-") if part)[:60] or "connection"
    return f"{slug}-{report.at.astimezone(UTC):%Y%m%dT%H%M%SZ}.md"


def markdown(report: Report, tz: tzinfo | None, hours: Sequence[Hour] = ()) -> str:
    """The whole report. Moments are in UTC and in `tz`, in the tables of the evidence in UTC alone.

    `hours` is what the journal's roll-up tells of the last 30 days.
    """
    page = _Page(report, Times(tz, report.at, full=True))
    title = f"Incydr connection {report.state.connection.name}: {_status(report.state)}"
    parts = [
        [f"# {escaped(title)}"],
        [escaped(f"Written by {report.program} at {page.moment(report.at)}.")],
        _facts(page, month_of(hours, report.at, report.summary)),
        ["## What happened", "", *_outage(page), *_what_happened(page)],
        ["## Evidence", "", *_evidence(page)],
        ["## What was done", "", *_done(page)],
        ["## Return", "", *page.items(_return(page))],
        ["## To do", "", *(f"- [ ] {escaped(line)}" for line in _to_do(page))],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


class _Page(Struct, frozen=True):
    """A report, and how it tells moments."""

    report: Report
    times: Times

    @property
    def state(self) -> State:
        return self.report.state

    def moment(self, at: datetime) -> str:
        return moment(at, self.times)

    def said(self, lines: Sequence[str]) -> list[str]:
        """Lines without the empty ones, each once."""
        return [line for line in dict.fromkeys(lines) if line]

    def items(self, lines: Sequence[str]) -> list[str]:
        return [f"- {escaped(line)}" for line in self.said(lines)]


def _status(state: State) -> str:
    if state.overdue:
        return "repaired, Incydr not back"
    return (
        "Monitoring again"
        if state.returned is not None and state.status == "Monitoring"
        else state.status.value
    )


def _facts(page: _Page, month: Month) -> list[str]:
    state, connection = page.state, page.state.connection
    user, org = value_of(state.evidence.user), value_of(state.evidence.org)
    user_id = user.id if user is not None else connection.user_id
    org_id = org.id if org is not None else connection.org_id
    rows = [
        ("Status", f"{state.status} since {page.moment(state.since)}"),
        ("Service account", connection.service_account + (f", user {user_id}" if user_id else "")),
        ("Salesforce org", page.report.org + (f", org {org_id}" if org_id else "")),
        ("Detector name in Incydr", connection.detector_name),
        ("Last reading", page.moment(state.evidence.read_at)),
        ("Outages", outage_summary(page.report.summary)),
        (f"Last {DAYS} days", availability.sentence(month)),
    ]
    return table(("Connection", connection.name), rows)


def _outage(page: _Page) -> list[str]:
    """The timeline as a block of text; its times are UTC."""
    timeline = timeline_of(page.state, Times(UTC, page.report.at, full=True))
    if timeline is None:
        return []
    # An indented block shows names as they are, whatever is in them.
    return [*(f"    {line}" for line in as_text(drawn(timeline, PICTURE_WIDTH))), "", "    times in UTC", ""]


def _what_happened(page: _Page) -> list[str]:
    state, recovery = page.state, page.state.recovery
    why = why_lines(state, page.times)
    if recovery is None:
        return page.items([*(why or (headline(state, page.times),)), "No outage is recorded."])
    lines = page.items([f"The outage began at {page.moment(recovery.began)}."])
    for finding in recovery.findings:
        lines += page.items([_cause(page, finding, recovery.repairs.get(finding.cause))])
        caused = "Caused " if finding.by is not None and finding.by.name != EXPIRY else ""
        by = sentence(caused + by_line(replace(finding, since=None), page.times))
        again = comes_back(finding.cause, page.report.summary)
        seen = f"Seen at {page.moment(finding.seen_at)}:" if finding.facts else ""
        lines += [f"    {item}" for item in page.items([by, again, seen])]
        lines += [f"        {item}" for item in page.items([_fact(page, fact) for fact in finding.facts])]
    return lines + page.items(why)


def _cause(page: _Page, finding: Finding, repaired: Repaired | None) -> str:
    """A cause that is there since when, or one that is over: from when until when, and who repaired it."""
    if repaired is None:
        since = f" since {page.moment(finding.since)}" if finding.since else ""
        unread = any(u.cause == finding.cause for u in page.state.diagnosis.undetermined)
        return f"{finding.title}{since}{' (not readable now)' if unread else ''}."
    began = f" from {page.moment(finding.since)}" if finding.since else ""
    first, last = page.moment(repaired.earliest), page.moment(repaired.latest)
    until = last if first == last else f"a moment between {first} and {last}"
    by = f", repaired by {actor(repaired.by)}" if repaired.by is not None else ""
    return f"{past(finding.title)}{began} until {until}{by}."


def past(title: str) -> str:
    """The title of a cause that is over: "The service account was frozen"."""
    for now, then in _THEN.items():
        if now in title:
            return title.replace(now, then, 1)
    return title


def _fact(page: _Page, fact: Fact) -> str:
    return f"{fact.text} · {page.moment(fact.at)}" if fact.at else fact.text


def _evidence(page: _Page) -> list[str]:
    state = page.state
    rows = evidence_rows(state, Times(UTC, state.evidence.read_at))
    lines = [escaped(f"Read at {page.moment(state.evidence.read_at)}. Times in the tables are UTC."), ""]
    lines += table(("sign", "what", "what was read"), [(row.sign.value, row.label, row.text) for row in rows])
    lines += _permissions(page)
    return [*lines, "", *page.items(undetermined_lines(state))] if undetermined_lines(state) else lines


def _permissions(page: _Page) -> list[str]:
    """One by one, where they have to do with the outage."""
    recovery, evidence = page.state.recovery, page.state.evidence
    found = (*page.state.diagnosis.findings, *(recovery.findings if recovery is not None else ()))
    lines = page.state.diagnosis.permissions
    if not lines or all(f.part is not Part.GRANTS for f in found):
        return []
    rows = permission_rows(lines, Times(UTC, evidence.read_at))
    return [
        "",
        *table(("sign", "permission", "how"), [(row.sign.value, row.label, row.text) for row in rows]),
    ]


def _done(page: _Page) -> list[str]:
    lines: list[str] = []
    for sent in page.report.sent:
        operator = sent.operator or "the operator"
        at = org_time(page.state, sent.at)
        lines.append(f"- {escaped(f'{page.moment(at)}: {sent.repair.title}, by remonitor as {operator}')}")
        for change in sent.repair.changes:
            lines += [f"    - {escaped(' '.join(line.split()))}" for line in change_lines(change)]
        results = [sentence(outcome(o)) for o in sent.outcomes] or ["The result is not known."]
        lines += [f"    - {escaped(line)}" for line in page.said(results)]
    if not lines:
        lines.append("- remonitor changed nothing.")
    lines += ["", "History:", ""]
    lines += [f"- {escaped(f'{page.moment(e.at)}: {entry_text(e)}')}" for e in page.report.history]
    return lines if page.report.history else [*lines, "- Nothing is recorded."]


def _return(page: _Page) -> list[str]:
    recovery = page.state.recovery
    if recovery is None:
        return ["There was no outage."]
    lines = [repaired_line(recovery, page.times)]
    if recovery.returned is not None:
        lines.append(f"Proof of return: {proof(recovery.returned, page.times)}.")
    else:
        lines.append("There is no proof of return yet.")
    if page.report.off is not None:
        lines.append(off_line(page.report.off, over=recovery.returned is not None))
    return [*lines, _kept(page)]


def _kept(page: _Page) -> str:
    """The 72-hour note: what of the outage may be lost."""
    if page.report.gap is None:
        return ""
    began, ended = page.report.gap
    hours = int(REPLAY / timedelta(hours=1))
    note = f"Salesforce keeps streamed events {hours} h."
    lost = (ended or org_time(page.state, page.report.at)) - REPLAY
    if lost > began:
        return f"{note} Those of this outage from before {page.moment(lost)} have expired."
    if ended is not None:
        return f"{note} The outage was shorter."
    return f"{note} The oldest of this outage expire at {page.moment(began + REPLAY)}."


def _to_do(page: _Page) -> list[str]:
    state, report = page.state, page.report
    recovery = state.recovery
    if recovery is None:
        return ["Nothing."]
    lines: list[str] = []
    if report.gap is not None:
        began, ended = report.gap
        until = page.moment(ended) if ended else "its end"
        lines.append(
            f"Look at the report exports from {page.moment(began)} to {until} yourself: "
            "it is not known whether Incydr catches up on them."
        )
    if state.recovering is not None:
        lines.append("Bring the connection back to Monitoring, then write this report again.")
    for finding in recovery.findings:
        lines.append(restraint(finding) if finding.cause in state.diagnosis.causes else "")
        if comes_back(finding.cause, report.summary):
            lines.append(f"Fix the source of this cause: {finding.title}.")
    return page.said(lines)


def _gap(recovery: Recovery) -> tuple[datetime, datetime | None]:
    returned = recovery.returned.at if recovery.returned is not None else None
    return recovery.last_life or recovery.began, returned


def _off(recovery: Recovery, now: datetime) -> tuple[timedelta, timedelta]:
    """The range of `Recovery.off`, up to `now` where nothing has returned yet."""
    if recovery.off is not None:
        return recovery.off
    end = recovery.repaired.earliest if recovery.repaired is not None else now
    least = max(timedelta(0), end - recovery.began)
    return least, max(least, now - (recovery.last_life or recovery.began))


_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&$])")
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")


def escaped(text: str) -> str:
    """The text, one line, so that Markdown shows exactly it. Not meant for the beginning of a line."""
    one_line = " ".join(text.split())
    return _LINK.sub(_unlinked, _MARKUP.sub(r"\\\1", one_line))


def _unlinked(match: re.Match[str]) -> str:
    """An address that a viewer would turn into a link, with its punctuation escaped."""
    scheme, colon, www, dot = match.groups()
    return f"{scheme or www}\\{colon or dot}"


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    """A table; every cell is plain text."""
    lines = [tuple(map(escaped, head)), tuple("---" for _ in head), *(tuple(map(escaped, r)) for r in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]
