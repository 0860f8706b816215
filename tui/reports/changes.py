"""What a change of a connection says to a program: the JSON of the hook, and of `watch --format jsonl`."""

from collections.abc import Sequence
from datetime import datetime

from tui.config import Config
from tui.connections.connection import Org, Requirements
from tui.connections.finding import Finding
from tui.connections.state import SCHEMA, State, Status
from tui.connections.step import Subject
from tui.diagnosis.guide import REQUIREMENTS, whole_walk
from tui.reports.checked import Checked, about, next_step, who
from tui.reports.documents import Change, written
from tui.watching.entry import Entry
from tui.watching.hook import Delivery, Hook
from tui.wording.histories import entry_text
from tui.wording.times import Times


def hook_of(config: Config, argv: Sequence[str] = ()) -> Hook | None:
    """The hook that `argv`, else the configuration, names; None where none does."""
    program = tuple(argv) or config.app.on_change
    if not program:
        return None
    required = config.required(REQUIREMENTS)

    def describe(made: Delivery, state: State, now: datetime) -> bytes:
        org = config.orgs[state.connection.org]
        lines = [line.entry for line in made.lines]
        return written(of_delivery(made, lines, state, org, required, now), indent=-1).encode()

    return Hook(program, describe)


def of_delivery(
    made: Delivery,
    lines: Sequence[Entry],
    state: State,
    org: Org,
    required: Requirements,
    now: datetime,
) -> Change:
    """One change, with what `state` shows now."""
    return change(
        state,
        org,
        required,
        now,
        id=made.id,
        dedup_key=made.dedup_key,
        before=made.before,
        line=lines[-1] if lines else None,
        count=max(1, len(lines)),
    )


def change(
    state: State,
    org: Org,
    required: Requirements,
    now: datetime,
    *,
    id: str,
    dedup_key: str,
    before: Status | None,
    line: Entry | None = None,
    count: int = 1,
) -> Change:
    """`line` is the newest of the history that it is about; without one the state speaks alone."""
    row = Checked(state.connection.name, state.connection.org, 0, state)
    first = next(iter(state.diagnosis.findings), None)
    return Change(
        schema=SCHEMA,
        id=id,
        dedup_key=dedup_key,
        connection=state.connection.name,
        org=state.connection.org,
        what=_what(row, line, Times(None, now)),
        before=before,
        after=state.status,
        at=now,
        count=count,
        cause=first.cause if first is not None else None,
        who=who(first.by) if first is not None and first.by is not None else None,
        since=_since(first) or state.since,
        next_step=next_step(row),
        link=_link(state, org, required),
    )


def sample(now: datetime) -> bytes:
    """What a receiver hears when it is tried: a change of no connection."""
    name = "remonitor test"
    change = Change(
        schema=SCHEMA,
        id=f"test-{now.timestamp():.0f}",
        dedup_key=f"test-{now.timestamp():.0f}",
        connection=name,
        org="test",
        what="A test of the hook: no connection has changed.",
        before=Status.MONITORING,
        after=Status.MONITORING,
        at=now,
    )
    return written(change, indent=-1).encode()


def _what(row: Checked, line: Entry | None, times: Times) -> str:
    if row.findings or line is None:
        return about(row, times)
    return f"{row.name}: {entry_text(line)}"


def _since(finding: Finding | None) -> datetime | None:
    return finding.since if finding is not None else None


def _link(state: State, org: Org, required: Requirements) -> str | None:
    """The first page in Salesforce that the walkthrough names."""
    subject = Subject(state.connection, org, state.evidence)
    if not state.diagnosis.findings:
        return None
    for _, step in whole_walk(state.diagnosis.causes, required):
        if (link := step.text(subject, org.experience).link) is not None:
            return link
    return None
