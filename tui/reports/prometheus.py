"""The answer for Prometheus: gauges in the text format, also read by OpenMetrics parsers and node_exporter."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from tui.connections.state import Status
from tui.reports.checked import Checked
from tui.wording.times import Times

Labels = Mapping[str, str]


class Gauge(NamedTuple):
    """A metric: its name without the program's, what it says, and its labels."""

    name: str
    help: str
    labels: tuple[str, ...]


_CONNECTION = ("connection", "org")
STATUS = Gauge(
    "connection_status", "Whether the connection has this status: 1 or 0.", (*_CONNECTION, "status")
)
SINCE = Gauge("connection_status_since_timestamp_seconds", "When the status began.", _CONNECTION)
OVERDUE = Gauge(
    "connection_overdue", "Whether it was repaired and Incydr did not come back in time: 1 or 0.", _CONNECTION
)
CAUSE = Gauge("connection_cause", "1 for each cause found; absent where it is not.", (*_CONNECTION, "cause"))
SEEN = Gauge(
    "connection_last_seen_timestamp_seconds",
    "When Incydr was last seen; absent if it never was.",
    _CONNECTION,
)
DEADLINE = Gauge(
    "connection_deadline_timestamp_seconds",
    "When Incydr should be back at the latest; only after a repair.",
    _CONNECTION,
)
READ = Gauge(
    "connection_last_reading_timestamp_seconds",
    "The last reading that could decide the status; absent where there was none.",
    _CONNECTION,
)
MUTED = Gauge(
    "connection_muted", "Whether hook and bell are kept still for this connection: 1 or 0.", _CONNECTION
)
ORG_READ = Gauge(
    "org_last_reading_timestamp_seconds",
    "When the connections of this org were read last, by whatever process; absent where they never were.",
    ("org",),
)
USED = Gauge("org_api_calls_used", "API calls of the last 24 hours in this org, by everybody.", ("org",))
LIMIT = Gauge("org_api_calls_limit", "API calls that the org has for 24 hours.", ("org",))
RUN = Gauge("last_run_timestamp_seconds", "When these metrics were made.", ())
SUCCESS = Gauge("last_run_success", "Whether the last run could ask at all: 1 or 0.", ())

GAUGES = (STATUS, SINCE, OVERDUE, CAUSE, SEEN, DEADLINE, READ, MUTED, ORG_READ, USED, LIMIT, RUN, SUCCESS)
"""Every metric, in the order of the answer."""

Sample = tuple[tuple[str, ...], float]
"""The values of a gauge's labels, and its own."""


def prometheus(rows: Sequence[Checked], times: Times) -> str:
    """Everything, with "# EOF" at the end. Moments are seconds since 1970, by the vendor's clock."""
    found: dict[Gauge, list[Sample]] = {gauge: [] for gauge in GAUGES}
    for row in rows:
        for gauge, more, value in _of_connection(row):
            found[gauge].append(((row.name, row.org, *more), value))
    for org, at in _read(rows):
        found[ORG_READ].append(((org,), at.timestamp()))
    for org, used, limit in _budgets(rows):
        found[USED].append(((org,), float(used)))
        found[LIMIT].append(((org,), float(limit)))
    found[RUN].append(((), times.now.timestamp()))
    found[SUCCESS].append(((), 1.0))
    lines: list[str] = []
    for gauge, samples in found.items():
        if samples:
            name = f"remonitor_{gauge.name}"
            lines += [f"# HELP {name} {gauge.help}", f"# TYPE {name} gauge"]
            lines += [f"{name}{_labels(gauge, values)} {_number(value)}" for values, value in samples]
    return "\n".join([*lines, "# EOF"])


def failure(sentence: str) -> str:
    """No metrics but that there are none, with the reason as its help: OpenMetrics has no comments."""
    name, reason = f"remonitor_{SUCCESS.name}", " ".join(sentence.split()).replace("\\", r"\\")
    return f"# HELP {name} {SUCCESS.help} Not now: {reason}\n# TYPE {name} gauge\n{name} 0\n# EOF"


def _of_connection(row: Checked) -> Iterator[tuple[Gauge, tuple[str, ...], float]]:
    for status in Status:
        yield STATUS, (status.value,), float(row.status is status)
    yield OVERDUE, (), float(row.overdue)
    yield MUTED, (), float(row.muted_until is not None)
    for finding in row.findings:
        yield CAUSE, (finding.cause,), 1.0
    state = row.state
    if state is None:
        return
    recovering = state.recovering
    moments: tuple[tuple[Gauge, datetime | None], ...] = (
        (SINCE, state.since),
        (SEEN, row.last_seen),
        (DEADLINE, recovering.deadline if recovering is not None else None),
        (READ, state.last_read),
    )
    for gauge, at in moments:
        if at is not None:
            yield gauge, (), at.timestamp()


def _read(rows: Sequence[Checked]) -> Iterator[tuple[str, datetime]]:
    newest: dict[str, datetime] = {}
    for row in rows:
        if row.state is not None:
            at = row.read_at or row.state.evidence.read_at
            newest[row.org] = max(at, newest.get(row.org, at))
    yield from newest.items()


def _budgets(rows: Sequence[Checked]) -> Iterator[tuple[str, int, int]]:
    """Of each org what its newest reading said: used, limit."""
    newest: dict[str, tuple[datetime, int, int]] = {}
    for row in rows:
        evidence = row.state.evidence if row.state is not None else None
        if evidence is None or evidence.api_used is None or not evidence.api_limit:
            continue
        if row.org not in newest or newest[row.org][0] < evidence.read_at:
            newest[row.org] = evidence.read_at, evidence.api_used, evidence.api_limit
    for org, (_, used, limit) in newest.items():
        yield org, used, limit


def _labels(gauge: Gauge, values: Sequence[str]) -> str:
    pairs = [f'{name}="{_escaped(value)}"' for name, value in zip(gauge.labels, values, strict=True)]
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else f"{value:.3f}"
