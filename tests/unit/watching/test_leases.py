"""Who watches an org: a lease that runs out, is taken over with a higher generation, and guards every write."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from tests.evidence import NOW, connection, present
from tests.unit.watching.fakes import EMEA, Scene, held, quiet, store
from tests.unit.watching.test_journal import sick
from tui.connections.connection import Connection
from tui.connections.evidence import Evidence
from tui.connections.state import Status
from tui.watching import leases
from tui.watching.journal import Journal, Stored, Transition
from tui.watching.leases import LeaseLost

SOON = NOW + timedelta(minutes=10)
LATER = NOW + timedelta(minutes=20)

HOLDER = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from tui.watching.journal import Journal

async def main():
    journal = Journal(Path(sys.argv[1]))
    await journal.open()
    now, until = map(datetime.fromisoformat, sys.argv[2:])
    print((await journal.leases.take("acme", now, until)).generation, flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Journal, Journal]]:
    """Two connections to one file."""
    journals = Journal(tmp_path / "journal.db"), Journal(tmp_path / "journal.db")
    for journal in journals:
        await journal.open()
    yield journals
    for journal in journals:
        await journal.close()


async def test_the_first_one_has_it_and_is_named(pair: tuple[Journal, Journal]) -> None:
    first, second = pair
    assert present(await first.leases.take("acme", NOW, SOON)).generation == 1
    assert await second.leases.take("acme", NOW, SOON) is None
    assert present(await second.leases.holder("acme")).words.startswith(f"process {os.getpid()}")
    assert await second.leases.take("beta", NOW, SOON) is not None


async def test_one_that_has_run_out_goes_to_the_next_with_a_higher_generation(
    pair: tuple[Journal, Journal],
) -> None:
    first, second = pair
    old = present(await first.leases.take("acme", NOW, SOON))
    new = present(await second.leases.take("acme", SOON, LATER))
    assert (old.generation, new.generation) == (1, 2)
    assert not await first.leases.renew(old, LATER)
    assert await second.leases.renew(new, LATER)


async def test_one_that_has_run_out_is_still_its_holders_while_nobody_wants_it(
    pair: tuple[Journal, Journal],
) -> None:
    first, second = pair
    lease = present(await first.leases.take("acme", NOW, SOON))
    assert await first.leases.renew(lease, LATER)
    assert await second.leases.take("acme", SOON, LATER) is None


async def test_what_was_given_back_is_free_and_its_number_never_comes_again(
    pair: tuple[Journal, Journal],
) -> None:
    first, second = pair
    lease = present(await first.leases.take("acme", NOW, SOON))
    await first.leases.release(lease)
    assert present(await second.leases.take("acme", NOW, SOON)).generation == 2
    await first.leases.release(lease)
    assert await first.leases.take("acme", NOW, SOON) is None


async def test_a_write_of_an_old_generation_changes_nothing(pair: tuple[Journal, Journal]) -> None:
    first, second = pair
    old = await first.leases.take("acme", NOW, SOON)
    await second.leases.take("acme", SOON, LATER)
    made = Transition(sick(), NOW)
    with pytest.raises(LeaseLost):
        await first.transition(EMEA.name, lambda _: made, Stored(), NOW, lease=old)
    assert (await held(second)).state is None


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_killed_process_gives_it_back_at_once_a_stopped_one_when_it_runs_out(
    tmp_path: Path, sent: signal.Signals
) -> None:
    path = tmp_path / "journal.db"
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HOLDER,
        path,
        NOW.isoformat(),
        SOON.isoformat(),
        cwd=Path(__file__).parents[3],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert await present(child.stdout).readline() == b"1\n"
    journal = Journal(path)
    await journal.open()
    try:
        assert await journal.leases.take("acme", NOW, SOON) is None
        assert f"process {child.pid}" in present(await journal.leases.holder("acme")).words
        child.send_signal(sent)
        if sent == signal.SIGKILL:
            await child.wait()
        early = await journal.leases.take("acme", NOW, SOON)
        assert (early is not None) is (sent == signal.SIGKILL)
        assert early or await journal.leases.take("acme", SOON, LATER)
    finally:
        await journal.close()
        if sent != signal.SIGKILL:
            child.kill()
            await child.wait()


def test_of_another_machine_nobody_knows_whether_a_process_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert leases.process_gone(leases.this_host(), child.pid)
    assert not leases.process_gone("elsewhere", child.pid)
    assert leases.process_in_words("elsewhere pid:[1]", 7, "pts/1") == "process 7 on pts/1 of elsewhere"


async def test_a_watch_that_hangs_loses_its_org_and_shows_what_the_next_one_reads(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "state")
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(scene.watcher())
        first.pause(EMEA.name, True)
        second = await stack.enter_async_context(scene.watcher())
        assert second.following(EMEA.name) is not None
        for _ in range(4):
            await scene.after(minutes=5)
        assert second.following(EMEA.name) is None
        first.pause(EMEA.name, False)
        await quiet()
        await scene.after(seconds=5)
        assert first.following(EMEA.name) is not None
        scene.world.freeze()
        await scene.after(minutes=5)
        await scene.after(seconds=5)
        assert first.state(EMEA.name).status is Status.ERROR


async def test_orgs_have_leases_of_their_own(tmp_path: Path) -> None:
    apac = connection(name="Beta APAC", org="beta")
    scene = Scene(tmp_path / "state", (EMEA, apac))
    async with scene.watcher(apac.name), scene.watcher() as second:
        assert (second.following(EMEA.name), second.following(apac.name) is None) == (None, False)


async def test_a_reading_that_began_before_the_stored_one_changes_nothing(tmp_path: Path) -> None:
    """Deterministic: the stored state is another process's, and began while this one was reading."""
    scene = Scene(tmp_path / "state")
    journal = scene.journal
    async with scene.watcher(standing=False) as command:
        await journal.open()
        original = scene.world.read

        async def slow(connections: Sequence[Connection]) -> dict[str, Evidence]:
            found = await original(connections)
            scene.clock.advance(timedelta(seconds=3))
            later = sick()
            await store(journal, later)
            # It began two seconds after this one.
            present(journal._data._sqlite).execute(
                "UPDATE states SET began = ?", ((scene.clock.now() - timedelta(seconds=1)).isoformat(),)
            )
            return found

        scene.world.read = slow  # type: ignore[method-assign]
        command.check_now()
        scene.clock.advance(timedelta(seconds=2))
        await quiet()
        assert present(command.state(EMEA.name)).status is Status.ERROR
        assert present((await held(journal)).state).status is Status.ERROR
        await journal.close()
