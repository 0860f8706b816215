"""One short function a sub-command."""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.base.problem import Problem, UsageProblem
from tui.base.text import clean
from tui.cli import plain, setup
from tui.cli.common import (
    Arguments,
    load_config,
    narrate,
    on_loop,
    one_line,
    path_of,
    plainly,
    say,
    show,
    start_log,
    system_clock,
)
from tui.headless.exits import Exit

if TYPE_CHECKING:
    from tui.config import Config
    from tui.connections.state import State

MAX_PASTED = 1_000_000
"""Bytes of standard input that are read."""


def app(arguments: Arguments) -> int:
    path = path_of(arguments)
    # Without any configuration the app welcomes; a file that was named must be there.
    config = load_config(arguments) if arguments.config or path.exists() else None
    if arguments.resume is not None:
        _must_be_known(config, arguments.resume)
    start_log(arguments)
    lines = plain.why(arguments)
    if lines is not None:
        narrate(lines)
        return on_loop(plain.app(arguments, config or load_config(arguments), system_clock()))

    async def open_app() -> int:
        from tui.app.app import run

        return await run(
            config,
            clock=system_clock(),
            theme=arguments.theme,
            ascii=arguments.ascii,
            mouse=arguments.mouse,
            resume=arguments.resume,
            config_file=path,
        )

    from tui.app.commands import LOOK_AROUND

    code = on_loop(open_app())
    if code != LOOK_AROUND:
        return code
    return demo(argparse.Namespace(**vars(arguments) | {"attach": None, "keep": False, "speed": 1.0}))


def demo(arguments: Arguments) -> int:
    from tui.headless import demo

    async def open_app() -> int:
        opening = (
            demo.attached(arguments.attach)
            if arguments.attach
            else demo.started(speed=arguments.speed, keep=arguments.keep)
        )
        async with opening as world:
            state = str(world.state_folder)
            os.environ["REMONITOR_STATE"] = state
            start_log(arguments)
            lines = plain.why(arguments)
            if lines is not None:
                narrate(lines)
                return await plain.app(arguments, world.config, world.clock)
            from tui.app.app import run
            from tui.app.demo import DemoLink

            narrate(
                "Other commands on this demo, while it runs: "
                f"REMONITOR_STATE={shlex.quote(state)} remonitor check --config {shlex.quote(str(world.config_file))}"
            )
            code = await run(
                world.config,
                clock=world.clock,
                demo=DemoLink(world.control_url),
                theme=arguments.theme,
                ascii=arguments.ascii,
                mouse=arguments.mouse,
                config_file=world.config_file,
            )
            if arguments.keep or arguments.attach:
                end = f" (kill {world.pid} ends it)" if world.pid is not None else ""
                narrate(f"The demo goes on{end}: remonitor demo --attach {world.control_url}")
            return code

    return on_loop(open_app())


def replay(arguments: Arguments) -> int:
    from tui.headless import replay

    with replay.opened(arguments.file) as played:
        os.environ["REMONITOR_STATE"] = str(played.state_folder)
        start_log(arguments)
        narrate(played.told)
        lines = plain.why(arguments)
        if lines:
            narrate(lines)

        async def open_app() -> int:
            clock, net = played.watched(arguments.speed)
            if lines is not None:
                return await plain.app(arguments, played.config, clock, net)
            from tui.app.app import run

            return await run(
                played.config,
                clock=clock,
                net=net,
                theme=arguments.theme,
                ascii=arguments.ascii,
                mouse=arguments.mouse,
                resumable=False,
            )

        return on_loop(open_app())


def wait(arguments: Arguments) -> int:
    from tui.headless import wait
    from tui.headless.session import only, states_of, watching

    config = only(load_config(arguments), [arguments.name])
    start_log(arguments)
    clock = system_clock()

    tell = plainly(arguments, narrate)

    async def follow() -> tuple[Exit, "State | None"]:
        async with watching(config, clock) as watcher:
            return await wait.until(
                states_of(watcher, arguments.name),
                clock,
                arguments.timeout,
                lambda state: tell(one_line(state)),
            )

    code, state = on_loop(follow())
    if code is Exit.TIMEOUT:
        tell(wait.over(arguments.name, state))
    show(arguments, [state] if state else [], config, code)
    return code


def explain(arguments: Arguments) -> int:
    from tui.headless import explain

    text = " ".join(arguments.text)
    if arguments.connection is not None and not text:
        raise UsageProblem("Usage", "--connection needs a message.", "See: remonitor explain --help")
    if text == "-":
        text = sys.stdin.buffer.read(MAX_PASTED).decode("utf-8", "replace")
    code, answer = explain.run(text if arguments.text else None)
    named = arguments.connection
    if code is Exit.OK:
        say(answer)
    elif named is None:
        narrate(answer)
    if named is None and (not arguments.text or code is not Exit.OK or not path_of(arguments).exists()):
        return code
    try:
        told = _held_against(arguments, text)
    except Problem as problem:
        if named is not None:
            raise
        # The meaning stands without any org: what cannot be read is only said.
        narrate(f"Not held against Salesforce. {problem}")
    else:
        say(f"\n{told}" if code is Exit.OK else told)
    return code


def _held_against(arguments: Arguments, text: str) -> str:
    """A pasted message against a reading made now."""
    from tui import wording
    from tui.headless import check, explain

    named = arguments.connection
    config, clock = load_config(arguments), system_clock()
    start_log(arguments)
    states = on_loop(check.read_once(config, [named] if named else [], clock, tell=narrate))
    return explain.held_against(text, states, wording.Times(None, clock.now()), named=named is not None)


def steps(arguments: Arguments) -> int:
    from tui.connections.connection import Experience
    from tui.lines import steps
    from tui.rules.required_permissions import REQUIREMENTS

    if arguments.follow:
        arguments.name = arguments.subject
        return plain.follow(arguments)
    experience = Experience(arguments.experience) if arguments.experience else None
    there = arguments.config or path_of(arguments).exists()
    config = load_config(arguments, secrets=False) if there else None
    connection = config.connection(arguments.subject) if config else None
    if connection is not None:
        arguments.name = arguments.subject
        return plain.steps(arguments)
    known = steps.known_causes()
    if arguments.subject not in known:
        _must_be_known(config, arguments.subject, "neither a connection nor a cause", known)
    required = config.required(REQUIREMENTS) if config else REQUIREMENTS
    say(steps.of_cause(arguments.subject, experience or Experience.LIGHTNING, required))
    return Exit.OK


def _must_be_known(
    config: "Config | None", name: str, what: str = "not a configured connection", others: Sequence[str] = ()
) -> None:
    from tui.config.tables import nearest

    names = [c.name for c in config.connections] if config else []
    if name not in names:
        known = ", ".join([*names, *others]) or "none, there is no configuration"
        text = f'"{clean(name, 80)}" is {what}{nearest(name, [*names, *others])}.'
        raise UsageProblem("Unknown name", text, f"Known: {known}.")


def list_(arguments: Arguments) -> int:
    from tui.headless import listing

    config = load_config(arguments, secrets=False)
    say(
        listing.connections(config)
        if arguments.format == "text"
        else listing.as_json(config, arguments.format)
    )
    return Exit.OK


def config(arguments: Arguments) -> int:
    if arguments.action == "path":
        say(clean(str(path_of(arguments))))
        return Exit.OK
    if arguments.action == "check":
        return setup.config_check(arguments)
    from tui.headless import listing

    say(listing.everything(load_config(arguments, secrets=False)))
    return Exit.OK
