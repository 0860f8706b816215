"""Accounts of one org are read at different times: what was asked about one says nothing of the others."""

from datetime import timedelta
from pathlib import Path

from tests.clocks import run
from tests.demo_world import ORIGIN, config_of, net_of
from tui.base.clock import LoopClock
from tui.connections.evidence import Token, value_of
from tui.demo import serve
from tui.rules.required_permissions import REQUIREMENTS
from tui.salesforce.reading import OrgReader
from tui.salesforce.sign_in import way


def test_a_deep_reading_of_one_account_keeps_the_tokens_of_the_others(tmp_path: Path) -> None:
    async def story() -> list[int]:
        demo = serve.build("healthy:2", clock := LoopClock(ORIGIN))
        config, net = config_of(demo.ready(), tmp_path), net_of(demo)
        [org] = config.orgs.values()
        one, other = config.connections
        names = tuple(required.name for required in REQUIREMENTS)
        reader = OrgReader(org, net, way(org, net), clock, permissions=names)
        seen = list[int]()
        await reader.read(
            (one, other), deep=dict.fromkeys((one.name, other.name), ORIGIN - timedelta(days=1))
        )
        for connection in (other, one, other):
            await clock.sleep_until(clock.now() + timedelta(minutes=1))
            deep = {one.name: ORIGIN - timedelta(hours=1)} if connection is one else {}
            found = await reader.read((connection,), deep=deep)
            tokens: tuple[Token, ...] | None = value_of(found[connection.name].tokens)
            seen.append(len(tokens or ()))
        await net.aclose()
        return seen

    assert run(story()) == [1, 1, 1]
