"""`python -m tui.demo`: the demo world as a process of its own.

It prints one line of JSON when it is ready (where everything is), and ends when its standard input closes,
on SIGTERM and on SIGINT; with --keep only on the signals.
"""

import argparse
import asyncio
import json
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tui.base.clock import ScaledClock, SystemClock
from tui.base.paths import write_private


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tui.demo", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--speed", type=float, default=1.0, help="simulated seconds a second")
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from")
    parser.add_argument("--scenario", default="tour", help="tour, healthy, healthy:N or plan:FILE")
    parser.add_argument(
        "--origin", type=datetime.fromisoformat, help="simulated time at the start (ISO 8601)"
    )
    parser.add_argument("--keep", action="store_true", help="stay when standard input closes")
    parser.add_argument("--day", action="store_true", help="break and repair things at random")
    parser.add_argument("--certificate", type=Path, help="speak TLS with this PEM file (key and chain)")
    parser.add_argument("--folder", type=Path, help="write the line also to demo.json in this folder")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    from tui.demo.serve import on_loopback
    from tui.demo.simulated_day import Day, draw_habits

    now = SystemClock().now()
    origin = arguments.origin or now.replace(microsecond=0)
    clock = ScaledClock(
        origin if origin.tzinfo else origin.replace(tzinfo=UTC), now.timestamp(), arguments.speed
    )
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, end.set)
    async with on_loopback(arguments.scenario, clock, arguments.seed, arguments.certificate) as demo:
        line = json.dumps(demo.ready())
        if arguments.folder:
            write_private(arguments.folder / "demo.json", line + "\n")
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
        tasks = [] if arguments.keep else [asyncio.create_task(_stdin_closes(end))]
        if arguments.day:
            draw_habits(demo.world, Random(arguments.seed))
            tasks.append(asyncio.create_task(Day(demo.world, arguments.seed).run()))
        await end.wait()
        for task in tasks:
            task.cancel()


async def _stdin_closes(end: asyncio.Event) -> None:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    try:
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
        while await reader.read(4_096):
            pass
    except (OSError, ValueError):
        # Standard input is no pipe and no terminal: nothing will ever come from it.
        pass
    end.set()


if __name__ == "__main__":
    asyncio.run(_serve(_arguments()))
