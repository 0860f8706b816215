"""What the app shows beside the list, of states that were read elsewhere."""

import asyncio
import re
from collections.abc import Mapping

from tests.app.stage import Stage, stage
from tui.config import Config
from tui.connections.connection import Org, SignIn
from tui.connections.state import State


def config_of(states: Mapping[str, State]) -> Config:
    org = Org("acme", "https://acme.my.salesforce.com", "acme.my.salesforce.com", SignIn("access_token"))
    return Config(None, {"acme": org}, {}, tuple(state.connection for state in states.values()))


def shown(s: Stage) -> str:
    """The pane beside the list, its lines joined."""
    place = s.app.main.detail.region
    lines = s.text().splitlines()[place.y : place.bottom]
    return re.sub(r"\s+", " ", " ".join(line[place.x : place.right].strip(" │╭╮╰╯─") for line in lines))


def shown_of(state: State) -> str:
    """The same for one state, in an app of its own."""

    async def look() -> str:
        setting = config_of({state.connection.name: state})
        async with stage(size=(220, 70), setting=setting, states=[state]) as s:
            return shown(s)

    return asyncio.run(look())
