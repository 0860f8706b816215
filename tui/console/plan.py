"""A recording as the plan of a demo world: the same connections with the same causes, since as long and by the same."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tui.config import Config
from tui.connections.connection import Need
from tui.connections.evidence import value_of
from tui.connections.finding import Finding
from tui.connections.state import State
from tui.diagnosis.guide import REQUIREMENTS


def plan_of(states: Sequence[State], config: Config, now: datetime) -> str:
    """What `python -m tui.demo --scenario plan:FILE` reads, from the states at `now`."""
    return json.dumps(
        {
            "orgs": [
                {"key": org.id, "my_domain": org.my_domain, "sandbox": ".sandbox." in org.my_domain}
                for org in config.orgs.values()
            ],
            "connections": [_connection(state, config, now) for state in states],
        }
    )


def _connection(state: State, config: Config, now: datetime) -> dict[str, Any]:
    connection, user = state.connection, value_of(state.evidence.user)
    return {
        "name": connection.name,
        "org": connection.org,
        "tenant": connection.tenant or next(iter(config.tenants), "incydr"),
        "account": connection.service_account,
        "detector": connection.detector_name,
        "app": connection.incydr_app or "Incydr",
        "user": user.name if user is not None else connection.service_account,
        "profile": (user.profile_name if user is not None else None) or "Incydr Integration",
        "causes": [_cause(finding, state, now) for finding in state.diagnosis.findings],
    }


def _cause(finding: Finding, state: State, now: datetime) -> dict[str, Any]:
    by = finding.by
    return {
        "cause": finding.cause,
        "seconds_ago": max(60, round((now - (finding.since or now)).total_seconds())),
        "by": {"name": by.name, "username": by.username} if by is not None and by.username else None,
        "permissions": _lost(state),
    }


def _lost(state: State) -> list[str]:
    carried = {
        name for grant in value_of(state.evidence.grants) or () if grant.active for name in grant.permissions
    }
    return [each.name for each in REQUIREMENTS if each.need is Need.BLOCKS and each.name not in carried]
