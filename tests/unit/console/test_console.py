"""What commands share: exit codes of states, a private log, and what counts as a reading made now."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.evidence import connection
from tests.states import CONNECTION, at, finding, reading
from tests.unit.watching.fakes import EMEA, Scene
from tui.base.problem import UsageProblem
from tui.connections.finding import Diagnosis, Finding
from tui.connections.state import Recovery, State, Status
from tui.console import Exit, exit_of, logs, worst
from tui.console.watcher import fresh_states, named, only, states_of

FROZEN = finding("user_frozen", 0)
RATE = finding("login_rate_exceeded", 0)


def state(status: Status, *findings: Finding) -> State:
    return State(CONNECTION, reading(0), Diagnosis(findings), status, at(0))


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (state(Status.MONITORING), 0),
        (state(Status.RECOVERING), 1),
        (state(Status.INITIALIZING), 1),
        (state(Status.ERROR, RATE), 1),
        (state(Status.ERROR, FROZEN), 2),
        (state(Status.ERROR, RATE, FROZEN), 2),
        (state(Status.ERROR), 2),
        (state(Status.DEAUTHORIZED), 2),
        (state(Status.UNKNOWN), 3),
    ],
)
def test_a_status_has_an_exit_code(shown: State, code: int) -> None:
    assert exit_of(shown) == code


def test_an_overdue_recovery_exits_like_an_error() -> None:
    overdue = replace(state(Status.RECOVERING), recovery=Recovery(at(0), (FROZEN,), overdue=True))
    assert exit_of(overdue) is Exit.ERROR


@pytest.mark.parametrize(
    ("codes", "result"),
    [
        ([Exit.OK, Exit.NO], Exit.NO),
        ([Exit.NO, Exit.UNKNOWN], Exit.UNKNOWN),
        ([Exit.UNKNOWN, Exit.ERROR, Exit.OK], Exit.ERROR),
        ([Exit.OK], Exit.OK),
        ([], Exit.UNKNOWN),
    ],
)
def test_the_worst_of_several_follows_the_order_of_monitoring_systems(
    codes: list[Exit], result: Exit
) -> None:
    assert worst(codes) is result


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raising


def test_nothing_is_written_before_the_first_record(tmp_path: Path) -> None:
    logs.start(tmp_path / "state" / "log", "warning")
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "state" / "log"
    logs.start(path, "warning")
    logging.getLogger("test").warning("hello")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_what_is_below_the_level_is_left_out(tmp_path: Path) -> None:
    logs.start(tmp_path / "log", "error")
    logging.getLogger("test").warning("hello")
    assert not (tmp_path / "log").exists()


def test_a_folder_that_cannot_be_written_disturbs_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    logs.start(tmp_path / "file" / "log", "warning")
    logging.getLogger("test").warning("hello")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer hunter2",
        '{"access_token": "hunter2", "x": 1}',
        "client_secret=hunter2&grant_type=y",
        "sid 00D5g000001AbcDEAV!hunter2.hunter2_x in a text",
    ],
)
def test_secrets_are_masked(line: str) -> None:
    assert "hunter2" not in logs.masked(line)


def test_a_secret_in_a_traceback_is_masked(tmp_path: Path) -> None:
    logs.start(tmp_path / "log", "warning")
    try:
        raise ValueError("Bearer hunter2")
    except ValueError:
        logging.getLogger("test").exception("failed")
    text = (tmp_path / "log").read_text()
    assert "ValueError" in text
    assert "hunter2" not in text


US, APAC = connection(name="Acme US"), connection(name="Beta APAC", org="beta")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path / "state", (EMEA, US, APAC))


def test_an_org_is_watched_as_a_whole_the_connection_that_is_named_first(scene: Scene) -> None:
    chosen = only(scene.config(), [US.name])
    assert [c.name for c in chosen.connections] == [US.name, EMEA.name]


def test_those_that_are_named_keep_the_configurations_order(scene: Scene) -> None:
    assert [c.name for c in named(scene.config(), [APAC.name, EMEA.name])] == [EMEA.name, APAC.name]
    with pytest.raises(UsageProblem, match="Nobody"):
        named(scene.config(), ["Nobody"])


async def test_a_stopped_watch_takes_nothing_from_a_command(scene: Scene) -> None:
    async with scene.watcher(EMEA.name, US.name) as first:
        first.pause(US.name, True)
        scene.world.freeze(US.name)
        async with scene.watcher(standing=False) as command:
            (state,) = await fresh_states(command, [US.name], lambda text: None)
    assert state.status is Status.ERROR


async def test_a_remembered_state_is_not_followed(scene: Scene) -> None:
    async with scene.watcher():
        pass
    scene.clock.advance(timedelta(minutes=1))
    scene.world.freeze()
    async with scene.watcher(standing=False) as again:
        state = await anext(states_of(again, EMEA.name))
    assert state.status is Status.ERROR
