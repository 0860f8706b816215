"""What systemd hears of a service: one datagram a message, on the socket that it names (sd_notify).

Source: systemd's manual pages sd_notify(3) and sd_watchdog_enabled(3).
"""

import contextlib
import os
import socket
import time
from collections.abc import Mapping


class Service:
    """Tells systemd how this process is; says nothing where nobody started it that way."""

    def __init__(self, address: str = "", watchdog_seconds: float | None = None) -> None:
        """`watchdog_seconds`: within this time systemd wants a sign of life; None: it does not."""
        self._address = address
        self.watchdog_seconds = watchdog_seconds

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Service":
        """The service that `environ` describes."""
        address = environ.get("NOTIFY_SOCKET", "")
        if not address.startswith(("/", "@")):
            return cls()
        if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
            return cls(address)
        usec = environ.get("WATCHDOG_USEC", "")
        return cls(address, int(usec) / 1e6 if usec.isascii() and usec.isdigit() and int(usec) else None)

    def ready(self, status: str = "") -> None:
        """It has started, or reads by its new configuration."""
        self._send("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """It reads its configuration anew; `ready` follows."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def alive(self) -> None:
        """The sign of life of the watchdog."""
        self._send("WATCHDOG=1")

    def status(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._send(f"STATUS={text}")

    def _send(self, *lines: str) -> None:
        """A manager that does not listen is no reason to stop."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        text = "\n".join(" ".join(line.split("\n")) for line in lines if line != "STATUS=")
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.setblocking(False)
            out.sendto(text.encode(), address)
