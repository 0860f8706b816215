"""The matrix once more, in the app and in the plain steps: they show the very states that `check` brought."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from tests.app.stage import QuietWatcher, stage
from tests.evidence import NOW
from tests.whole.fault_matrix.looking import Fault, look
from tests.whole.fault_matrix.of_org import OF_ORG
from tests.whole.fault_matrix.of_tenant import OF_TENANT
from tests.whole.fault_matrix.ways import HARMLESS, OF_THE_WAY
from tests.whole.in_the_app import config_of, shown
from tui.base.clock import ManualClock
from tui.connections.connection import Experience
from tui.connections.state import State, Status
from tui.console import Exit
from tui.lines.steps import of_watched
from tui.rules.required_permissions import REQUIREMENTS

FAULTS = {f.id: f for f in (*OF_THE_WAY, *OF_ORG, *OF_TENANT, *HARMLESS)}


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, State]]:
    """What a check of each fault brought, as connections of these names."""
    found: dict[str, State] = {}
    with pytest.MonkeyPatch.context() as patch:
        for fault in FAULTS.values():
            folder = tmp_path_factory.mktemp("fault")
            patch.setenv("REMONITOR_STATE", str(folder / "state"))
            state = look(fault, folder).state
            assert state is not None
            found[fault.id] = replace(state, connection=replace(state.connection, name=fault.id))
    yield found


def wrong(fault: Fault, text: str) -> list[str]:
    words = fault.words
    missing = [f"{fault.id}: {word!r} is missing in {text}" for word in words if word not in text]
    return missing + [f"{fault.id}: {word!r} is said in {text}" for word in fault.never if word in text]


async def test_the_app_says_the_same(states: dict[str, State]) -> None:
    found: list[str] = []
    async with stage(size=(220, 70), setting=config_of(states)) as s:
        s.watcher.known.update(states)
        for name in states:
            s.watcher.tell(name)
        await s.settle()
        for fault in FAULTS.values():
            s.app.main.connections.go_to(fault.id)
            await s.settle()
            assert s.app.main.selected == fault.id
            text = shown(s)
            assert str(fault.status) in text
            found += wrong(fault, text)
    assert found == [], "\n".join(found)


def test_plain_steps_say_the_same(states: dict[str, State]) -> None:
    config, clock = config_of(states), ManualClock(NOW)
    watcher = QuietWatcher(config, clock)
    watcher.known = states
    found: list[str] = []
    for fault in FAULTS.values():
        told: list[str] = []
        code = of_watched(
            watcher,  # type: ignore[arg-type]
            fault.id,
            Experience.LIGHTNING,
            REQUIREMENTS,
            clock,
            told.append,
            told.append,
        )
        unknown = fault.status is Status.UNKNOWN
        assert code is (Exit.UNKNOWN if unknown else Exit.NO), fault.id
        if unknown:
            found += wrong(fault, "\n".join(told))
    assert found == [], "\n".join(found)
