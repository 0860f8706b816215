"""Every sub-command, in the order of --help. Cheap to import: a command imports what it needs when it runs."""

from tui.commands import (
    add,
    check,
    completion,
    config,
    demo,
    doctor,
    explain,
    fix,
    login,
    mute,
    record,
    remove,
    replay,
    report,
    resume,
    schema,
    steps,
    wait,
    watch,
    whoami,
)
from tui.commands import list as list_

COMMANDS = tuple(
    module.COMMAND
    for module in (
        demo,
        check,
        record,
        replay,
        watch,
        mute,
        wait,
        resume,
        explain,
        steps,
        fix,
        report,
        add,
        remove,
        whoami,
        doctor,
        login,
        list_,
        schema,
        config,
        completion,
    )
)
