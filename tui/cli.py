"""The command line: one short function a sub-command; what is heavy is imported inside it."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from tui import __version__
from tui.base.paths import config_file, state_folder
from tui.base.problem import ConfigProblem, Problem, UsageProblem

if TYPE_CHECKING:
    from tui.base.clock import Clock
    from tui.config import Config
    from tui.connections.state import State

# The exit codes of headless/exits.py, which --help does not wait for.
OK, NO, UNKNOWN, USAGE, FAULT, CONFIG, INTERRUPTED = 0, 1, 3, 64, 70, 78, 130

Arguments = argparse.Namespace
T = TypeVar("T")


def main() -> NoReturn:
    """Run the command line and leave at once: a name lookup in flight would hold an ordinary exit."""
    code = invoke(sys.argv[1:])
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def invoke(argv: list[str]) -> int:
    """Run one command; every error becomes a sentence on stderr and an exit code."""
    try:
        arguments = parser().parse_args(argv)
        return int(arguments.run(arguments))
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else OK
    except UsageProblem as problem:
        return _told(problem, USAGE)
    except ConfigProblem as problem:
        return _told(problem, CONFIG)
    except Problem as problem:
        return _told(problem, UNKNOWN)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Nobody reads on: say no more, not even at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as fault:
        return _fault(fault)


def _told(problem: Problem, code: int) -> int:
    _narrate(f"remonitor: {problem}")
    return code


def _fault(fault: Exception) -> int:
    import logging

    _log(None)
    logging.getLogger("remonitor").error("internal fault", exc_info=fault)
    _narrate(
        f"remonitor: internal fault ({type(fault).__name__}); details are in {state_folder() / 'remonitor.log'}"
    )
    return FAULT


class _Parser(argparse.ArgumentParser):
    """argparse with this program's exit code for a wrong command line."""

    def error(self, message: str) -> NoReturn:
        raise UsageProblem("Usage", f"{message}.", f"See: {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    everywhere = _Parser(add_help=False)
    everywhere.add_argument(
        "--config", type=Path, metavar="FILE", default=argparse.SUPPRESS, help="configuration file"
    )
    everywhere.add_argument(
        "--log-level",
        choices=("debug", "info", "warning", "error"),
        default=argparse.SUPPRESS,
        help="what goes to the log file",
    )
    everywhere.add_argument("--version", action="version", version=f"remonitor {__version__}")
    looks = _Parser(add_help=False)
    looks.add_argument("--theme", default=argparse.SUPPRESS, help="a Textual theme by name")
    looks.add_argument(
        "--ascii", action="store_true", default=argparse.SUPPRESS, help="plain signs, no frames"
    )
    looks.add_argument(
        "--mouse",
        action=argparse.BooleanOptionalAction,
        default=argparse.SUPPRESS,
        help="listen to the mouse",
    )
    root = _Parser(
        prog="remonitor",
        description="Gets an Incydr data connection to Salesforce back to Monitoring.",
        epilog="Without a command the app opens. Data goes to stdout, everything else to stderr.",
        parents=[everywhere, looks],
    )
    root.set_defaults(run=_app, config=None, log_level="warning", theme=None, ascii=False, mouse=False)
    commands = root.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)

    def command(name: str, run: Callable[[Arguments], int], help: str, *more: _Parser) -> _Parser:
        added: _Parser = commands.add_parser(name, help=help, description=help, parents=[everywhere, *more])
        added.set_defaults(run=run)
        return added

    demo = command("demo", _demo, "open the app on a simulated org and tenant", looks)
    demo.add_argument("--speed", type=_positive, default=1.0, metavar="N", help="simulated seconds a second")
    demo.add_argument("--attach", metavar="URL", help="the control address of a demo that runs already")
    demo.add_argument("--keep", action="store_true", help="let the demo run on after the app")
    check = command("check", _check, "read connections once; the exit code is that of the worst", looks)
    check.add_argument("names", nargs="*", metavar="NAME", help="display names (default: all)")
    _format(check)
    wait = command("wait", _wait, "wait until a connection is back to Monitoring", looks)
    wait.add_argument("name", metavar="NAME")
    wait.add_argument(
        "--timeout", type=duration, metavar="SPAN", help="such as 25m (default: the deadline + 5 min)"
    )
    _format(wait)
    explain = command("explain", _explain, "which cause a console message means")
    explain.add_argument("text", nargs="*", metavar="TEXT", help="the message, or - to read it from stdin")
    steps = command("steps", _steps, "a walkthrough as plain lines")
    steps.add_argument("subject", metavar="NAME|CAUSE")
    steps.add_argument("--experience", choices=("lightning", "classic"))
    command("list", _list, "the configured connections")
    config = command("config", _config, "the configuration: its path, whether it is sound, what it says")
    config.add_argument("action", choices=("path", "check", "show"))
    return root


def _format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError("expected a number above 0")
    return value


def duration(text: str) -> timedelta:
    """A span such as "90s", "25m", "1h". Raises argparse's error."""
    units = {"s": "seconds", "m": "minutes", "h": "hours"}
    number, unit = text[:-1], text[-1:]
    if unit not in units or not number.isascii() or not number.isdigit() or len(number) > 6:
        raise argparse.ArgumentTypeError("expected a span such as 90s, 25m or 1h")
    return timedelta(**{units[unit]: int(number)})


def _app(arguments: Arguments) -> int:
    path = _path(arguments)
    # Without any configuration the app welcomes; a file that was named must be there.
    config = _load(arguments) if arguments.config or path.exists() else None
    _log(arguments)

    async def open_app() -> int:
        from tui.app.app import run

        return await run(
            config, clock=_clock(), theme=arguments.theme, ascii=arguments.ascii, mouse=arguments.mouse
        )

    return _on_loop(open_app(), signals=False)


def _demo(arguments: Arguments) -> int:
    from tui.headless import demo

    async def open_app() -> int:
        opening = (
            demo.attached(arguments.attach)
            if arguments.attach
            else demo.started(speed=arguments.speed, keep=arguments.keep)
        )
        async with opening as world:
            os.environ.setdefault("REMONITOR_STATE", str(world.folder / "state"))
            _log(arguments)
            from tui.app.app import run
            from tui.app.demo import DemoLink

            _narrate(f"The demo's configuration, while it runs: --config {world.config_file}")
            code = await run(
                world.config,
                clock=world.clock,
                demo=DemoLink(world.control_url),
                theme=arguments.theme,
                ascii=arguments.ascii,
                mouse=arguments.mouse,
            )
            if arguments.keep or arguments.attach:
                _narrate(f"The demo goes on: remonitor demo --attach {world.control_url}")
            return code

    return _on_loop(open_app(), signals=False)


def _check(arguments: Arguments) -> int:
    from tui.headless import check

    config = _load(arguments)
    _log(arguments)
    clock = _clock()
    states = _on_loop(check.read_once(config, arguments.names, clock))
    _show(arguments, states)
    return check.exit_code(states)


def _wait(arguments: Arguments) -> int:
    from tui.headless import wait
    from tui.headless.session import only, watching

    config = only(_load(arguments), [arguments.name])
    _log(arguments)
    clock = _clock()

    async def follow() -> tuple[int, "State | None"]:
        async with watching(config, clock) as watcher:
            return await wait.until(watcher.states(), clock, arguments.timeout, lambda s: _narrate(_line(s)))

    code, state = _on_loop(follow())
    _show(arguments, [state] if state else [])
    return code


def _explain(arguments: Arguments) -> int:
    from tui.headless import explain

    text = " ".join(arguments.text)
    code, answer = explain.run(sys.stdin.read(1_000_000) if text == "-" else text or None)
    _print(answer) if code == OK else _narrate(answer)
    return code


def _steps(arguments: Arguments) -> int:
    from tui.causes.requirements import REQUIREMENTS
    from tui.connections.connection import Experience
    from tui.connections.step import Subject
    from tui.headless import check, steps

    experience = Experience(arguments.experience) if arguments.experience else None
    path = _path(arguments)
    config = _load(arguments, secrets=False) if arguments.config or path.exists() else None
    requirements = config.required(REQUIREMENTS) if config else REQUIREMENTS
    connection = config.connection(arguments.subject) if config else None
    if config is None or connection is None:
        if arguments.subject not in steps.known_causes():
            from tui.base.text import clean
            from tui.config.tables import nearest

            known = (
                [*(c.name for c in config.connections), *steps.known_causes()]
                if config
                else steps.known_causes()
            )
            raise UsageProblem(
                "Unknown",
                f'"{clean(arguments.subject, 80)}" is neither a connection nor a cause'
                f"{nearest(arguments.subject, known)}.",
                f"Causes: {', '.join(steps.known_causes())}",
            )
        _print(steps.of_cause(arguments.subject, experience or Experience.LIGHTNING, requirements))
        return OK
    _log(arguments)
    (state,) = _on_loop(check.read_once(_load(arguments), [connection.name], _clock()))
    if not state.diagnosis.findings:
        _narrate(_line(state))
        return UNKNOWN if check.exit_code([state]) == UNKNOWN else NO
    subject = Subject(connection, config.orgs[connection.org], state.evidence)
    _print(steps.of_connection(state.diagnosis.causes, subject, experience, requirements))
    return OK


def _list(arguments: Arguments) -> int:
    from tui.headless import listing

    _print(listing.connections(_load(arguments, secrets=False)))
    return OK


def _config(arguments: Arguments) -> int:
    if arguments.action == "path":
        _print(str(_path(arguments)))
        return OK
    config = _load(arguments, secrets=arguments.action == "check")
    if arguments.action == "check":
        from tui.causes.requirements import REQUIREMENTS

        config.required(REQUIREMENTS)
        _print(f"{config.path}: sound, {len(config.connections)} connections, {len(config.orgs)} orgs")
    else:
        from tui.headless import listing

        _print(listing.everything(config))
    return OK


def _path(arguments: Arguments) -> Path:
    return arguments.config or config_file()


def _load(arguments: Arguments, *, secrets: bool = True) -> "Config":
    from tui.config import check_references, load

    config = load(_path(arguments))
    if secrets:
        check_references(config)
    return config


def _log(arguments: Arguments | None) -> None:
    from tui.headless import logs

    logs.start(state_folder() / "remonitor.log", arguments.log_level if arguments else "warning")


def _show(arguments: Arguments, states: "list[State]") -> None:
    from tui import wording
    from tui.headless import check

    now = _clock().now()
    if arguments.format == "json":
        _print(check.as_json(states, now))
    else:
        _print(check.as_text(states, wording.LOCAL, now, plain=arguments.ascii))


def _line(state: "State") -> str:
    from tui import wording

    now = _clock().now()
    line = wording.status_line(state, wording.LOCAL, now)
    return f"{state.connection.name}: {line} · {wording.headline(state, wording.LOCAL, now)}"


def _print(text: str) -> None:
    _write(sys.stdout, text)


def _narrate(text: str) -> None:
    _write(sys.stderr, text)


def _write(stream: Any, text: str) -> None:
    """A terminal that cannot show a sign gets a question mark, never an error."""
    encoding = getattr(stream, "encoding", None) or "ascii"
    stream.write(text.encode(encoding, "replace").decode(encoding) + "\n" if text else "")
    stream.flush()


def _clock() -> "Clock":
    from tui.base.clock import SystemClock

    return SystemClock()


def _on_loop(work: Coroutine[Any, Any, T], *, signals: bool = True) -> T:
    """Run `work` to its end; a signal cancels it, awaits its clean-up, and leaves with 128 + n."""
    import asyncio

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    task = loop.create_task(work)
    caught: list[int] = []

    def end(number: int) -> None:
        caught.append(number)
        task.cancel()

    if signals:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end, number)
    try:
        return loop.run_until_complete(task)
    except asyncio.CancelledError:
        raise SystemExit(128 + caught[0] if caught else INTERRUPTED) from None
