"""How long it takes until the known states stand, beside a minimal Textual app and a curses program."""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.benchmarks.program import PROGRAM, PYTHON, demo, environment, file_of, quiet, say
from tests.terminals import Terminal

HERE = Path(__file__).parent
MINIMAL = [PYTHON, str(HERE / "minimal_app.py")]
CURSES = [PYTHON, str(HERE / "curses_list.py")]
FIRST_SECONDS = 2.0
"""Real seconds in which a key must not wait, though the program still loads."""


def first_frame(argv: list[str], env: dict[str, str], shows: str) -> float:
    """Seconds from exec until `shows` stands on the screen."""
    with Terminal(argv, env=env, columns=120, rows=40) as screen:
        screen.wait_for(shows)
        return time.perf_counter() - screen.started


def cursor(screen: Terminal) -> int:
    """The line of the screen that the list's cursor is on."""
    lines = screen.screen.buffer
    return next((y for y in range(2, 38) if lines[y][5].bold), 0)


def longest_wait(argv: list[str], env: dict[str, str], shows: str = "Error") -> float:
    """The longest that a key waits for its answer in the first two seconds after it shows this."""
    waits = []
    with Terminal(argv, env=env, columns=120, rows=40) as screen:
        screen.wait_for(shows)
        # The head line may stand before the list.
        screen.wait_until(lambda t: cursor(t) > 0)
        end, at = time.perf_counter() + FIRST_SECONDS, cursor(screen)
        while time.perf_counter() < end:
            for key, by in (("down", 1), ("up", -1)):
                at, pressed = at + by, time.perf_counter()
                screen.press(key)
                screen.wait_until(lambda t, at=at: cursor(t) == at)  # type: ignore[misc]
                waits.append(time.perf_counter() - pressed)
                quiet(screen, 0.02)
    return max(waits)


def measure_first_frame(runs: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with demo(folder, "tour") as ready:
            argv, env = [*PROGRAM, "--config", str(file_of(ready, folder))], environment(folder)
            with Terminal(argv, env=env, columns=120, rows=40) as screen:
                screen.wait_for("Error", "Evidence")
                quiet(screen, 2)
                screen.press("q")
                screen.wait_end()
            took: dict[str, list[float]] = {"curses": [], "minimal Textual": [], "remonitor": []}
            for run in range(runs + 1):
                pair = {
                    "curses": first_frame(CURSES, env, "curses ready"),
                    "minimal Textual": first_frame(MINIMAL, env, "minimal app ready"),
                    "remonitor": first_frame(argv, env, "1 Unknown"),
                }
                # The first of each only warms the caches.
                for program, seconds in pair.items() if run else ():
                    took[program].append(seconds)
            for program, all in took.items():
                say(f"first frame, {program}", f"{statistics.median(all) * 1000:.0f} ms")
            pairs = zip(took["remonitor"], took["minimal Textual"], strict=True)
            say(
                "  known states / minimal Textual app (median of pairs)",
                f"{statistics.median(a / b for a, b in pairs):.2f}",
            )
            waits = [longest_wait(argv, env) for _ in range(max(1, runs // 3))]
            say(
                "longest wait for a key in the first two seconds", f"{statistics.median(waits) * 1000:.0f} ms"
            )


def measure_help(runs: int) -> None:
    """`--help` beside an interpreter that does nothing."""

    def seconds(argv: list[str]) -> float:
        begun = time.perf_counter()
        subprocess.run(argv, capture_output=True, check=True)
        return time.perf_counter() - begun

    pairs = [(seconds([*PROGRAM, "--help"]), seconds([PYTHON, "-c", "pass"])) for _ in range(runs + 1)][1:]
    say("--help", f"{statistics.median(a for a, _ in pairs) * 1000:.0f} ms")
    say("  --help / bare Python (median of pairs)", f"{statistics.median(a / b for a, b in pairs):.2f}")
