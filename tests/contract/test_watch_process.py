"""The installed `remonitor watch` as systemd, promtool and an OpenMetrics parser meet it."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.contract.test_engines import program
from tests.installed import World, demo_process


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    (tmp_path / "world").mkdir()
    with demo_process(tmp_path / "world") as world:
        yield world


class Manager:
    """systemd's end of the socket: what a service says of itself."""

    def __init__(self, folder: Path) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(folder / "notify"))
        self.socket.settimeout(20)

    def until(self, line: str) -> dict[str, str]:
        """The next message with this line; those before are other signs of life."""
        while True:
            said = self.socket.recv(4096).decode().split("\n")
            if line in said:
                return dict(each.split("=", 1) for each in said)


@contextmanager
def service(world: World, manager: Manager, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    child = world.start(
        "watch",
        *arguments,
        NOTIFY_SOCKET=manager.socket.getsockname(),
        WATCHDOG_USEC="1000000",
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()
        manager.socket.close()


def test_systemd_hears_the_whole_life_of_the_service(world: World, tmp_path: Path) -> None:
    manager = Manager(tmp_path)
    with service(world, manager) as child:
        assert "STATUS" in manager.until("READY=1")
        manager.until("WATCHDOG=1")
        manager.until("WATCHDOG=1")
        child.send_signal(signal.SIGHUP)
        assert int(manager.until("RELOADING=1")["MONOTONIC_USEC"]) > 0
        manager.until("READY=1")
        sound = world.config.read_text()
        world.config.write_text("broken")
        child.send_signal(signal.SIGHUP)
        manager.until("RELOADING=1")
        manager.until("READY=1")
        world.config.write_text(sound)
        asked = time.monotonic()
        child.send_signal(signal.SIGTERM)
        manager.until("STOPPING=1")
        out, err = child.communicate(timeout=20)
        assert child.returncode == 128 + signal.SIGTERM
        # Within a second on a machine that has nothing else to do.
        assert time.monotonic() - asked < 5
    assert "the old configuration holds" in err and "Traceback" not in err
    assert "Acme EMEA: Error" in out


def test_the_metrics_of_the_watch_are_what_prometheus_reads(world: World, tmp_path: Path) -> None:
    manager, path = Manager(tmp_path), tmp_path / "remonitor.prom"
    with service(world, manager, "--metrics", str(path)) as child:
        assert child.stdout is not None
        assert next(line for line in child.stdout if "Acme EMEA" in line)
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=20)
    text = path.read_text()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    status = {
        sample.labels["status"]
        for sample in families["remonitor_connection_status"].samples
        if sample.labels["connection"] == "Acme EMEA" and sample.value == 1
    }
    assert status == {"Error"}
    assert families["remonitor_org_last_reading_timestamp_seconds"].samples
    told = subprocess.run(
        [program("promtool"), "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
