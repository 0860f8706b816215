"""What systemd hears of the service, on a real socket: names of messages by sd_notify(3)."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui.base.systemd import Service


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(5)
        yield heard


def service(manager: socket.socket, **environ: str) -> Service:
    return Service.of({"NOTIFY_SOCKET": manager.getsockname()} | environ)


def heard(manager: socket.socket) -> dict[str, str]:
    return dict(line.split("=", 1) for line in manager.recv(4096).decode().split("\n"))


def test_it_says_that_it_is_ready_and_what_it_does(manager: socket.socket) -> None:
    service(manager).ready("watches 2 orgs\nREADY=0")
    assert heard(manager) == {"READY": "1", "STATUS": "watches 2 orgs READY=0"}


def test_a_reload_carries_the_monotonic_time(manager: socket.socket) -> None:
    service(manager).reloading()
    said = heard(manager)
    assert said["RELOADING"] == "1" and int(said["MONOTONIC_USEC"]) > 0


def test_signs_of_life_and_the_end(manager: socket.socket) -> None:
    one = service(manager)
    one.alive()
    one.stopping()
    assert [heard(manager), heard(manager)] == [{"WATCHDOG": "1"}, {"STOPPING": "1"}]


def test_a_socket_in_the_abstract_name_space() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as there:
        there.bind("")  # the kernel gives an abstract name
        there.settimeout(5)
        name = there.getsockname()
        Service.of({"NOTIFY_SOCKET": "@" + name[1:].decode()}).ready()
        assert heard(there) == {"READY": "1"}


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_this_process_s_own(
    manager: socket.socket, environ: dict[str, str], seconds: float | None
) -> None:
    assert service(manager, **environ).watchdog_seconds == seconds


@pytest.mark.parametrize("address", ["", "relative", "/no/such/socket"])
def test_without_a_manager_nothing_happens(address: str) -> None:
    Service.of({"NOTIFY_SOCKET": address}).ready("still here")
