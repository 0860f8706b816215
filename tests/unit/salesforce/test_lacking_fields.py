"""What an org was found to lack is left out of queries: in that version, of that org, and nowhere else."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract_world import ContractWorld
from tui.connections.connection import Connection
from tui.connections.evidence import Lateness, Read
from tui.salesforce import queries
from tui.salesforce.reading import OrgReader
from tui.salesforce.remembered_facts import Learned, learned_of, remembered
from tui.salesforce.session import Lacking
from tui.salesforce.sign_in import way
from tui.salesforce.soql import FieldUse

NO_EMAIL = (FieldUse("User", "Email"),)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries for the account that are sent from now on."""
    found: list[str] = []
    address = queries.address

    def spy(base: str, query: str) -> str:
        if query.startswith("SELECT Id, Username, Name"):
            found.append(query)
        return address(base, query)

    monkeypatch.setattr(queries, "address", spy)
    return found


class Reading:
    """One connection of the demo, read by a reader that knows what the org lacks."""

    def __init__(self, folder: Path, version: int = 66) -> None:
        self.world = ContractWorld(folder)
        org, net = self.world.config.orgs["acme"], self.world.net()
        self.reader = OrgReader(org, net, way(org, net), self.world.clock, permissions=("ApiEnabled",))
        late = {"acme": Lateness(3, timedelta(minutes=4), timedelta(minutes=9))}
        self.learned = Learned(Lacking(version, NO_EMAIL), late)

    @property
    def connection(self) -> Connection:
        return next(each for each in self.world.config.connections if each.name == "Acme US")


async def test_a_lacking_field_is_not_asked_for_and_the_rest_is_read(
    tmp_path: Path, asked: list[str]
) -> None:
    reading = Reading(tmp_path)
    reading.world.org.habits.absent_fields = frozenset({"User.Email"})
    reading.reader.use(reading.learned)
    (evidence,) = (await reading.reader.read([reading.connection])).values()
    assert isinstance(evidence.user, Read)
    assert asked and not any("Email" in query for query in asked)
    assert evidence.lateness == reading.learned.lateness["acme"]


async def test_another_version_may_have_it(tmp_path: Path, asked: list[str]) -> None:
    reading = Reading(tmp_path, version=65)
    reading.reader.use(reading.learned)
    await reading.reader.read([reading.connection])
    assert asked and all("Email" in query for query in asked)


async def test_another_org_is_asked_for_all(tmp_path: Path, asked: list[str]) -> None:
    reading = Reading(tmp_path)
    reading.reader.use(reading.learned)
    await reading.reader.read([reading.connection])
    assert not any("Email" in query for query in asked)
    reading.world.org.become_another()
    asked.clear()
    for _ in range(2):
        (evidence,) = (await reading.reader.read([reading.connection])).values()
    assert "Email" in asked[-1]
    assert evidence.lateness is None


async def test_it_comes_back_with_what_is_remembered_of_this_very_org(
    tmp_path: Path, asked: list[str]
) -> None:
    reading = Reading(tmp_path)
    known = remembered(reading.learned, reading.world.org.id, reading.world.clock.now())
    assert learned_of(known) == (reading.learned, reading.world.clock.now())
    reading.reader.recall(known)
    await reading.reader.read([reading.connection])
    assert asked and not any("Email" in query for query in asked)
