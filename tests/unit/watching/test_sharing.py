"""Two connections share an account by the Ids of org and user as read; names decide only before that."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.evidence import ACCOUNT, USER_ID, connection, user
from tests.unit.watching.fakes import Scene, quiet
from tui.connections.connection import Connection
from tui.connections.evidence import OrgIdentity
from tui.connections.finding import ProofKind
from tui.connections.state import Status
from tui.watching.watched_connection import Accounts, WatchedConnection

ORG, OTHER_ORG = "00D000000000001", "00D000000000002"
ALICE, BOB = "005000000000001", "005000000000002"
RENAMED = "new.svc@acme.example"

Ids = tuple[str, str] | None


def watched(name: str, ids: Ids = None, **of: Any) -> WatchedConnection:
    return WatchedConnection(connection(name=name, **of), subject=ids)


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        (watched("A"), watched("B"), True),
        (watched("A"), watched("B", service_account=ACCOUNT.upper()), True),
        (watched("A"), watched("B", service_account=RENAMED), False),
        (watched("A"), watched("B", org="beta"), False),
        (watched("A", (ORG, ALICE)), watched("B", (ORG, ALICE), service_account=RENAMED), True),
        (watched("A", (ORG, ALICE)), watched("B", (ORG, ALICE), org="beta"), True),
        (watched("A", (ORG, ALICE)), watched("B", (OTHER_ORG, ALICE), org="beta"), False),
        (watched("A", (ORG, ALICE)), watched("B", (OTHER_ORG, ALICE)), False),
        (watched("A", (ORG, ALICE)), watched("B", (ORG, BOB)), False),
        (watched("A", (ORG, ALICE)), watched("B"), True),
        (watched("A", (ORG, ALICE)), watched("B", service_account=RENAMED), False),
        (
            watched("A", (ORG, ALICE)),
            watched("B", service_account=RENAMED, org_id=ORG + "AAA", user_id=ALICE + "AAA"),
            True,
        ),
        (watched("A", (ORG, ALICE)), watched("B", (ORG, BOB), org_id=ORG, user_id=ALICE), False),
    ],
)
def test_ids_as_read_decide_and_names_only_before(
    first: WatchedConnection, second: WatchedConnection, shared: bool
) -> None:
    for connections in ((first, second), (second, first)):
        for each in connections:
            each.connection = replace(each.connection, shared=not shared)
        Accounts(connections)
        assert [each.connection.shared for each in connections] == [shared, shared]


def pair(folder: Path, **second: Any) -> tuple[Scene, Connection, Connection]:
    emea = connection(name="Acme EMEA")
    us = connection(name="Acme US", detector_name="Acme US", **second)
    return Scene(folder, (emea, us)), emea, us


@pytest.mark.parametrize("standing", [True, False])
async def test_a_renamed_account_is_shared_from_the_first_reading_on(tmp_path: Path, standing: bool) -> None:
    scene, emea, us = pair(tmp_path, service_account=RENAMED)
    scene.world.show(user=user(username=RENAMED, id=USER_ID))
    async with scene.watcher(standing=standing) as watcher:
        for name in (emea.name, us.name):
            state = watcher.state(name)
            assert state.connection.shared
            assert state.proofs == ()
            assert (state.status, state.why.code) == (Status.UNKNOWN, "never_seen")


async def test_one_name_in_two_orgs_of_a_sandbox_copy_is_not_shared(tmp_path: Path) -> None:
    scene, emea, us = pair(tmp_path, org="beta")
    scene.world.show(us.name, org=OrgIdentity("00D000000000009AAA", "Sandbox"))
    async with scene.watcher() as watcher:
        for name in (emea.name, us.name):
            assert not watcher.state(name).connection.shared
            assert watcher.state(name).status is Status.MONITORING


async def test_when_sharing_shows_the_sign_in_proofs_fall_and_an_outage_stays(tmp_path: Path) -> None:
    scene, emea, us = pair(tmp_path, service_account=RENAMED)
    scene.world.freeze(emea.name)
    async with scene.watcher() as watcher:
        before = watcher.state(emea.name)
        assert before.status is Status.ERROR
        assert not before.connection.shared
        assert [proof.kind for proof in before.proofs] == [ProofKind.SIGN_IN]
        scene.world.show(us.name, user=user(username=RENAMED, id=USER_ID))
        watcher.check_now()
        await quiet()
        after = watcher.state(emea.name)
        assert after.connection.shared
        assert (after.status, after.proofs) == (Status.ERROR, ())
        assert after.recovery.began == before.recovery.began
