"""Watches a fleet in a process of its own and prints, as JSON, what that cost: see `measure` in scale.py."""

import asyncio
import json
import os
import resource
import sys
import time
from pathlib import Path
from random import Random

import httpx

from tui.base.clock import SystemClock
from tui.config import Config, load
from tui.connections.state import Status
from tui.net import Net
from tui.watching.journal import Journal
from tui.watching.watcher import Watcher

AGAIN = 2.1
"""Real seconds after which a key reads again."""


async def _round(watcher: Watcher, since: float) -> None:
    """Until every connection was tried after `since` (seconds since 1970)."""
    names = {c.name for c in watcher.connections}
    while names:
        for name in list(names):
            progress = watcher.progress(name)
            if progress.last_try is None or progress.reading or progress.last_try.timestamp() < since:
                break
            names.discard(name)
        else:
            return
        await asyncio.sleep(0.05)


async def _watched(config: Config, folder: Path, rounds: int) -> dict[str, float]:
    net, since, begun = Net(), time.time(), time.process_time()
    journal = Journal(folder / "journal.db")
    watcher = Watcher(config, clock=SystemClock(), net=net, journal=journal, random=Random(1))
    async with watcher:
        await _round(watcher, since)
        first = time.process_time() - begun
        steady = []
        for _ in range(rounds):
            await asyncio.sleep(AGAIN)
            since, begun = time.time(), time.process_time()
            watcher.check_now()
            await _round(watcher, since)
            steady.append(time.process_time() - begun)
        begun, started = time.process_time(), time.monotonic()
        await asyncio.sleep(5)
        idle = (time.process_time() - begun) / (time.monotonic() - started)
        states = [watcher.state(c.name) for c in watcher.connections]
        descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counted, not walked
    await net.aclose()
    return {
        "orgs": len(config.orgs),
        "first": first,
        "steady": sorted(steady)[len(steady) // 2],
        "idle": idle,
        "descriptors": descriptors,
        "connections": len(states),
        "monitoring": sum(s is not None and s.status is Status.MONITORING for s in states),
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


async def _bare(config: Config, rounds: int) -> dict[str, float]:
    """The same requests by httpx alone, one client an org."""
    context = httpx.create_ssl_context()
    urls = [f"{org.api_url}/services/data/v66.0/composite" for org in config.orgs.values()]
    asked = {
        "compositeRequest": [
            {"method": "GET", "referenceId": name, "url": "/services/data/v66.0/query/?q=" + "x" * 600}
            for name in ("user", "freeze", "grants", "window", "hour", "org")
        ]
    }
    clients = [httpx.AsyncClient(verify=context, trust_env=False) for _ in urls]
    took = []
    for _ in range(rounds + 1):
        begun = time.process_time()
        for i in range(0, len(urls), 50):
            pairs = zip(clients[i : i + 50], urls[i : i + 50], strict=True)
            await asyncio.gather(*(client.post(url, json=asked) for client, url in pairs))
        took.append(time.process_time() - begun)
    for client in clients:
        await client.aclose()
    return {"steady": sorted(took[1:])[rounds // 2]}


def main() -> None:
    kind, file, folder, rounds, files = sys.argv[1:]
    if int(files):
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(files), int(files)))
    config = load(Path(file))
    bare = kind == "bare"
    work = _bare(config, int(rounds)) if bare else _watched(config, Path(folder), int(rounds))
    print(json.dumps(asyncio.run(work)))


if __name__ == "__main__":
    main()
