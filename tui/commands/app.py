"""The app, which opens without a sub-command; on a dumb terminal, or without one, as lines."""

import argparse

from tui.console import (
    Arguments,
    load_config,
    narrate,
    on_loop,
    path_of,
    start_log,
    system_clock,
    why_no_app,
)
from tui.console.command import CONFIG, ENDED, UNKNOWN, USAGE, Command, Page, add_app_options

PAGE = Page(
    "Gets an Incydr data connection to Salesforce back to Monitoring.",
    """\
Incydr watches report downloads in a Salesforce org through a data connection.
When its service account is frozen, deactivated, over its hourly sign-in limit
or without a permission, the connection goes to Error and monitoring stops.
remonitor finds the cause, who did it and when. It guides you through the fix in
Lightning or Classic, or does it for you if you allow it, and watches until
there is proof that Incydr is back.

Without a command the app opens. On a dumb terminal, or without a terminal, it
works line by line. Data goes to stdout, everything else to stderr.""",
    (
        ("remonitor demo --speed 60", "look around: a simulated org and Incydr on this computer"),
        ("remonitor add", "configure a connection: remonitor asks"),
        ("remonitor check", "what is wrong, once, with an exit code for monitoring systems"),
        ("remonitor steps 'Acme EMEA' --follow", "the walkthrough line by line, for screen readers"),
    ),
    (
        ("0", "done; check: all Monitoring"),
        ("1", "no or refused; check: on the way back, or clears by itself"),
        ("2", "check and wait: Error that needs a person, overdue, Deauthorized"),
        UNKNOWN,
        USAGE,
        ("70", "internal fault; details are in the log, which is named"),
        CONFIG,
        ("124", "wait: the time is over"),
        ENDED,
    ),
)


ENVIRONMENT = (
    ("REMONITOR_CONFIG", "the configuration file, instead of the user's own folder"),
    ("REMONITOR_STATE", "the folder of journal, log, reports and lock"),
    ("NO_COLOR", "not empty: no colours"),
    ("TERM", "dumb: line by line"),
)
"""Variables of the environment, and what they do."""


def epilog() -> str:
    """What stands below the options of the program's own page."""
    variables = "\n".join(f"  {name:<17} {what}" for name, what in ENVIRONMENT)
    more = "remonitor COMMAND --help says more about a command, remonitor manual everything."
    return f"{PAGE.epilog()}\n\nenvironment:\n{variables}\n\n{more}"


def run(arguments: Arguments) -> int:
    path = path_of(arguments)
    # Without any configuration the app welcomes; a file that was named must be there.
    config = load_config(arguments) if arguments.config or path.exists() else None
    if arguments.resume is not None:
        from tui.console.watcher import must_be_known

        must_be_known(config, arguments.resume)
    start_log(arguments)
    lines = why_no_app(arguments)
    if lines is not None:
        from tui.lines import app

        narrate(lines)
        return on_loop(app.run(arguments, config or load_config(arguments), system_clock()))

    async def open_app() -> int:
        from tui.app.start import run

        return await run(
            config,
            clock=system_clock(),
            theme=arguments.theme,
            ascii=arguments.ascii,
            mouse=arguments.mouse,
            resume=arguments.resume,
            resume_last=arguments.resuming and arguments.resume is None,
            config_file=path,
        )

    from tui.app.commands import LOOK_AROUND

    code = on_loop(open_app())
    if code != LOOK_AROUND:
        return code
    from tui.commands import demo

    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    return demo.run(argparse.Namespace(**vars(parser.parse_args([])) | vars(arguments)))


COMMAND = Command("", PAGE, run, add_app_options)
