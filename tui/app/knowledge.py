"""What the causes say beside a state: console messages, steps, required permissions. Loaded after the first paint."""

from functools import cached_property

from tui.causes.registry import WAIT_STEP, cause, steps_for
from tui.config import Config
from tui.connections.requirements import Requirement
from tui.connections.state import State
from tui.connections.step import WAIT, Step
from tui.connections.walkthrough import Item
from tui.rules.required_permissions import REQUIREMENTS


class Knowledge:
    """The causes under one configuration."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @cached_property
    def requirements(self) -> tuple[Requirement, ...]:
        return self._config.required(REQUIREMENTS)

    def messages(self, state: State) -> tuple[str, ...]:
        """What the Incydr console shows for the causes found, each message once."""
        found = [cause(id).message for id in state.diagnosis.causes]
        return tuple(dict.fromkeys(message for message in found if message))

    def step(self, item: Item) -> Step:
        """The step that an item of a walkthrough names; the wait where a journal names one that is gone."""
        if item.step != WAIT:
            for _, step in steps_for((item.cause,), self.requirements):
                if step.id == item.step:
                    return step
        return WAIT_STEP
