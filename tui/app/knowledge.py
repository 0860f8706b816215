"""What the causes say beside a state, under one configuration. Loaded after the first paint."""

from functools import cached_property

from tui.config import Config
from tui.connections.connection import Requirement
from tui.connections.state import State
from tui.diagnosis import guide


class Knowledge:
    """The causes under one configuration."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        return self._config.required(guide.REQUIREMENTS)

    def messages(self, state: State) -> tuple[str, ...]:
        """What the Incydr console shows for the causes found, each message once."""
        return guide.messages(state.diagnosis.causes)
